#include "tools/artel/command_line.hpp"

#include "runtime/config/name_suggestion.hpp"
#include "tools/artel/console.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include <boost/program_options.hpp>

namespace artel::tools {

namespace {

namespace options_library = boost::program_options;

/// A name that nobody can type as an option.
constexpr auto positional_key = "positional arguments";

using words_type = std::vector<std::string>;

result<parsed_command> help_about(const std::string& command) {
  parsed_command parsed;
  parsed.command = find_command("help");
  for (std::size_t start = 0; start < command.size();) {
    auto end = std::min(command.find(' ', start), command.size());
    parsed.given.positional.push_back(command.substr(start, end - start));
    start = end + 1;
  }
  return parsed;
}

bool is_noun(const std::string& word) {
  return std::any_of(
    command_table().begin(), command_table().end(),
    [&](const auto& one) { return one.name.starts_with(word + " "); });
}

/// What follows the noun in the names of its commands.
std::vector<std::string_view> verbs_of(const std::string& noun) {
  std::vector<std::string_view> verbs;
  for (const auto& one : command_table())
    if (one.name.starts_with(noun + " "))
      verbs.push_back(std::string_view{one.name}.substr(noun.size() + 1));
  return verbs;
}

std::vector<std::string_view> first_words() {
  std::set<std::string_view> words;
  for (const auto& one : command_table())
    words.insert(std::string_view{one.name}.substr(0, one.name.find(' ')));
  for (const auto& alias : command_aliases())
    words.insert(alias.short_form);
  return {words.begin(), words.end()};
}

/// The command that the words begin with, and how many of them name it.
result<std::pair<const command_info*, std::size_t>>
find_command_in(const words_type& words) {
  if (const auto* command = find_command(words[0]))
    return std::pair{command, std::size_t{1}};
  if (!is_noun(words[0]))
    return {errc::invalid_argument,
            "there is no command '" + words[0] + "'"
              + runtime::did_you_mean(words[0], first_words())
              + " ('artel help' lists all)"};
  auto verbs = verbs_of(words[0]);
  std::string possible;
  for (auto verb : verbs)
    possible += (possible.empty() ? "" : ", ") + std::string{verb};
  if (words.size() < 2 || words[1].starts_with('-'))
    return {errc::invalid_argument, "'artel " + words[0]
                                      + "' needs to know what to do; expected "
                                      + possible};
  if (const auto* command = find_command(words[0] + " " + words[1]))
    return std::pair{command, std::size_t{2}};
  return {errc::invalid_argument,
          "there is no command '" + words[0] + " " + words[1] + "'"
            + runtime::did_you_mean(words[1], verbs) + " (" + words[0]
            + " knows " + possible + ")"};
}

options_library::options_description describe(const command_info& command) {
  options_library::options_description description;
  auto add = description.add_options();
  for (const auto& option : command.options) {
    auto name = option.name;
    if (option.letter != 0)
      name += std::string{","} + option.letter;
    if (option.kind == value_kind::none)
      add(name.c_str(), options_library::bool_switch());
    else
      add(name.c_str(), options_library::value<std::string>());
  }
  add("help,h", options_library::bool_switch());
  add(positional_key, options_library::value<words_type>());
  return description;
}

/// "--chnks" with the option that was probably meant.
failure unknown_option(const command_info& command, const std::string& given) {
  std::vector<std::string_view> names;
  for (const auto& option : command.options)
    names.push_back(option.name);
  auto bare =
    given.substr(std::min(given.find_first_not_of('-'), given.size()));
  auto message = "'artel " + command.name + "' has no option '" + given + "'";
  auto meant = runtime::nearest_name(bare, names);
  message += meant.empty() ? "; 'artel help " + command.name + "' lists all"
                           : "; did you mean '--" + std::string{meant} + "'?";
  return {errc::invalid_argument, std::move(message)};
}

bool is_repeatable(const command_info& command, const std::string& name) {
  return std::any_of(
    command.options.begin(), command.options.end(),
    [&name](const auto& one) { return one.name == name && one.repeatable; });
}

result<void> check_positional(const command_info& command,
                              const arguments& given) {
  auto count = given.positional.size();
  auto usage = "; usage: artel " + command.name
               + (command.usage.empty() ? "" : " " + command.usage);
  if (count < command.positional_min)
    return {errc::invalid_argument,
            "'artel " + command.name + "' lacks an argument" + usage};
  if (count > command.positional_max)
    return {errc::invalid_argument,
            "'artel " + command.name + "' does not take '"
              + given.positional[command.positional_max] + "'" + usage};
  if (given.program && !command.takes_program)
    return {errc::invalid_argument,
            "'artel " + command.name + "' does not take a program" + usage};
  if (given.program && given.program->empty())
    return {errc::invalid_argument,
            "there is nothing after '--'; expected a program and its"
            " arguments"};
  return {};
}

result<arguments> collect(const command_info& command,
                          const options_library::parsed_options& parsed) {
  arguments given;
  for (const auto& option : parsed.options) {
    if (option.string_key == positional_key) {
      given.positional.insert(given.positional.end(), option.value.begin(),
                              option.value.end());
      continue;
    }
    auto& values = given.options[option.string_key];
    if (!values.empty() && option.string_key != "help"
        && !is_repeatable(command, option.string_key))
      return {errc::invalid_argument,
              "option '--" + option.string_key + "' is given more than once"};
    // Flags have no value; that they are there says it.
    values.insert(values.end(), option.value.begin(), option.value.end());
    if (option.value.empty())
      values.emplace_back();
  }
  return given;
}

result<arguments> parse_arguments(const command_info& command,
                                  words_type words) {
  // What follows "--" is the program's own, whatever it looks like.
  auto dashes = std::find(words.begin(), words.end(), "--");
  std::optional<words_type> program;
  if (dashes != words.end()) {
    program.emplace(dashes + 1, words.end());
    words.erase(dashes, words.end());
  }
  auto description = describe(command);
  options_library::positional_options_description positional;
  positional.add(positional_key, -1);
  namespace style = options_library::command_line_style;
  try {
    auto parsed = options_library::command_line_parser{words}
                    .options(description)
                    .positional(positional)
                    .style(style::unix_style & ~style::allow_guessing)
                    .run();
    auto given = collect(command, parsed);
    if (given)
      given->program = std::move(program);
    return given;
  } catch (const options_library::unknown_option& error) {
    return unknown_option(command, error.get_option_name());
  } catch (const options_library::error& error) {
    return {errc::invalid_argument, error.what()};
  }
}

} // namespace

result<parsed_command>
parse_command_line(const std::vector<std::string>& words) {
  if (words.empty() || words[0] == "-h" || words[0] == "--help")
    return help_about("");
  if (words[0] == "--version")
    return parsed_command{find_command("version"), {}};
  // "artel job --help" is about all of the noun's commands.
  if (words.size() == 2 && is_noun(words[0])
      && (words[1] == "-h" || words[1] == "--help"))
    return help_about(words[0]);
  auto found = find_command_in(words);
  if (!found)
    return found.error();
  auto [command, name_words] = *found;
  auto given = parse_arguments(
    *command,
    {words.begin() + static_cast<std::ptrdiff_t>(name_words), words.end()});
  if (!given)
    return given.error();
  if (given->has("help"))
    return help_about(command->name);
  if (auto sound = check_positional(*command, *given); !sound)
    return sound.error();
  return parsed_command{command, std::move(*given)};
}

exit_code run_command_line(const std::vector<std::string>& words) {
  auto parsed = parse_command_line(words);
  if (!parsed) {
    tell(parsed.error().message);
    return exit_code::invalid_input;
  }
  return finish_output(parsed->command->run(parsed->given));
}

} // namespace artel::tools
