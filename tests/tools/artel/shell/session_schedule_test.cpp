#include "runtime/sim/world.hpp"
#include "tests/tools/artel/shell/session_fixture.hpp"

#include <doctest/doctest.h>

using namespace artel;
using namespace artel::tools;
using artel::tools::test::script_run;

TEST_CASE("commands happen at the time that was said, in order") {
  script_run run;
  CHECK(run("node add a 3\n"
            "at 2s node kill a-1\n"
            "at 1s show clock.now\n"
            "at 1s echo later\n"
            "run 1999ms\nexpect a-1.status == up\n"
            "run 1ms\nexpect a-1.status == down\n")
        == exit_code::done);
  CHECK(run.out() == "1 s\nlater\n");
  CHECK(run.err() == "");
}

TEST_CASE("a command that is put off keeps its variables and its place") {
  script_run run;
  CHECK(run("node add a 2\nset who = a-1\nat 1s node pause $who\n"
            "set who = a-2\nat 2s expect $who.status == paused\nrun 5s\n")
        == exit_code::check_failed);
  CHECK(run.err()
        == "t.artel:5:7: expected a-2.status == paused, and it is up at 2 s\n");
  CHECK(run.session.world()->elapsed() == microseconds{2'000'000});
}

TEST_CASE("every goes on until its end") {
  script_run run;
  CHECK(run("every 2s until 7s show clock.now\nrun 20s\n") == exit_code::done);
  CHECK(run.out() == "2 s\n4 s\n6 s\n");
  CHECK(run("every 5s show clock.now\nrun 10s\n") == exit_code::done);
  CHECK(run.out() == "25 s\n30 s\n");
}

TEST_CASE("what no longer applies is noted and passed over") {
  script_run run;
  CHECK(run("node add a 2\nat 1s node kill a-1\nat 2s node kill a-1,a-2\n"
            "run 3s\nexpect world.up == 0\n")
        == exit_code::done);
  CHECK(run.err() == "t.artel:3:7: note: a-1 is down already\n");
  // Said now, it is a mistake.
  CHECK(run("node kill a-1\n") == exit_code::invalid_input);
  CHECK(run.err() == "t.artel:1:11: a-1 is down already\n");
}

TEST_CASE("commands that let time pass can't be put off") {
  script_run run;
  for (auto command :
       {"run 1s", "wait for 1s", "settle", "quit", "world", "include x"}) {
    CAPTURE(command);
    CHECK(run("at 1s " + std::string{command} + "\n")
          == exit_code::invalid_input);
    CHECK(run.err().find("t.artel:1:7: '") == 0);
    CHECK(run.err().find("can't be put off") != std::string::npos);
  }
  CHECK(run("at 1s expect true within 2s\n") == exit_code::invalid_input);
  CHECK(run("at 1s nod\n") == exit_code::invalid_input);
  CHECK(run.err().find("t.artel:1:7: there is no command 'nod'") == 0);
}

TEST_CASE("a time that is over is refused, and one never reached is noted") {
  script_run run;
  CHECK(run("run 5s\nat 3s echo x\n") == exit_code::invalid_input);
  CHECK(run.err().find("t.artel:2:4: 3 s is over: it is 5 s") == 0);
  script_run other;
  CHECK(other("at 3s echo x\nat 1s echo y\nrun 2s\n") == exit_code::done);
  CHECK(other.out() == "y\n");
  CHECK(
    other.err()
    == "artel: note: the script ended at 2 s, before a command that 'at' put"
       " off: t.artel:1:7 at 3 s\n");
}

TEST_CASE("partitions are made and healed by the names of their nodes") {
  script_run run;
  CHECK(run("node add a 4\nrun 1s\n"
            "net partition a-1,a-2\nnet partition a-3 from a-4 --one-way\n")
        == exit_code::done);
  auto& net = run.session.world()->net();
  CHECK_FALSE(net.is_reachable(0, 2));
  CHECK_FALSE(net.is_reachable(3, 1));
  CHECK(net.is_reachable(0, 1));
  CHECK_FALSE(net.is_reachable(2, 3));
  CHECK(net.is_reachable(3, 2));
  CHECK(run("net heal a-2,a-1\n") == exit_code::done);
  CHECK(net.is_reachable(0, 2));
  CHECK_FALSE(net.is_reachable(2, 3));
  CHECK(run("net heal a-1\n") == exit_code::invalid_input);
  CHECK(run("net heal\n") == exit_code::done);
  CHECK(net.is_reachable(2, 3));
  CHECK(run("net partition a-1 from a-*\n") == exit_code::invalid_input);
  CHECK(run.err() == "t.artel:1:24: 'a-1' is on both sides\n");
}

TEST_CASE("paths change as they are told, and keep what is not said") {
  script_run run;
  CHECK(run("world --latency 10ms --loss 1%\nnode add a 3\n"
            "net link a-1 a-2 --latency 80ms\n"
            "net set a-1 a-3 --capacity 1MB/s --one-way\n"
            "net set --loss 5%\n")
        == exit_code::done);
  auto& net = run.session.world()->net();
  CHECK(net.profile(0, 1).latency == microseconds{80'000});
  CHECK(net.profile(1, 0).latency == microseconds{80'000});
  CHECK(net.profile(1, 0).loss.value == 10'000);
  CHECK(net.profile(0, 2).bytes_per_second == 1'000'000);
  CHECK(net.profile(2, 0).bytes_per_second == 0);
  CHECK(net.standard().loss.value == 50'000);
  CHECK(net.standard().latency == microseconds{10'000});
}

TEST_CASE("frames on a clogged path wait") {
  script_run run;
  CHECK(run("node add a 2\nrun 1s\nnet clog a-1 a-2\n") == exit_code::done);
  CHECK_FALSE(run.session.world()->net().is_reachable(0, 1));
  CHECK(run("net unclog a-1 a-2\n") == exit_code::done);
  CHECK(run.session.world()->net().is_reachable(0, 1));
}
