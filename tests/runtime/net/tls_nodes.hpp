// Transports on loopback, and what stands around them: nodes and peers that
// note what they hear, and clients that don't keep to the rules.
#pragma once

#include "actors/messages.hpp"
#include "protocol/wire/segment.hpp"
#include "runtime/net/link_socket.hpp"
#include "runtime/net/tls_session.hpp"
#include "runtime/net/tls_transport.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace artel::testing {

/// Far above what anything here takes.
inline constexpr std::chrono::seconds patience{30};

/// What one end of a link heard. Thread-safe by wait() and look().
class end_log {
public:
  link_id link = 0;
  node_id proven;
  std::string address;
  std::vector<bytes> frames;
  std::uint64_t frames_total = 0;
  bool closed = false;
  std::string reason;
  std::vector<link_congested> congestion;
  /// Frames are counted, not kept.
  bool forget_frames = false;

  /// Whether the condition comes to hold in time.
  bool wait(const std::function<bool(const end_log&)>& condition,
            std::chrono::milliseconds limit = patience);
  void change(const std::function<void(end_log&)>& code);

private:
  std::mutex mutex_;
  std::condition_variable changed_;
};

using end_log_ptr = std::shared_ptr<end_log>;

/// Links that a node was told of, each with its own end.
class node_log {
public:
  bool wait_for_links(std::size_t count);
  end_log_ptr end(std::size_t index);
  std::size_t count();
  void add(end_log_ptr end);

  /// False: accepted links are left as they are.
  bool attach = true;
  bool forget_frames = false;

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<end_log_ptr> ends_;
};

struct links_config : caf::actor_system_config {
  links_config();
};

key_pair some_key(std::uint64_t seed);

/// One node's transport, and its node.
class linked_node {
public:
  linked_node(caf::actor_system& system, std::uint64_t seed,
              runtime::tls_transport_limits limits = {},
              std::vector<std::string> listen = {"127.0.0.1:0"});
  ~linked_node();

  node_id id() const { return environment_->id(); }
  const std::string& address() const {
    return endpoint_->bound_addresses().front();
  }
  /// Of the listening address with that index.
  std::string port(std::size_t index) const {
    const auto& text = endpoint_->bound_addresses().at(index);
    return text.substr(text.rfind(':') + 1);
  }
  const runtime::transport_counters& counters() const {
    return *endpoint_->counters();
  }
  end_log_ptr open(const std::string& address, bool forget_frames = false);
  void send(link_id link, bytes frame,
            wire::traffic_class priority = wire::traffic_class::control);
  void close(link_id link);
  /// Waits until the transport has ended.
  void stop();

  std::shared_ptr<node_log> accepted = std::make_shared<node_log>();
  transport_actor transport;

private:
  caf::actor_system& system_;
  environment_ptr environment_;
  std::shared_ptr<runtime::tls_endpoint> endpoint_;
  node_actor node_;
};

/// Waits until the condition holds, looking again and again.
bool eventually(const std::function<bool()>& condition,
                std::chrono::milliseconds limit = patience);

/// A frame with so many bytes after its length.
bytes frame_of(std::size_t content, std::uint8_t fill = 1);
/// The frame's bytes as segments of a class.
bytes segments_of(bytes_view frame, wire::traffic_class priority);

/// A TCP connection of the test's own; blocking, and given up in time.
class raw_connection {
public:
  explicit raw_connection(const std::string& address,
                          int receive_buffer_bytes = 0);

  void send(bytes_view data);
  /// What comes next; empty: the other side has closed.
  bytes receive();
  /// Whether the other side closes, whatever it says before.
  bool is_closed();
  int descriptor() const { return socket_.get(); }

private:
  runtime::owned_socket socket_;
};

/// A client that knows the protocol up to the frames.
class raw_link {
public:
  raw_link(const std::string& address, const key_pair& identity,
           int receive_buffer_bytes = 0);

  bool shake_hands();
  void send(bytes_view plaintext);
  bool is_closed() { return connection_.is_closed(); }

private:
  void flush();

  raw_connection connection_;
  runtime::tls_session session_;
};

} // namespace artel::testing
