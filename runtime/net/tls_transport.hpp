// Links between nodes over the network: TCP, TLS 1.3 in both directions'
// proof, segments of frames (protocol/wire/segment.hpp). Both ends have proven
// their node ids before a byte of payload is passed on; memory is bounded
// whatever the other end does. What is on the wire stands in
// protocol/wire/segment.hpp and runtime/net/link_certificate.hpp.
#pragma once

#include "actors/environment.hpp"
#include "actors/interfaces.hpp"
#include "actors/messages.hpp"
#include "protocol/core/result.hpp"
#include "protocol/core/time.hpp"
#include "runtime/net/transport_counters.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace caf {
class actor_system;
class actor_system_config;
} // namespace caf

namespace artel::runtime {

struct tls_transport_limits {
  /// Links that others open, at a time; those that this node opens have
  /// dials_max beside them, so that nobody can keep it from dialling.
  std::size_t links_max = 1'024;
  std::size_t dials_max = 512;
  /// Of those that others open, from one IPv4 address or one IPv6 /64.
  std::size_t per_address_max = 64;
  /// Connections that have not proven who they are, at a time. One more closes
  /// the oldest, so that silent ones don't keep others out.
  std::size_t handshakes_max = 256;
  /// From the first byte to the proof; for an accepted link, to its peer.
  milliseconds handshake_timeout{5'000};
  /// For one address of a host; a host has several.
  milliseconds connect_timeout{4'000};
  /// A link is closed where the other end takes nothing, or leaves a frame
  /// unfinished, for so long.
  milliseconds stall_timeout{30'000};
  /// What waits to be sent on one link: an eighth for control, three for
  /// results, four for bulk. A frame that is larger goes alone.
  std::size_t queue_bytes = 8u << 20;
  /// The same over all links.
  std::size_t queue_bytes_all = 256u << 20;
  /// Frames handed to a link's peer that it hasn't looked at yet: above that,
  /// nothing more is read from the link.
  std::size_t unread_bytes = 16u << 20;
  /// Frames that have not arrived as a whole, over all links.
  std::size_t partial_bytes_all = 256u << 20;
  /// Descriptors that links leave to the rest of the process.
  std::size_t descriptor_reserve = 64;
  /// For what is queued when the node stops.
  milliseconds flush_timeout{1'000};
};

struct tls_transport_config {
  /// Who the node is; also its name in log lines.
  environment_ptr environment;
  /// "0.0.0.0:7447", "[::]:7447"; port 0: any that is free. Empty: nobody can
  /// dial the node.
  std::vector<std::string> listen_addresses;
  tls_transport_limits limits;
  /// May be unset.
  observer_actor observer;
};

/// What has to be there before the node is: its TLS key and the sockets that
/// listen. Closed with the last pointer to it.
class tls_endpoint {
public:
  struct parts;

  /// Errors: invalid_argument (an address in `listen_addresses`);
  /// already_exists (in use: which, and what to do); system_failure.
  static result<std::shared_ptr<tls_endpoint>>
  open(tls_transport_config config);

  explicit tls_endpoint(std::unique_ptr<parts> state);
  ~tls_endpoint();
  tls_endpoint(const tls_endpoint&) = delete;
  tls_endpoint& operator=(const tls_endpoint&) = delete;

  /// Where it listens, with the real ports, in the order of the config.
  const std::vector<std::string>& bound_addresses() const noexcept;

  std::shared_ptr<const transport_counters> counters() const noexcept;

  /// For spawn_tls_transport().
  parts& state() noexcept { return *state_; }

private:
  std::unique_ptr<parts> state_;
};

/// Starts to listen and to dial for the node; once for an endpoint. It ends by
/// stop_actor. The system was made with a config that prepare_for_links() saw.
transport_actor spawn_tls_transport(caf::actor_system& system,
                                    const std::shared_ptr<tls_endpoint>& from,
                                    const node_actor& node);

/// The same as node_config::transport takes it.
std::function<transport_actor(caf::actor_system&, const node_actor&)>
transport_starter(std::shared_ptr<tls_endpoint> endpoint);

/// Loads what links need into a system's config, and keeps CAF's threads from
/// polling. Before the system is made.
void prepare_for_links(caf::actor_system_config& config);

} // namespace artel::runtime
