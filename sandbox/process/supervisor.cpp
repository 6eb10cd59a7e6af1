#include "sandbox/process/supervisor.hpp"

#include "sandbox/process/control_group.hpp"
#include "sandbox/process/process_tree.hpp"

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

pid_t parse_process_id(std::string_view text) {
  auto start = text.find_first_not_of(' ');
  if (start == text.npos)
    return -1;
  pid_t id = -1;
  auto parsed =
    std::from_chars(text.data() + start, text.data() + text.size(), id);
  return parsed.ec == std::errc{} ? id : -1;
}

void kill_process(const descriptor& handle) {
  ::syscall(SYS_pidfd_send_signal, handle.number(), SIGKILL, nullptr, 0);
}

} // namespace

supervisor::supervisor(child_process child, run_pipes pipes, watch_plan plan)
  : child_(std::move(child)),
    pipes_(std::move(pipes)),
    plan_(std::move(plan)),
    input_(plan_.input),
    start_(clock::now()),
    next_measurement_(start_ + measurement_period),
    buffer_(buffer_bytes),
    records_(plan_.limits.output_files_bytes) {
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
  if (plan_.first_process == first_process_source::child)
    on_first_process(child_.id);
  while (!ended()) {
    wait_for_events(seen_.stopped_for ? -1 : stop_event.number());
    if (stop.stop_requested())
      stop_for(run_outcome::cancelled);
    check_time();
  }
  seen_.wall_time =
    std::chrono::duration_cast<milliseconds>(clock::now() - start_);
  if (plan_.group)
    measure_group();
  await_first_process();
  seen_.records = records_.finish();
  const auto tail_max = plan_.limits.stderr_tail_bytes;
  if (seen_.stderr_tail.size() > tail_max)
    seen_.stderr_tail.erase(0, seen_.stderr_tail.size() - tail_max);
  return std::move(seen_);
}

/// Its parent is dead; where that was killed for memory, it dies a moment
/// later.
void supervisor::await_first_process() {
  constexpr int patience_ms = 1000;
  pollfd event{first_process_handle_.number(), POLLIN, 0};
  if (first_process_handle_.is_open())
    ::poll(&event, 1, patience_ms);
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
    wake = std::min(wake, start_ + plan_.limits.wall_time);
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
  auto room = plan_.limits.stdout_bytes - seen_.output.size();
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
  const auto tail_max = plan_.limits.stderr_tail_bytes;
  if (tail.size() > tail_max + 4 * buffer_bytes)
    tail.erase(0, tail.size() - tail_max);
}

void supervisor::drain_status() {
  auto count = read_some(pipes_.status);
  if (count <= 0)
    return;
  auto had_end = records_.has_end();
  records_.feed(bytes_view{buffer_}.first(static_cast<std::size_t>(count)));
  if (had_end || !records_.has_end())
    return;
  const auto& end = records_.records().end;
  seen_.cpu_time = std::max(
    seen_.cpu_time,
    microseconds{static_cast<microseconds::rep>(end.cpu_microseconds)});
  note_memory(end.memory_peak_bytes);
}

void supervisor::drain_info() {
  auto count = read_some(pipes_.info);
  if (count < 0)
    return;
  info_.append(buffer_.begin(), buffer_.begin() + count);
  constexpr std::string_view label = "\"child-pid\":";
  if (auto found = info_.find(label); found != info_.npos) {
    auto text = std::string_view{info_}.substr(found + label.size());
    // The number is whole once something follows it.
    if (text.find_first_of(",\n}") != text.npos)
      on_first_process(parse_process_id(text));
  }
  if (info_.size() > info_bytes_max)
    pipes_.info.close();
}

/// A container runtime writes it shortly before it starts the program.
void supervisor::read_process_id_file() {
  if (first_process_ < 0 && plan_.first_process == first_process_source::file)
    on_first_process(
      parse_process_id(read_small_file(plan_.process_id_file.string())));
}

void supervisor::on_first_process(pid_t id) {
  if (id <= 0 || first_process_ > 0)
    return;
  first_process_ = id;
  if (plan_.group)
    setup_cpu_time_ = plan_.group->cpu_time().value_or(microseconds{0});
  // Its parent reaps it, so it may be gone; it can't be another's yet, for ids
  // aren't used again so soon.
  first_process_handle_ =
    descriptor{static_cast<int>(::syscall(SYS_pidfd_open, id, 0))};
  if (seen_.stopped_for)
    kill_everything();
}

void supervisor::check_time() {
  auto now = clock::now();
  read_process_id_file();
  // A run that has reported is over; what is left is to read its output.
  auto has_ended = records_.has_end();
  if (!has_ended && now >= start_ + plan_.limits.wall_time)
    stop_for(run_outcome::timeout);
  if (seen_.stopped_for && now >= patience_end_
      && !first_process_handle_.is_open() && child_.handle.is_open())
    kill_process(child_.handle);
  if (now < next_measurement_)
    return;
  next_measurement_ = now + measurement_period;
  if (first_process_ < 0 || seen_.stopped_for || has_ended)
    return;
  measure();
  if (seen_.cpu_time > plan_.limits.cpu_time)
    stop_for(run_outcome::cpu_limit);
  else if (seen_.memory_exceeded)
    stop_for(run_outcome::memory_limit);
}

void supervisor::measure() {
  if (plan_.group)
    measure_group();
  if (plan_.group && plan_.group->cpu_time())
    return;
  auto usage = measure_tree(first_process_);
  seen_.cpu_time = std::max(seen_.cpu_time, usage.cpu_time);
  if (plan_.group)
    return;
  usage.memory_bytes += measure_files_in_memory(first_process_);
  if (usage.memory_bytes > plan_.limits.memory_bytes)
    usage.memory_bytes =
      std::min(usage.memory_bytes, measure_memory_exactly(first_process_));
  note_memory(usage.memory_bytes);
}

/// What the run's own processes held.
void supervisor::note_memory(std::uint64_t used) {
  seen_.memory_peak_bytes = std::max(seen_.memory_peak_bytes, used);
  if (used > plan_.limits.memory_bytes)
    seen_.memory_exceeded = true;
}

void supervisor::measure_group() {
  if (plan_.group->out_of_memory())
    seen_.memory_exceeded = true;
  seen_.memory_peak_bytes =
    std::max(seen_.memory_peak_bytes, plan_.group->memory_peak_bytes());
  if (auto used = plan_.group->cpu_time(); used && !records_.has_end())
    seen_.cpu_time = std::max(seen_.cpu_time, *used - setup_cpu_time_);
}

void supervisor::stop_for(run_outcome reason) {
  if (seen_.stopped_for)
    return;
  seen_.stopped_for = reason;
  patience_end_ = clock::now() + setup_patience;
  pipes_.input.close();
  // For the report; a killed run can't tell itself.
  if (first_process_ >= 0 && !records_.has_end())
    measure();
  kill_everything();
}

/// Kills the first process of the sandbox, and thereby, by the kernel, all of
/// them; bubblewrap ends when they are gone. Until it is known, bubblewrap
/// itself must live: without it the new process would wait for ever.
void supervisor::kill_everything() {
  if (plan_.first_process == first_process_source::child) {
    kill_descendants(child_.id);
    if (plan_.group)
      plan_.group->kill_all();
  }
  if (first_process_handle_.is_open())
    kill_process(first_process_handle_);
}

void supervisor::reap() {
  while (::waitpid(child_.id, nullptr, 0) < 0 && errno == EINTR)
    continue;
  child_.handle.close();
}

} // namespace artel::sandbox
