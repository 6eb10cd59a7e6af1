// One link of the transport: what is known of it, from the socket to the peer.
#pragma once

#include "actors/interfaces.hpp"
#include "actors/messages.hpp"
#include "protocol/core/time.hpp"
#include "protocol/wire/segment.hpp"
#include "runtime/net/link_admission.hpp"
#include "runtime/net/link_queue.hpp"
#include "runtime/net/tls_session.hpp"

#include <caf/io/connection_handle.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace artel::runtime {

/// Bytes handed to a peer that it has not looked at; of one link, and of all.
struct unread_count {
  std::atomic<std::size_t> bytes{0};
  std::shared_ptr<std::atomic<std::size_t>> all;
};

/// Goes with a frame to the peer, and counts it out with the message's end.
class read_ticket {
public:
  read_ticket(std::shared_ptr<unread_count> count, std::size_t size);
  ~read_ticket();
  read_ticket(const read_ticket&) = delete;
  read_ticket& operator=(const read_ticket&) = delete;

private:
  std::shared_ptr<unread_count> count_;
  std::size_t size_;
};

///   connecting --dialled--> greeting --proven--> open --> closing --> gone
///                 accepted--> greeting --proven--> unclaimed --attached-->
///                 open
///   any of them --> gone
struct tls_link {
  enum class phase : std::uint8_t {
    /// The dialler is at it; there is no socket yet.
    connecting,
    /// TLS is shaking hands.
    greeting,
    /// Accepted and proven; the node has not attached a peer yet.
    unclaimed,
    open,
    /// What is queued goes out, then the end; what comes is not looked at.
    closing,
  };

  explicit tls_link(std::size_t queue_bytes) : queue(queue_bytes) {}

  link_id id = 0;
  phase now = phase::connecting;
  bool outbound = false;
  /// As dialled, then as connected.
  std::string address;
  /// Invalid while connecting.
  caf::io::connection_handle handle;
  int descriptor = -1;
  /// Of an accepted link: its place.
  std::unique_ptr<link_admission::permit> permit;
  std::optional<tls_session> session;
  wire::segment_reader reader;
  link_queue queue;
  /// Of the queue, as counted for all links.
  std::size_t queued_bytes = 0;
  peer_actor peer;
  /// Of greeting, unclaimed and closing.
  instant deadline{};

  /// Waits for its turn in the next flush.
  bool dirty = false;
  /// Its last bytes are with the kernel; the other side has to close.
  bool finished_writing = false;
  /// Encrypted, and with CAF: the kernel had no room.
  std::size_t unsent_bytes = 0;
  instant last_write_progress{};

  std::shared_ptr<unread_count> unread = std::make_shared<unread_count>();
  /// Nothing is read until the peer has caught up.
  bool reading_paused = false;
  /// Reading was allowed again, which CAF may have missed.
  int resume_again = 0;
  std::size_t read_size = 0;
  std::size_t held_bytes = 0;
  /// Of each class: how much of a frame had come at that time.
  struct progress {
    std::size_t bytes = 0;
    instant since{};
  };
  std::array<progress, wire::class_count> partial{};
};

} // namespace artel::runtime
