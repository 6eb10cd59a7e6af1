#include "protocol/scheduling/worker_table.hpp"

#include <algorithm>
#include <cassert>
#include <limits>
#include <utility>

namespace artel {

namespace {

__extension__ using wide = __int128;

constexpr microseconds queue_target{200'000};
constexpr std::uint64_t depth_unknown = 2;
constexpr std::uint64_t depth_max = 512;
/// The round trip at which locality is one half.
constexpr microseconds latency_scale{50'000};
/// The mean moves by one eighth of the difference to what it sees.
constexpr std::int64_t smoothing = 8;

struct weights_permille {
  std::int64_t reputation;
  std::int64_t energy;
  std::int64_t locality;
  std::int64_t code;
  std::int64_t price;
  std::int64_t load;
};

weights_permille weights_of(placement_strategy strategy) noexcept {
  switch (strategy) {
    case placement_strategy::least_loaded: return {100, 50, 50, 100, 0, 700};
    case placement_strategy::cheapest: return {100, 50, 50, 50, 650, 100};
    case placement_strategy::most_trusted: return {700, 50, 50, 50, 0, 150};
    case placement_strategy::balanced: return {250, 150, 150, 150, 150, 150};
  }
  assert(false && "a strategy that is none");
  return {};
}

/// part / whole in parts per million, at most 1; 1 where the whole is zero.
std::int64_t share(std::int64_t part, std::int64_t whole) noexcept {
  if (part >= whole)
    return ppm_one;
  return static_cast<std::int64_t>(wide{part} * ppm_one / whole);
}

/// What a worker says of itself may lie out of range.
std::int64_t bounded(ppm value) noexcept {
  return std::clamp(value.value, 0, ppm_one);
}

credits price_of(const worker_view& worker) noexcept {
  return std::max(worker.price_per_job, credits{});
}

std::uint32_t room_of(const worker_view& worker) noexcept {
  auto capacity = capacity_of(worker);
  if (!worker.reachable || worker.in_flight >= capacity)
    return 0;
  return capacity - worker.in_flight;
}

} // namespace

std::int64_t worker_score(const worker_view& worker,
                          placement_strategy strategy,
                          credits cheapest) noexcept {
  auto weights = weights_of(strategy);
  auto latency = std::max(worker.latency, microseconds{0});
  // Halved, so that no latency that is given overflows the sum.
  auto locality = share(latency_scale.count() / 2,
                        latency_scale.count() / 2 + latency.count() / 2);
  auto load = share(worker.in_flight, capacity_of(worker));
  auto price =
    share(std::max(cheapest, credits{}).micro, price_of(worker).micro);
  auto sum = weights.reputation * bounded(worker.reputation)
             + weights.energy * bounded(worker.energy)
             + weights.locality * locality
             + weights.code * (worker.has_bundle ? ppm_one : 0)
             + weights.price * price - weights.load * load;
  return sum / 1'000;
}

std::uint32_t capacity_of(const worker_view& worker) noexcept {
  auto depth = depth_unknown;
  if (worker.mean_run_time.count() > 0) {
    auto waiting = queue_target / worker.mean_run_time;
    depth = std::min(1 + static_cast<std::uint64_t>(waiting), depth_max);
  }
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(
    worker.slots * depth, std::numeric_limits<std::uint32_t>::max()));
}

void worker_table::put(worker_view worker) {
  auto known = index_of_.find(worker.node);
  if (known != index_of_.end()) {
    const auto& before = views_[known->second];
    worker.in_flight = before.in_flight;
    worker.mean_run_time = before.mean_run_time;
    remove(worker.node);
  }
  auto index = views_.size();
  index_of_.emplace(worker.node, index);
  owned_by_[worker.owner].push_back(index);
  views_.push_back(std::move(worker));
  seats_.emplace_back();
  rescore(index);
  refresh_cheapest();
}

void worker_table::set_reachable(const node_id& node, bool reachable) {
  auto found = index_of_.find(node);
  if (found == index_of_.end())
    return;
  views_[found->second].reachable = reachable;
  rescore(found->second);
}

void worker_table::set_reputation(const owner_id& owner, ppm score) {
  auto found = owned_by_.find(owner);
  if (found == owned_by_.end())
    return;
  for (auto index : found->second) {
    views_[index].reputation = score;
    rescore(index);
  }
}

void worker_table::remove(const node_id& node) {
  auto found = index_of_.find(node);
  if (found == index_of_.end())
    return;
  auto index = found->second;
  auto last = views_.size() - 1;
  auto owner = owned_by_.find(views_[index].owner);
  std::erase(owner->second, index);
  if (owner->second.empty())
    owned_by_.erase(owner);
  room_ -= seats_[index].room;
  index_of_.erase(found);
  // The last one moves into the gap.
  if (index != last) {
    views_[index] = std::move(views_[last]);
    seats_[index] = seats_[last];
    index_of_.at(views_[index].node) = index;
    auto& others = owned_by_.at(views_[index].owner);
    std::replace(others.begin(), others.end(), last, index);
  }
  views_.pop_back();
  seats_.pop_back();
  refresh_cheapest();
}

const worker_view* worker_table::place(std::span<const owner_id> excluded,
                                       random_generator& random) {
  ++placements_;
  for (const auto& owner : excluded) {
    auto found = owned_by_.find(owner);
    if (found == owned_by_.end())
      continue;
    for (auto index : found->second)
      seats_[index].excluded_in = placements_;
  }
  auto best = std::numeric_limits<std::int64_t>::min();
  equals_.clear();
  for (std::size_t i = 0; i < seats_.size(); ++i) {
    const auto& candidate = seats_[i];
    if (candidate.score < best || candidate.room == 0
        || candidate.excluded_in == placements_)
      continue;
    if (candidate.score > best)
      equals_.clear();
    best = candidate.score;
    equals_.push_back(i);
  }
  if (equals_.empty())
    return nullptr;
  auto chosen = equals_[random.below(equals_.size())];
  ++views_[chosen].in_flight;
  rescore(chosen);
  return &views_[chosen];
}

void worker_table::on_ended(const node_id& node, microseconds run_time) {
  auto found = index_of_.find(node);
  if (found == index_of_.end() || views_[found->second].in_flight == 0)
    return;
  auto& worker = views_[found->second];
  --worker.in_flight;
  if (run_time.count() > 0) {
    auto& mean = worker.mean_run_time;
    mean = mean.count() == 0 ? run_time : mean + (run_time - mean) / smoothing;
  }
  rescore(found->second);
}

bool worker_table::any_other_owner(std::span<const owner_id> excluded) const {
  return std::any_of(owned_by_.begin(), owned_by_.end(), [&](const auto& one) {
    return std::find(excluded.begin(), excluded.end(), one.first)
             == excluded.end()
           && has_reachable(one.second);
  });
}

std::size_t worker_table::owner_count() const {
  return static_cast<std::size_t>(
    std::count_if(owned_by_.begin(), owned_by_.end(),
                  [&](const auto& one) { return has_reachable(one.second); }));
}

std::uint64_t worker_table::room() const {
  return room_;
}

const worker_view* worker_table::find(const node_id& node) const {
  auto found = index_of_.find(node);
  return found == index_of_.end() ? nullptr : &views_[found->second];
}

std::vector<worker_view> worker_table::workers() const {
  std::vector<worker_view> all;
  all.reserve(views_.size());
  for (const auto& [node, index] : index_of_)
    all.push_back(views_[index]);
  return all;
}

void worker_table::rescore(std::size_t index) {
  const auto& worker = views_[index];
  auto& own = seats_[index];
  own.score = worker_score(worker, strategy_, cheapest_);
  room_ -= own.room;
  own.room = room_of(worker);
  room_ += own.room;
}

/// Prices are relative to the cheapest: where that changes, all scores do.
void worker_table::refresh_cheapest() {
  credits cheapest;
  if (!views_.empty())
    cheapest = price_of(*std::min_element(
      views_.begin(), views_.end(),
      [](const auto& a, const auto& b) { return price_of(a) < price_of(b); }));
  if (cheapest == cheapest_)
    return;
  cheapest_ = cheapest;
  for (std::size_t i = 0; i < views_.size(); ++i)
    rescore(i);
}

bool worker_table::has_reachable(
  const std::vector<std::size_t>& indexes) const {
  return std::any_of(indexes.begin(), indexes.end(),
                     [&](auto index) { return views_[index].reachable; });
}

void worker_table::check_invariants() const {
  assert(seats_.size() == views_.size());
  assert(index_of_.size() == views_.size());
  std::uint64_t room = 0;
  for (const auto& [node, index] : index_of_) {
    const auto& worker = views_.at(index);
    const auto& own = seats_[index];
    assert(worker.node == node);
    assert(own.room == room_of(worker));
    assert(own.score == worker_score(worker, strategy_, cheapest_));
    assert(price_of(worker) >= cheapest_);
    room += own.room;
  }
  assert(room == room_);
  std::size_t owned = 0;
  for (const auto& [owner, indexes] : owned_by_) {
    assert(!indexes.empty());
    for (auto index : indexes)
      assert(views_.at(index).owner == owner);
    owned += indexes.size();
  }
  assert(owned == views_.size());
}

} // namespace artel
