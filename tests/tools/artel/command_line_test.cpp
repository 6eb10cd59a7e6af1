#include "tools/artel/command_line.hpp"

#include <doctest/doctest.h>

using namespace artel;
using namespace artel::tools;

namespace {

using words = std::vector<std::string>;

parsed_command parsed(const words& given) {
  auto command = parse_command_line(given);
  INFO((command ? "" : command.error().message));
  REQUIRE(command);
  REQUIRE(command->command != nullptr);
  return *command;
}

std::string refused(const words& given,
                    command_scope where = command_scope::terminal) {
  auto command = parse_command_line(given, where);
  if (command)
    return "accepted";
  CHECK(command.error().code == errc::invalid_argument);
  return command.error().message;
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("commands are named by noun and verb, or by their short form") {
  CHECK(parsed({"job", "run", "x.toml"}).command->name == "job run");
  CHECK(parsed({"run", "x.toml"}).command->name == "job run");
  CHECK(parsed({"receipt", "verify", "r"}).command->name == "receipt verify");
  CHECK(parsed({"version"}).command->name == "version");
  CHECK(parsed({"--version"}).command->name == "version");
}

TEST_CASE("help is asked for in every usual way") {
  CHECK(parsed({}).command->name == "help");
  CHECK(parsed({"-h"}).command->name == "help");
  CHECK(parsed({"--help"}).given.positional.empty());
  CHECK(parsed({"help", "job", "run"}).given.positional == words{"job", "run"});
  CHECK(parsed({"job", "--help"}).given.positional == words{"job"});
  CHECK(parsed({"run", "--chunks", "3", "-h"}).given.positional
        == words{"job", "run"});
  // Even where something else is missing.
  CHECK(parsed({"receipt", "verify", "--help"}).command->name == "help");
}

TEST_CASE("options stand anywhere, values behind a blank or an equals sign") {
  auto given =
    parsed({"run", "--chunks=20", "x.toml", "--range", "1..9", "-ojson", "-q"})
      .given;
  CHECK(given.positional == words{"x.toml"});
  CHECK(given.value("chunks") == "20");
  CHECK(given.value("range") == "1..9");
  CHECK(given.value("output") == "json");
  CHECK(given.has("quiet"));
  CHECK_FALSE(given.has("force"));
  CHECK_FALSE(given.value("budget"));
}

TEST_CASE("a repeatable option keeps all its values") {
  CHECK(parsed({"run", "--each", "a", "--each", "b", "--", "p"})
          .given.values("each")
        == words{"a", "b"});
}

TEST_CASE("what follows two dashes is the program's own") {
  auto given =
    parsed({"run", "-q", "--", "./p", "-x", "--range", "--", "{first}"}).given;
  CHECK(given.program == words{"./p", "-x", "--range", "--", "{first}"});
  CHECK_FALSE(given.has("range"));
  CHECK_FALSE(parsed({"run", "x.toml"}).given.program);
}

TEST_CASE("mistyped commands and options lead to those that were meant") {
  CHECK(has(refused({"jab"}), "did you mean 'job'?"));
  CHECK(has(refused({"job", "rum"}), "did you mean 'run'?"));
  CHECK(has(refused({"job"}), "run, plan, retry"));
  CHECK(has(refused({"job", "-q"}), "run, plan, retry"));
  CHECK(has(refused({"zebra"}), "artel help"));
  CHECK(has(refused({"run", "--chnks", "3"}), "did you mean '--chunks'?"));
  CHECK(has(refused({"run", "--zebra"}), "artel help job run"));
  // No guessing: a script must not depend on what other options there are.
  CHECK(has(refused({"run", "--chunk", "3"}), "did you mean '--chunks'?"));
}

TEST_CASE("options that are given wrong are refused") {
  CHECK(has(refused({"run", "--chunks"}), "--chunks"));
  CHECK(has(refused({"run", "--chunks", "1", "--chunks", "2"}), "--chunks"));
  CHECK(has(refused({"run", "--quiet=3"}), "--quiet"));
  CHECK(has(refused({"run", "-x"}), "-x"));
}

TEST_CASE("arguments too few and too many are refused with the usage") {
  CHECK(
    has(refused({"receipt", "verify"}), "usage: artel receipt verify FILE"));
  CHECK(has(refused({"run", "a", "b"}), "'b'"));
  CHECK(has(refused({"version", "x"}), "'x'"));
  CHECK(has(refused({"key", "new", "--", "x"}), "program"));
  CHECK(has(refused({"run", "--"}), "--"));
}

TEST_CASE("an option that no command can mean is refused by all") {
  for (const auto& command : command_table()) {
    CAPTURE(command.name);
    words given;
    for (std::size_t start = 0; start < command.name.size();) {
      auto end = std::min(command.name.find(' ', start), command.name.size());
      given.push_back(command.name.substr(start, end - start));
      start = end + 1;
    }
    given.push_back("--no-such-flag");
    auto where = command.works_in(command_scope::terminal)
                   ? command_scope::terminal
                   : command_scope::session;
    CHECK(has(refused(given, where), "--no-such-flag"));
  }
}

TEST_CASE("a command of the shell says in a terminal where it works") {
  CHECK(refused({"node", "add", "x"})
        == "'node add' works in the shell and in scripts: 'artel shell'");
  CHECK(has(refused({"expect", "x"}), "'expect' works in the shell"));
  // A noun that both know names what works here.
  CHECK(
    has(refused({"job", "cancel", "x"}), "'job cancel' works in the shell"));
  CHECK_FALSE(has(refused({"job"}), "cancel"));
  CHECK(has(refused({"net"}), "'net' works in the shell"));
}

TEST_CASE("a session has commands and short forms of its own") {
  auto in_session = [](const words& given) {
    auto command = parse_command_line(given, command_scope::session);
    INFO((command ? "" : command.error().message));
    REQUIRE(command);
    return *command;
  };
  CHECK(in_session({"run", "10s"}).command->name == "run");
  CHECK(in_session({"exit"}).command->name == "quit");
  // A terminal's command of this name talks to a daemon.
  CHECK(in_session({"job", "submit", "x", "--as", "a"}).command
        != find_command("job submit"));
  CHECK(in_session({"job", "run", "x"}).command->name == "job run");
  // What stands behind `at` has options of its own.
  auto at = in_session({"at", "3s", "node", "kill", "x", "--power"});
  CHECK(at.given.positional == words{"3s", "node", "kill", "x", "--power"});
  CHECK(has(refused({"sim", "run", "x"}, command_scope::session),
            "'sim run' works in a terminal"));
  CHECK(has(refused({"node", "ad"}, command_scope::session),
            "did you mean 'add'?"));
}

TEST_CASE("the word that is wrong is named") {
  std::size_t wrong = 0;
  auto at = [&wrong](const words& given) {
    CHECK_FALSE(parse_command_line(given, command_scope::session, &wrong));
    return wrong;
  };
  CHECK(at({"nod", "add"}) == 0);
  CHECK(at({"node", "ad", "x"}) == 1);
  CHECK(at({"node", "add", "x", "--sped", "3"}) == 3);
  CHECK(at({"node", "add", "x", "--sped=3"}) == 3);
  CHECK(at({"node", "add", "x", "3", "y"}) == 4);
  CHECK(at({"node", "add", "x", "--cpu"}) == 3);
  CHECK(at({"node", "add", "x", "--cpu", "1", "--cpu", "1"}) == 5);
}
