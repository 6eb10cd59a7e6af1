#include "tools/artel/code_options.hpp"

#include "tools/artel/command_line.hpp"
#include "tools/artel/sandbox_options.hpp"

#include <doctest/doctest.h>

using namespace artel;
using namespace artel::tools;

namespace {

using words = std::vector<std::string>;

arguments given(words options) {
  options.insert(options.begin(), {"sandbox", "run"});
  auto parsed = parse_command_line(options);
  REQUIRE(parsed);
  return parsed->given;
}

std::string terms_problem(const words& options, sandbox_kind implied) {
  auto terms = sandbox_terms_of(given(options), implied);
  return terms ? "accepted" : terms.error().message;
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("the kind of code follows from what it is") {
  CHECK(implied_kind("./prog", false) == sandbox_kind::process);
  CHECK(implied_kind("/usr/bin/awk", false) == sandbox_kind::process);
  CHECK(implied_kind("dir/m.wasm", false) == sandbox_kind::wasm);
  CHECK(implied_kind("/bin/sh", true) == sandbox_kind::container);
}

TEST_CASE("terms are as said, or as implied") {
  auto plain = sandbox_terms_of(given({}), sandbox_kind::wasm);
  REQUIRE(plain);
  CHECK(*plain == sandbox_terms{.kind = sandbox_kind::wasm});
  auto all = sandbox_terms_of(
    given({"--type", "wasm", "--tier", "compiled", "--nan", "as_is"}),
    sandbox_kind::process);
  REQUIRE(all);
  CHECK(*all
        == sandbox_terms{sandbox_kind::wasm, wasm_tier::compiled,
                         nan_policy::as_is});
  CHECK(
    has(terms_problem({"--type", "vm"}, sandbox_kind::process), "--type: "));
  CHECK(has(terms_problem({"--tier", "fast"}, sandbox_kind::wasm), "--tier: "));
  CHECK(has(terms_problem({"--nan", "x"}, sandbox_kind::wasm), "--nan: "));
  CHECK(has(terms_problem({"--tier", "auto"}, sandbox_kind::process),
            "--tier is for WebAssembly alone"));
}

TEST_CASE("isolation is full unless it is said to be reduced") {
  CHECK(local_config_of(given({}))->policy.isolation
        == sandbox::isolation_level::full);
  CHECK(local_config_of(given({"--isolation", "reduced"}))->policy.isolation
        == sandbox::isolation_level::reduced);
  auto refused = local_config_of(given({"--isolation", "none"}));
  REQUIRE_FALSE(refused);
  CHECK(has(refused.error().message, "expected full or reduced"));
}

TEST_CASE("a program of this machine is packed without its file") {
  auto bundle = pack_code(given({}), {"/usr/bin/env", "{index}", "-x"},
                          sandbox_kind::process);
  REQUIRE(bundle);
  CHECK(bundle->main == "/usr/bin/env");
  CHECK(bundle->files.empty());
  CHECK(bundle->arguments == words{"{index}", "-x"});
  CHECK(bundle->rootfs.empty());
}

TEST_CASE("what can't be packed is told with its name") {
  auto problem = [](const words& options, const std::string& program,
                    sandbox_kind kind) {
    auto bundle = pack_code(given(options), {program}, kind);
    return bundle ? std::string{"accepted"} : bundle.error().message;
  };
  using enum sandbox_kind;
  CHECK(has(problem({}, "no-such-program", process), "no-such-program"));
  CHECK(
    has(problem({"--file", "/etc/passwd"}, "/bin/sh", process), "/etc/passwd"));
  CHECK(has(problem({"--stdin", "/nonexistent"}, "/bin/sh", process),
            "--stdin '/nonexistent'"));
  CHECK(has(problem({"--stdin", "/dev/zero"}, "/bin/sh", process),
            "give '-' to read standard input"));
  CHECK(has(problem({"--rootfs", "/nonexistent.tar"}, "/bin/sh", container),
            "nonexistent.tar"));
  CHECK(has(problem({"--rootfs", "/nonexistent.tar"}, "/bin/sh", process),
            "--rootfs is for containers"));
}
