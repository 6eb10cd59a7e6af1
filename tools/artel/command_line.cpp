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

/// "artel job run" in a terminal, "job run" in a session.
std::string called(const std::string& name, command_scope where) {
  return (where == command_scope::terminal ? "artel " : "") + name;
}

/// A name of one word, or the first of two words, that is known elsewhere.
failure works_elsewhere(const std::string& name, command_scope where) {
  return {errc::invalid_argument,
          "'" + name + "' works "
            + (where == command_scope::terminal
                 ? "in the shell and in scripts: 'artel shell'"
                 : "in a terminal only: 'artel " + name + "'")};
}

command_scope other_scope(command_scope where) {
  return where == command_scope::terminal ? command_scope::session
                                          : command_scope::terminal;
}

/// Parses one line of words, and remembers which of them was wrong.
class line_parser {
public:
  line_parser(const words_type& words, command_scope where)
    : words_(words),
      where_(where) {}

  result<parsed_command> parse();
  std::size_t wrong_word() const { return wrong_word_; }

private:
  result<const command_info*> find_command_in();
  result<const command_info*> find_verb();
  result<arguments> parse_arguments(const command_info& command);
  result<arguments> parse_options(const command_info& command,
                                  words_type words);
  result<arguments> collect(const command_info& command,
                            const options_library::parsed_options& parsed);
  result<void> check_positional(const command_info& command,
                                const arguments& given);
  failure unknown_option(const command_info& command, const std::string& given);
  std::string usage_of(const command_info& command) const;

  /// The last of the words from the command's own on that is or begins so.
  void blame(const std::string& start);
  void blame_last(const std::string& word);

  const words_type& words_;
  command_scope where_;
  /// How many words name the command.
  std::size_t name_words_ = 0;
  std::size_t wrong_word_ = 0;
};

void line_parser::blame(const std::string& start) {
  auto begins_so = [&start](const std::string& word) {
    return word == start || word.starts_with(start + "=");
  };
  auto found =
    std::find_if(words_.begin() + static_cast<std::ptrdiff_t>(name_words_),
                 words_.end(), begins_so);
  if (found != words_.end())
    wrong_word_ = static_cast<std::size_t>(found - words_.begin());
}

void line_parser::blame_last(const std::string& word) {
  for (auto i = name_words_; i < words_.size(); ++i)
    if (words_[i] == word || words_[i].starts_with(word + "="))
      wrong_word_ = i;
}

result<const command_info*> line_parser::find_verb() {
  const auto& noun = words_[0];
  auto verbs = verbs_of(noun, where_);
  std::string possible;
  for (auto verb : verbs)
    possible += (possible.empty() ? "" : ", ") + std::string{verb};
  if (words_.size() < 2 || words_[1].starts_with('-'))
    return {errc::invalid_argument, "'" + called(noun, where_)
                                      + "' needs to know what to do; expected "
                                      + possible};
  auto name = noun + " " + words_[1];
  if (const auto* command = find_command(name, where_)) {
    name_words_ = 2;
    return command;
  }
  wrong_word_ = 1;
  if (find_command(name, other_scope(where_)) != nullptr) {
    wrong_word_ = 0;
    return works_elsewhere(name, where_);
  }
  return {errc::invalid_argument, "there is no command '" + name + "'"
                                    + runtime::did_you_mean(words_[1], verbs)
                                    + " (" + noun + " knows " + possible + ")"};
}

/// The command that the words begin with.
result<const command_info*> line_parser::find_command_in() {
  const auto& first = words_[0];
  name_words_ = 1;
  if (const auto* command = find_command(first, where_))
    return command;
  if (is_noun(first, where_))
    return find_verb();
  auto elsewhere = other_scope(where_);
  if (find_command(first, elsewhere) != nullptr)
    return works_elsewhere(first, where_);
  if (is_noun(first, elsewhere)) {
    auto name = first + (words_.size() > 1 ? " " + words_[1] : "");
    return works_elsewhere(
      find_command(name, elsewhere) != nullptr ? name : first, where_);
  }
  return {errc::invalid_argument,
          "there is no command '" + first + "'"
            + runtime::did_you_mean(first, first_words(where_)) + " ('"
            + called("help", where_) + "' lists all)"};
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

bool is_repeatable(const command_info& command, const std::string& name) {
  return std::any_of(
    command.options.begin(), command.options.end(),
    [&name](const auto& one) { return one.name == name && one.repeatable; });
}

/// "--chnks" with the option that was probably meant.
failure line_parser::unknown_option(const command_info& command,
                                    const std::string& given) {
  std::vector<std::string_view> names;
  for (const auto& option : command.options)
    names.push_back(option.name);
  auto bare =
    given.substr(std::min(given.find_first_not_of('-'), given.size()));
  auto message =
    "'" + called(command.name, where_) + "' has no option '" + given + "'";
  auto meant = runtime::nearest_name(bare, names);
  message += meant.empty()
               ? "; '" + called("help " + command.name, where_) + "' lists all"
               : "; did you mean '--" + std::string{meant} + "'?";
  return {errc::invalid_argument, std::move(message)};
}

std::string line_parser::usage_of(const command_info& command) const {
  return "; usage: " + called(command.name, where_)
         + (command.usage.empty() ? "" : " " + command.usage);
}

result<void> line_parser::check_positional(const command_info& command,
                                           const arguments& given) {
  auto count = given.positional.size();
  auto usage = usage_of(command);
  auto name = "'" + called(command.name, where_) + "'";
  if (count < command.positional_min)
    return {errc::invalid_argument, name + " lacks an argument" + usage};
  if (count > command.positional_max) {
    const auto& extra = given.positional[command.positional_max];
    blame_last(extra);
    return {errc::invalid_argument,
            name + " does not take '" + extra + "'" + usage};
  }
  if (given.program)
    blame("--");
  if (given.program && !command.takes_program)
    return {errc::invalid_argument, name + " does not take a program" + usage};
  if (given.program && given.program->empty())
    return {errc::invalid_argument,
            "there is nothing after '--'; expected a program and its"
            " arguments"};
  wrong_word_ = 0;
  return {};
}

result<arguments>
line_parser::collect(const command_info& command,
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
        && !is_repeatable(command, option.string_key)) {
      blame_last("--" + option.string_key);
      return {errc::invalid_argument,
              "option '--" + option.string_key + "' is given more than once"};
    }
    // Flags have no value; that they are there says it.
    values.insert(values.end(), option.value.begin(), option.value.end());
    if (option.value.empty())
      values.emplace_back();
  }
  return given;
}

result<arguments> line_parser::parse_options(const command_info& command,
                                             words_type words) {
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
    return collect(command, parsed);
  } catch (const options_library::unknown_option& error) {
    blame(error.get_option_name());
    return unknown_option(command, error.get_option_name());
  } catch (const options_library::error_with_option_name& error) {
    blame(error.get_option_name());
    return {errc::invalid_argument, error.what()};
  } catch (const options_library::error& error) {
    return {errc::invalid_argument, error.what()};
  }
}

result<arguments> line_parser::parse_arguments(const command_info& command) {
  words_type words{words_.begin() + static_cast<std::ptrdiff_t>(name_words_),
                   words_.end()};
  if (command.takes_line) {
    arguments given;
    if (!words.empty() && words[0].starts_with('-') && words[0].size() > 1
        && (words[0] == "-h" || words[0][1] == '-'))
      return parse_options(command, {words[0]});
    given.positional = std::move(words);
    return given;
  }
  // What follows "--" is the program's own, whatever it looks like.
  auto dashes = std::find(words.begin(), words.end(), "--");
  std::optional<words_type> program;
  if (dashes != words.end()) {
    program.emplace(dashes + 1, words.end());
    words.erase(dashes, words.end());
  }
  auto given = parse_options(command, std::move(words));
  if (given)
    given->program = std::move(program);
  return given;
}

result<parsed_command> line_parser::parse() {
  if (words_.empty() || words_[0] == "-h" || words_[0] == "--help")
    return help_about("");
  if (words_[0] == "--version")
    return parsed_command{find_command("version"), {}};
  // "artel job --help" is about all of the noun's commands.
  if (words_.size() == 2 && is_noun(words_[0], where_)
      && (words_[1] == "-h" || words_[1] == "--help"))
    return help_about(words_[0]);
  auto command = find_command_in();
  if (!command)
    return command.error();
  auto given = parse_arguments(**command);
  if (!given)
    return given.error();
  if (given->has("help"))
    return help_about((*command)->name);
  if (auto sound = check_positional(**command, *given); !sound)
    return sound.error();
  return parsed_command{*command, std::move(*given)};
}

} // namespace

bool is_noun(std::string_view word, command_scope where) {
  return std::any_of(
    command_table().begin(), command_table().end(), [&](const auto& one) {
      return one.works_in(where) && one.name.size() > word.size()
             && one.name[word.size()] == ' ' && one.name.starts_with(word);
    });
}

std::vector<std::string_view> verbs_of(std::string_view noun,
                                       command_scope where) {
  std::vector<std::string_view> verbs;
  for (const auto& one : command_table())
    if (one.works_in(where) && one.name.size() > noun.size()
        && one.name[noun.size()] == ' ' && one.name.starts_with(noun))
      verbs.push_back(std::string_view{one.name}.substr(noun.size() + 1));
  return verbs;
}

std::vector<std::string_view> first_words(command_scope where) {
  std::set<std::string_view> words;
  for (const auto& one : command_table())
    if (one.works_in(where))
      words.insert(std::string_view{one.name}.substr(0, one.name.find(' ')));
  for (const auto& alias : command_aliases())
    if (alias.scope == where)
      words.insert(alias.short_form);
  return {words.begin(), words.end()};
}

result<parsed_command> parse_command_line(const std::vector<std::string>& words,
                                          command_scope where,
                                          std::size_t* wrong_word) {
  line_parser parser{words, where};
  auto parsed = parser.parse();
  if (wrong_word != nullptr)
    *wrong_word = parser.wrong_word();
  return parsed;
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
