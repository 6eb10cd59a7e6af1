#include "tools/artel/commands/help.hpp"

#include "runtime/config/name_suggestion.hpp"
#include "tools/artel/console.hpp"
#include "tools/artel/shell/session.hpp"

#include <algorithm>

namespace artel::tools {

namespace {

constexpr std::size_t line_columns = 79;

/// Breaks text at blanks; every line begins at `indent`, the first one at
/// `column`, which is where the caller's text ends.
std::string wrapped(std::string_view text, std::size_t indent,
                    std::size_t column) {
  std::string result(column < indent ? indent - column : 0, ' ');
  column = std::max(column, indent);
  bool at_start = true;
  while (!text.empty()) {
    auto end = std::min(text.find(' '), text.size());
    if (!at_start && column + 1 + end > line_columns) {
      result += "\n" + std::string(indent, ' ');
      column = indent;
      at_start = true;
    }
    if (!at_start) {
      result += ' ';
      ++column;
    }
    result += text.substr(0, end);
    column += end;
    at_start = false;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return result + "\n";
}

/// A name, and in a column of its own what it means.
std::string entry(const std::string& name, std::string_view meaning,
                  std::size_t indent) {
  auto line = "  " + name;
  if (line.size() + 2 > indent)
    return line + "\n" + wrapped(meaning, indent, 0);
  return line + wrapped(meaning, indent, line.size());
}

std::string option_text(const option_info& option) {
  std::string name =
    option.letter != 0 ? std::string{"-"} + option.letter + ", " : "    ";
  name += "--" + option.name;
  if (option.kind != value_kind::none)
    name += " " + option.value_name;
  auto meaning = option.help;
  if (!option.default_text.empty())
    meaning += " (default: " + option.default_text + ")";
  constexpr std::size_t help_column = 28;
  return entry(name, meaning, help_column);
}

std::string exit_codes_text() {
  std::string text = "\nExit codes:\n";
  for (const auto& one : exit_codes())
    text += entry(std::to_string(static_cast<int>(one.code)), one.meaning, 8);
  return text;
}

std::string command_text(const command_info& command) {
  std::string start = command.works_in(command_scope::terminal) ? "artel " : "";
  auto text = "usage: " + start + command.name
              + (command.usage.empty() ? "" : " " + command.usage) + "\n";
  for (const auto& alias : command_aliases())
    if (alias.name == command.name)
      text += "       " + start + std::string{alias.short_form}
              + " is short for it\n";
  if (start.empty())
    text += "       (in the shell and in scripts: 'artel shell')\n";
  text += "\n"
          + wrapped(command.description.empty() ? command.summary
                                                : command.description,
                    0, 0);
  if (!command.options.empty())
    text += "\nOptions:\n";
  for (const auto& option : command.options)
    text += option_text(option);
  if (!command.examples.empty())
    text += "\nExamples:\n";
  for (const auto& example : command.examples)
    text += "  " + example + "\n";
  if (!command.notes.empty())
    text += "\n" + command.notes;
  return text;
}

/// The commands of a scope whose names begin so.
std::string list_text(const std::string& start, command_scope where,
                      bool where_only) {
  constexpr std::size_t summary_column = 20;
  std::string text;
  for (const auto& command : command_table())
    if (command.name.starts_with(start)
        && (where_only ? command.scope == where : command.works_in(where)))
      text += entry(command.name, command.summary, summary_column);
  return text;
}

std::string session_list_text(const std::string& start) {
  auto list = list_text(start, command_scope::session, true);
  return list.empty() ? list
                      : "In the shell and in scripts ('artel shell'):\n" + list;
}

std::string overview_text() {
  std::string text = "usage: artel COMMAND [ARGUMENT...]\n"
                     "\n"
                     "Runs computations on a network of workers that need not "
                     "trust each other.\n"
                     "\n"
                     "Commands:\n"
                     + list_text("", command_scope::terminal, false) + "\n"
                     + session_list_text("") + "\n";
  for (const auto& alias : command_aliases())
    if (alias.scope == command_scope::terminal)
      text += "'artel " + std::string{alias.short_form}
              + "' is short for 'artel " + std::string{alias.name} + "'. ";
  return text + "'artel help COMMAND' tells more.\n" + exit_codes_text();
}

std::string grouped_list_text() {
  constexpr std::size_t summary_column = 20;
  std::string text;
  std::string group;
  for (const auto& command : command_table()) {
    if (command.scope != command_scope::session)
      continue;
    if (command.group != group)
      text += "\n" + command.group + ":\n";
    group = command.group;
    text += entry(command.name, command.summary, summary_column);
  }
  return text;
}

std::string session_overview_text() {
  std::string ordinary;
  for (const auto& command : command_table())
    if (command.scope == command_scope::everywhere)
      ordinary += (ordinary.empty() ? "" : ", ") + command.name;
  return "A simulated network of nodes, in virtual time.\n"
         + grouped_list_text() + "\n"
         + wrapped("The terminal's work too: " + ordinary + ".", 0, 0)
         + "'help COMMAND' tells more; 'help expect' lists the figures.\n";
}

/// All commands of this name: `run` is one thing in a terminal and another in a
/// session.
std::string commands_text(const std::string& name, command_scope first) {
  auto second = first == command_scope::terminal ? command_scope::session
                                                 : command_scope::terminal;
  const auto* here = find_command(name, first);
  const auto* there = find_command(name, second);
  std::string text;
  if (here != nullptr)
    text += command_text(*here);
  if (there != nullptr && there != here)
    text += (text.empty() ? "" : "\n") + command_text(*there);
  return text.empty() ? text : text + exit_codes_text();
}

std::string lists_text(const std::string& noun) {
  auto list = list_text(noun + " ", command_scope::terminal, false);
  if (!list.empty())
    list = "Commands:\n" + list;
  return list + session_list_text(noun + " ");
}

failure unknown_command(const std::string& name, command_scope where) {
  std::vector<std::string_view> names;
  for (const auto& command : command_table()) {
    names.push_back(command.name);
    names.push_back(names.back().substr(0, names.back().find(' ')));
  }
  return {errc::invalid_argument,
          "there is no command '" + name + "'"
            + runtime::did_you_mean(name, names)
            + (where == command_scope::terminal ? " ('artel help' lists all)"
                                                : " ('help' lists all)")};
}

result<std::string> help_text(const arguments& given, command_scope where) {
  std::string name;
  for (const auto& word : given.positional)
    name += (name.empty() ? "" : " ") + word;
  if (name.empty())
    return where == command_scope::terminal ? overview_text()
                                            : session_overview_text();
  auto text = commands_text(name, where);
  if (text.empty())
    text = lists_text(name);
  if (text.empty())
    return unknown_command(name, where);
  return text;
}

exit_code run(const arguments& given) {
  auto text = help_text(given, command_scope::terminal);
  if (!text)
    return refuse(text.error());
  write_output(*text);
  return exit_code::done;
}

exit_code run_in_session(session& in, const arguments& given) {
  auto text = help_text(given, command_scope::session);
  if (!text)
    return in.refuse(text.error());
  if (!in.is_checking())
    in.out() << *text;
  return exit_code::done;
}

} // namespace

command_info help_command() {
  command_info command;
  command.name = "help";
  command.summary = "explain artel, or one command";
  command.usage = "[COMMAND...]";
  command.positional = value_kind::command;
  command.positional_max = 2;
  command.examples = {"artel help", "artel help job run"};
  command.run = run;
  command.run_in_session = run_in_session;
  return command;
}

} // namespace artel::tools
