// The proxy of a remote node. Outwards it gathers what a turn produced, puts it
// into batches under one signature and frames them; inwards it refuses what is
// malformed, replayed or forged, and hands on what is left.
//
//   connecting --link_opened--> greeting --handshake--> measuring --pong-->
//   ready any --link_closed, refusal, deadline, garbage--> closed
#pragma once

#include "actors/environment.hpp"
#include "actors/flush_pace.hpp"
#include "actors/interfaces.hpp"
#include "actors/messages.hpp"
#include "protocol/wire/envelope.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
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
};

/// What was dropped, by reason.
struct peer_counters {
  std::uint64_t malformed = 0;
  std::uint64_t replayed = 0;
  std::uint64_t forged = 0;
  /// Results of attempts that nobody waits for any more.
  std::uint64_t late = 0;
  /// Came before the other side's greeting.
  std::uint64_t early = 0;
};

class peer_actor_state {
public:
  static inline const char* name = "peer";

  using pointer = peer_actor::stateful_pointer<peer_actor_state>;

  void start(pointer self, peer_config config);

  void on_link_opened(link_id link);
  void on_link_closed(const std::string& reason);
  void on_frame(const bytes& frame);
  void on_sweep();

  void assign(assign_replica& message);
  void cancel(const cancel_replica& message);
  void acknowledge(const acknowledge_result& message);
  void ask(ask_bid& message);
  void post(wire::payload payload);
  void send_gathered();
  void close(const std::string& reason);

private:
  enum class phase : std::uint8_t { connecting, greeting, measuring, ready };

  void greet(bool reply);
  void refuse(errc code, std::string reason);
  bool admit(const wire::envelope& item);
  void dispatch(wire::payload payload);
  void on_handshake(const wire::envelope& item);
  void on_pong(const wire::pong& message);
  void on_bid(const wire::bid& offer);
  void on_results(wire::job_result& message);
  void on_heartbeat(const wire::heartbeat& message);
  void to_worker(wire::payload payload);

  void gather();
  void append_assignments(std::vector<wire::payload>& out);
  wire::envelope seal(const wire::payload& payload);
  void send_envelopes(const std::vector<wire::payload>& payloads);
  void warn(std::string message);
  void tell_counters() const;
  remote_node remote() const;

  pointer self_ = nullptr;
  peer_config config_;
  phase phase_ = phase::connecting;
  bool closed_ = false;
  /// Of the handshake.
  instant deadline_{};
  link_id link_ = 0;
  remote_node remote_;
  std::uint64_t ping_nonce_ = 0;
  instant ping_sent_{};

  wire::replay_window replay_;
  std::array<std::uint64_t, 3> sequences_{};
  peer_counters counters_;

  std::map<wire::attempt_ref, replica_actor> routes_;
  std::map<task_id, coordinator_actor> bid_routes_;

  flush_pace pace_;
  std::vector<assign_replica> assignments_;
  std::vector<wire::attempt_ref> cancels_;
  std::vector<wire::attempt_ref> acknowledgements_;
  std::vector<wire::payload> payloads_;
};

peer_actor::behavior_type make_peer(peer_actor_state::pointer self,
                                    peer_config config);

} // namespace artel
