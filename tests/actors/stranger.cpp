#include "tests/actors/stranger.hpp"

#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <doctest/doctest.h>

#include <utility>

namespace artel::testing {

namespace {

peer_actor::behavior_type listen(peer_actor::pointer self,
                                 std::shared_ptr<stranger_log> log) {
  return {
    [](const assign_replica&) {},
    [](const cancel_replica&) {},
    [](const acknowledge_result&) {},
    [](const fetch_pieces&) {},
    [](const ask_bid&) {},
    [](const send_payload&) {},
    [log](const link_opened& m) { log->link = m.link; },
    [log, self](const link_closed& m) {
      log->closed = m.reason;
      self->quit();
    },
    [log](const frame_received& m) {
      auto items = wire::decode_frame(m.frame);
      REQUIRE(items);
      log->frames.push_back(items->size());
      for (const auto& item : *items) {
        log->envelopes.push_back(item);
        log->payloads.push_back(*wire::decode_payload(item));
      }
    },
    [](const link_congested&) {},
    [](const network_changed&) {},
    [](const query_peer&) { return peer_status{}; },
    [](const measure_latency&) { return latency_measured{}; },
    [](const flush&) {},
    [](const send_posted&) {},
    [](const sweep&) {},
    [self](const stop_actor&) { self->quit(); },
  };
}

key_pair key_for(const std::string& name) {
  std::uint64_t number = 4'711;
  for (auto c : name)
    number = number * 31 + static_cast<unsigned char>(c);
  auto random = random_generator::from_number(number);
  return key_pair::generate(random);
}

} // namespace

stranger::stranger(world& net, std::string name, const std::string& target)
  : net_(net),
    name_(std::move(name)),
    key_(key_for(name_)) {
  net.settle();
  for (const auto& node : net.nodes)
    if (node.setup.name == target)
      other_ = node.environment->id();
  net.links->open(name_, {target, net.system().spawn(listen, log)});
  net.settle();
}

stranger::~stranger() {
  net_.links->break_links(name_);
  net_.settle();
}

wire::handshake stranger::hello() const {
  wire::handshake item;
  item.network = network_name;
  item.node = key_.node();
  item.owner = key_.owner();
  item.display_name = name_;
  return item;
}

wire::envelope stranger::greeting(const wire::handshake& hello) const {
  wire::envelope item;
  item.network = network_name;
  item.type = wire::handshake::type_name;
  item.sender = key_.node();
  item.sequence = 1;
  item.sent = net_.calendar();
  item.payload = wire::encode_payload(hello);
  return item;
}

void stranger::sign(wire::envelope& item) const {
  item.sender_signature = key_.sign(wire::envelope_digest(item).view());
}

void stranger::shake_hands(const wire::handshake& hello) {
  auto item = greeting(hello);
  sign(item);
  send(item);
  auto pings = heard<wire::ping>();
  REQUIRE_FALSE(pings.empty());
  post(wire::pong{pings.back().nonce});
}

void stranger::send(const wire::envelope& item) {
  send_bytes(wire::encode_frame(std::span{&item, 1}));
}

void stranger::send_bytes(bytes frame) {
  caf::anon_send(proxy(), frame_received{std::move(frame)});
  net_.settle();
}

wire::envelope stranger::seal(const wire::payload& payload) {
  wire::envelope item;
  item.network = network_name;
  item.type = wire::type_of(payload);
  item.sender = key_.node();
  item.recipient = other_;
  item.priority = wire::class_of(payload);
  item.sequence = ++sequences_[static_cast<std::size_t>(item.priority) - 1];
  item.sent = net_.calendar();
  item.payload = wire::encode_payload(payload);
  return item;
}

peer_actor stranger::proxy() const {
  network::target target;
  REQUIRE(net_.links->find_target(log->link, target));
  return target.peer;
}

errc stranger::refusal() const {
  for (const auto& one : log->payloads)
    if (const auto* no = std::get_if<wire::handshake_refused>(&one))
      return no->code;
  return errc{};
}

} // namespace artel::testing
