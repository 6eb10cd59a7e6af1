#include "tools/artel/shell/line_editor.hpp"

#include <doctest/doctest.h>

using namespace artel::tools;

TEST_CASE("Tab puts in what all candidates share, and a blank after a word") {
  auto one = choose_completion("node ki", {"kill"});
  CHECK(one.insertion == "ll ");
  CHECK(one.choices.empty());
  CHECK(choose_completion("node kill", {"kill"}).insertion == " ");
  auto many = choose_completion("node kill wo", {"worker-1", "worker-12"});
  CHECK(many.insertion == "rker-1");
  CHECK(many.choices.empty());
  CHECK(choose_completion("", {"run"}).insertion == "run ");
  CHECK(choose_completion("worker-", {"worker-11", "worker-12"}).insertion
        == "1");
}

TEST_CASE("Tab shows the choices where nothing is left to put in") {
  auto many = choose_completion("node ", {"add", "kill"});
  CHECK(many.insertion.empty());
  CHECK(many.choices == std::vector<std::string>{"add", "kill"});
  auto none = choose_completion("nosuch", {});
  CHECK(none.insertion.empty());
  CHECK(none.choices.empty());
}

TEST_CASE("a directory, a figure and an option with a value go on") {
  CHECK(choose_completion("include exam", {"examples/"}).insertion == "ples/");
  CHECK(choose_completion("expect pri", {"primes."}).insertion == "mes.");
  CHECK(choose_completion("world --se", {"--seed="}).insertion == "ed=");
}

TEST_CASE("choices stand in columns that fit, and are not too many") {
  CHECK(choices_text({"a", "bbb", "c"}, 80) == "a    bbb  c\n");
  CHECK(choices_text({"a", "bbb", "c"}, 8) == "a    bbb\nc\n");
  CHECK(choices_text({"longer-than-it", "b"}, 5) == "longer-than-it\nb\n");
  std::vector<std::string> many(150, "x");
  CHECK(choices_text(many, 80).ends_with("\n... and 50 more\n"));
}
