#include "runtime/sim/byzantine/behaviour.hpp"

#include "runtime/sim/byzantine/altered_output.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>

using namespace artel;
using namespace artel::sim;

namespace {

sandbox::run_request job(std::uint64_t index) {
  sandbox::run_request request;
  request.kernel = "count_primes";
  request.index = index;
  request.input.kind = input_kind::range;
  request.input.first = 1 + index * 100;
  request.input.last = 100 + index * 100;
  return request;
}

sandbox::run_result answer(std::string_view output) {
  sandbox::run_result run;
  run.output = to_bytes(output);
  return run;
}

behaviour lying(lie_kind kind) {
  behaviour how;
  how.lies = kind;
  return how;
}

std::string lie(const behaviour& how, node_index liar, std::uint64_t index,
                std::string_view honest) {
  auto random = random_generator::from_number(liar + 17);
  auto run = misbehave(how, liar, job(index), answer(honest), random);
  CHECK(run.outcome == run_outcome::completed);
  return std::string{as_text(run.output)};
}

behaviour with(std::string_view name, std::string_view value,
               behaviour target = {}) {
  CAPTURE(std::string{name} + " " + std::string{value});
  auto set = set_trait(target, name, value);
  REQUIRE(set.ok());
  return target;
}

std::string text_of(bytes_view data) {
  return std::string{as_text(data)};
}

std::string altered(std::string_view honest, std::uint64_t by) {
  return text_of(altered_output(as_bytes(honest), by));
}

} // namespace

// -- lies ---------------------------------------------------------------------

TEST_CASE("an altered output is a number near the honest one") {
  CHECK(altered("168\n", 5) == "173\n");
  CHECK(altered("99", 1) == "100");
  CHECK(altered("007\n", 2) == "009\n");
  CHECK(altered("0.5", 2) == "0.7");
  CHECK(altered("the 12\nof 7\n", 3) == "the 12\nof 10\n");
  CHECK(altered("", 3) == "3");
  CHECK(altered("words\n", 3) == "words3\n");
  CHECK(altered("123456789012345678901", 4) == "123456789012345678905");
  CHECK(altered("12 apples", 4) == "16 apples");
}

TEST_CASE("liars of no ring all give other answers, and never the honest one") {
  for (auto kind : {lie_kind::always, lie_kind::sometimes}) {
    auto how = lying(kind);
    how.lie_rate = ppm{ppm_one};
    for (std::uint64_t index = 0; index < 20; ++index) {
      std::set<std::string> seen{"168\n"};
      for (node_index liar = 0; liar < 50; ++liar)
        seen.insert(lie(how, liar, index, "168\n"));
      CHECK(seen.size() == 51);
    }
  }
}

TEST_CASE("liars of a ring agree, rings among each other don't") {
  auto first = lying(lie_kind::colluding);
  auto second = first;
  second.ring = 1;
  std::set<std::string> changes;
  for (std::uint64_t index = 0; index < 20; ++index) {
    auto told = lie(first, 1, index, "1000");
    CHECK(told != "1000");
    for (node_index liar = 2; liar < 10; ++liar)
      CHECK(lie(first, liar, index, "1000") == told);
    CHECK(lie(second, 1, index, "1000") != told);
    for (node_index liar = 0; liar < 10; ++liar)
      CHECK(lie(lying(lie_kind::always), liar, index, "1000") != told);
    changes.insert(told);
  }
  CHECK(changes.size() > 1);
}

TEST_CASE("output files are lied about where there are some, and a failure "
          "becomes an answer") {
  auto random = random_generator::from_number(1);
  auto how = lying(lie_kind::always);
  auto run = answer("5");
  run.files = {{"a", to_bytes("1")}, {"b", to_bytes("2")}};
  auto told = misbehave(how, 3, job(0), run, random);
  CHECK(told.output == run.output);
  CHECK(told.files[0] == run.files[0]);
  CHECK(told.files[1].name == "b");
  CHECK(told.files[1].data != run.files[1].data);

  sandbox::run_result failed;
  failed.outcome = run_outcome::trap;
  failed.detail = "unreachable";
  told = misbehave(how, 3, job(0), failed, random);
  CHECK(told.outcome == run_outcome::completed);
  CHECK_FALSE(told.output.empty());
  CHECK(told.detail.empty());

  failed.outcome = run_outcome::cancelled;
  told = misbehave(how, 3, job(0), failed, random);
  CHECK(told.outcome == run_outcome::cancelled);
}

TEST_CASE("some lie or crash now and then, at their rate") {
  auto random = random_generator::from_number(3);
  auto how = with("lies", "30%");
  how.crash_rate = ppm{100'000};
  int lies = 0;
  int crashes = 0;
  for (std::uint64_t index = 0; index < 2'000; ++index) {
    auto run = misbehave(how, 1, job(index), answer("168"), random);
    if (run.outcome == run_outcome::nonzero_exit) {
      ++crashes;
      CHECK(run.exit_code == 1);
      CHECK(run.output.empty());
    } else if (text_of(run.output) != "168") {
      ++lies;
    }
  }
  CHECK(crashes > 150);
  CHECK(crashes < 250);
  CHECK(lies > 470);
  CHECK(lies < 610);
}

TEST_CASE("an honest run stays as it is, and draws no number") {
  auto random = random_generator::from_number(3);
  auto untouched = random_generator::from_number(3);
  auto run = misbehave({}, 1, job(0), answer("168"), random);
  CHECK(text_of(run.output) == "168");
  CHECK(random.next() == untouched.next());
}

// -- traits -------------------------------------------------------------------

TEST_CASE("traits are set by their names, and said in words") {
  CHECK(to_string(behaviour{}) == "honest");
  CHECK(to_string(with("lies", "always")) == "lies always");
  CHECK(to_string(with("lies", "colluding")) == "lies colluding");
  CHECK(to_string(with("lies", "30%")) == "lies 30%");
  CHECK(to_string(with("lies", "0.5%")) == "lies 0.5%");
  CHECK(to_string(with("slow", "4x", with("lies", "100%")))
        == "lies always, slow 4x");
  CHECK(to_string(with("slow", "2.5x")) == "slow 2.5x");
  CHECK(to_string(with("crashes", "20%")) == "crashes 20%");
  CHECK(to_string(with("silent", "yes")) == "silent");
  CHECK(to_string(with("answers-twice", "yes")) == "answers twice");
  CHECK(to_string(with("replays", "yes", with("forges", "yes")))
        == "replays, forges");
  CHECK(to_string(with("floods", "100/s")) == "floods 100/s");
  CHECK(with("lies", "30%").lie_rate == ppm{300'000});
  CHECK(with("floods", "100/s").floods_per_second == 100);
  CHECK(with("slow", "1.5x").slowness_permille == 1'500);
}

TEST_CASE("every trait can be taken back") {
  const std::pair<const char*, std::pair<const char*, const char*>> pairs[] = {
    {"lies", {"30%", "never"}},  {"lies", {"colluding", "0%"}},
    {"silent", {"yes", "no"}},   {"slow", {"4x", "1x"}},
    {"crashes", {"20%", "0%"}},  {"answers-twice", {"yes", "no"}},
    {"replays", {"yes", "no"}},  {"forges", {"yes", "no"}},
    {"floods", {"100/s", "0/s"}}};
  for (const auto& [name, values] : pairs) {
    auto changed = with(name, values.first);
    CHECK_FALSE(changed.is_honest());
    CHECK(with(name, values.second, changed).is_honest());
  }
  CHECK(trait_names().size() == 8);
  for (auto name : trait_names())
    CHECK_FALSE(set_trait(*std::make_unique<behaviour>(), name, "?").ok());
}

TEST_CASE(
  "what is no trait or no value is refused, and what is possible said") {
  behaviour how;
  auto unknown = set_trait(how, "lie", "always");
  REQUIRE_FALSE(unknown.ok());
  CHECK(unknown.error().code == errc::invalid_argument);
  CHECK(unknown.error().message.find("answers-twice") != std::string::npos);
  const std::pair<const char*, const char*> wrong[] = {
    {"lies", "yes"},    {"lies", "101%"},       {"lies", "%"},
    {"lies", "-5%"},    {"lies", "3.5"},        {"lies", "1.%"},
    {"silent", "true"}, {"slow", "4"},          {"slow", "0.5x"},
    {"slow", "1001x"},  {"slow", "x"},          {"crashes", "often"},
    {"floods", "100"},  {"floods", "1.5/s"},    {"floods", "100001/s"},
    {"forges", ""},     {"crashes", "1.00001%"}};
  for (const auto& [name, value] : wrong) {
    CAPTURE(std::string{name} + " " + value);
    auto refused = set_trait(how, name, value);
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == errc::invalid_argument);
    CHECK(refused.error().message.find("expected") != std::string::npos);
  }
  CHECK(how.is_honest());
}
