#include "sandbox/kernels/kernel_watch.hpp"

#include <algorithm>
#include <utility>

#include <time.h>

namespace artel::sandbox {

namespace {

using clock = std::chrono::steady_clock;

microseconds thread_cpu_time() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::duration_cast<microseconds>(
    std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec});
}

} // namespace

kernel_watch::kernel_watch(const execution_limits& limits,
                           const std::stop_token& stop)
  : limits_(limits),
    stop_(stop),
    start_(clock::now()),
    cpu_start_(thread_cpu_time()) {
  // nop
}

bool kernel_watch::go_on() {
  if (stop_.stop_requested())
    seen_.stopped_for = run_outcome::cancelled;
  else if (clock::now() - start_ >= limits_.wall_time)
    seen_.stopped_for = run_outcome::timeout;
  else if (thread_cpu_time() - cpu_start_ > limits_.cpu_time)
    seen_.stopped_for = run_outcome::cpu_limit;
  return !seen_.stopped_for;
}

void kernel_watch::put_out(std::string_view text) {
  if (text.size() > limits_.stdout_bytes)
    stop_for(run_outcome::output_limit);
  auto kept = std::min<std::uint64_t>(text.size(), limits_.stdout_bytes);
  seen_.output = to_bytes(text.substr(0, static_cast<std::size_t>(kept)));
}

run_result kernel_watch::finish(const std::string& kernel) {
  seen_.wall_time =
    std::chrono::duration_cast<milliseconds>(clock::now() - start_);
  seen_.cpu_time = thread_cpu_time() - cpu_start_;
  // Kernels that were not stopped have done their work.
  seen_.records.end_kind = artel_record_ended;
  return decide(std::move(seen_), limits_, kernel);
}

} // namespace artel::sandbox
