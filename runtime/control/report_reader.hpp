// A task's report out of the document that report_json() made of it.
#pragma once

#include "actors/events.hpp"
#include "runtime/observe/json.hpp"

#include <cstdint>

namespace artel::runtime {

struct told_report {
  /// Without its result.
  task_report report;
  std::uint64_t fuel_used = 0;
};

/// malformed names the field.
result<told_report> read_report(const json& from);

} // namespace artel::runtime
