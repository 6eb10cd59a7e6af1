// Everything that a random world consists of, as plain data: who is in it, what
// they are asked to do, and what goes wrong when. Drawn from one seed; the same
// plan always gives the same run (runtime/sim/swarm/plan_run.hpp). Nodes and
// tasks are told by name, so that a part can be left out without touching the
// rest.
#pragma once

#include "protocol/core/random.hpp"
#include "protocol/core/time.hpp"
#include "protocol/identity/signature_scheme.hpp"
#include "protocol/task/task_spec.hpp"
#include "runtime/sim/byzantine/behaviour.hpp"
#include "runtime/sim/network/network.hpp"
#include "runtime/sim/trace.hpp"
#include "runtime/sim/world.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace artel::sim {

enum class fault_level : std::uint8_t {
  /// A calm world of honest nodes.
  none = 1,
  /// Some faults, a few who misbehave.
  moderate,
  /// Loss up to 30 %, many crashes, up to a third of the workers misbehave.
  heavy,
};

/// "none", "default", "heavy".
std::string_view to_string(fault_level level) noexcept;
/// The inverse; invalid_argument lists what is possible.
result<fault_level> parse_fault_level(std::string_view text);

struct plan_options {
  /// Unset: from nodes_default_min to nodes_default_max, by the seed.
  std::optional<std::uint32_t> nodes;
  fault_level faults = fault_level::moderate;
  signature_kind crypto = signature_kind::ed25519;

  bool operator==(const plan_options&) const = default;
};

inline constexpr std::uint32_t nodes_default_min = 4;
inline constexpr std::uint32_t nodes_default_max = 16;
/// A client and a worker.
inline constexpr std::uint32_t plan_nodes_min = 2;
inline constexpr std::uint32_t plan_nodes_max = 1'000;

struct planned_node {
  static constexpr std::string_view type_name = "planned_node";

  std::string name;
  bool is_client = false;
  std::uint32_t credits = 100;
  std::uint32_t cores = 4;
  std::uint32_t cpu_score = 1'000;
  behaviour how;
  /// Name of a node whose owner this one shares; empty: an owner of its own.
  std::string shares_owner_of;
  /// Zero: there from the beginning.
  milliseconds joins{0};

  bool operator==(const planned_node&) const = default;

  template <class Self, class Visitor>
  static constexpr void fields(Self& self, Visitor&& visit) {
    visit("name", self.name);
    visit("is_client", self.is_client);
    visit("credits", self.credits);
    visit("cores", self.cores);
    visit("cpu_score", self.cpu_score);
    visit("how", self.how);
    visit("shares_owner_of", self.shares_owner_of);
    visit("joins_ms", self.joins);
  }
};

/// A kernel over a range, one job a chunk.
struct planned_task {
  static constexpr std::string_view type_name = "planned_task";

  std::string name;
  milliseconds when{0};
  /// The node that it is handed to.
  std::string owner;
  std::string kernel;
  std::vector<std::string> arguments;
  std::uint64_t first = 1;
  std::uint64_t last = 1;
  std::uint32_t jobs = 1;
  reduce_operation reduce = reduce_operation::sum;
  std::uint32_t replicas = 1;
  std::uint32_t replicas_max = 1;
  std::int32_t agreement_ppm = 660'000;
  milliseconds estimate{100};
  milliseconds wall_time{10'000};
  urgency_level urgency = urgency_level::normal;
  placement_strategy strategy = placement_strategy::least_loaded;
  /// Zero: none.
  milliseconds deadline{0};
  std::uint32_t attempts_max = 4;
  std::uint32_t failed_jobs_max = 10;
  std::uint32_t window = 0;
  /// When it is cancelled; zero: never.
  milliseconds cancelled{0};

  bool operator==(const planned_task&) const = default;

  template <class Self, class Visitor>
  static constexpr void fields(Self& self, Visitor&& visit) {
    visit("name", self.name);
    visit("when_ms", self.when);
    visit("owner", self.owner);
    visit("kernel", self.kernel);
    visit("arguments", self.arguments);
    visit("first", self.first);
    visit("last", self.last);
    visit("jobs", self.jobs);
    visit("reduce", self.reduce);
    visit("replicas", self.replicas);
    visit("replicas_max", self.replicas_max);
    visit("agreement_ppm", self.agreement_ppm);
    visit("estimate_ms", self.estimate);
    visit("wall_time_ms", self.wall_time);
    visit("urgency", self.urgency);
    visit("strategy", self.strategy);
    visit("deadline_ms", self.deadline);
    visit("attempts_max", self.attempts_max);
    visit("failed_jobs_max", self.failed_jobs_max);
    visit("window", self.window);
    visit("cancelled_ms", self.cancelled);
  }
};

/// One fault. Of the kinds: crash and power_loss (span: until the restart),
/// pause, partition (`nodes` against all others), clog (from the first to the
/// second), link_change (between two, or of all without their own), link_break
/// (between two), behaviour.
struct planned_fault {
  static constexpr std::string_view type_name = "planned_fault";

  milliseconds when{0};
  fault_kind kind = fault_kind::crash;
  std::vector<std::string> nodes;
  /// How long; zero: until all faults stop.
  milliseconds span{0};
  /// Of partitions: only what `nodes` send is stopped.
  bool one_way = false;
  link_profile links;
  behaviour how;

  bool operator==(const planned_fault&) const = default;

  template <class Self, class Visitor>
  static constexpr void fields(Self& self, Visitor&& visit) {
    visit("when_ms", self.when);
    visit("kind", self.kind);
    visit("nodes", self.nodes);
    visit("span_ms", self.span);
    visit("one_way", self.one_way);
    visit("links", self.links);
    visit("how", self.how);
  }
};

struct world_plan {
  static constexpr std::string_view type_name = "world_plan";

  std::uint64_t seed = 1;
  signature_kind crypto = signature_kind::ed25519;
  /// How long faults may happen; then they stop, and all must end.
  milliseconds span{10'000};
  link_profile links;
  std::vector<planned_node> nodes;
  std::vector<planned_task> tasks;
  std::vector<planned_fault> faults;

  bool operator==(const world_plan&) const = default;

  template <class Self, class Visitor>
  static constexpr void fields(Self& self, Visitor&& visit) {
    visit("seed", self.seed);
    visit("crypto", self.crypto);
    visit("span_ms", self.span);
    visit("links", self.links);
    visit("nodes", self.nodes);
    visit("tasks", self.tasks);
    visit("faults", self.faults);
  }
};

/// The same seed and options give the same plan. options.nodes is within
/// plan_nodes_min..plan_nodes_max.
world_plan make_plan(std::uint64_t seed, const plan_options& options);

/// How long all may take to end once the faults have stopped: two minutes, and
/// what the slowest machine needs for all the work by itself.
milliseconds settle_bound_of(const world_plan& plan);

/// As a node and as a task are handed to a world.
node_options options_of(const planned_node& node);
task_spec spec_of(const planned_task& task);

} // namespace artel::sim
