#include "tools/artel/commands/completion_bash.hpp"

#include "tools/artel/console.hpp"

#include <set>

namespace artel::tools {

namespace {

std::string joined(const std::vector<std::string>& words,
                   std::string_view between) {
  std::string text;
  for (const auto& word : words) {
    if (&word != words.data())
      text += between;
    text += word;
  }
  return text;
}

/// Which commands' names are offered: those that work in a terminal, or all,
/// which `help` explains.
enum class offered { in_terminal, all };

bool is_offered(const command_info& command, offered which) {
  return which == offered::all || command.works_in(command_scope::terminal);
}

/// "job|key|receipt", the first words of commands with two.
std::vector<std::string> nouns(offered which) {
  std::set<std::string> found;
  for (const auto& command : command_table())
    if (auto blank = command.name.find(' ');
        blank != std::string::npos && is_offered(command, which))
      found.insert(command.name.substr(0, blank));
  return {found.begin(), found.end()};
}

std::vector<std::string> first_words(offered which) {
  std::set<std::string> found;
  for (const auto& command : command_table())
    if (is_offered(command, which))
      found.insert(command.name.substr(0, command.name.find(' ')));
  for (const auto& alias : command_aliases())
    if (alias.scope == command_scope::terminal)
      found.insert(std::string{alias.short_form});
  return {found.begin(), found.end()};
}

std::vector<std::string> verbs_of(const std::string& noun, offered which) {
  std::vector<std::string> verbs;
  for (const auto& command : command_table())
    if (command.name.starts_with(noun + " ") && is_offered(command, which))
      verbs.push_back(command.name.substr(noun.size() + 1));
  return verbs;
}

/// The names that a case pattern has to match for one command.
std::vector<std::string> names_of(const command_info& command) {
  std::vector<std::string> names{"'" + command.name + "'"};
  for (const auto& alias : command_aliases())
    if (alias.name == command.name && alias.scope == command_scope::terminal)
      names.push_back("'" + std::string{alias.short_form} + "'");
  return names;
}

/// What is completed after an option or as an argument.
std::string action_for(value_kind kind, const std::vector<std::string>& words) {
  switch (kind) {
    case value_kind::none: return "";
    case value_kind::directory: return "_artel_directories";
    case value_kind::choice: return "_artel_words '" + joined(words, " ") + "'";
    case value_kind::command:
      return "_artel_words '" + joined(first_words(offered::all), " ") + "'";
    case value_kind::file: return "_artel_files";
    // These are completed at the prompt of a simulated world.
    case value_kind::nodes:
    case value_kind::task:
    case value_kind::expression:
    case value_kind::line: return ":";
    case value_kind::text:
      return words.empty() ? ":" : "_artel_words '" + joined(words, " ") + "'";
  }
  return ":";
}

std::string options_case(const command_info& command) {
  std::string text;
  for (const auto& option : command.options) {
    if (option.kind == value_kind::none)
      continue;
    std::vector<std::string> names{"--" + option.name};
    if (option.letter != 0)
      names.push_back(std::string{"-"} + option.letter);
    text += "        " + joined(names, " | ") + ")\n          "
            + action_for(option.kind, option.choices)
            + "\n          return ;;\n";
  }
  return text;
}

std::string command_case(const command_info& command) {
  std::vector<std::string> options{"--help"};
  for (const auto& option : command.options)
    options.push_back("--" + option.name);
  auto text = "    " + joined(names_of(command), " | ") + ")\n";
  if (auto values = options_case(command); !values.empty())
    text += "      case $previous in\n" + values + "      esac\n";
  text += "      if [[ $current == -* ]]; then\n        _artel_words '"
          + joined(options, " ") + "'\n";
  auto action = action_for(command.positional, {});
  if (!action.empty())
    text += "      else\n        " + action + "\n";
  return text + "      fi ;;\n";
}

constexpr std::string_view helpers =
  R"(# Completion of artel's command line for bash, as printed by
# artel completion bash.
_artel_words() { mapfile -t COMPREPLY < <(compgen -W "$1" -- "$current"); }
_artel_files() {
  compopt -o filenames 2> /dev/null
  mapfile -t COMPREPLY < <(compgen -f -- "$current")
}
_artel_directories() {
  compopt -o filenames 2> /dev/null
  mapfile -t COMPREPLY < <(compgen -d -- "$current")
}
_artel() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
  local command=${COMP_WORDS[1]} word
  COMPREPLY=()
  # What follows -- belongs to a program of the user's own.
  for word in "${COMP_WORDS[@]:1:COMP_CWORD - 1}"; do
    if [[ $word == -- ]]; then
      _artel_files
      return
    fi
  done
)";

std::string script() {
  auto text = std::string{helpers} + "  if ((COMP_CWORD == 1)); then\n"
              + "    _artel_words '"
              + joined(first_words(offered::in_terminal), " ")
              + "'\n    return\n  fi\n  case $command in\n";
  for (const auto& noun : nouns(offered::in_terminal))
    text += "    " + noun + ")\n      if ((COMP_CWORD == 2)); then\n"
            + "        _artel_words '"
            + joined(verbs_of(noun, offered::in_terminal), " ")
            + "'\n        return\n      fi\n"
            + "      command+=\" ${COMP_WORDS[2]}\" ;;\n";
  // "help job" goes on like "job".
  for (const auto& noun : nouns(offered::all))
    text += "    help)\n      if ((COMP_CWORD == 3)) && [[ $previous == " + noun
            + " ]]; then\n        _artel_words '"
            + joined(verbs_of(noun, offered::all), " ")
            + "'\n        return\n      fi ;;&\n";
  text += "  esac\n  case $command in\n";
  for (const auto& command : command_table())
    if (is_offered(command, offered::in_terminal))
      text += command_case(command);
  return text + "  esac\n}\ncomplete -F _artel artel\n";
}

exit_code run(const arguments&) {
  write_output(script());
  return exit_code::done;
}

} // namespace

command_info completion_bash_command() {
  command_info command;
  command.name = "completion bash";
  command.summary = "print the completion of artel's commands for bash";
  command.description =
    "Prints a script that completes commands, options, their values and file"
    " names in bash. An installed artel brings it along.";
  command.examples = {"source <(artel completion bash)"};
  command.run = run;
  return command;
}

} // namespace artel::tools
