// What links are measured against: plain CAF remoting, and a bare socket.
#include "runtime/launch/actor_system.hpp"
#include "tools/bench/link_node.hpp"
#include "tools/bench/link_paths.hpp"
#include "tools/bench/link_sockets.hpp"

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/io/middleman.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/stateful_actor.hpp>

#include <cstdlib>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include <sys/socket.h>
#include <unistd.h>

namespace artel::bench {

namespace {

// -- plain CAF ----------------------------------------------------------------

caf::behavior echo(caf::event_based_actor*) {
  return {[](std::uint64_t id, std::string& payload) {
    return std::make_tuple(id, std::move(payload));
  }};
}

struct basp_client_state {
  std::optional<meter> counts;
  std::string payload;
  std::uint64_t last = 0;
};

using basp_client = caf::stateful_actor<basp_client_state>;

void ask(basp_client* self, const caf::actor& server, figures& out) {
  // No timeout: one a request halves what plain CAF gets done. The parent ends
  // a run that stands still.
  self->request(server, caf::infinite, ++self->state.last, self->state.payload)
    .then(
      [self, server, &out](std::uint64_t, const std::string&) {
        auto& counts = *self->state.counts;
        if (counts.is_done())
          return;
        for (auto more = counts.on_answer(); more > 0; --more)
          ask(self, server, out);
        if (counts.is_done()) {
          out = counts.result();
          self->quit();
        }
      },
      [](const caf::error&) { fail("plain CAF: a request failed"); });
}

caf::behavior drive(basp_client* self, const caf::actor& server,
                    const load& what, figures* out) {
  self->state.counts.emplace(what);
  self->state.payload.assign(what.payload_bytes, 'x');
  for (auto more = self->state.counts->start(); more > 0; --more)
    ask(self, server, *out);
  return {[](int) {}};
}

// -- a bare socket ------------------------------------------------------------

bool read_all(int descriptor, std::string& room) {
  std::size_t taken = 0;
  while (taken < room.size()) {
    auto count = ::read(descriptor, room.data() + taken, room.size() - taken);
    if (count <= 0)
      return false;
    taken += static_cast<std::size_t>(count);
  }
  return true;
}

bool write_all(int descriptor, const std::string& data) {
  std::size_t sent = 0;
  while (sent < data.size()) {
    auto count =
      ::send(descriptor, data.data() + sent, data.size() - sent, MSG_NOSIGNAL);
    if (count <= 0)
      return false;
    sent += static_cast<std::size_t>(count);
  }
  return true;
}

} // namespace

void serve_basp(const server_hooks& hooks) {
  // As a node's: one scheduler thread where there are few cores, no polling.
  runtime::networked_system_config config;
  caf::actor_system system{config};
  auto server = system.spawn(echo);
  auto port = system.middleman().publish(server, 0, "127.0.0.1");
  if (!port)
    fail("plain CAF can't listen");
  hooks.listening(*port);
  hooks.wait();
  std::_Exit(0);
}

void drive_basp(std::uint16_t port, const load& what,
                const on_measured& report) {
  runtime::networked_system_config config;
  caf::actor_system system{config};
  auto server = system.middleman().remote_actor("127.0.0.1", port);
  if (!server)
    fail("plain CAF can't connect");
  figures made;
  caf::scoped_actor self{system};
  auto client = self->spawn<caf::monitored>(drive, *server, what, &made);
  self->wait_for(client);
  report(made);
  std::_Exit(0);
}

void serve_raw(const server_hooks& hooks) {
  auto link = accept_one(hooks.listening);
  std::string room(hooks.payload_bytes, 'x');
  while (read_all(link.get(), room) && write_all(link.get(), room)) {
  }
  std::_Exit(0);
}

void drive_raw(std::uint16_t port, const load& what,
               const on_measured& report) {
  auto link = connect_to(port);
  auto only_latency = what;
  only_latency.window = 1;
  meter counts{only_latency};
  std::string payload(what.payload_bytes, 'x');
  auto more = counts.start();
  while (more > 0) {
    if (!write_all(link.get(), payload) || !read_all(link.get(), payload))
      fail("the bare socket's other end is gone");
    more = counts.on_answer();
  }
  auto made = counts.result();
  made.requests_per_second = 1e6 / made.p50_us;
  report(made);
  std::_Exit(0);
}

} // namespace artel::bench
