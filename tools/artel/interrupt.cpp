#include "tools/artel/interrupt.hpp"

#include "tools/artel/console.hpp"

#include <array>
#include <cassert>
#include <cerrno>

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

namespace artel::tools {

namespace {

constexpr std::array<int, 3> stop_signals{SIGINT, SIGTERM, SIGHUP};

constexpr char stop_byte = 's';
constexpr char end_byte = 'e';

/// What a handler may touch: a pipe to the watching thread, and a flag.
int pipe_write_end = -1;
volatile sig_atomic_t signals_seen = 0;

extern "C" void on_stop_signal(int) {
  auto saved = errno;
  if (signals_seen != 0)
    ::_exit(static_cast<int>(exit_code::interrupted));
  signals_seen = 1;
  [[maybe_unused]] auto written = ::write(pipe_write_end, &stop_byte, 1);
  errno = saved;
}

extern "C" void on_closed_pipe(int) {
}

void install(int number, void (*handler)(int)) {
  struct sigaction action {};
  ::sigaction(number, nullptr, &action);
  // As for a background job of a shell, or below nohup.
  if (action.sa_handler == SIG_IGN)
    return;
  action = {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  ::sigaction(number, &action, nullptr);
}

std::array<int, 2> pipe_ends{-1, -1};

} // namespace

interrupt_guard::interrupt_guard(std::string message)
  : message_(std::move(message)) {
  assert(pipe_write_end < 0);
  [[maybe_unused]] auto failed = ::pipe2(pipe_ends.data(), O_CLOEXEC);
  assert(failed == 0);
  pipe_write_end = pipe_ends[1];
  watcher_ = std::thread{[this] { watch(); }};
  for (auto number : stop_signals)
    install(number, on_stop_signal);
}

interrupt_guard::~interrupt_guard() {
  for (auto number : stop_signals)
    install(number, SIG_DFL);
  [[maybe_unused]] auto written = ::write(pipe_write_end, &end_byte, 1);
  watcher_.join();
  pipe_write_end = -1;
  for (auto end : pipe_ends)
    ::close(end);
}

void interrupt_guard::watch() {
  char byte = 0;
  for (;;) {
    auto count = ::read(pipe_ends[0], &byte, 1);
    if (count < 0 && errno == EINTR)
      continue;
    if (count <= 0 || byte == end_byte)
      return;
    write_error("\n");
    tell("interrupted: " + message_ + "; once more ends at once");
    source_.request_stop();
  }
}

void survive_closed_pipes() {
  // Not SIG_IGN, which programs that are started would inherit.
  install(SIGPIPE, on_closed_pipe);
}

} // namespace artel::tools
