#include "protocol/overlay/circuit_breaker.hpp"

#include <algorithm>
#include <cassert>
#include <limits>

namespace artel {

breaker_state circuit_breaker::state(instant now) const noexcept {
  if (!is_tripped())
    return breaker_state::closed;
  return now < open_until_ ? breaker_state::open : breaker_state::half_open;
}

bool circuit_breaker::admits(instant now) const noexcept {
  switch (state(now)) {
    case breaker_state::closed: return true;
    case breaker_state::open: return false;
    case breaker_state::half_open: return attempts_ == 0;
  }
  return false;
}

void circuit_breaker::on_success() noexcept {
  on_abandoned();
  failures_ = 0;
  cooldown_ = milliseconds{0};
}

void circuit_breaker::on_failure(instant now) noexcept {
  on_abandoned();
  if (failures_ < std::numeric_limits<std::uint32_t>::max())
    ++failures_;
  if (!is_tripped()) {
    if (failures_ < terms_.failures_max)
      return;
    cooldown_ = terms_.cooldown_first;
  } else if (now < open_until_) {
    // An attempt from before it opened: the cooldown runs already.
    return;
  } else {
    cooldown_ =
      cooldown_ > terms_.cooldown_max / 2 ? terms_.cooldown_max : cooldown_ * 2;
  }
  cooldown_ = std::min(cooldown_, terms_.cooldown_max);
  open_until_ = now + cooldown_;
}

void circuit_breaker::on_abandoned() noexcept {
  if (attempts_ > 0)
    --attempts_;
}

void circuit_breaker::check_invariants() const {
  assert(cooldown_ >= milliseconds{0} && cooldown_ <= terms_.cooldown_max);
  assert(is_tripped() == (failures_ >= terms_.failures_max));
}

} // namespace artel
