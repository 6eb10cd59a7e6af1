#include "protocol/task/message_text.hpp"
#include "runtime/config/name_suggestion.hpp"
#include "runtime/sim/world.hpp"
#include "tools/artel/shell/conditions.hpp"
#include "tools/artel/shell/expression.hpp"
#include "tools/artel/shell/figures.hpp"
#include "tools/artel/shell/session.hpp"
#include "tools/artel/shell/session_commands.hpp"
#include "tools/artel/shell/tables.hpp"

#include <array>
#include <string>
#include <utility>
#include <variant>

namespace artel::tools {

namespace {

exit_code run_expect(session& in, const arguments&) {
  auto code = exit_code::done;
  auto condition = read_condition(in, code);
  if (!condition || in.is_checking())
    return code;
  code = wait_for(in, *condition, exit_code::check_failed);
  if (code == exit_code::done)
    in.count_expectation();
  return code;
}

std::string faults_text(const sim::world& world, std::string_view) {
  return faults_table(world);
}

std::string summary_text(const sim::world& world, std::string_view) {
  return world_summary(world);
}

struct table_info {
  std::string_view name;
  std::string (*text)(const sim::world& world, std::string_view part);
};

constexpr std::array<table_info, 7> tables{{
  {"nodes", nodes_table},
  {"jobs", jobs_table},
  {"credits", credits_table},
  {"reputation", reputation_table},
  {"links", links_table},
  {"faults", faults_text},
  {"world", summary_text},
}};

exit_code show_value(session& in, std::size_t start) {
  std::size_t end = start;
  auto parsed = expression::parse(in.line().text, start, end);
  auto* mistake = std::get_if<line_mistake>(&parsed);
  if (mistake == nullptr
      && in.line().text.find_first_not_of(" \t", end) != std::string::npos)
    return in.refuse_at(end, exit_code::invalid_input,
                        "'show' does not wait; expected no 'within'");
  std::optional<line_mistake> unbound;
  if (mistake == nullptr && !in.is_checking()) {
    auto& what = std::get<expression>(parsed);
    unbound = what.bind(in.need_world());
    if (!unbound) {
      in.out() << to_string(what.evaluate(in.need_world())) << '\n';
      return exit_code::done;
    }
    mistake = &*unbound;
  }
  return mistake == nullptr
           ? exit_code::done
           : in.refuse_at(mistake->offset, exit_code::invalid_input,
                          mistake->message);
}

exit_code run_show(session& in, const arguments& given) {
  const auto& words = given.positional;
  for (const auto& table : tables)
    if (words[0] == table.name && words.size() <= 2) {
      if (!in.is_checking())
        in.out() << table.text(in.need_world(), words.size() > 1
                                                  ? std::string_view{words[1]}
                                                  : std::string_view{});
      return exit_code::done;
    }
  auto is_word = words.size() == 1 && words[0].find('.') == std::string::npos
                 && words[0].find_first_of("0123456789(") != 0
                 && words[0] != "true" && words[0] != "false"
                 && !in.words()[in.first_argument()].quoted;
  if (is_word) {
    std::vector<std::string_view> names;
    std::string possible;
    for (const auto& table : tables) {
      names.push_back(table.name);
      possible += std::string{table.name} + ", ";
    }
    return in.refuse({errc::invalid_argument,
                      "there is no table " + artel::quoted(words[0])
                        + runtime::did_you_mean(words[0], names) + "; expected "
                        + possible + "or an expression such as primes.status"},
                     words[0]);
  }
  return show_value(in, in.words()[in.first_argument()].offset);
}

exit_code run_set(session& in, const arguments& given) {
  auto words = given.positional;
  // NAME=VALUE, NAME= VALUE, NAME =VALUE, NAME = VALUE
  std::string text;
  for (const auto& word : words)
    text += (text.empty() ? "" : " ") + word;
  auto equals = text.find('=');
  auto name = text.substr(0, equals);
  while (name.ends_with(' '))
    name.pop_back();
  if (!is_variable_name(name))
    return in.refuse({errc::invalid_argument,
                      artel::quoted(name)
                        + " is no name for a variable; expected letters, digits"
                          " and '_', not beginning with a digit"},
                     words[0]);
  std::size_t value_words = words.size() - 1;
  if (equals == std::string::npos)
    return in.refuse({errc::invalid_argument,
                      "expected '=' and a value behind the name; usage: set"
                      " NAME = VALUE"});
  if (words[0].find('=') == std::string::npos && words[1] == "=")
    --value_words;
  else if (words[0].find('=') != std::string::npos && !words[0].ends_with('='))
    ++value_words;
  if (value_words != 1)
    return in.refuse({errc::invalid_argument,
                      value_words == 0
                        ? "expected a value behind '='"
                        : "expected one value; in quotes it may have blanks"},
                     words.back());
  auto start = text.find_first_not_of(' ', equals + 1);
  in.set_variable(name, start == std::string::npos ? "" : text.substr(start));
  return exit_code::done;
}

exit_code run_include(session& in, const arguments& given) {
  return in.include(given.positional[0]);
}

exit_code run_echo(session& in, const arguments& given) {
  if (in.is_checking())
    return exit_code::done;
  std::string text;
  for (const auto& word : given.positional)
    text += (text.empty() ? "" : " ") + word;
  in.out() << text << '\n';
  return exit_code::done;
}

exit_code run_quit(session& in, const arguments&) {
  if (!in.is_checking())
    in.leave();
  return exit_code::done;
}

/// `repeat` and `end` make blocks, which the session runs itself.
exit_code run_block_word(session&, const arguments&) {
  return exit_code::done;
}

command_info script_command(std::string name, std::string summary,
                            std::string usage, value_kind positional,
                            exit_code (*run)(session&, const arguments&)) {
  command_info command;
  command.name = std::move(name);
  command.summary = std::move(summary);
  command.usage = std::move(usage);
  command.positional = positional;
  command.run_in_session = run;
  if (positional != value_kind::none) {
    command.takes_line = true;
    command.positional_min = 1;
    command.positional_max = std::string::npos;
  }
  return command;
}

command_info expect_command() {
  auto expect = script_command("expect", "check that something holds",
                               "EXPRESSION [within TIME]",
                               value_kind::expression, run_expect);
  expect.description =
    "Ends with exit code 9 where it does not hold, and shows the values. With a"
    " time it waits until it holds. An expression compares figures with each"
    " other or with numbers (12, 0.4), shares (40%), times (2s) and texts"
    " (completed, \"two words\"), by == != < <= > >=, and joins what is true or"
    " false by and, or, not and parentheses. Names with other characters than"
    " letters, digits, '-' and '_' stand in quotes: \"my task\".done.";
  expect.examples = {
    "expect primes.status == completed and primes.result == 5761455",
    "expect worker-3.reputation < 0.4",
    "expect worker-3.reputation.alice < 40% within 10s",
    "expect credits.total == credits.granted",
  };
  expect.notes = "Figures (TASK and NODE are names):\n" + figures_text();
  return expect;
}

command_info show_command() {
  auto show = script_command(
    "show", "show a table, or the value of an expression",
    "nodes|jobs|credits|reputation|links|faults|world|EXPRESSION",
    value_kind::expression, run_show);
  show.description = "Behind a table's name, a part of a name shows only rows"
                     " about such nodes or tasks.";
  show.examples = {"show nodes", "show links worker-1",
                   "show worker-3.reputation"};
  return show;
}

} // namespace

std::vector<command_info> script_commands() {
  using enum value_kind;
  auto set = script_command("set", "give a variable a value", "NAME = VALUE",
                            text, run_set);
  set.description = "$NAME stands for the value from here on, also in quotes"
                    " (\"...\", not '...').";
  set.examples = {"set workers = 8", "node add worker $workers"};
  auto include =
    script_command("include", "run another script", "FILE", file, run_include);
  include.description = "The file is looked for beside the script that includes"
                        " it.";
  include.takes_line = false;
  include.positional_max = 1;
  auto repeat = script_command("repeat", "run lines several times",
                               "N [as NAME]", text, run_block_word);
  repeat.description = "The lines up to 'end'. With a name, $NAME counts from"
                       " 1.";
  repeat.examples = {"repeat 3 as i", "  node add worker-$i", "end"};
  auto end = script_command("end", "end the lines of 'repeat'", "", none,
                            run_block_word);
  auto echo = script_command("echo", "print a text", "TEXT...", text, run_echo);
  echo.positional_min = 0;
  auto quit = script_command("quit", "leave the shell, or end the script", "",
                             none, run_quit);
  return {
    expect_command(), show_command(), set, include, repeat, end, echo, quit};
}

} // namespace artel::tools
