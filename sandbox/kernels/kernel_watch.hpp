// Watches one run of a kernel in its own thread: the limits that a sandbox
// would hold, and what the run used.
#pragma once

#include "sandbox/executor.hpp"
#include "sandbox/process/run_verdict.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace artel::sandbox {

class kernel_watch {
public:
  /// Both outlive the watch.
  kernel_watch(const execution_limits& limits, const std::stop_token& stop);

  /// False once a limit is passed or stop was requested.
  bool go_on();

  void stop_for(run_outcome reason) { seen_.stopped_for = reason; }
  void uses_memory(std::uint64_t count) { seen_.memory_peak_bytes = count; }
  void put_out(std::string_view text);

  /// Words what was seen. Once.
  run_result finish(const std::string& kernel);

private:
  const execution_limits& limits_;
  const std::stop_token& stop_;
  std::chrono::steady_clock::time_point start_;
  microseconds cpu_start_;
  observation seen_;
};

} // namespace artel::sandbox
