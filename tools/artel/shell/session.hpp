// A session with a simulated world: runs the lines of scripts and of the
// prompt, one after the other, and says what was wrong with them, where. The
// world lives as long as the session, whatever fails. One thread; interrupt()
// alone may be called from elsewhere, signal handlers included.
#pragma once

#include "protocol/core/result.hpp"
#include "protocol/core/time.hpp"
#include "runtime/sim/stage.hpp"
#include "tools/artel/command_table.hpp"
#include "tools/artel/exit_codes.hpp"
#include "tools/artel/interrupt.hpp"
#include "tools/artel/shell/script_line.hpp"
#include "tools/artel/shell/script_place.hpp"

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <istream>
#include <map>
#include <memory>
#include <optional>
#include <ostream>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace artel::sim {
class world;
struct world_options;
} // namespace artel::sim

namespace artel::tools {

class trace_recorder;

struct session_options {
  /// What was asked for, and everything else. They must outlive the session.
  std::ostream& out;
  std::ostream& err;
  /// In place of whatever a script says.
  std::optional<std::uint64_t> seed;
  /// Likewise: `set` does not change these.
  std::map<std::string, std::string> variables;
  /// Write what nodes log, and the faults, to `err`.
  bool log = false;
  /// Stop at SIGINT and its like while something runs (interrupt_guard). The
  /// prompt does without: it calls interrupt().
  bool guard_interrupts = false;
};

class session {
public:
  explicit session(session_options options);
  session(const session&) = delete;
  session& operator=(const session&) = delete;
  /// Ends the trace, too.
  ~session();

  // -- for the prompt and for commands of the terminal ------------------------

  /// Runs one command, or a whole block: the text may have several lines, of
  /// which the first one stands at the place. What is wrong is told. Codes are
  /// those of `artel help`: invalid_input, check_failed, timed_out,
  /// interrupted, failure, and those of ordinary commands.
  exit_code run_line(std::string_view line, const script_place& place = {});
  /// Checks all of it, then runs it.
  exit_code run_file(const std::filesystem::path& path);
  exit_code run_stream(std::istream& from, const std::string& name);

  /// `quit` was given.
  bool wants_to_leave() const { return wants_to_leave_; }

  /// Whether lines have to follow before this can be run: a block without its
  /// `end`, or a backslash at the end of the last line. A quote ends with its
  /// line, or it is a mistake.
  bool is_incomplete(std::string_view text) const;

  /// What the last word of the text may be, whole words, sorted: commands,
  /// options, names of nodes and tasks, figures, files. One that ends in '/'
  /// or '.' goes on; all others are complete.
  std::vector<std::string> complete(std::string_view line_up_to_cursor) const;

  /// Signal-safe. What runs stops with exit_code::interrupted, and the world
  /// stays as it is. Forgotten when the next line starts.
  void interrupt() noexcept { interrupted_.store(true); }

  /// Null before anything needed one.
  sim::world* world() const { return world_.get(); }

  /// Writes what happens in the world that is made next to a file, in the
  /// format of Chrome's trace viewer.
  result<void> trace_to(const std::filesystem::path& path);
  /// Writes its end, and says whether all of it could be written.
  result<void> finish_trace();

  /// "12 expectations, 34.2 s simulated, 51,234 steps, trace 89ab...".
  std::string summary() const;

  // -- for session commands ---------------------------------------------------

  /// While a script is checked before it runs: look at the arguments, say what
  /// is wrong with them, do nothing, and look no name up.
  bool is_checking() const { return checking_; }

  /// The world; one with defaults where there is none yet. Not while checking.
  sim::world& need_world();
  /// A new world instead of the one there is.
  void make_world(sim::world_options options);

  std::ostream& out() { return options_.out; }
  std::ostream& err() { return options_.err; }

  /// Tells what is wrong with the current command, at the first of its words
  /// that is or contains `about` (else where it begins), and gives the code.
  exit_code refuse(const failure& problem, std::string_view about = {});
  exit_code refuse_with(exit_code code, const std::string& message,
                        std::string_view about = {});
  /// At an offset within the current command's text.
  exit_code refuse_at(std::size_t offset, exit_code code,
                      const std::string& message);

  /// Lets time pass until the condition holds, `span` is over, or something
  /// fails. done: it holds; timed_out is not told, all else is.
  exit_code drive(microseconds span, const std::function<bool()>& until = {});
  /// As drive(), with the world's own settle().
  exit_code settle(microseconds bound);

  /// The text of the current command's line, variables put in, and its words.
  const script_line& line() const { return *line_; }
  const std::vector<script_word>& words() const { return words_; }
  /// The number of the word behind the command's name; there may be none.
  std::size_t first_argument() const { return first_argument_; }

  /// Whether the current command stands behind `at` or `every`.
  bool is_scheduled() const { return scheduled_; }
  /// Checks the current command from its nth word on as one of its own, which
  /// is to run later.
  exit_code check_later(std::size_t first_word);
  /// Makes the world run it after so much time since it began, and again each
  /// `period` (if above zero) up to `last`. What no longer applies by then (a
  /// node that is down already) is noted and passed over.
  void run_later(std::size_t first_word, microseconds when,
                 microseconds period = microseconds{0},
                 microseconds last = microseconds{0});
  /// Tells without failing.
  void note(const std::string& message);

  /// For `net heal A,B`: which of the world's partitions keep these nodes apart
  /// from others.
  void remember_partition(std::set<sim::node_index> side, std::uint64_t id) {
    partitions_.emplace(std::move(side), id);
  }
  /// Forgets them.
  std::vector<std::uint64_t> take_partitions(const std::set<sim::node_index>&);

  /// What `job submit` was refused later on is nothing to be cancelled.
  void remember_refused_task(const std::string& name) {
    refused_tasks_.insert(name);
  }
  bool was_refused(const std::string& name) const {
    return refused_tasks_.contains(name);
  }

  void set_variable(const std::string& name, const std::string& value);
  exit_code include(const std::string& file);
  void leave() { wants_to_leave_ = true; }
  void count_expectation() { ++expectations_; }
  /// A path as a script names it: where it is found from the current directory,
  /// or else from the script's own.
  std::string find_path(const std::string& path) const;

private:
  struct later_command;
  struct command_state;
  class command_frame;

  exit_code run_guarded(const std::function<exit_code()>& what);
  /// Checks and runs.
  exit_code run_text(std::string_view text, const script_place& start);
  exit_code run_script(const parsed_script& script);
  exit_code run_statements(const std::vector<script_statement>& statements);
  exit_code run_statement(const script_statement& statement);
  exit_code run_repeat(const script_statement& statement);
  exit_code run_body(const script_statement& statement, std::uint64_t times,
                     const std::string& counter);
  exit_code run_command(std::size_t first_word);
  exit_code run_ordinary(const command_info& command, const arguments& given);
  void run_at_its_time(const std::shared_ptr<const later_command>& what);
  void add_to_agenda(const std::shared_ptr<const later_command>& what,
                     microseconds when);

  exit_code after_driving(int how_it_ended, bool has_condition);
  /// done: there are none that were not told before.
  exit_code tell_violations();
  exit_code tell_broken_world();
  bool is_interrupted() const;
  void tell_at(const script_place& place, const std::string& message);
  void tell_forgotten();
  std::size_t offset_of(std::string_view about) const;
  bool is_being_read(const std::filesystem::path& path) const;
  void log_world();

  session_options options_;
  std::unique_ptr<trace_recorder> trace_;
  std::unique_ptr<sim::world> world_;
  std::optional<interrupt_guard> guard_;
  std::atomic<bool> interrupted_{false};
  /// What is above, for the world.
  std::stop_source stop_;
  bool wants_to_leave_ = false;
  bool checking_ = false;
  bool scheduled_ = false;
  std::map<std::string, std::string> variables_;
  /// Files that are being read, the outermost first.
  std::vector<std::filesystem::path> files_;

  // The current command.
  const script_line* line_ = nullptr;
  std::vector<script_word> words_;
  std::size_t command_word_ = 0;
  std::size_t first_argument_ = 0;

  /// What a command that time brought ended with, if not well.
  std::optional<exit_code> later_failure_;
  /// When `at` commands are due that did not run yet, and where they stand.
  std::multiset<std::pair<microseconds, std::string>> due_;

  std::multimap<std::set<sim::node_index>, std::uint64_t> partitions_;
  std::set<std::string> refused_tasks_;

  std::uint64_t expectations_ = 0;
  std::size_t violations_told_ = 0;
};

} // namespace artel::tools
