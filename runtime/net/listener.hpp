// Takes connections on a thread of its own: within the caps, and without
// spinning where the process has no descriptors left, as CAF's doorman does.
#pragma once

#include "protocol/core/result.hpp"
#include "runtime/net/link_admission.hpp"
#include "runtime/net/link_socket.hpp"
#include "runtime/net/transport_counters.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace artel::runtime {

/// Sockets that listen, and where.
struct listening_sockets {
  std::vector<owned_socket> sockets;
  std::vector<std::string> addresses;
};

/// All of them, or an error: invalid_argument (an address is none, or a name);
/// already_exists (in use); system_failure.
result<listening_sockets>
bind_listeners(const std::vector<std::string>& addresses);

/// A connection that was taken. Closed, and its place given back, with the
/// last pointer to it.
struct accepted_connection {
  owned_socket socket;
  std::unique_ptr<link_admission::permit> permit;
  std::string address;
};

struct listener_config {
  std::shared_ptr<link_admission> admission;
  std::shared_ptr<transport_counters> counters;
  milliseconds stall_timeout{30'000};
  std::size_t handshakes_max = 256;
  std::size_t descriptor_reserve = 64;
  /// Called on the listener's thread.
  std::function<void(std::shared_ptr<accepted_connection>)> on_accepted;
};

class listener {
public:
  listener(std::vector<owned_socket> sockets, listener_config config);
  /// Stops and waits for the thread.
  ~listener();
  listener(const listener&) = delete;
  listener& operator=(const listener&) = delete;

private:
  void run();
  /// One connection of a socket; false where there is none waiting.
  bool accept_one(int descriptor);
  void on_exhausted(int descriptor);

  std::vector<owned_socket> sockets_;
  listener_config config_;
  /// Readable once it is to stop.
  owned_socket stop_;
  /// Given up for a moment to refuse a connection where none are left.
  owned_socket spare_;
  int descriptors_max_ = 0;
  std::thread thread_;
};

/// Lets this process open so many descriptors, as far as the system allows;
/// what it allows now.
std::size_t raise_descriptor_limit(std::size_t wanted);

} // namespace artel::runtime
