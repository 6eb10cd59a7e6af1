#include "tools/artel/command_table.hpp"

#include <set>
#include <string>
#include <utility>

#include <doctest/doctest.h>

using namespace artel::tools;

TEST_CASE("every command can be found, run and explained") {
  std::set<std::pair<std::string, command_scope>> names;
  for (const auto& command : command_table()) {
    CAPTURE(command.name);
    auto where = command.works_in(command_scope::terminal)
                   ? command_scope::terminal
                   : command_scope::session;
    CHECK(names.emplace(command.name, where).second);
    CHECK(find_command(command.name, where) == &command);
    CHECK((command.run != nullptr) == (where == command_scope::terminal));
    CHECK((command.run != nullptr || command.run_in_session != nullptr));
    CHECK_FALSE(command.summary.empty());
    CHECK(command.positional_min <= command.positional_max);
    CHECK((command.positional_max > 0)
          == (command.positional != value_kind::none));
  }
  CHECK(find_command("run") == find_command("job run"));
  CHECK(find_command("job") == nullptr);
}

TEST_CASE("the options of a command have names of their own, and help") {
  for (const auto& command : command_table()) {
    std::set<std::string> names{"help"};
    std::set<char> letters{'h'};
    for (const auto& option : command.options) {
      CAPTURE(command.name + " --" + option.name);
      CHECK(names.insert(option.name).second);
      CHECK((option.letter == 0 || letters.insert(option.letter).second));
      CHECK_FALSE(option.help.empty());
      CHECK((option.kind == value_kind::none) == option.value_name.empty());
      CHECK((option.kind != value_kind::choice || !option.choices.empty()));
    }
  }
}

TEST_CASE("short forms name commands that exist") {
  for (const auto& alias : command_aliases())
    CHECK(find_command(alias.name, alias.scope) != nullptr);
}
