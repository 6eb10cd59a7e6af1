#include "protocol/task/replica_machine.hpp"

#include <cassert>

namespace artel {

std::string_view to_string(replica_state state) noexcept {
  switch (state) {
    case replica_state::assigned: return "assigned";
    case replica_state::acked: return "acked";
    case replica_state::running: return "running";
    case replica_state::ended: return "ended";
    case replica_state::lost: return "lost";
    case replica_state::cancelled: return "cancelled";
    case replica_state::fetching: return "fetching";
  }
  return "unknown";
}

bool is_final(replica_state state) noexcept {
  return state == replica_state::ended || state == replica_state::lost
         || state == replica_state::cancelled;
}

replica_machine::replica_machine(const replica_timing& timing, instant now)
  : timing_(timing),
    last_sent_(now),
    last_heard_(now) {
}

void replica_machine::on_ack(instant now) {
  if (is_final(state_))
    return;
  last_heard_ = now;
  if (state_ == replica_state::assigned)
    state_ = replica_state::acked;
}

void replica_machine::on_heartbeat(instant now, bool running) {
  on_ack(now);
  if (running && state_ == replica_state::acked) {
    state_ = replica_state::running;
    running_since_ = now;
  }
}

void replica_machine::on_announced(instant now) {
  on_ack(now);
  if (!is_final(state_))
    state_ = replica_state::fetching;
}

bool replica_machine::on_ended() {
  if (is_final(state_))
    return false;
  state_ = replica_state::ended;
  return true;
}

bool replica_machine::on_cancelled() {
  if (is_final(state_))
    return false;
  state_ = replica_state::cancelled;
  return true;
}

bool replica_machine::on_unreachable() {
  if (is_final(state_))
    return false;
  state_ = replica_state::lost;
  return true;
}

replica_machine::action replica_machine::on_tick(instant now) {
  if (is_final(state_))
    return action::nothing;
  auto overdue = state_ == replica_state::running
                 && now - running_since_ > timing_.run_limit + timing_.grace;
  if (overdue || now - last_heard_ > timing_.lease) {
    state_ = replica_state::lost;
    return action::give_up;
  }
  if (state_ == replica_state::assigned
      && now - last_sent_ >= timing_.resend_interval) {
    last_sent_ = now;
    return action::send_assignment;
  }
  return action::nothing;
}

void replica_machine::check_invariants() const {
  assert(last_heard_ >= instant{} && last_sent_ >= instant{});
  assert(state_ != replica_state::running || running_since_ != instant{});
  assert(state_ != replica_state::assigned || running_since_ == instant{});
}

} // namespace artel
