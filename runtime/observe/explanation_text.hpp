// Why a task is where it is, for people (a few lines and two tables) and for
// programs (JSON). Names and reasons come from other nodes: the text holds no
// control characters.
#pragma once

#include "actors/status.hpp"
#include "runtime/observe/json.hpp"

#include <cstddef>
#include <string>

namespace artel::runtime {

/// `rows_max` cuts the table of workers; the summary comes first.
std::string explanation_text(const task_explanation& told,
                             std::size_t rows_max = 100);

/// The keys: task, name, phase, summary, jobs (total, done, failed, open),
/// candidates, open_jobs.
json explanation_json(const task_explanation& told);

} // namespace artel::runtime
