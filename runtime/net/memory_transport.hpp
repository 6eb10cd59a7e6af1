// Frames between nodes of one process: a transport that loses nothing, keeps
// the order of each link, and delivers by CAF messages. Deterministic under the
// testing scheduler.
#pragma once

#include "actors/interfaces.hpp"
#include "actors/messages.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace artel::runtime {

struct memory_accept;
struct memory_accepted;
struct memory_frame;
struct memory_closed;

/// Also talks to other transports of its kind.
using memory_transport_actor = transport_actor::extend<
  /// other transport: wants a link.
  caf::reacts_to<memory_accept>,
  /// other transport: our link's name over there.
  caf::reacts_to<memory_accepted>,
  /// other transport: a frame for one of our links.
  caf::reacts_to<memory_frame>,
  /// other transport: the link is over.
  caf::reacts_to<memory_closed>>;

/// Who listens where. Shared by all transports of a process; thread-safe.
class memory_hub {
public:
  /// Replaces whoever listened at the address before.
  void listen(const std::string& address, memory_transport_actor transport);
  void leave(const std::string& address);
  std::optional<memory_transport_actor> find(const std::string& address) const;

private:
  mutable std::mutex mutex_;
  std::map<std::string, memory_transport_actor> listeners_;
};

struct memory_transport_config {
  std::shared_ptr<memory_hub> hub;
  std::string address;
  node_actor node;
};

struct memory_transport_state {
  static inline const char* name = "memory-transport";

  struct link {
    peer_actor peer;
    memory_transport_actor remote;
    link_id remote_link = 0;
    /// What came before the peer was attached.
    std::vector<bytes> early;
  };

  memory_transport_config config;
  link_id last_link = 0;
  std::map<link_id, link> links;
};

memory_transport_actor::behavior_type make_memory_transport(
  memory_transport_actor::stateful_pointer<memory_transport_state> self,
  memory_transport_config config);

struct memory_accept {
  memory_transport_actor from;
  link_id from_link = 0;
};

struct memory_accepted {
  link_id link = 0;
  link_id remote_link = 0;
};

struct memory_frame {
  link_id link = 0;
  bytes frame;
};

struct memory_closed {
  link_id link = 0;
};

} // namespace artel::runtime

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::runtime::memory_accept)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::runtime::memory_accepted)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::runtime::memory_frame)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::runtime::memory_closed)
