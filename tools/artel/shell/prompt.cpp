#include "tools/artel/shell/prompt.hpp"

#include "runtime/sim/world.hpp"
#include "tools/artel/console.hpp"
#include "tools/artel/shell/history_file.hpp"
#include "tools/artel/shell/line_editor.hpp"
#include "tools/artel/shell/session.hpp"
#include "tools/artel/shell/tables.hpp"

#include <cstdio>
#include <iostream>

#include <pthread.h>
#include <signal.h>

namespace artel::tools {

namespace {

constexpr std::string_view greeting =
  "artel shell: a simulated network of nodes, in virtual time.\n"
  "'help' lists the commands, Tab completes them, Ctrl-D leaves.\n";

/// What a handler may touch.
session* interrupted_session = nullptr;
pthread_t prompt_thread{};

extern "C" void on_interrupt(int number) {
  // A read() that is to end must be the prompt's.
  if (::pthread_equal(::pthread_self(), prompt_thread) == 0) {
    ::pthread_kill(prompt_thread, number);
    return;
  }
  interrupted_session->interrupt();
}

/// Handles SIGINT as long as it lives.
class interrupt_handler {
public:
  explicit interrupt_handler(session& on) {
    interrupted_session = &on;
    prompt_thread = ::pthread_self();
    install(SA_RESTART, &before_);
  }
  interrupt_handler(const interrupt_handler&) = delete;
  interrupt_handler& operator=(const interrupt_handler&) = delete;
  ~interrupt_handler() { ::sigaction(SIGINT, &before_, nullptr); }

  /// While a line is typed: reading ends. Also puts the handler back in place
  /// of those that commands left.
  void ends_reading() { install(0, nullptr); }
  /// While a command runs.
  void stops_commands() { install(SA_RESTART, nullptr); }

private:
  static void install(int flags, struct sigaction* before) {
    struct sigaction action {};
    action.sa_handler = on_interrupt;
    action.sa_flags = flags;
    ::sigaction(SIGINT, &action, before);
  }

  struct sigaction before_ {};
};

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\n") == std::string_view::npos;
}

/// One turn's lines: more than one for a block. Nothing: no more are coming.
class prompt_input {
public:
  explicit prompt_input(session& on)
    : session_(on),
      history_(default_history_path()),
      editor_(
        [this](std::string_view line) {
          return session_.complete(pending_ + std::string{line});
        },
        history_file::lines_max) {
    for (const auto& line : history_.load())
      editor_.remember(line);
  }

  std::optional<std::string> read() {
    pending_.clear();
    for (;;) {
      auto typed = editor_.read(prompt());
      switch (typed.end) {
        case input_end::closed: std::puts(""); return std::nullopt;
        case input_end::interrupted:
          std::puts("^C");
          pending_.clear();
          continue;
        case input_end::line: break;
      }
      keep(typed.text);
      pending_ += typed.text;
      if (!session_.is_incomplete(pending_))
        return pending_;
      pending_ += '\n';
    }
  }

private:
  std::string prompt() const {
    auto* world = session_.world();
    auto text =
      prompt_text(world == nullptr ? microseconds{0} : world->elapsed());
    if (pending_.empty())
      return text;
    // As wide, so that lines of a block stand below each other.
    return std::string(text.size() - 5, '.') + "...> ";
  }

  void keep(const std::string& line) {
    if (is_blank(line))
      return;
    editor_.remember(line);
    history_.add(line);
  }

  session& session_;
  history_file history_;
  /// What was typed of a block so far, each line with its newline.
  std::string pending_;
  line_editor editor_;
};

} // namespace

std::string prompt_text(microseconds since_start) {
  return "artel " + virtual_time_text(since_start) + "> ";
}

exit_code run_prompt(session& on) {
  interrupt_handler handler{on};
  prompt_input input{on};
  write_output(greeting);
  while (!on.wants_to_leave()) {
    // What a command wrote stands above the prompt.
    std::cout.flush();
    std::fflush(stdout);
    handler.ends_reading();
    auto text = input.read();
    if (!text)
      break;
    handler.stops_commands();
    if (!is_blank(*text))
      on.run_line(*text);
  }
  return finish_output(exit_code::done);
}

} // namespace artel::tools
