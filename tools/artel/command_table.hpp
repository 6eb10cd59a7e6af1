// All commands, in one table: what dispatches them, explains them, and
// completes them in a shell reads it.
#pragma once

#include "tools/artel/exit_codes.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace artel::tools {

/// What an option's or argument's value is: for completion.
enum class value_kind : std::uint8_t {
  /// A flag: it takes none.
  none,
  text,
  file,
  directory,
  choice,
  command,
  /// Of a simulated world: names of nodes, of a task, an expression.
  nodes,
  task,
  expression,
  /// Another command, as it stands behind `at`.
  line,
};

struct option_info {
  /// Without dashes.
  std::string name;
  /// Short form, or 0.
  char letter = 0;
  value_kind kind = value_kind::none;
  /// What help calls the value: "N".
  std::string value_name;
  std::string help;
  /// Shown in help; empty where the help itself says it.
  std::string default_text;
  /// What is possible, or (kind text) likely.
  std::vector<std::string> choices;
  bool repeatable = false;
};

/// What was given to a command.
struct arguments {
  std::map<std::string, std::vector<std::string>> options;
  std::vector<std::string> positional;
  /// What came after "--"; nothing where there was none.
  std::optional<std::vector<std::string>> program;

  bool has(const std::string& name) const { return options.contains(name); }
  std::optional<std::string> value(const std::string& name) const;
  /// Of a repeatable option.
  std::vector<std::string> values(const std::string& name) const;
};

class session;

/// Where a command works.
enum class command_scope : std::uint8_t {
  everywhere = 1,
  terminal,
  /// At the prompt of a simulated world, and in scripts.
  session,
};

struct command_info {
  /// "job run".
  std::string name;
  std::string summary;
  /// What follows the name: "[FILE] [options] [-- PROGRAM ARGUMENT...]".
  std::string usage;
  std::string description;
  std::vector<option_info> options;
  value_kind positional = value_kind::none;
  std::size_t positional_min = 0;
  std::size_t positional_max = 0;
  /// Whether a program may follow "--".
  bool takes_program = false;
  std::vector<std::string> examples;
  /// For help: more lines, as they are.
  std::string notes;
  /// Of a session's commands: the heading that help lists it below.
  std::string group;
  command_scope scope = command_scope::everywhere;
  /// What follows the name is no option and has a syntax of its own.
  bool takes_line = false;
  exit_code (*run)(const arguments& given) = nullptr;
  /// In a session; null: as in a terminal.
  exit_code (*run_in_session)(session& in, const arguments& given) = nullptr;

  bool works_in(command_scope where) const {
    return scope == command_scope::everywhere || scope == where;
  }
};

/// In the order of help.
const std::vector<command_info>& command_table();

/// By full name or short form ("run") as it is known there (terminal or
/// session); null where there is none.
const command_info* find_command(std::string_view name,
                                 command_scope where = command_scope::terminal);

struct command_alias {
  std::string_view short_form;
  std::string_view name;
  command_scope scope = command_scope::terminal;
};

const std::vector<command_alias>& command_aliases();

} // namespace artel::tools
