// The options that describe a task, its network and its output, shared by the
// commands that run or plan one. Flags change a task_description, so that what
// they say goes through the same checks as a task file.
#pragma once

#include "protocol/core/result.hpp"
#include "runtime/config/task_file.hpp"
#include "tools/artel/command_table.hpp"

#include <optional>
#include <vector>

namespace artel::tools {

/// --range, --each, --lines, --chunks, --chunk-size, --kernel, --sandbox,
/// --tier, --reduce, --name.
std::vector<option_info> input_options();

/// --replicas, --budget, --timeout, --fuel, --output-files, --deadline,
/// --estimate, --max-attempts: what may also change when failed jobs are run
/// again.
std::vector<option_info> terms_options();

/// --local, --saboteurs, --credits, --slots.
std::vector<option_info> network_options();

/// -o, --receipts, --results, --force, --quiet, -v.
std::vector<option_info> output_options();

/// The task of a file (the only positional argument, if any) with everything
/// that flags and a program after "--" change. Problems are appended; nothing
/// where there is no task at all.
std::optional<runtime::task_description>
describe_task(const arguments& given,
              std::vector<runtime::config_problem>& problems);

/// Changes what terms_options() say.
void apply_terms(const arguments& given, runtime::task_description& task,
                 std::vector<runtime::config_problem>& problems);

result<runtime::embedded_options> network_options_of(const arguments& given);

enum class output_format : std::uint8_t { table = 1, json };

/// table where nothing was said.
result<output_format> output_format_of(const arguments& given);

/// Joins lists of options.
std::vector<option_info> operator+(std::vector<option_info> a,
                                   const std::vector<option_info>& b);

} // namespace artel::tools
