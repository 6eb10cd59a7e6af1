#include "protocol/reputation/reputation_book.hpp"

#include <cassert>

namespace artel {

namespace {

using entry = reputation_book::entry;

constexpr std::int32_t neutral = ppm_one / 2;
/// Of the distance from neutral, what is left after a day.
constexpr std::int64_t fade_percent_left = 99;

// Weight x rate, in thousandths.
constexpr std::int64_t reward_permille = 24;
constexpr std::int64_t penalty_permille = 30;
constexpr std::int64_t dissent_permille = 75;

void raise(ppm& part) noexcept {
  part.value += static_cast<std::int32_t>((ppm_one - std::int64_t{part.value})
                                          * reward_permille / 1'000);
}

void lower(ppm& part, std::int64_t permille) noexcept {
  part.value -= static_cast<std::int32_t>(part.value * permille / 1'000);
}

void apply(entry& who, outcome_kind outcome) noexcept {
  switch (outcome) {
    case outcome_kind::verified:
      raise(who.success);
      raise(who.quality);
      raise(who.consistency);
      raise(who.cooperation);
      return;
    case outcome_kind::dissented:
      lower(who.success, dissent_permille);
      lower(who.quality, dissent_permille);
      lower(who.consistency, dissent_permille);
      return;
    case outcome_kind::failed: lower(who.success, penalty_permille); return;
    case outcome_kind::lost:
      lower(who.success, penalty_permille);
      lower(who.cooperation, penalty_permille);
      return;
    case outcome_kind::refused:
      lower(who.cooperation, penalty_permille);
      return;
  }
  assert(false && "an outcome that is none");
}

/// Whether the part is still away from neutral.
bool fade_one_day(ppm& part) noexcept {
  auto distance = std::int64_t{part.value} - neutral;
  part.value =
    static_cast<std::int32_t>(neutral + distance * fade_percent_left / 100);
  return part.value != neutral;
}

/// Day by day, so that fading twice is fading once over both spans. Ends early:
/// after some hundred days nothing is left to fade.
void fade(entry& who, wall_time now) noexcept {
  if (now <= who.updated)
    return;
  auto days = std::chrono::floor<std::chrono::days>(now - who.updated);
  who.updated += days;
  for (auto day = days.count(); day > 0; --day) {
    auto away = fade_one_day(who.success);
    away |= fade_one_day(who.quality);
    away |= fade_one_day(who.consistency);
    away |= fade_one_day(who.cooperation);
    if (!away)
      return;
  }
}

ppm combine(const entry& who) noexcept {
  auto sum = std::int64_t{30} * who.success.value
             + std::int64_t{25} * who.quality.value
             + std::int64_t{20} * who.consistency.value
             + std::int64_t{25} * who.cooperation.value;
  return {static_cast<std::int32_t>(sum / 100)};
}

} // namespace

void reputation_book::record(const owner_id& who, outcome_kind outcome,
                             wall_time now) {
  auto [at, added] = entries_.try_emplace(who);
  auto& known = at->second;
  if (added) {
    known.owner = who;
    known.updated = now;
  }
  fade(known, now);
  apply(known, outcome);
  ++known.outcomes;
}

ppm reputation_book::score(const owner_id& who, wall_time now) const {
  auto found = entries_.find(who);
  if (found == entries_.end())
    return {neutral};
  auto faded = found->second;
  fade(faded, now);
  return combine(faded);
}

reputation_level reputation_book::level(const owner_id& who,
                                        wall_time now) const {
  return level_of(score(who, now));
}

std::vector<reputation_book::entry> reputation_book::entries() const {
  std::vector<entry> all;
  all.reserve(entries_.size());
  for (const auto& [owner, known] : entries_)
    all.push_back(known);
  return all;
}

void reputation_book::check_invariants() const {
  auto is_share = [](ppm part) {
    return part.value >= 0 && part.value <= ppm_one;
  };
  for (const auto& [owner, known] : entries_) {
    assert(known.owner == owner);
    assert(known.outcomes > 0);
    assert(is_share(known.success) && is_share(known.quality));
    assert(is_share(known.consistency) && is_share(known.cooperation));
  }
}

} // namespace artel
