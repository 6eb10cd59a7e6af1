// One end of a link as a test wants it: honest, or wrong in one way. Sockets
// and TLS of its own, the project's envelopes; never blocks but where it says
// so. Not thread-safe.
#pragma once

#include "protocol/core/bytes.hpp"
#include "protocol/core/ids.hpp"
#include "protocol/identity/keys.hpp"
#include "protocol/wire/envelope.hpp"
#include "protocol/wire/segment.hpp"
#include "runtime/net/link_certificate.hpp"
#include "runtime/net/openssl_handles.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace artel::hostile_net {

using steady = std::chrono::steady_clock;

/// What a client shows when it greets.
enum class credentials {
  honest,
  /// TLS 1.2 at the most.
  old_tls,
  /// No certificate at all.
  none,
  /// A certificate without the extension that binds it to a node.
  unbound,
  /// One whose binding was made for another TLS key.
  stolen_binding,
};

struct client_options {
  std::uint16_t port = 0;
  std::string network;
  const key_pair* identity = nullptr;
  credentials shows = credentials::honest;
  /// Whose greeting it sends; null: the identity's own.
  const key_pair* greets_as = nullptr;
};

class link_client {
public:
  explicit link_client(const client_options& options);
  ~link_client();
  link_client(const link_client&) = delete;
  link_client& operator=(const link_client&) = delete;

  /// Begins to connect, and greets once TLS is up.
  void open();
  /// Sends and takes what the socket allows now.
  void pump();

  int descriptor() const noexcept { return socket_; }
  bool wants_to_write() const noexcept;
  bool is_open() const noexcept { return socket_ >= 0; }
  /// The node has answered the greeting and our first ping.
  bool is_ready() const noexcept { return pongs_ > 0; }
  /// Why the node refused us or said goodbye; empty where it did not.
  const std::string& farewell() const noexcept { return farewell_; }
  const node_id& node() const noexcept { return node_; }

  void ping();
  std::uint64_t pongs() const noexcept { return pongs_; }
  /// How long the latest pong took; and how long the present ping waits.
  std::chrono::milliseconds latency() const noexcept { return latency_; }
  std::chrono::milliseconds waiting() const noexcept;

  /// Sound envelopes, with the next number of their class.
  wire::envelope seal(const wire::payload& payload);
  void send(const wire::envelope& item);
  /// Any bytes, in the place of frames of a class.
  void send_raw_frames(wire::traffic_class priority, bytes_view data);
  /// Any bytes, in the place of segments.
  void send_raw_segments(bytes_view data);
  std::size_t unsent_bytes() const noexcept { return unsent_.size() - sent_; }

  void close();

private:
  const key_pair& speaker() const noexcept {
    return options_.greets_as ? *options_.greets_as : *options_.identity;
  }
  void greet();
  void take(const wire::envelope& item);

  client_options options_;
  int socket_ = -1;
  runtime::link_credentials credentials_;
  runtime::ssl_context context_;
  runtime::ssl_connection ssl_;
  bool secure_ = false;
  bytes unsent_;
  std::size_t sent_ = 0;
  wire::segment_reader reader_;
  std::array<std::uint64_t, 3> sequences_{};
  node_id node_;
  std::string farewell_;
  std::uint64_t pings_ = 0;
  std::uint64_t pongs_ = 0;
  std::optional<steady::time_point> asked_;
  std::chrono::milliseconds latency_{0};
};

/// Pumps until the condition holds; false where the time is up first.
bool pump_until(const std::vector<link_client*>& clients,
                const std::function<bool()>& condition,
                std::chrono::milliseconds timeout);

/// A TCP connection and nothing else; -1 where it is refused.
int connect_plain(std::uint16_t port);

} // namespace artel::hostile_net
