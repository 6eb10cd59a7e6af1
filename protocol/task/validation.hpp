// The parts of validate(task_spec): each appends what is wrong in its own part
// of a task, so that all of it is told at once.
#pragma once

#include "protocol/task/task_spec.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace artel::validation {

/// No limit of time is longer than a year, so that sums of times can't wrap.
inline constexpr milliseconds duration_max{365LL * 24 * 60 * 60 * 1000};
/// No amount of memory or disk is larger.
inline constexpr std::uint64_t memory_bytes_max = std::uint64_t{1} << 50;
/// A thousand processors.
inline constexpr std::uint32_t permille_max = 1'000'000;
inline constexpr std::uint32_t processes_max = 1u << 22;
inline constexpr std::uint32_t open_files_max = 1u << 20;
inline constexpr std::uint32_t fan_in_max = 65'536;
/// Files with problems that are named one by one; the others are counted.
inline constexpr std::size_t named_files_max = 10;

using errors = std::vector<field_error>;

void check_source(const task_source& source, errors& found);
void check_type(const task_spec& spec, errors& found);
void check_code(const task_spec& spec, errors& found);
void check_reduce(const task_spec& spec, errors& found);
void check_limits(const execution_limits& limits, errors& found);
void check_verification(const verification_policy& policy, errors& found);
void check_requirements(const task_spec& spec, errors& found);
void check_config(const task_spec& spec, errors& found);

/// Appends an out_of_range unless minimum <= given <= maximum.
void check_number(errors& found, std::string_view field, std::uint64_t given,
                  std::uint64_t minimum, std::uint64_t maximum);

} // namespace artel::validation
