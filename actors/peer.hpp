// The proxy of a remote node. Outwards it gathers what a turn produced, puts it
// into batches under one signature and frames them; inwards it refuses what is
// malformed, replayed or forged, and hands on what is left.
//
//   connecting --link_opened--> greeting --handshake--> measuring --pong-->
//   ready
//   any --link_closed, refusal, deadline, garbage, silence, goodbye--> closed
#pragma once

#include "actors/defaults.hpp"
#include "actors/environment.hpp"
#include "actors/flush_pace.hpp"
#include "actors/interfaces.hpp"
#include "actors/log_pace.hpp"
#include "actors/messages.hpp"
#include "actors/piece_queue.hpp"
#include "protocol/overlay/traffic_guard.hpp"
#include "protocol/wire/envelope.hpp"

#include <caf/result.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace artel {

struct peer_config {
  environment_ptr environment;
  transport_actor transport;
  node_actor node;
  /// Unset on nodes that run no jobs.
  worker_actor worker;
  observer_actor observer;
  /// We opened the link, so we greet first.
  bool outbound = false;
  /// Where the link leads, for messages to people.
  std::string address;
  /// At the time of opening; network_changed brings later ones.
  network_view_ptr view;
  /// A ping goes out after so long without a message; zero: never. A link on
  /// which nothing came for `idle_timeout` is closed.
  milliseconds keep_alive{0};
  milliseconds idle_timeout{0};
  /// Only finds out who is at the address: leaves as soon as it is greeted.
  bool is_probe = false;
};

class peer_actor_state {
public:
  static inline const char* name = "peer";

  using pointer = peer_actor::stateful_pointer<peer_actor_state>;

  void start(pointer self, peer_config config);

  // The link (peer.cpp).
  void on_link_closed(const std::string& reason);
  void on_frame(const bytes& frame);
  void stop();

  // Who is there, and whether it may be (peer_handshake.cpp).
  void on_link_opened(const link_opened& message);
  void on_network_changed(const network_changed& message);

  // How the link is (peer_watch.cpp).
  void on_sweep();
  peer_status status() const;
  caf::result<latency_measured> measure();

  // Blobs (peer_blobs.cpp).
  void fetch(const fetch_pieces& message);

  // Outwards (peer_outbox.cpp).
  void assign(assign_replica& message);
  void cancel(const cancel_replica& message);
  void acknowledge(const acknowledge_result& message);
  void ask(ask_bid& message);
  void post(const wire::payload& payload);
  void on_congested(const link_congested& message);
  void send_gathered();
  void send_posted();

private:
  enum class phase : std::uint8_t { connecting, greeting, measuring, ready };

  /// A message that waits, encoded: its size counts.
  struct outgoing {
    std::string_view type;
    bytes data;
  };

  /// What waits of one class.
  struct outgoing_lane {
    std::vector<outgoing> items;
    std::size_t bytes_held = 0;
    bool congested = false;
  };

  /// The one ping whose pong counts.
  struct sent_ping {
    std::uint64_t nonce = 0;
    instant sent{};
    bool answered = true;
    std::vector<caf::typed_response_promise<latency_measured>> waiting;
  };

  void close(errc code, const std::string& reason);
  void part(errc code, const std::string& reason);
  void tell_counters() const;
  remote_node remote() const;
  std::string who() const;

  void greet(bool reply);
  void refuse(errc code, const std::string& reason);
  result<void> check_greeting(const wire::envelope& item,
                              const wire::handshake& hello);
  result<void> check_standing(const wire::handshake& hello);
  bool keeps_standing();
  bool holds_certificates();
  void on_greeting(const wire::envelope& item);
  void on_refused(const wire::envelope& item);
  void on_handshake(const wire::envelope& item);
  void meet(const wire::handshake& hello);
  void on_goodbye(const wire::goodbye& message);
  void on_pong(const wire::pong& message);

  bool admit(const wire::envelope& item);
  bool is_within_rate(const wire::envelope& item);
  void on_envelope(const wire::envelope& item);
  void dispatch(wire::payload payload);
  void on_bid(const wire::bid& offer);
  void on_results(wire::job_result& message);
  void on_heartbeat(const wire::heartbeat& message);
  void on_blob_request(const wire::blob_request& message);
  void on_blob_piece(wire::blob_piece& message);
  void append_pieces();
  void forget_route(const wire::attempt_ref& attempt);
  void to_worker(wire::payload payload);
  void to_node(wire::payload payload);

  void sweep_handshake();
  void watch_silence();
  void send_ping();
  void fail_measurements(const std::string& reason);
  traffic_terms rate_terms() const;
  void warn(const std::string& message);

  void gather();
  void send_soon();
  bool may_send() const;
  void send_lanes();
  bool has_room(std::size_t lane, std::size_t bytes_more);
  void push(std::size_t lane, const wire::payload& payload);
  void append_assignments();
  wire::envelope seal(outgoing item, wire::traffic_class priority);
  void send_lane(std::size_t lane);
  void send_frame_of(std::vector<wire::envelope>& items,
                     wire::traffic_class priority);
  void send_now(const wire::payload& payload);

  pointer self_ = nullptr;
  peer_config config_;
  phase phase_ = phase::connecting;
  bool closed_ = false;
  /// Of the handshake.
  instant deadline_{};
  link_id link_ = 0;
  node_id proven_;
  remote_node remote_;
  /// What the other side showed of itself: looked at again when the network
  /// changes.
  wire::handshake greeting_;
  /// When the first of the certificates in it ends.
  wall_time certified_until_ = wall_time::max();
  bool refused_here_ = false;
  instant ready_since_{};
  instant heard_{};
  sent_ping ping_;

  wire::replay_window replay_;
  std::array<std::uint64_t, 3> sequences_{};
  peer_counters counters_;
  std::optional<traffic_guard> guard_;
  log_pace log_pace_;

  std::map<wire::attempt_ref, replica_actor> routes_;
  std::map<task_id, coordinator_actor> bid_routes_;
  /// Who waits for pieces of an output.
  std::map<hash256, std::set<wire::attempt_ref>> blob_routes_;
  piece_queue pieces_{defaults::pieces_waiting_max};

  flush_pace pace_;
  bool send_posted_sent_ = false;
  std::array<outgoing_lane, 3> lanes_;
  /// By attempt, so that what is sent again takes the place of what waits.
  std::map<wire::attempt_ref, assign_replica> assignments_;
  std::size_t assignment_bytes_ = 0;
  std::vector<wire::attempt_ref> cancels_;
  std::vector<wire::attempt_ref> acknowledgements_;
};

peer_actor::behavior_type make_peer(peer_actor_state::pointer self,
                                    peer_config config);

} // namespace artel
