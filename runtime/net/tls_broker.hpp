// The transport's actor: a CAF broker with all links of a node, on the thread
// of CAF's multiplexer. Nothing here blocks, and no exception leaves a handler:
// either would take all links with it.
//
// CAF reads and keeps what the kernel doesn't take; what can go at once is
// handed to the kernel directly, which spares two turns of the multiplexer a
// message.
#pragma once

#include "actors/messages.hpp"
#include "runtime/net/dialer.hpp"
#include "runtime/net/in_place_unit.hpp"
#include "runtime/net/listener.hpp"
#include "runtime/net/tls_link.hpp"
#include "runtime/net/tls_transport.hpp"

#include <caf/io/broker.hpp>
#include <caf/stateful_actor.hpp>

#include <array>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace artel::runtime {

/// The listener to the broker.
struct connection_accepted {
  std::shared_ptr<accepted_connection> connection;
};

/// The dialer to the broker.
struct connection_dialled {
  link_id link = 0;
  std::shared_ptr<dialled_connection> connection;
  /// Where there is none.
  std::string problem;
};

/// Itself: links whose peers were behind may be read again.
struct read_again {};

struct tls_endpoint::parts {
  tls_transport_config config;
  std::shared_ptr<const tls_context> context;
  listening_sockets sockets;
  std::shared_ptr<transport_counters> counters;
};

class tls_broker_state {
public:
  static inline const char* name = "transport";

  using pointer = caf::io::stateful_broker<tls_broker_state>*;

  void start(pointer self, const std::shared_ptr<tls_endpoint>& endpoint,
             node_actor node);

  void open(const open_link& message);
  void attach(const attach_link& message);
  void send(send_frame& message);
  void close(link_id id);
  void stop();

  void on_accepted(accepted_connection& connection);
  void on_dialled(const connection_dialled& message);
  void on_data(caf::io::connection_handle handle, bytes_view data);
  void on_written(caf::io::connection_handle handle, std::size_t written,
                  std::size_t left);
  void on_disconnected(caf::io::connection_handle handle);
  void on_flush();
  void on_tick();
  void on_read_again();
  /// A peer ended without closing its link.
  void on_peer_down(const caf::actor_addr& peer);
  /// A handler threw, for want of memory: told, and gone on.
  void on_exception(const char* what);

private:
  tls_link& add_link(bool outbound);
  tls_link* find(link_id id);
  tls_link* find(caf::io::connection_handle handle);
  void begin(tls_link& link, int descriptor, tls_session::side which);

  // Reading (tls_broker_reading.cpp). False: the link is gone.
  void take_ciphertext(tls_link& link, bytes_view data);
  bool greet(tls_link& link);
  bool on_proven(tls_link& link);
  bool read(tls_link& link);
  bool take(tls_link& link, bytes_view plaintext);
  void deliver(tls_link& link, bytes frame);
  void account_partial(tls_link& link);
  void pause_where_behind(tls_link& link);
  void resume_reading(tls_link& link);
  void adapt_read_size(tls_link& link, std::size_t came);

  // Writing (tls_broker_writing.cpp). False: the link is gone.
  bool has_room(const tls_link& link, std::size_t size) const;
  void account_queue(tls_link& link);
  void mark_dirty(tls_link& link);
  bool pump(tls_link& link);
  bool fill(tls_link& link, bool& more);
  bool transmit(tls_link& link);
  void tell_congestion(tls_link& link);
  bool finish_where_empty(tls_link& link);

  // The end. After each but begin_closing() the link is gone.
  void begin_closing(tls_link& link);
  void drop(tls_link& link, const std::string& reason);
  void forget(tls_link& link, const std::string& reason);
  void on_tls_failure(tls_link& link);
  void check_deadlines(tls_link& link, instant now);
  bool reads_stalled(tls_link& link, instant now) const;
  void drop_largest_partial();
  void quit_where_idle();

  void leave_greeting(tls_link& link);
  void arm();
  void note(std::string message);
  instant now() const;

  pointer self_ = nullptr;
  std::optional<in_place_unit> in_place_;
  tls_transport_config config_;
  std::shared_ptr<const tls_context> context_;
  std::shared_ptr<transport_counters> counters_;
  std::shared_ptr<link_admission> admission_;
  node_actor node_;
  std::optional<listener> listener_;
  std::optional<dialer> dialer_;

  link_id last_link_ = 0;
  std::unordered_map<link_id, std::unique_ptr<tls_link>> links_;
  std::unordered_map<caf::io::connection_handle, link_id> handles_;
  /// Of links that are gone, until CAF has seen that.
  std::unordered_set<caf::io::connection_handle> ended_;
  /// Greeting; ids count up, so the first is the oldest.
  std::set<link_id> greeting_;
  std::size_t dialled_links_ = 0;

  std::vector<link_id> dirty_;
  std::size_t queued_bytes_ = 0;
  std::size_t partial_bytes_ = 0;
  std::shared_ptr<std::atomic<std::size_t>> unread_bytes_ =
    std::make_shared<std::atomic<std::size_t>>(0);
  std::size_t paused_links_ = 0;
  std::array<std::uint8_t, tls_session::record_bytes_max> record_{};
  std::array<std::uint8_t, tls_session::record_bytes_max> plaintext_{};
  std::vector<wire::arrived_frame> arrived_;

  /// What is being read came alone: its peer may run on this thread.
  bool reads_little_ = false;
  bool flush_sent_ = false;
  bool read_again_sent_ = false;
  bool armed_ = false;
  bool stopping_ = false;
  instant next_note_{};
  std::uint64_t notes_held_back_ = 0;
};

/// Starts as the transport of the endpoint.
class tls_broker : public caf::io::stateful_broker<tls_broker_state> {
public:
  tls_broker(caf::actor_config& config, std::shared_ptr<tls_endpoint> endpoint,
             node_actor node);

  /// CAF's own leaves what waits in a dead broker's mailbox there for ever, and
  /// takes more: messages whose senders wait for each other's end.
  bool cleanup(caf::error&& reason, caf::execution_unit* host) override;

protected:
  caf::behavior make_behavior() override;

private:
  std::shared_ptr<tls_endpoint> endpoint_;
  node_actor node_;
};

} // namespace artel::runtime

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::runtime::connection_accepted)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::runtime::connection_dialled)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::runtime::read_again)
