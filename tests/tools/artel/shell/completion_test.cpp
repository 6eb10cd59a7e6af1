#include "tests/tools/artel/shell/session_fixture.hpp"

#include <algorithm>

#include <doctest/doctest.h>

using namespace artel;
using namespace artel::tools;
using artel::tools::test::script_run;

namespace {

using words = std::vector<std::string>;

bool offers(const words& found, const std::string& word) {
  return std::find(found.begin(), found.end(), word) != found.end();
}

} // namespace

TEST_CASE("commands are completed by their words") {
  script_run run;
  auto complete = [&run](std::string_view text) {
    return run.session.complete(text);
  };
  CHECK(complete("nod") == words{"node"});
  CHECK(complete("node k") == words{"kill"});
  CHECK(
    complete("net ")
    == words{"break", "clog", "heal", "link", "partition", "set", "unclog"});
  CHECK(offers(complete(""), "expect"));
  CHECK(offers(complete(""), "version"));
  CHECK_FALSE(offers(complete(""), "sim"));
  CHECK(complete("at 3s node k") == words{"kill"});
  CHECK(complete("every 3s u") == words{"until"});
  CHECK(complete("every 3s until 5s node k") == words{"kill"});
  CHECK(complete("repeat 2\nnode k") == words{"kill"});
  CHECK(complete("nonsense ").empty());
}

TEST_CASE("options and their values are completed") {
  script_run run;
  CHECK(run("node add alice\nnode add worker 2\n") == exit_code::done);
  auto complete = [&run](std::string_view text) {
    return run.session.complete(text);
  };
  CHECK(complete("node add x --sl") == words{"--slots", "--slow"});
  CHECK(complete("node add x --role c") == words{"client"});
  CHECK(complete("job submit x --as a") == words{"alice"});
  CHECK(complete("node kill w") == words{"worker-1", "worker-2"});
  CHECK(complete("node kill alice,w")
        == words{"alice,worker-1", "alice,worker-2"});
  CHECK(complete("net partition alice f") == words{"from"});
}

TEST_CASE("figures are completed by what there is") {
  script_run run;
  CHECK(run("node add alice\n") == exit_code::done);
  auto complete = [&run](std::string_view text) {
    return run.session.complete(text);
  };
  CHECK(complete("expect al") == words{"alice."});
  CHECK(complete("expect alice.st") == words{"alice.status", "alice.stopped"});
  CHECK(complete("expect not (clock.n") == words{"(clock.now"});
  CHECK(complete("show cr") == words{"credits", "credits."});
  CHECK(complete("wait until true wi") == words{"within"});
}
