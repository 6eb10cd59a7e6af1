// What an owner knows of the workers that bid for its task, and whom it gives
// the next replica to. Capacity follows from what a worker showed: a short job
// is sent ahead in dozens, a long one singly.
//
// The table alone counts what is in flight: place() counts in, on_ended() out.
// Scores are kept and change with their worker, so that placing reads one dense
// array and allocates nothing. Not thread-safe.
#pragma once

#include "protocol/core/ids.hpp"
#include "protocol/core/random.hpp"
#include "protocol/core/time.hpp"
#include "protocol/core/units.hpp"
#include "protocol/task/task_spec.hpp"

#include <cstdint>
#include <map>
#include <span>
#include <vector>

namespace artel {

/// One worker, as the score sees it.
struct worker_view {
  node_id node;
  owner_id owner;
  std::uint32_t slots = 1;
  std::uint32_t cpu_score = 1000;
  credits price_per_job;
  /// The owner's own book, 0..1.
  ppm reputation{500'000};
  /// Round trip; what is near is preferred.
  microseconds latency{0};
  /// Battery or quota left, 1.0 where unlimited.
  ppm energy{ppm_one};
  bool has_bundle = false;
  /// Replicas this owner has there now.
  std::uint32_t in_flight = 0;
  /// Smoothed time a replica takes, of those finished; zero: none yet.
  microseconds mean_run_time{0};
  bool reachable = true;
};

/// M1: reputation + available energy + locality + cached code + price - load,
/// weighted by strategy; higher is better. In parts per million, each term from
/// 0 to 1: locality is 50 ms / (50 ms + latency), price is cheapest / its
/// price, load is in_flight / capacity. Weights, per mille:
///
///   strategy      reputation  energy  locality  code  price  load
///   least_loaded         100      50        50   100      0   700
///   cheapest             100      50        50    50    650   100
///   most_trusted         700      50        50    50      0   150
///   balanced             250     150       150   150    150   150
std::int64_t worker_score(const worker_view& worker,
                          placement_strategy strategy,
                          credits cheapest) noexcept;

/// Replicas that a worker may hold at once: slots x depth, the depth such that
/// about 200 ms of work wait in its queue behind what runs: 1 + 200 ms / mean
/// run time; 2 before anything is known, at most 512 a slot.
std::uint32_t capacity_of(const worker_view& worker) noexcept;

class worker_table {
public:
  explicit worker_table(placement_strategy strategy) : strategy_(strategy) {}

  /// Adds or replaces. Of a worker that is known, in_flight and mean_run_time
  /// stay as this table counted them.
  void put(worker_view worker);
  /// Unreachable workers get nothing. This and the next two ignore strangers.
  void set_reachable(const node_id& node, bool reachable);
  void set_reputation(const owner_id& owner, ppm score);
  void remove(const node_id& node);

  /// Chooses a worker with room, of none of the excluded owners; nullptr where
  /// there is none now. Ties are broken by the generator. Counts it in. The
  /// view is valid until the next put or remove. O(workers).
  const worker_view* place(std::span<const owner_id> excluded,
                           random_generator& random);

  /// A replica ended; run_time is zero where it did not run, else it moves the
  /// mean by an eighth of the difference. Ignored where none is in flight: the
  /// worker was removed meanwhile.
  void on_ended(const node_id& node, microseconds run_time);

  /// Whether any reachable worker (busy or not) is of none of these owners.
  bool any_other_owner(std::span<const owner_id> excluded) const;

  /// Distinct owners among reachable workers.
  std::size_t owner_count() const;

  /// Room left over all reachable workers.
  std::uint64_t room() const;

  const worker_view* find(const node_id& node) const;
  /// In the order of node ids.
  std::vector<worker_view> workers() const;

  void check_invariants() const;

private:
  /// What placing looks at, apart from the views so that it stays in cache.
  struct seat {
    std::int64_t score = 0;
    /// The call of place() that excludes its owner.
    std::uint64_t excluded_in = 0;
    /// Zero where it is unreachable.
    std::uint32_t room = 0;
  };

  void rescore(std::size_t index);
  void refresh_cheapest();
  bool has_reachable(const std::vector<std::size_t>& indexes) const;

  placement_strategy strategy_;
  /// In step: views_[i] is of seats_[i].
  std::vector<worker_view> views_;
  std::vector<seat> seats_;
  std::map<node_id, std::size_t> index_of_;
  std::map<owner_id, std::vector<std::size_t>> owned_by_;
  credits cheapest_;
  std::uint64_t room_ = 0;
  std::uint64_t placements_ = 0;
  /// The best seats of one call; kept for its memory.
  std::vector<std::size_t> equals_;
};

} // namespace artel
