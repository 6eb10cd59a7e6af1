#include "tools/artel/stop_flag.hpp"

#include "tools/artel/exit_codes.hpp"

#include <array>

#include <signal.h>
#include <unistd.h>

namespace artel::tools {

namespace {

constexpr std::array<int, 3> stop_signals{SIGINT, SIGTERM, SIGHUP};

volatile sig_atomic_t signals_seen = 0;

extern "C" void on_stop(int) {
  if (signals_seen != 0)
    ::_exit(static_cast<int>(exit_code::interrupted));
  signals_seen = 1;
}

void install(int number, void (*handler)(int)) {
  struct sigaction action {};
  ::sigaction(number, nullptr, &action);
  if (action.sa_handler == SIG_IGN)
    return;
  action = {};
  action.sa_handler = handler;
  ::sigaction(number, &action, nullptr);
}

} // namespace

stop_flag::stop_flag() {
  signals_seen = 0;
  for (auto number : stop_signals)
    install(number, on_stop);
}

stop_flag::~stop_flag() {
  for (auto number : stop_signals)
    install(number, SIG_DFL);
}

bool stop_flag::is_set() const noexcept {
  return signals_seen != 0;
}

} // namespace artel::tools
