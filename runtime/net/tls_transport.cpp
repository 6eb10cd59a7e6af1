#include "runtime/net/tls_transport.hpp"

#include "runtime/net/listener.hpp"
#include "runtime/net/tls_broker.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_config.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/io/middleman.hpp>

#include <utility>

#ifdef __GLIBC__
#  include <malloc.h>
#endif

namespace artel::runtime {

namespace {

/// Of a node beside its links: files, sandboxes, sockets.
constexpr std::size_t other_descriptors = 512;

/// Messages of a link are allocated and freed by the thousand. glibc gives the
/// room of a large one back to the kernel with each, and has it filled with
/// zeros for the next: half of what it takes to pass on 64 KiB. So each thread
/// keeps up to 4 MiB; blocks of a megabyte and more still come and go.
void keep_freed_memory() {
#ifdef __GLIBC__
  constexpr int trim_bytes = 4 << 20;
  constexpr int map_bytes = 1 << 20;
  ::mallopt(M_TRIM_THRESHOLD, trim_bytes);
  ::mallopt(M_MMAP_THRESHOLD, map_bytes);
#endif
}

} // namespace

result<std::shared_ptr<tls_endpoint>>
tls_endpoint::open(tls_transport_config config) {
  const auto& limits = config.limits;
  raise_descriptor_limit(limits.links_max + limits.dials_max
                         + limits.handshakes_max + limits.descriptor_reserve
                         + other_descriptors);
  auto state = std::make_unique<parts>();
  auto context = tls_context::make(*config.environment->key);
  if (!context)
    return context.error();
  state->context = *std::move(context);
  auto sockets = bind_listeners(config.listen_addresses);
  if (!sockets)
    return sockets.error();
  state->sockets = *std::move(sockets);
  state->counters = std::make_shared<transport_counters>();
  state->config = std::move(config);
  return std::make_shared<tls_endpoint>(std::move(state));
}

tls_endpoint::tls_endpoint(std::unique_ptr<parts> state)
  : state_(std::move(state)) {
}

tls_endpoint::~tls_endpoint() = default;

const std::vector<std::string>& tls_endpoint::bound_addresses() const noexcept {
  return state_->sockets.addresses;
}

std::shared_ptr<const transport_counters>
tls_endpoint::counters() const noexcept {
  return state_->counters;
}

transport_actor spawn_tls_transport(caf::actor_system& system,
                                    const std::shared_ptr<tls_endpoint>& from,
                                    const node_actor& node) {
  // On the multiplexer's thread, as spawn_broker() does for functions.
  caf::actor_config config{&system.middleman().backend()};
  auto made =
    system.spawn_class<tls_broker, caf::no_spawn_options>(config, from, node);
  // It handles all of a transport's messages, beside those of a broker.
  return caf::actor_cast<transport_actor>(made);
}

std::function<transport_actor(caf::actor_system&, const node_actor&)>
transport_starter(std::shared_ptr<tls_endpoint> endpoint) {
  return [endpoint = std::move(endpoint)](caf::actor_system& system,
                                          const node_actor& node) {
    return spawn_tls_transport(system, endpoint, node);
  };
}

void prepare_for_links(caf::actor_system_config& config) {
  keep_freed_memory();
  config.load<caf::io::middleman>();
  // No remoting of CAF's: no threads for it.
  config.set("middleman.workers", 0);
  // A thread that looks for work in a circle takes a core from the sandboxes.
  config.set("work-stealing.aggressive-poll-attempts", 0);
  config.set("work-stealing.moderate-poll-attempts", 0);
}

} // namespace artel::runtime
