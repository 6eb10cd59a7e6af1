// Watches one run from its start to its end: feeds and drains its pipes, holds
// the limits that rlimits can't, and kills the whole process tree past one.
// Blocks the calling thread; one object a run.
#pragma once

#include "protocol/task/execution_limits.hpp"
#include "protocol/verification/receipt.hpp"
#include "sandbox/descriptor.hpp"
#include "sandbox/process/record_reader.hpp"
#include "sandbox/process/spawn.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>

namespace artel::sandbox {

class control_group;

/// This side's ends of a run's pipes; all non-blocking.
struct run_pipes {
  descriptor input;
  descriptor output;
  descriptor errors;
  /// Records of artel-shim and of what it trusts.
  descriptor status;
  /// bubblewrap's JSON, with the id of the sandbox's first process. Not open
  /// where that is told otherwise.
  descriptor info;
};

/// Who tells the id of a run's first process: the one whose end ends all.
enum class first_process_source : std::uint8_t {
  /// On the info pipe.
  bubblewrap = 1,
  /// A container runtime, in a file.
  file = 2,
  /// The child is itself the first process, and an ordinary one: what it starts
  /// has to be killed one by one.
  child = 3,
};

/// What is known of a run before it starts.
struct watch_plan {
  bytes_view input;
  const execution_limits& limits;
  first_process_source first_process = first_process_source::bubblewrap;
  /// For first_process_source::file.
  std::filesystem::path process_id_file;
  /// All processes of the run are in it; may be null.
  control_group* group = nullptr;
};

/// What was seen of a run; decide() makes a result of it.
struct observation {
  /// The limit, or the cancellation, that the run was killed for.
  std::optional<run_outcome> stopped_for;
  /// More memory than allowed was used, or asked for, and the kernel killed a
  /// process of the run for it.
  bool memory_exceeded = false;
  /// What the sandbox reported.
  run_records records;
  bytes output;
  std::string stderr_tail;
  milliseconds wall_time{0};
  microseconds cpu_time{0};
  std::uint64_t memory_peak_bytes = 0;
};

class supervisor {
public:
  /// What the plan refers to must outlive the object.
  supervisor(child_process child, run_pipes pipes, watch_plan plan);

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
  void read_process_id_file();
  void on_first_process(pid_t id);
  void await_first_process();
  void check_time();
  void measure();
  void measure_group();
  void note_memory(std::uint64_t used);
  void stop_for(run_outcome reason);
  void kill_everything();
  void reap();

  child_process child_;
  run_pipes pipes_;
  watch_plan plan_;
  bytes_view input_;
  clock::time_point start_;
  clock::time_point next_measurement_;
  /// When a stopped run whose first process never became known is given up.
  clock::time_point patience_end_;
  bytes buffer_;
  record_reader records_;
  std::string info_;
  pid_t first_process_ = -1;
  descriptor first_process_handle_;
  /// What the group had used before the first process was there.
  microseconds setup_cpu_time_{0};
  observation seen_;
};

} // namespace artel::sandbox
