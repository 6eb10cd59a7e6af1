#include "runtime/sim/swarm/plan_script.hpp"
#include "runtime/sim/swarm/world_plan.hpp"
#include "runtime/sim/world.hpp"
#include "tests/runtime/scratch_directory.hpp"
#include "tests/tools/artel/shell/session_fixture.hpp"

#include <fstream>

#include <doctest/doctest.h>

using namespace artel;
using namespace artel::tools;
using artel::tools::test::script_run;

namespace {

constexpr auto network = "node add alice --role client\nnode add worker 4\n";
constexpr auto primes = "job submit --as alice --kernel count_primes --range"
                        " 1..1000 --chunks 5 --reduce sum --name primes";

} // namespace

TEST_CASE("a task that is handed in at once finds its workers") {
  script_run run;
  CHECK(run(std::string{network} + primes
            + "\nwait until primes.done within 60s\n"
              "expect primes.status == completed and primes.result == 168\n"
              "expect primes.jobs == 5 and primes.completed == 5\n"
              "expect primes.verdicts == 5 and primes.replicas >= 10\n"
              "expect primes.paid > 0 and primes.elapsed > 0s\n"
              "expect alice.credits < 100 and worker-1.runs > 0\n"
              "expect credits.total == credits.granted and credits.held == 0\n"
              "show primes.result\n")
        == exit_code::done);
  CHECK(run.err() == "");
  CHECK(run.out() == "168\n");
}

TEST_CASE("a task can be cancelled, and later commands about it apply") {
  script_run run;
  CHECK(run(std::string{network} + "at 5s " + primes
            + " --estimate 5s\nat 6s job cancel primes\nrun 8s\n"
              "expect primes.status == cancelled within 10s\n")
        == exit_code::done);
  CHECK(run.err() == "");
}

TEST_CASE("what is wrong with a task is told as job run tells it") {
  script_run run;
  CHECK(run("job submit nope.toml --as alice\n") == exit_code::invalid_input);
  CHECK(run.err() == "t.artel:1:12: task file 'nope.toml' does not exist\n");
  CHECK(run("job submit --as alice\n") == exit_code::invalid_input);
  CHECK(run.err().find("t.artel:1:1: there is nothing to run") == 0);
  CHECK(run(std::string{primes} + " --replicas many\n")
        == exit_code::invalid_input);
  CHECK(run.err().find("--replicas: ") != std::string::npos);
  CHECK(run("job submit --kernel count_primes --range 1..9\n")
        == exit_code::invalid_input);
  CHECK(run.err().find("--as NODE") != std::string::npos);
}

TEST_CASE("tasks belong to nodes that are there, and have names of their own") {
  script_run run;
  CHECK(run(std::string{network} + "at 1s " + primes + "\nrun 2s\n")
        == exit_code::done);
  CHECK(run(std::string{primes} + "\n") == exit_code::invalid_input);
  CHECK(run.err().find("there is a task 'primes' already")
        != std::string::npos);
  CHECK(run("node add primes\n") == exit_code::invalid_input);
  CHECK(run.err() == "t.artel:1:10: there is a task 'primes' already\n");
  CHECK(run("job submit --as bob --kernel count_primes --range 1..9\n")
        == exit_code::invalid_input);
  CHECK(run.err().find("t.artel:1:12: there is no node 'bob'") == 0);
  CHECK(run("job cancel primse\n") == exit_code::invalid_input);
  CHECK(run.err()
        == "t.artel:1:12: there is no task 'primse'; did you mean 'primes'?;"
           " expected primes\n");
}

TEST_CASE("scripts and task files are found beside the script") {
  artel::test::scratch_directory scratch;
  auto write = [&scratch](const std::string& name, const std::string& text) {
    std::ofstream{scratch.path() / name} << text;
    return scratch.path() / name;
  };
  std::filesystem::create_directory(scratch.path() / "parts");
  write("parts/net.artel", "include again.artel\n");
  write("parts/again.artel", network);
  write("parts/task.toml",
        "[task]\nname = \"primes\"\ntype = \"range_reduce\"\n[input]\n"
        "range = \"1..100\"\n[code]\nkernel = \"count_primes\"\n[reduce]\n"
        "op = \"sum\"\n");
  auto main = write("main.artel", "include parts/net.artel\n"
                                  "job submit parts/task.toml --as alice\n"
                                  "expect primes.result == 25 within 60s\n");
  script_run run;
  CHECK(run.session.run_file(main) == exit_code::done);
  CHECK(run.err() == "");

  auto cycle = write("cycle.artel", "echo x\ninclude parts/back.artel\n");
  write("parts/back.artel", "include ../cycle.artel\n");
  CHECK(run.session.run_file(cycle) == exit_code::invalid_input);
  CHECK(run.out() == "");
  CHECK(run.err().find("back.artel:1:9: '../cycle.artel' is being read already:"
                       " it includes itself")
        != std::string::npos);

  script_run other;
  auto bad = write("bad.artel", "include parts/bad.artel\n");
  write("parts/bad.artel", "run 1s\n  nod add\n");
  CHECK(other.session.run_file(bad) == exit_code::invalid_input);
  CHECK(other.err().find("parts/bad.artel:2:3: there is no command 'nod'")
        != std::string::npos);
  CHECK(other.session.world() == nullptr);
}

TEST_CASE("a plan that was drawn runs as the script that it is written as") {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    sim::plan_options options;
    options.nodes = 6;
    auto script = sim::to_script(sim::make_plan(seed, options));
    CAPTURE(script);
    script_run run;
    auto code = run(script);
    INFO(run.err());
    CHECK(code == exit_code::done);
    REQUIRE(run.session.world() != nullptr);
    CHECK(run.session.world()->options().seed == seed);
  }
}
