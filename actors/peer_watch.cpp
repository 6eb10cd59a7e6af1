// How the link is: signs of life, round trips, rates, counters and log lines.
#include "actors/answer_error.hpp"
#include "actors/defaults.hpp"
#include "actors/logging.hpp"
#include "actors/peer.hpp"
#include "protocol/task/message_text.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace artel {

// -- signs of life ------------------------------------------------------------

void peer_actor_state::on_sweep() {
  if (phase_ != phase::ready)
    sweep_handshake();
  else if (holds_certificates())
    watch_silence();
}

void peer_actor_state::sweep_handshake() {
  if (now_of(self_) >= deadline_) {
    close(errc::timed_out, "the handshake was not done in time");
    return;
  }
  self_->delayed_send(self_, defaults::handshake_interval, sweep{});
  if (phase_ == phase::greeting && config_.outbound)
    greet(false);
  if (phase_ == phase::measuring) {
    // Which of the two was lost can't be told.
    if (!config_.outbound)
      greet(true);
    // The same again: the pong of the first may be under way.
    send_now(wire::ping{ping_.nonce});
  }
}

/// Armed again for the moment at which something may be due.
void peer_actor_state::watch_silence() {
  auto now = now_of(self_);
  auto silence = now - heard_;
  auto next = microseconds::max();
  if (config_.idle_timeout.count() > 0) {
    if (silence >= config_.idle_timeout) {
      part(errc::timed_out,
           "no sign of life for " + duration_text(config_.idle_timeout));
      return;
    }
    next = std::min<microseconds>(next, config_.idle_timeout - silence);
  }
  if (config_.keep_alive.count() > 0) {
    auto quiet = now - std::max(heard_, ping_.sent);
    if (quiet >= config_.keep_alive) {
      send_ping();
      quiet = microseconds{0};
    }
    next = std::min<microseconds>(next, config_.keep_alive - quiet);
  }
  auto certified = certified_until_ - wall_now_of(self_, *config_.environment);
  if (certified_until_ != wall_time::max()
      && certified < std::chrono::ceil<milliseconds>(next))
    next = certified;
  if (next != microseconds::max())
    self_->delayed_send(self_, next, sweep{});
}

void peer_actor_state::send_ping() {
  ++ping_.nonce;
  ping_.sent = now_of(self_);
  ping_.answered = false;
  send_now(wire::ping{ping_.nonce});
}

caf::result<latency_measured> peer_actor_state::measure() {
  if (phase_ != phase::ready)
    return answer_error(errc::invalid_state, "the link is not up yet");
  if (ping_.waiting.size() >= defaults::measurements_max)
    return answer_error(errc::limit_exceeded,
                        "too many wait for this link's round trip already");
  auto promise = self_->make_response_promise<latency_measured>();
  ping_.waiting.push_back(promise);
  // One that is on its way does for all, unless it may have been lost.
  if (ping_.answered || now_of(self_) - ping_.sent >= defaults::ping_patience)
    send_ping();
  return promise;
}

void peer_actor_state::fail_measurements(const std::string& reason) {
  for (auto& one : std::exchange(ping_.waiting, {}))
    one.deliver(answer_error(errc::unreachable, reason));
}

// -- rates --------------------------------------------------------------------

traffic_terms peer_actor_state::rate_terms() const {
  if (!config_.view)
    return {};
  const auto& [config, access] = *config_.view;
  // A network without a config has no bound of its own.
  std::uint64_t by_network =
    config.is_none() ? 0 : config.messages_per_second_max;
  return {smaller_bound(by_network, access.messages_per_second),
          access.bytes_per_second};
}

bool peer_actor_state::is_within_rate(const wire::envelope& item) {
  // What an envelope adds to its payload, about.
  constexpr std::size_t envelope_bytes = 256;
  auto now = now_of(self_);
  if (!guard_)
    guard_.emplace(rate_terms(), now);
  switch (guard_->take(item.payload.size() + envelope_bytes, now)) {
    case traffic_verdict::admit: return true;
    case traffic_verdict::flood:
      ++counters_.throttled;
      refused_here_ = true;
      warn("floods this node with messages");
      part(errc::limit_exceeded, "far more messages than the rate allows");
      return false;
    case traffic_verdict::drop: break;
  }
  if (counters_.throttled++ == 0)
    warn("sends more than its rate allows; what is beyond is dropped");
  return false;
}

// -- what is told of it -------------------------------------------------------

peer_status peer_actor_state::status() const {
  auto now = now_of(self_);
  peer_status result;
  result.node = remote_.node;
  result.owner = remote_.owner;
  result.display_name = remote_.display_name;
  result.role = remote_.role;
  result.address = config_.address;
  result.outbound = config_.outbound;
  result.ready = phase_ == phase::ready;
  result.latency = remote_.latency;
  if (result.ready) {
    result.age = now - ready_since_;
    result.silence = now - heard_;
  }
  result.counters = counters_;
  return result;
}

std::string peer_actor_state::who() const {
  return remote_.display_name.empty() ? config_.address : remote_.display_name;
}

void peer_actor_state::warn(const std::string& message) {
  // Whoever dials us can come again and again: the node tells of those.
  auto is_stranger = !config_.outbound && phase_ != phase::ready;
  if (is_stranger || !log_pace_.admits(now_of(self_)))
    return;
  std::vector<log_field> fields;
  if (!remote_.node.is_zero())
    fields.push_back({"peer", to_string(remote_.node)});
  fields.push_back({"address", config_.address});
  log_line(config_.observer, *config_.environment, log_level::warning,
           "peer " + who() + ": " + message + log_pace_.muted_text(),
           std::move(fields));
}

void peer_actor_state::tell_counters() const {
  const auto& all = counters_;
  if (all.malformed + all.replayed + all.forged + all.late + all.early
        + all.throttled + all.overflowed
      == 0)
    return;
  std::vector<log_field> fields;
  if (!remote_.node.is_zero())
    fields.push_back({"peer", to_string(remote_.node)});
  log_line(
    config_.observer, *config_.environment, log_level::info,
    "link to " + config_.address + " dropped " + std::to_string(all.malformed)
      + " malformed, " + std::to_string(all.replayed) + " replayed, "
      + std::to_string(all.forged) + " forged messages, "
      + std::to_string(all.late) + " late results, " + std::to_string(all.early)
      + " messages before the greeting, " + std::to_string(all.throttled)
      + " beyond its rate and " + std::to_string(all.overflowed) + " of ours",
    std::move(fields));
}

} // namespace artel
