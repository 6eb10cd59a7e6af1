#include "sandbox/bundle/arguments.hpp"

#include <doctest/doctest.h>

using namespace artel;
using sandbox::render_arguments;

namespace {

code_bundle with(std::vector<std::string> arguments) {
  code_bundle bundle;
  bundle.main = "/bin/true";
  bundle.arguments = std::move(arguments);
  return bundle;
}

job_input range(std::uint64_t first, std::uint64_t last) {
  job_input input;
  input.kind = input_kind::range;
  input.first = first;
  input.last = last;
  return input;
}

job_input data(std::string name) {
  job_input input;
  input.kind = input_kind::data;
  input.name = std::move(name);
  return input;
}

using texts = std::vector<std::string>;

} // namespace

TEST_CASE("placeholders stand for the job's own values") {
  auto rendered = render_arguments(
    with({"--from={first}", "{last}", "{index}{index}", "plain", ""}), 3,
    range(10, 20));
  REQUIRE(rendered.ok());
  CHECK(*rendered == texts{"--from=10", "20", "33", "plain", ""});
  rendered = render_arguments(with({"{file}", "{index}"}), 0, data("a b.txt"));
  REQUIRE(rendered.ok());
  CHECK(*rendered == texts{"/input/a b.txt", "0"});
}

TEST_CASE("doubled braces are braces, and values are not looked into") {
  auto rendered = render_arguments(
    with({"{{first}}", "{{{index}}}", "}}{{", "{file}"}), 5, data("{last}"));
  REQUIRE(rendered.ok());
  CHECK(*rendered == texts{"{first}", "{5}", "}{", "/input/{last}"});
}

TEST_CASE("what is no placeholder is refused with the argument's number") {
  for (std::string text : {"{", "}", "{}", "{First}", "{first", "first}",
                           "{{first}", "{ first}", "{middle}"}) {
    CAPTURE(text);
    auto rendered = render_arguments(with({"fine", text}), 0, range(1, 2));
    REQUIRE(!rendered.ok());
    CHECK(rendered.error().code == errc::invalid_argument);
    CHECK(rendered.error().message.starts_with("arguments[1]: "));
    // The bundle's own validation is of the same opinion.
    CHECK(!validate(with({"fine", text})).ok());
  }
}

TEST_CASE("a placeholder without a value in the job is refused") {
  CHECK(!render_arguments(with({"{first}"}), 0, data("x")).ok());
  CHECK(!render_arguments(with({"{last}"}), 0, {}).ok());
  CHECK(!render_arguments(with({"{file}"}), 0, range(1, 2)).ok());
}
