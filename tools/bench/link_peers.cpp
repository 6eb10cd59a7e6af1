// The same with the peers of two nodes, as they are.
#include "actors/peer.hpp"
#include "tools/bench/link_node.hpp"
#include "tools/bench/link_paths.hpp"

#include <caf/actor_cast.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>

#include <cstdlib>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace artel::bench {

namespace {

constexpr std::size_t large_bytes = 64u << 10;
/// As many as may be asked for at a time.
constexpr std::size_t large_blobs = 64;

/// Both ends know them.
std::vector<std::shared_ptr<const blob_content>> make_blobs() {
  std::vector<std::shared_ptr<const blob_content>> made;
  for (std::size_t i = 0; i < large_blobs; ++i)
    made.push_back(
      std::make_shared<const blob_content>(std::make_shared<const bytes>(
        large_bytes, static_cast<std::uint8_t>(i))));
  return made;
}

peer_config config_of(const environment_ptr& environment,
                      const transport_actor& transport,
                      const caf::actor& node) {
  peer_config config;
  config.environment = environment;
  config.transport = transport;
  config.node = caf::actor_cast<node_actor>(node);
  config.worker = caf::actor_cast<worker_actor>(node);
  return config;
}

/// A server's node: answers addresses with addresses. Peers give pieces of
/// blobs by themselves.
caf::behavior answer(caf::event_based_actor* self,
                     environment_ptr environment) {
  return {
    [self, environment = std::move(environment)](const link_accepted& m) {
      auto transport = caf::actor_cast<transport_actor>(self->current_sender());
      auto peer = self->spawn(
        make_peer, config_of(environment, transport, caf::actor{self}));
      self->send(transport, attach_link{m.link, peer});
    },
    [self](peer_message& m) {
      self->send(m.from.port, send_payload{std::move(m.payload)});
    },
    [](const peer_ready&) {},
    [](const peer_gone&) {},
  };
}

struct asking_state {
  std::optional<meter> counts;
  std::vector<std::shared_ptr<const blob_content>> blobs;
  node_port port;
  std::size_t payload_bytes = 0;
  std::size_t next_blob = 0;
};

using asking = caf::stateful_actor<asking_state>;

wire::payload next_request(asking_state& state) {
  if (state.payload_bytes >= large_bytes) {
    const auto& blob = state.blobs[state.next_blob++ % large_blobs];
    return wire::blob_request{blob->ref().id, {0}};
  }
  // An id of 32 bytes, and 32 of text.
  wire::peer_exchange message;
  message.peers.resize(1);
  message.peers.front().node.value.fill(7);
  message.peers.front().address = std::string(32, 'x');
  return message;
}

void ask(asking* self, std::size_t requests) {
  for (; requests > 0; --requests)
    self->send(self->state.port, send_payload{next_request(self->state)});
}

caf::behavior drive(asking* self, const load& what, figures* out) {
  auto& state = self->state;
  state.counts.emplace(what);
  state.payload_bytes = what.payload_bytes;
  if (what.payload_bytes >= large_bytes)
    state.blobs = make_blobs();
  return {
    [self](const peer_ready& m) {
      self->state.port = m.peer.port;
      ask(self, self->state.counts->start());
    },
    [self, out](const peer_message&) {
      auto& counts = *self->state.counts;
      ask(self, counts.on_answer());
      if (!counts.is_done())
        return;
      *out = counts.result();
      self->quit();
    },
    [](const peer_gone& m) { fail("the link is gone: " + m.reason); },
  };
}

} // namespace

void serve_peers(const server_hooks& hooks) {
  link_node node{true};
  auto blobs = make_blobs();
  for (const auto& blob : blobs)
    node.environment()->blobs->put(blob);
  node.start(node.system().spawn(answer, node.environment()));
  hooks.listening(node.port());
  hooks.wait();
  std::_Exit(0);
}

void drive_peers(std::uint16_t port, const load& what,
                 const on_measured& report) {
  link_node node{false};
  figures made;
  caf::scoped_actor self{node.system()};
  auto client = self->spawn<caf::monitored>(drive, what, &made);
  auto transport = node.start(client);
  auto config = config_of(node.environment(), transport, client);
  config.outbound = true;
  config.address = loopback_address(port);
  caf::anon_send(transport, open_link{config.address,
                                      node.system().spawn(make_peer, config)});
  self->wait_for(client);
  report(made);
  std::_Exit(0);
}

} // namespace artel::bench
