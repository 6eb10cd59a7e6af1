#include "tools/artel/daemon_signals.hpp"

#include "tools/artel/exit_codes.hpp"

#include <array>
#include <cassert>
#include <cerrno>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

namespace artel::tools {

namespace {

constexpr std::array<int, 3> handled{SIGINT, SIGTERM, SIGHUP};

std::array<int, 2> pipe_ends{-1, -1};
volatile sig_atomic_t stops_seen = 0;

extern "C" void on_daemon_signal(int number) {
  auto saved = errno;
  if (number != SIGHUP && stops_seen != 0)
    ::_exit(static_cast<int>(exit_code::interrupted));
  if (number != SIGHUP)
    stops_seen = 1;
  char byte = number == SIGHUP ? 'r' : 's';
  [[maybe_unused]] auto written = ::write(pipe_ends[1], &byte, 1);
  errno = saved;
}

void install(int number, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  ::sigaction(number, &action, nullptr);
}

} // namespace

daemon_signals::daemon_signals() {
  assert(pipe_ends[0] < 0);
  // A pipe that is full of signals needs no more of them.
  [[maybe_unused]] auto failed =
    ::pipe2(pipe_ends.data(), O_CLOEXEC | O_NONBLOCK);
  assert(failed == 0);
  stops_seen = 0;
  for (auto number : handled)
    install(number, on_daemon_signal);
}

daemon_signals::~daemon_signals() {
  for (auto number : handled)
    install(number, SIG_DFL);
  for (auto& end : pipe_ends) {
    ::close(end);
    end = -1;
  }
}

bool daemon_signals::wait(std::chrono::milliseconds patience,
                          daemon_signal& signal) {
  pollfd one{pipe_ends[0], POLLIN, 0};
  char byte = 0;
  if (::poll(&one, 1, static_cast<int>(patience.count())) <= 0
      || ::read(pipe_ends[0], &byte, 1) != 1)
    return false;
  signal = byte == 'r' ? daemon_signal::reload : daemon_signal::stop;
  return true;
}

} // namespace artel::tools
