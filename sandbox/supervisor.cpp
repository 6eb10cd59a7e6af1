#include "sandbox/supervisor.hpp"

#include "sandbox/process_tree.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <string_view>

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>

namespace artel::sandbox {

namespace {

/// How often memory and processor time of the tree are looked at. A process can
/// touch some hundred megabytes in between, no more.
constexpr std::chrono::milliseconds measurement_period{50};

/// How long bubblewrap may take to name the sandbox's first process.
constexpr std::chrono::seconds setup_patience{5};

constexpr std::size_t buffer_bytes = 64 << 10;

/// More than bubblewrap ever writes.
constexpr std::size_t info_bytes_max = 4096;

/// Turns a write to a program that no longer reads into an error code: holds
/// the signal back, and takes away the one that came.
class broken_pipe_guard {
public:
  broken_pipe_guard() {
    sigset_t pending;
    ::sigpending(&pending);
    was_pending_ = ::sigismember(&pending, SIGPIPE) == 1;
    ::sigemptyset(&signal_);
    ::sigaddset(&signal_, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &signal_, &before_);
  }

  ~broken_pipe_guard() {
    const timespec at_once{};
    if (!was_pending_)
      while (::sigtimedwait(&signal_, nullptr, &at_once) < 0 && errno == EINTR)
        continue;
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

  broken_pipe_guard(const broken_pipe_guard&) = delete;
  broken_pipe_guard& operator=(const broken_pipe_guard&) = delete;

private:
  sigset_t signal_;
  sigset_t before_;
  bool was_pending_ = false;
};

void kill_process(const descriptor& handle) {
  ::syscall(SYS_pidfd_send_signal, handle.number(), SIGKILL, nullptr, 0);
}

} // namespace

supervisor::supervisor(child_process child, run_pipes pipes, bytes_view input,
                       const execution_limits& limits)
  : child_(std::move(child)),
    pipes_(std::move(pipes)),
    input_(input),
    limits_(limits),
    start_(clock::now()),
    next_measurement_(start_ + measurement_period),
    buffer_(buffer_bytes) {
  // nop
}

observation supervisor::watch(std::stop_token stop) {
  broken_pipe_guard guard;
  descriptor stop_event{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  std::stop_callback wake{stop, [&stop_event] {
                            const std::uint64_t one = 1;
                            // An event that is set already is as good.
                            [[maybe_unused]] auto written =
                              ::write(stop_event.number(), &one, sizeof(one));
                          }};
  feed_input();
  while (!ended()) {
    wait_for_events(seen_.stopped_for ? -1 : stop_event.number());
    if (stop.stop_requested())
      stop_for(run_outcome::cancelled);
    check_time();
  }
  seen_.wall_time =
    std::chrono::duration_cast<milliseconds>(clock::now() - start_);
  if (seen_.stderr_tail.size() > limits_.stderr_tail_bytes)
    seen_.stderr_tail.erase(0, seen_.stderr_tail.size()
                                 - limits_.stderr_tail_bytes);
  return std::move(seen_);
}

bool supervisor::ended() const noexcept {
  return !child_.handle.is_open() && !pipes_.output.is_open()
         && !pipes_.errors.is_open() && !pipes_.status.is_open();
}

void supervisor::wait_for_events(int stop_event) {
  // Closed ones are -1, which poll skips.
  std::array<pollfd, 7> events{{
    {pipes_.output.number(), POLLIN, 0},
    {pipes_.errors.number(), POLLIN, 0},
    {pipes_.status.number(), POLLIN, 0},
    {pipes_.info.number(), POLLIN, 0},
    {pipes_.input.number(), POLLOUT, 0},
    {child_.handle.number(), POLLIN, 0},
    {stop_event, POLLIN, 0},
  }};
  auto wake = next_measurement_;
  if (!seen_.stopped_for)
    wake = std::min(wake, start_ + limits_.wall_time);
  auto left = std::chrono::ceil<milliseconds>(wake - clock::now()).count();
  auto timeout = static_cast<int>(
    std::clamp<milliseconds::rep>(left, 0, measurement_period.count()));
  if (::poll(events.data(), events.size(), timeout) <= 0)
    return;
  if (events[0].revents)
    drain_output();
  if (events[1].revents)
    drain_errors();
  if (events[2].revents)
    drain_status();
  if (events[3].revents)
    drain_info();
  if (events[4].revents)
    feed_input();
  if (events[5].revents)
    reap();
}

void supervisor::feed_input() {
  if (!pipes_.input.is_open())
    return;
  while (!input_.empty()) {
    auto written = ::write(pipes_.input.number(), input_.data(),
                           std::min(input_.size(), buffer_bytes));
    if (written < 0 && errno == EINTR)
      continue;
    if (written < 0 && errno == EAGAIN)
      return;
    // A program need not read its input to the end.
    if (written < 0)
      break;
    input_ = input_.subspan(static_cast<std::size_t>(written));
  }
  pipes_.input.close();
}

std::ptrdiff_t supervisor::read_some(descriptor& pipe) {
  auto count = ::read(pipe.number(), buffer_.data(), buffer_.size());
  if (count < 0 && (errno == EINTR || errno == EAGAIN))
    return -1;
  if (count <= 0) {
    pipe.close();
    return 0;
  }
  return count;
}

void supervisor::drain_output() {
  auto count = read_some(pipes_.output);
  if (count <= 0)
    return;
  auto room = limits_.stdout_bytes - seen_.output.size();
  auto kept = std::min<std::uint64_t>(room, static_cast<std::uint64_t>(count));
  seen_.output.insert(seen_.output.end(), buffer_.begin(),
                      buffer_.begin() + static_cast<std::ptrdiff_t>(kept));
  if (kept < static_cast<std::uint64_t>(count))
    stop_for(run_outcome::output_limit);
}

void supervisor::drain_errors() {
  auto count = read_some(pipes_.errors);
  if (count <= 0)
    return;
  auto& tail = seen_.stderr_tail;
  tail.append(buffer_.begin(), buffer_.begin() + count);
  // Only now and then, so that long output isn't moved at every read.
  if (tail.size() > limits_.stderr_tail_bytes + 4 * buffer_bytes)
    tail.erase(0, tail.size() - limits_.stderr_tail_bytes);
}

void supervisor::drain_status() {
  auto count = read_some(pipes_.status);
  if (count <= 0)
    return;
  status_.insert(status_.end(), buffer_.begin(), buffer_.begin() + count);
  // The first report is the true one: a failed start is told by the child, and
  // then once more by the shim, which sees only its exit code.
  if (!seen_.status && status_.size() >= sizeof(artel_run_status)) {
    artel_run_status status;
    std::memcpy(&status, status_.data(), sizeof(status));
    status.step[sizeof(status.step) - 1] = '\0';
    seen_.status = status;
    seen_.cpu_time = std::max(
      seen_.cpu_time,
      microseconds{static_cast<microseconds::rep>(status.cpu_microseconds)});
    seen_.memory_peak_bytes =
      std::max(seen_.memory_peak_bytes, status.memory_peak_bytes);
  }
}

void supervisor::drain_info() {
  auto count = read_some(pipes_.info);
  if (count < 0)
    return;
  info_.append(buffer_.begin(), buffer_.begin() + count);
  if (first_process_ < 0)
    learn_first_process();
  if (info_.size() > info_bytes_max)
    pipes_.info.close();
}

void supervisor::learn_first_process() {
  constexpr std::string_view label = "\"child-pid\":";
  auto found = info_.find(label);
  if (found == info_.npos)
    return;
  auto start = info_.find_first_not_of(' ', found + label.size());
  auto end = info_.find_first_of(",\n}", found + label.size());
  if (start == info_.npos || end == info_.npos || end <= start)
    return;
  pid_t id = -1;
  auto parsed = std::from_chars(info_.data() + start, info_.data() + end, id);
  if (parsed.ec != std::errc{})
    return;
  first_process_ = id;
  // bubblewrap reaps it, so it may be gone; it can't be another's yet, for ids
  // aren't used again so soon.
  first_process_handle_ =
    descriptor{static_cast<int>(::syscall(SYS_pidfd_open, id, 0))};
  if (seen_.stopped_for)
    kill_everything();
}

void supervisor::check_time() {
  auto now = clock::now();
  // A run that has reported is over; what is left is to read its output.
  if (!seen_.status && now >= start_ + limits_.wall_time)
    stop_for(run_outcome::timeout);
  if (seen_.stopped_for && now >= patience_end_
      && !first_process_handle_.is_open() && child_.handle.is_open())
    kill_process(child_.handle);
  if (now < next_measurement_)
    return;
  next_measurement_ = now + measurement_period;
  if (first_process_ < 0 || seen_.stopped_for || seen_.status)
    return;
  measure();
  if (seen_.cpu_time > limits_.cpu_time)
    stop_for(run_outcome::cpu_limit);
  else if (seen_.memory_peak_bytes > limits_.memory_bytes)
    stop_for(run_outcome::memory_limit);
}

void supervisor::measure() {
  auto usage = measure_tree(first_process_);
  seen_.cpu_time = std::max(seen_.cpu_time, usage.cpu_time);
  if (usage.memory_bytes > limits_.memory_bytes)
    usage.memory_bytes =
      std::min(usage.memory_bytes, measure_memory_exactly(first_process_));
  seen_.memory_peak_bytes =
    std::max(seen_.memory_peak_bytes, usage.memory_bytes);
}

void supervisor::stop_for(run_outcome reason) {
  if (seen_.stopped_for)
    return;
  seen_.stopped_for = reason;
  patience_end_ = clock::now() + setup_patience;
  pipes_.input.close();
  // For the report; a killed run can't tell itself.
  if (first_process_ >= 0 && !seen_.status)
    measure();
  kill_everything();
}

/// Kills the first process of the sandbox, and thereby, by the kernel, all of
/// them; bubblewrap ends when they are gone. Until it is known, bubblewrap
/// itself must live: without it the new process would wait for ever.
void supervisor::kill_everything() {
  if (first_process_handle_.is_open())
    kill_process(first_process_handle_);
}

void supervisor::reap() {
  while (::waitpid(child_.id, nullptr, 0) < 0 && errno == EINTR)
    continue;
  child_.handle.close();
}

} // namespace artel::sandbox
