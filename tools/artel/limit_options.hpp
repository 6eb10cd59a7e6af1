// The options that say what one run may use: as the keys of [limits] in a task
// file.
#pragma once

#include "protocol/task/execution_limits.hpp"
#include "runtime/config/task_file.hpp"
#include "tools/artel/command_table.hpp"

#include <vector>

namespace artel::tools {

/// --wall-time, --cpu-time, --memory, --processes, --open-files, --file-size,
/// --work-directory, --stdout-limit, --stderr-tail, --output-files, --fuel.
std::vector<option_info> limit_options();

/// Changes what the options say, and checks the whole: problems are appended,
/// each with its flag. Without --cpu-time, it is at least the wall time.
void apply_limits(const arguments& given, execution_limits& limits,
                  std::vector<runtime::config_problem>& problems);

} // namespace artel::tools
