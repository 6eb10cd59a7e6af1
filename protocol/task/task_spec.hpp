// A task as its owner describes it, before anything is cut, priced or sent.
#pragma once

#include "protocol/core/ids.hpp"
#include "protocol/core/time.hpp"
#include "protocol/core/units.hpp"
#include "protocol/task/execution_limits.hpp"
#include "protocol/task/task_terms.hpp"
#include "protocol/wire/fields.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace artel {

enum class task_type : std::uint8_t {
  range_reduce = 1,
  map = 2,
  map_reduce = 3,
  run = 4,
};

enum class reduce_operation : std::uint8_t {
  /// Results stay apart, one a job (the default of map and run).
  none = 1,
  sum = 2,
  min = 3,
  max = 4,
  /// How many jobs gave a result.
  count = 5,
  /// Outputs one after the other, in the order of the chunks.
  concatenate = 6,
  /// Lines "COUNT KEY" (as uniq -c prints them), added up by key.
  merge_counts = 7,
  /// A program of the owner's own, which runs as jobs too.
  program = 8,
};

enum class urgency_level : std::uint8_t { low = 1, normal, high, critical };

enum class placement_strategy : std::uint8_t {
  least_loaded = 1,
  cheapest,
  most_trusted,
  balanced,
};

std::string_view to_string(task_type type) noexcept;
std::string_view to_string(reduce_operation operation) noexcept;
std::string_view to_string(urgency_level level) noexcept;
std::string_view to_string(placement_strategy strategy) noexcept;

/// The inverses; invalid_argument names the closest and lists what is possible.
result<task_type> parse_task_type(std::string_view text);
result<reduce_operation> parse_reduce_operation(std::string_view text);
result<urgency_level> parse_urgency(std::string_view text);
result<placement_strategy> parse_strategy(std::string_view text);

enum class source_kind : std::uint8_t {
  none = 1,
  range = 2,
  files = 3,
  lines = 4
};

/// One file of a file list, as found by whoever read the directory.
struct source_file {
  std::string path;
  std::uint64_t bytes = 0;
  /// Where the same bytes are on the Internet; empty: nowhere.
  std::vector<std::string> urls = {};

  bool operator==(const source_file&) const = default;
};

/// Where a task's jobs get their inputs.
struct task_source {
  source_kind kind = source_kind::none;
  /// kind range: both included.
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  /// kind files: one job a file. kind lines: exactly one file, cut at ends of
  /// lines into `chunks` pieces of about equal size.
  std::vector<source_file> files;
  /// kind lines: offsets of the chunks' first bytes, from split_lines().
  std::vector<std::uint64_t> line_offsets;
  /// kind range and lines: how many jobs; kind none: how many runs (the
  /// program tells them apart by {index}).
  std::uint64_t chunks = 1;
  /// Indexes of the chunks to run, ascending; empty: all. A retry runs only
  /// what failed before.
  std::vector<std::uint64_t> only;
};

struct verification_policy {
  /// Distinct owners that compute each job; 1 trusts whoever is chosen.
  std::uint32_t replicas = 3;
  /// Replicas started at most for a verdict, failures not counted.
  std::uint32_t replicas_max = 7;
  /// Share that must agree, in parts per million: 660,000 = 66 %.
  ppm agreement{660'000};
};

struct task_spec {
  std::string name;
  task_type type = task_type::run;
  task_source source;
  code_ref code;
  reduce_operation reduce = reduce_operation::none;
  /// Only for reduce_operation::program.
  code_ref reduce_code;
  /// Outputs that one reduce job gets at most.
  std::uint32_t reduce_fan_in = 16;
  execution_limits limits;
  verification_policy verification;

  std::uint32_t cpu_permille = 1000;
  std::uint32_t gpu_permille = 0;
  std::uint64_t ram_bytes = 256u << 20;
  std::uint64_t disk_bytes = 16u << 20;

  urgency_level urgency = urgency_level::normal;
  placement_strategy strategy = placement_strategy::least_loaded;
  /// What the owner expects a job to take: fixes its price beforehand.
  milliseconds estimate{1'000};
  /// The most the owner spends; unset: whatever the task costs.
  std::optional<credits> budget;
  /// From submission to result; zero: none.
  milliseconds deadline{0};
  /// Failed runs a replica may have before its job fails; a job's replicas
  /// share the total (attempts_max x replicas).
  std::uint32_t attempts_max = 4;
  /// The task stops after more failed jobs than this.
  std::uint64_t failed_jobs_max = 10;
  /// Jobs started and not finished at any moment; 0: as many as workers take.
  std::uint32_t window = 0;
};

/// One thing that is wrong with a task.
struct field_error {
  /// As the task file calls it: "input.range", "limits.memory".
  std::string field;
  errc code{};
  std::string message;

  bool operator==(const field_error&) const = default;
};

/// Everything that is wrong, at once, in the order of the task file; empty
/// where the task is sound. Whether a kernel exists is not for the rules to
/// know.
std::vector<field_error> validate(const task_spec& spec);

} // namespace artel
