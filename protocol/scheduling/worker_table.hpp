// What an owner knows of the workers that bid for its task, and whom it gives
// the next replica to. Capacity follows from what a worker showed: a short job
// is sent ahead in dozens, a long one singly.
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

/// M1: reputation + available energy + locality + cached code - load, weighted
/// by strategy; higher is better. Load is in_flight over capacity.
std::int64_t worker_score(const worker_view& worker,
                          placement_strategy strategy,
                          credits cheapest) noexcept;

/// Replicas that a worker may hold at once: slots x depth, the depth such that
/// about 200 ms of work wait in its queue; 2 before anything is known, at most
/// 512 a slot.
std::uint32_t capacity_of(const worker_view& worker) noexcept;

class worker_table {
public:
  explicit worker_table(placement_strategy strategy) : strategy_(strategy) {}

  /// Adds or replaces.
  void put(worker_view worker);
  void set_reachable(const node_id& node, bool reachable);
  void set_reputation(const owner_id& owner, ppm score);
  void remove(const node_id& node);

  /// Chooses a worker with room, of none of the excluded owners; nullptr where
  /// there is none now. Ties are broken by the generator. Counts it in.
  const worker_view* place(std::span<const owner_id> excluded,
                           random_generator& random);

  /// A replica ended; run_time is zero where it did not run.
  void on_ended(const node_id& node, microseconds run_time);

  /// Whether any reachable worker (busy or not) is of none of these owners.
  bool any_other_owner(std::span<const owner_id> excluded) const;

  /// Distinct owners among reachable workers.
  std::size_t owner_count() const;

  /// Room left over all reachable workers.
  std::uint64_t room() const;

  const worker_view* find(const node_id& node) const;
  std::vector<worker_view> workers() const;

  void check_invariants() const;

private:
  placement_strategy strategy_;
  std::map<node_id, worker_view> workers_;
};

} // namespace artel
