// Watches one run from its start to its end: feeds and drains its pipes, holds
// the limits that rlimits can't, and kills the whole process tree past one.
// Blocks the calling thread; one object a run.
#pragma once

#include "protocol/task/execution_limits.hpp"
#include "protocol/verification/receipt.hpp"
#include "sandbox/descriptor.hpp"
#include "sandbox/shim/run_status.h"
#include "sandbox/spawn.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace artel::sandbox {

/// This side's ends of a run's pipes; all non-blocking.
struct run_pipes {
  descriptor input;
  descriptor output;
  descriptor errors;
  /// artel-shim's report.
  descriptor status;
  /// bubblewrap's JSON, with the id of the sandbox's first process.
  descriptor info;
};

/// What was seen of a run; decide() makes a result of it.
struct observation {
  /// The limit, or the cancellation, that the run was killed for.
  std::optional<run_outcome> stopped_for;
  /// Nothing where the shim never got to report.
  std::optional<artel_run_status> status;
  bytes output;
  std::string stderr_tail;
  milliseconds wall_time{0};
  microseconds cpu_time{0};
  std::uint64_t memory_peak_bytes = 0;
};

class supervisor {
public:
  /// The input must outlive the object.
  supervisor(child_process child, run_pipes pipes, bytes_view input,
             const execution_limits& limits);

  /// Returns when the last process of the run is dead and reaped.
  observation watch(std::stop_token stop);

private:
  using clock = std::chrono::steady_clock;

  bool ended() const noexcept;
  void wait_for_events(int stop_event);
  void feed_input();
  void drain_output();
  void drain_errors();
  void drain_status();
  void drain_info();
  /// Bytes read; 0 at the end, which also closes the pipe; nothing yet: -1.
  std::ptrdiff_t read_some(descriptor& pipe);
  void learn_first_process();
  void check_time();
  void measure();
  void stop_for(run_outcome reason);
  void kill_everything();
  void reap();

  child_process child_;
  run_pipes pipes_;
  bytes_view input_;
  const execution_limits& limits_;
  clock::time_point start_;
  clock::time_point next_measurement_;
  /// When a stopped run whose first process never became known is given up.
  clock::time_point patience_end_;
  bytes buffer_;
  bytes status_;
  std::string info_;
  pid_t first_process_ = -1;
  descriptor first_process_handle_;
  observation seen_;
};

} // namespace artel::sandbox
