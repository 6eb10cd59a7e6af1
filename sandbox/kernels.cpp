#include "sandbox/kernels.hpp"

#include "sandbox/prime_sieve.hpp"
#include "sandbox/run_verdict.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <iterator>
#include <string>
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

/// Watches one run in this thread; decide() words what it saw.
class kernel_watch {
public:
  kernel_watch(const execution_limits& limits, const std::stop_token& stop)
    : limits_(limits),
      stop_(stop),
      start_(clock::now()),
      cpu_start_(thread_cpu_time()) {}

  /// False once a limit is passed or stop was requested.
  bool go_on() {
    if (stop_.stop_requested())
      seen_.stopped_for = run_outcome::cancelled;
    else if (clock::now() - start_ >= limits_.wall_time)
      seen_.stopped_for = run_outcome::timeout;
    else if (thread_cpu_time() - cpu_start_ > limits_.cpu_time)
      seen_.stopped_for = run_outcome::cpu_limit;
    return !seen_.stopped_for;
  }

  void stop_for(run_outcome reason) { seen_.stopped_for = reason; }

  void uses_memory(std::uint64_t count) { seen_.memory_peak_bytes = count; }

  void put_out(std::string_view text) {
    if (text.size() > limits_.stdout_bytes)
      stop_for(run_outcome::output_limit);
    seen_.output =
      to_bytes(text.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(
                                text.size(), limits_.stdout_bytes))));
  }

  run_result finish(const std::string& kernel) {
    seen_.wall_time =
      std::chrono::duration_cast<milliseconds>(clock::now() - start_);
    seen_.cpu_time = thread_cpu_time() - cpu_start_;
    // Kernels that were not stopped have done their work.
    artel_run_status status{};
    status.kind = artel_status_ended;
    seen_.status = status;
    return decide(std::move(seen_), limits_, kernel);
  }

private:
  const execution_limits& limits_;
  const std::stop_token& stop_;
  clock::time_point start_;
  microseconds cpu_start_;
  observation seen_;
};

run_result run_noop(const run_request& request, const std::stop_token& stop) {
  kernel_watch watch{request.limits, stop};
  if (watch.go_on())
    watch.put_out("0");
  return watch.finish(request.kernel);
}

run_result run_count_primes(const run_request& request,
                            const std::stop_token& stop) {
  const auto& input = request.input;
  if (input.kind != input_kind::range)
    return failed_run(run_outcome::exec_failed,
                      "count_primes counts over a range, but the job has none");
  if (input.first > input.last)
    return failed_run(run_outcome::exec_failed,
                      "count_primes: the range starts at "
                        + std::to_string(input.first) + " and ends before, at "
                        + std::to_string(input.last));
  if (input.last > prime_sieve_last_max)
    return failed_run(run_outcome::exec_failed,
                      "count_primes: the range ends at "
                        + std::to_string(input.last) + "; expected at most "
                        + std::to_string(prime_sieve_last_max));
  kernel_watch watch{request.limits, stop};
  auto memory = prime_sieve_memory_bytes(input.last);
  if (memory > request.limits.memory_bytes) {
    watch.stop_for(run_outcome::memory_limit);
    return watch.finish(request.kernel);
  }
  watch.uses_memory(memory);
  auto count =
    count_primes(input.first, input.last, [&watch] { return watch.go_on(); });
  if (count)
    watch.put_out(std::to_string(*count));
  return watch.finish(request.kernel);
}

struct kernel {
  kernel_info info;
  run_result (*run)(const run_request&, const std::stop_token&);
};

constexpr kernel all[] = {
  {{"count_primes", "how many primes lie in first..last", input_kind::range},
   run_count_primes},
  {{"noop", "no work; outputs 0", input_kind::none}, run_noop},
};

const kernel* find_kernel(std::string_view name) noexcept {
  auto found =
    std::find_if(std::begin(all), std::end(all),
                 [name](const kernel& one) { return one.info.name == name; });
  return found != std::end(all) ? found : nullptr;
}

} // namespace

const std::vector<kernel_info>& kernels() {
  static const auto infos = [] {
    std::vector<kernel_info> list;
    for (const auto& one : all)
      list.push_back(one.info);
    return list;
  }();
  return infos;
}

bool is_kernel(std::string_view name) noexcept {
  return find_kernel(name) != nullptr;
}

run_result kernel_executor::execute(const run_request& request,
                                    std::stop_token stop) {
  const auto* found = find_kernel(request.kernel);
  if (!found) {
    std::string names;
    for (const auto& one : kernels())
      names += (names.empty() ? "" : ", ") + std::string{one.name};
    return failed_run(run_outcome::exec_failed, "no kernel named '"
                                                  + request.kernel
                                                  + "'; there are " + names);
  }
  try {
    return found->run(request, stop);
  } catch (const std::exception& problem) {
    return failed_run(run_outcome::memory_limit,
                      "kernel '" + request.kernel
                        + "' ran out of memory: " + problem.what());
  }
}

} // namespace artel::sandbox
