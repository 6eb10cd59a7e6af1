#include "tools/artel/commands/help.hpp"

#include "runtime/config/name_suggestion.hpp"
#include "tools/artel/console.hpp"

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
  auto text = "usage: artel " + command.name
              + (command.usage.empty() ? "" : " " + command.usage) + "\n";
  for (const auto& alias : command_aliases())
    if (alias.name == command.name)
      text +=
        "       artel " + std::string{alias.short_form} + " is short for it\n";
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
  return text + exit_codes_text();
}

/// The commands whose names begin so.
std::string list_text(const std::string& start) {
  constexpr std::size_t summary_column = 20;
  std::string text;
  for (const auto& command : command_table())
    if (command.name.starts_with(start))
      text += entry(command.name, command.summary, summary_column);
  return text;
}

std::string overview_text() {
  std::string text = "usage: artel COMMAND [ARGUMENT...]\n"
                     "\n"
                     "Runs computations on a network of workers that need not "
                     "trust each other.\n"
                     "\n"
                     "Commands:\n"
                     + list_text("") + "\n";
  for (const auto& alias : command_aliases())
    text += "'artel " + std::string{alias.short_form} + "' is short for 'artel "
            + std::string{alias.name} + "'. ";
  return text + "'artel help COMMAND' tells more.\n" + exit_codes_text();
}

exit_code run(const arguments& given) {
  std::string name;
  for (const auto& word : given.positional)
    name += (name.empty() ? "" : " ") + word;
  if (name.empty()) {
    write_output(overview_text());
    return exit_code::done;
  }
  if (const auto* command = find_command(name)) {
    write_output(command_text(*command));
    return exit_code::done;
  }
  if (auto list = list_text(name + " "); !list.empty()) {
    write_output("Commands:\n" + list);
    return exit_code::done;
  }
  std::vector<std::string_view> names;
  for (const auto& command : command_table()) {
    names.push_back(command.name);
    names.push_back(names.back().substr(0, names.back().find(' ')));
  }
  tell("there is no command '" + name + "'" + runtime::did_you_mean(name, names)
       + " ('artel help' lists all)");
  return exit_code::invalid_input;
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
  return command;
}

} // namespace artel::tools
