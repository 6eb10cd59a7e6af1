#include "tools/artel/shell/session.hpp"

#include "runtime/sim/world.hpp"
#include "tests/tools/artel/shell/session_fixture.hpp"

#include <doctest/doctest.h>

using namespace artel;
using namespace artel::tools;
using artel::tools::test::script_run;

TEST_CASE("a script's commands change one world, in order") {
  script_run run;
  CHECK(run("world --seed 7 --latency 5ms --loss 1%\n"
            "node add alice --role client --credits 500\n"
            "node add worker 3 --cpu 2 --speed 1.5x --lies always\n"
            "run 2s\n"
            "node kill worker-1\n"
            "expect worker-1.status == down and world.up == 3\n"
            "show alice.credits\n")
        == exit_code::done);
  CHECK(run.err() == "");
  CHECK(run.out() == "500 credits\n");
  auto& world = *run.session.world();
  CHECK(world.options().seed == 7);
  CHECK(world.options().links.latency == microseconds{5'000});
  CHECK(world.options().links.loss.value == 10'000);
  CHECK(world.elapsed() == microseconds{2'000'000});
  REQUIRE(world.node_count() == 4);
  CHECK(world.node(3).options.name == "worker-3");
  CHECK(world.node(3).options.cpu_score == 1'500);
  CHECK(world.node(3).options.cores == 2);
  CHECK(world.node(3).options.how.lies == sim::lie_kind::always);
}

TEST_CASE("lists and patterns name several nodes") {
  script_run run;
  CHECK(run("node add a\nnode add worker 4\n"
            "node pause worker-1,worker-3\nnode kill worker-*2,worker-4\n"
            "expect world.up == 1\n"
            "node resume worker-1\nnode restart worker-2\n"
            "expect world.up == 3\n")
        == exit_code::done);
  CHECK(run.err() == "");
}

TEST_CASE("a node's traits can be set later, and others stay") {
  script_run run;
  CHECK(run("node add a --slow 4x\nnode set a --lies always\n")
        == exit_code::done);
  const auto& how = run.session.world()->node(0).options.how;
  CHECK(how.lies == sim::lie_kind::always);
  CHECK(how.slowness_permille == 4'000);
}

TEST_CASE("nothing runs of a script with a mistake, and all are told") {
  script_run run;
  CHECK(run("node add a\nnod add b\nrun 5parsecs\n")
        == exit_code::invalid_input);
  CHECK(run.session.world() == nullptr);
  CHECK(run.err()
        == "t.artel:2:1: there is no command 'nod'; did you mean 'node'?"
           " ('help' lists all)\n"
           "t.artel:3:5: '5parsecs' is not a time; expected a number with a"
           " unit (ms, s, m, h, d), such as \"10s\" or \"1h30m\"\n");
}

TEST_CASE("unknown names end a script where they stand") {
  script_run run;
  CHECK(run("node add worker 2\nnode kill worker-1,worker-9\nnode add b\n")
        == exit_code::invalid_input);
  CHECK(run.err()
        == "t.artel:2:20: there is no node 'worker-9'; did you mean"
           " 'worker-1'?; expected worker-1 or worker-2\n");
  CHECK(run.session.world()->node_count() == 2);
}

TEST_CASE("an expectation that fails shows both sides, and ends the script") {
  script_run run;
  CHECK(run("node add a\nrun 1500ms\n  expect a.reputation < 0.4\nnode add b\n")
        == exit_code::check_failed);
  CHECK(
    run.err()
    == "t.artel:3:3: expected a.reputation < 0.4, and it is 0.5 at 1.5 s\n");
  CHECK(run.session.world()->node_count() == 1);
}

TEST_CASE("an expectation with a time waits, and no longer than it must") {
  script_run run;
  CHECK(run("node add a 2\nat 3s node kill a-1\n"
            "expect a-1.status == down within 10s\n")
        == exit_code::done);
  CHECK(run.session.world()->elapsed() == microseconds{3'000'000});
  CHECK(run("expect a-1.status == up within 2s\n") == exit_code::check_failed);
  CHECK(run.err()
        == "t.artel:1:1: expected a-1.status == up within 2 s, and it is down"
           " at 5 s\n");
}

TEST_CASE("waiting that takes too long has an exit code of its own") {
  script_run run;
  CHECK(run("node add a\nwait until a.status == down within 2s\n")
        == exit_code::timed_out);
  CHECK(run.err()
        == "t.artel:2:1: expected a.status == down within 2 s, and it is up at"
           " 2 s\n");
}

TEST_CASE("variables and blocks repeat what is written once") {
  script_run run;
  CHECK(run("set prefix = w\nset count = 2\n"
            "repeat $count as i\n"
            "  repeat 2 as j\n    node add $prefix-$i-$j\n  end\n"
            "end\n"
            "echo \"$prefix $i\" '$i'\n")
        == exit_code::done);
  CHECK(run.out() == "w 2 $i\n");
  CHECK(run.session.world()->node_count() == 4);
  CHECK(run.session.world()->find_node("w-2-1"));
}

TEST_CASE("variables from outside are not set again") {
  script_run run{{{"workers", "5"}}, 99};
  CHECK(run("set workers = 2\nworld --seed 7\nnode add w $workers\n")
        == exit_code::done);
  CHECK(run.session.world()->node_count() == 5);
  CHECK(run.session.world()->options().seed == 99);
}

TEST_CASE("the limit of steps ends what would go on for ever") {
  script_run run;
  CHECK(run("world --steps 50\nnode add a 3\nrepeat 1000000\n  run 1s\nend\n")
        == exit_code::failure);
  CHECK(run.err().find("t.artel:4:3: the world came to its limit of 50 steps")
        == 0);
  CHECK(run.err().find("'world --steps N' raises it") != std::string::npos);
}

TEST_CASE("ordinary commands work in a session") {
  script_run run;
  CHECK(run("receipt verify /nonexistent/receipts\n")
        == exit_code::invalid_input);
  CHECK(run("version --nope\n") == exit_code::invalid_input);
  CHECK(run.err()
        == "t.artel:1:9: 'version' has no option '--nope'; 'help version' lists"
           " all\n");
}

TEST_CASE("a quit ends the script, and nothing else") {
  script_run run;
  CHECK(run("node add a\nrepeat 3\n  quit\nend\nnode add b\n")
        == exit_code::done);
  CHECK(run.session.wants_to_leave());
  CHECK(run.session.world()->node_count() == 1);
}

TEST_CASE("at the prompt a mistake has no place, and the world stays") {
  script_run run;
  CHECK(run.session.run_line("node add a") == exit_code::done);
  CHECK(run.session.run_line("node kil a") == exit_code::invalid_input);
  CHECK(run.err().find("artel: there is no command 'node kil'") == 0);
  CHECK(run.session.world()->node_count() == 1);
  CHECK(run.session.run_line("repeat 2\nrun 1s\nend") == exit_code::done);
  CHECK(run.session.world()->elapsed() == microseconds{2'000'000});
}

TEST_CASE("the prompt asks for more while a block or a line is open") {
  script_run run;
  auto& session = run.session;
  CHECK(session.is_incomplete("repeat 3"));
  CHECK(session.is_incomplete("repeat 3\nrun 1s"));
  CHECK_FALSE(session.is_incomplete("repeat 3\nrun 1s\nend"));
  CHECK(session.is_incomplete("node add a \\"));
  CHECK_FALSE(session.is_incomplete("echo \"a"));
  CHECK_FALSE(session.is_incomplete("nonsense"));
}

TEST_CASE("an interrupt stops what runs, and the world stays") {
  script_run run;
  CHECK(run("node add a 2\n") == exit_code::done);
  run.session.world()->at(microseconds{5'000'000},
                          [&run] { run.session.interrupt(); });
  CHECK(run("run 60s\nnode add b\n") == exit_code::interrupted);
  CHECK(run.err() == "t.artel:1:1: interrupted at 5 s\n");
  CHECK(run.session.world()->node_count() == 2);
  CHECK(run("run 1s\n") == exit_code::done);
}

TEST_CASE("a broken rule ends a script, with the seed that shows it") {
  script_run run;
  // Nobody can settle in no time.
  CHECK(run("world --seed 3\nnode add a 4\nsettle within 1us\n")
        == exit_code::check_failed);
  CHECK(run.err().find("t.artel:3:1: a rule of the world is broken: at") == 0);
  CHECK(run.err().find("liveness") != std::string::npos);
  CHECK(run.err().find("; seed 3\n") != std::string::npos);
}

TEST_CASE("the summary counts what was checked") {
  script_run run;
  CHECK(run("node add a\nexpect a.honest\nrepeat 2\nexpect world.up == 1\nend\n"
            "run 2500ms\n")
        == exit_code::done);
  auto text = run.session.summary();
  CHECK(text.find("3 expectations, 2.5 s simulated, ") == 0);
  CHECK(text.find(", trace " + run.session.world()->trace_hash())
        != std::string::npos);
}
