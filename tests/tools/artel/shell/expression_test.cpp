#include "tools/artel/shell/expression.hpp"

#include "runtime/sim/world.hpp"

#include <set>

#include <doctest/doctest.h>

using namespace artel;
using namespace artel::tools;

namespace {

expression parsed(std::string_view text) {
  std::size_t end = 0;
  auto made = expression::parse(text, 0, end);
  INFO(text);
  if (const auto* mistake = std::get_if<line_mistake>(&made))
    INFO(mistake->message);
  REQUIRE(std::holds_alternative<expression>(made));
  return std::get<expression>(made);
}

/// "COLUMN message", from 0.
std::string refused(std::string_view text) {
  std::size_t end = 0;
  auto made = expression::parse(text, 0, end);
  const auto* mistake = std::get_if<line_mistake>(&made);
  return mistake == nullptr
           ? "accepted"
           : std::to_string(mistake->offset) + " " + mistake->message;
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// A world of alice and three workers, in which nothing has happened yet.
struct small_world {
  sim::world world{{}};

  small_world() {
    sim::node_options options;
    for (auto name : {"alice", "worker-1", "worker-2", "worker-3"}) {
      options.name = name;
      REQUIRE(world.add_node(options));
    }
  }

  bool holds(std::string_view text) {
    auto what = parsed(text);
    auto mistake = what.bind(world);
    INFO((mistake ? mistake->message : std::string{text}));
    REQUIRE_FALSE(mistake);
    return what.holds(world);
  }

  std::string unbound(std::string_view text) {
    auto mistake = parsed(text).bind(world);
    return mistake ? std::to_string(mistake->offset) + " " + mistake->message
                   : "bound";
  }
};

} // namespace

TEST_CASE("figures of a world are compared with literals and each other") {
  small_world small;
  CHECK(small.holds("world.nodes == 4"));
  CHECK(small.holds("worker-3.status == up"));
  CHECK(small.holds("worker-3.status != \"down\""));
  CHECK(small.holds("worker-1.reputation == 0.5"));
  CHECK(small.holds("worker-1.reputation >= 50%"));
  CHECK(small.holds("worker-1.reputation.alice <= 50%"));
  CHECK(small.holds("credits.total == credits.granted"));
  CHECK(small.holds("clock.now < 1ms"));
  CHECK(small.holds("4 == world.nodes"));
  CHECK(small.holds("\"worker-1\".honest"));
  CHECK(small.holds("worker-1.honest == true"));
  CHECK_FALSE(small.holds("world.up < 4"));
}

TEST_CASE("not binds closer than and, and closer than or") {
  small_world small;
  CHECK(small.holds("true or false and false"));
  CHECK_FALSE(small.holds("(true or false) and false"));
  CHECK(small.holds("not false and true"));
  CHECK_FALSE(small.holds("not (false or true)"));
  CHECK(small.holds("not not world.nodes == 4"));
  CHECK(small.holds("world.nodes > 3 and world.nodes < 5 and true"));
}

TEST_CASE("an expression ends before 'within'") {
  std::size_t end = 0;
  std::string_view text = "expect  world.nodes == 4  within 60s";
  auto made = expression::parse(text, 7, end);
  REQUIRE(std::holds_alternative<expression>(made));
  CHECK(std::get<expression>(made).text() == "world.nodes == 4");
  CHECK(text.substr(end) == "within 60s");
}

TEST_CASE("syntax that is wrong is told where it is") {
  CHECK(refused("").starts_with("0 expected a figure"));
  CHECK(refused("clock.now == 3s and").starts_with("19 expected a figure"));
  CHECK(refused("(true")
        == "5 expected ')' and not the end of the line; one"
           " '(' is open");
  CHECK(refused("true)")
        == "4 expected an operator or the end of the line, and not ')'");
  CHECK(has(refused("world.nodes = 4"), "12 '=' means nothing"));
  CHECK(has(refused("world.nodes = 4"), "did you mean '=='?"));
  CHECK(has(refused("true && false"), "did you mean 'and'?"));
  CHECK(has(refused("true || false"), "did you mean 'or'?"));
  CHECK(has(refused("!true"), "did you mean 'not'?"));
  CHECK(has(refused("world.nodes + 1 == 5"), "'+' means nothing"));
  CHECK(refused("1 < world.nodes < 5").starts_with("16 comparisons can't"));
  CHECK(refused("world.nodes == \"4") == "15 this quote is not closed");
  CHECK(refused("alice.credits. == 4").starts_with("13 expected an operator"));
  CHECK(has(refused("alice. == 4"), "expected a figure's name behind"));
  CHECK(
    has(refused("clock"), "'clock' alone has no value; expected clock.now"));
  CHECK(refused(std::string(100, '(')).starts_with("64 "));
}

TEST_CASE("figures that do not exist lead to those that were meant") {
  CHECK(has(refused("primes.staus == failed"), "did you mean 'status'?"));
  CHECK(refused("clock.later > 1s").starts_with("6 there is no figure"));
  CHECK(has(refused("clok.now > 1s"), "did you mean 'clock.now'?"));
}

TEST_CASE("unlike kinds are refused before anything runs") {
  CHECK(refused("clock.now < 5")
        == "12 cannot compare a duration with a number; expected a duration"
           " such as 2s");
  CHECK(has(refused("x.status == 5"), "a text with a number"));
  CHECK(has(refused("x.done == 5"), "true or false with a number"));
  CHECK(has(refused("x.completed < 40%"), "a number with a percentage"));
  CHECK(has(refused("x.credits > 2s"), "credits with a duration"));
  CHECK(has(refused("x.status < failed"), "== and != alone"));
  CHECK(has(refused("world.nodes and true"), "true or false here"));
  CHECK(has(refused("not world.nodes"), "true or false here"));
  CHECK(has(refused("world.nodes == 10parsecs"), "known unit"));
}

TEST_CASE("a status that can never be is refused, with those that can") {
  CHECK(has(refused("x.status == complete"), "did you mean 'completed'?"));
  CHECK(has(refused("complete == x.status"), "did you mean 'completed'?"));
  CHECK(refused("x.status == up") == "accepted");
  CHECK(has(refused("primes == completed"), "neither side can ever change"));
}

TEST_CASE("names are looked up in a world, with what is there") {
  small_world small;
  CHECK(has(small.unbound("true and worker-9.honest"),
            "9 there is no node or task 'worker-9'; did you mean 'worker-"));
  CHECK(has(small.unbound("alice.retries == 0"),
            "0 'alice' is a node and has no figure 'retries'"));
  CHECK(has(small.unbound("alice.reputation.bob > 0"), "no node 'bob'"));
}

TEST_CASE("what does not hold is told with the values of its figures") {
  small_world small;
  auto told = [&small](std::string_view text) {
    auto what = parsed(text);
    REQUIRE_FALSE(what.bind(small.world));
    return what.values_text(small.world);
  };
  CHECK(told("worker-3.reputation < 0.4") == ", and it is 0.5");
  CHECK(told("0.4 > worker-3.reputation")
        == ", and worker-3.reputation is 0.5");
  CHECK(told("world.nodes == world.tasks")
        == ", and world.nodes is 4, world.tasks is 0");
  CHECK(told("world.nodes == 1 or world.nodes == 2")
        == ", and world.nodes is 4");
  CHECK(told("false") == "");
}

TEST_CASE("equal figures of nodes and tasks are of one kind") {
  for (const auto& one : figures())
    if (one.subject == figure_subject::node)
      if (const auto* other = find_figure(figure_subject::task, one.name)) {
        CAPTURE(one.name);
        CHECK(other->kind == one.kind);
      }
}

TEST_CASE("every figure can be read, has a name of its own, and help") {
  small_world small;
  std::set<std::pair<figure_subject, std::string_view>> names;
  for (const auto& one : figures()) {
    CAPTURE(one.name);
    CHECK(names.emplace(one.subject, one.name).second);
    CHECK_FALSE(one.help.empty());
    if (one.subject == figure_subject::task)
      continue;
    auto value = one.read(small.world, 0);
    CHECK(value.kind == one.kind);
    CHECK(has(figures_text(), one.name));
  }
}
