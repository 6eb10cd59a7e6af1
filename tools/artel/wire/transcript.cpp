#include "tools/artel/wire/transcript.hpp"

#include "protocol/wire/codec.hpp"
#include "protocol/wire/envelope.hpp"

#include <array>
#include <string_view>
#include <utility>
#include <vector>

namespace artel::tools {

namespace {

using runtime::json;
using runtime::json_of;

constexpr std::uint64_t client_nonce = 7;
constexpr std::uint64_t worker_nonce = 300;

/// One end of the link.
struct party {
  std::string_view name;
  const key_pair& key;
  std::array<std::uint64_t, 3> sequences{};
};

class conversation {
public:
  conversation(const key_pair& client, const key_pair& worker)
    : client_{"client", client},
      worker_{"worker", worker} {}

  void client_says(const std::vector<wire::payload>& items) {
    say(client_, worker_, items);
  }
  void worker_says(const std::vector<wire::payload>& items) {
    say(worker_, client_, items);
  }

  json take() && { return std::move(frames_); }

private:
  wire::envelope seal(party& from, const party& to,
                      const wire::payload& payload);
  void say(party& from, const party& to,
           const std::vector<wire::payload>& items);

  party client_;
  party worker_;
  wall_time now_ = sample_time;
  json frames_ = json::array();
};

wire::envelope conversation::seal(party& from, const party& to,
                                  const wire::payload& payload) {
  wire::envelope item;
  item.network = sample_network;
  item.type = wire::type_of(payload);
  item.sender = from.key.node();
  const auto* hello = std::get_if<wire::handshake>(&payload);
  // Who dials does not know yet whom it will meet.
  if (hello == nullptr || hello->reply)
    item.recipient = to.key.node();
  item.priority = wire::class_of(payload);
  item.sequence = ++from.sequences[static_cast<std::size_t>(item.priority) - 1];
  item.sent = now_;
  item.payload = wire::encode_payload(payload);
  if (hello != nullptr)
    item.sender_signature = from.key.sign(wire::envelope_digest(item).view());
  return item;
}

void conversation::say(party& from, const party& to,
                       const std::vector<wire::payload>& items) {
  std::vector<wire::envelope> sealed;
  auto shown = json::array();
  for (const auto& item : items) {
    sealed.push_back(seal(from, to, item));
    const auto& last = sealed.back();
    shown.push_back(
      {{"type", last.type},
       {"payload",
        std::visit([](const auto& one) { return json_of(one); }, item)},
       {"digest", to_string(wire::envelope_digest(last))},
       {"signed", !last.sender_signature.is_zero()}});
  }
  frames_.push_back({{"from", from.name},
                     {"frame", to_hex(wire::encode_frame(sealed))},
                     {"envelopes", shown}});
  now_ += milliseconds{5};
}

wire::handshake client_hello(const samples& from) {
  wire::handshake hello;
  hello.network = sample_network;
  hello.node = from.client.node();
  hello.owner = from.client.owner();
  hello.display_name = "a client";
  hello.role = wire::node_role::client;
  return hello;
}

wire::handshake worker_hello(const samples& from) {
  wire::handshake hello;
  hello.network = sample_network;
  hello.node = from.worker.node();
  hello.owner = from.owner.owner();
  hello.ownership = from.ownership;
  hello.token = from.token;
  hello.config_version = from.config.version;
  hello.display_name = "a worker";
  hello.address = "192.0.2.2:7100";
  hello.reply = true;
  return hello;
}

std::vector<wire::attempt_ref> attempts_of(const wire::job_assign& message) {
  std::vector<wire::attempt_ref> attempts;
  for (const auto& job : message.jobs)
    attempts.push_back({message.terms.task, job.job, job.attempt});
  return attempts;
}

wire::heartbeat heartbeat_of(const wire::job_assign& message) {
  wire::heartbeat beat;
  for (const auto& attempt : attempts_of(message))
    beat.leases.push_back({attempt, attempt.job == 0});
  return beat;
}

} // namespace

json transcript_of(const samples& from) {
  auto attempts = attempts_of(from.assign);
  conversation talk{from.client, from.worker};
  talk.client_says({client_hello(from)});
  talk.worker_says({worker_hello(from), wire::ping{worker_nonce}});
  talk.client_says({wire::ping{client_nonce}, wire::pong{worker_nonce}});
  talk.worker_says(
    {wire::pong{client_nonce}, wire::network_update{from.config}});
  talk.client_says({from.request});
  talk.worker_says({from.offer});
  talk.client_says({from.assign});
  talk.worker_says({wire::job_ack{attempts}, heartbeat_of(from.assign)});
  talk.worker_says({from.result});
  talk.client_says({wire::job_result_ack{attempts}, wire::payment{from.claim}});
  talk.worker_says({wire::payment_ack{from.claim.task, from.claim.amount}});
  talk.client_says({wire::goodbye{errc::cancelled, "all is done"}});
  return std::move(talk).take();
}

} // namespace artel::tools
