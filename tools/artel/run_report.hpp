// How one run in a sandbox ended, for people and as JSON.
#pragma once

#include "runtime/observe/json.hpp"
#include "sandbox/executor.hpp"
#include "tools/artel/exit_codes.hpp"

#include <string>

namespace artel::tools {

struct run_report {
  sandbox::run_result result;
  /// What the bundle calls its program, and the bundle's hash.
  std::string program;
  hash256 bundle;
  sandbox_terms sandbox;
  execution_limits limits;
  /// "full: ..."
  std::string isolation;
  /// "by its control group"
  std::string memory_measured;
  /// Where its output files are; empty where they are nowhere but here.
  std::string output_directory;
};

exit_code exit_code_of(run_outcome outcome) noexcept;

/// Several lines, the first "job.sh: completed".
std::string run_summary(const run_report& report);

/// All of it; the content of output files where it is nowhere else.
runtime::json run_json(const run_report& report);

} // namespace artel::tools
