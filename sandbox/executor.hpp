// One bundle, one run, one result. Knows no actors; blocks the calling thread.
#pragma once

#include "protocol/core/bytes.hpp"
#include "protocol/task/code_bundle.hpp"
#include "protocol/task/execution_limits.hpp"
#include "protocol/task/job_input.hpp"
#include "protocol/task/output_file.hpp"
#include "protocol/task/sandbox_terms.hpp"
#include "protocol/verification/receipt.hpp"

#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace artel::sandbox {

struct run_request {
  /// Exactly one of the two is set.
  std::string kernel;
  std::vector<std::string> kernel_arguments;
  std::shared_ptr<const code_bundle> bundle;
  /// How the bundle is run.
  sandbox_terms sandbox;
  /// The job's index: what {index} stands for.
  std::uint64_t index = 0;
  job_input input;
  execution_limits limits;
};

struct run_result {
  run_outcome outcome = run_outcome::completed;
  /// The exit code; the signal's number where the outcome is crashed.
  int exit_code = 0;
  /// Standard output; kept also of failed runs, up to the limit.
  bytes output;
  /// What a completed run left in /output; sorted by name.
  std::vector<output_file> files;
  std::string stderr_tail;
  milliseconds wall_time_used{0};
  milliseconds cpu_time_used{0};
  std::uint64_t memory_peak_bytes = 0;
  /// Instructions, of interpreted WebAssembly.
  std::uint64_t fuel_used = 0;
  /// What ended the run, in words: "wrote more than 1048576 bytes to standard
  /// output". Empty on success.
  std::string detail;
};

class executor {
public:
  virtual ~executor() = default;

  /// Runs to the end, to a limit, or until stop is requested (outcome
  /// cancelled). Never throws; whatever goes wrong is a run_result.
  virtual run_result execute(const run_request& request,
                             std::stop_token stop) = 0;
};

} // namespace artel::sandbox
