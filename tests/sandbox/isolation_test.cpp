#include "sandbox/process/process_executor.hpp"

#include "tests/sandbox/scripts.hpp"

#include <doctest/doctest.h>

#include <string>

#include <unistd.h>

using namespace artel;
using namespace artel::test;

TEST_CASE("processes that a program leaves behind die with the run") {
  auto result = run(script("setsid sh -c 'setsid sleep LONG & "
                           "setsid sleep LONG &' > /dev/null 2>&1; "
                           "sleep 0.1; echo done"));
  check_completed(result, "done\n");
  CHECK(count_processes(long_time()) == 0);
}

TEST_CASE("processes that keep the output open don't keep the run going") {
  auto result = run(script("sleep LONG & echo done"));
  check_completed(result, "done\n");
  CHECK(result.wall_time_used < milliseconds{3'000});
  CHECK(count_processes(long_time()) == 0);
}

TEST_CASE("processes are limited in number, and all die with the run") {
  auto request = script("i=0; while [ $i -lt 200 ]; do sleep LONG & "
                        "i=$((i+1)); done; wait");
  request.limits.processes = 16;
  request.limits.wall_time = milliseconds{1'000};
  auto result = run(request);
  INFO(describe(result));
  CHECK(result.outcome != run_outcome::completed);
  CHECK(result.stderr_tail.find("fork") != std::string::npos);

  request = script("f() { f | f & }; f; sleep 60");
  request.limits.processes = 16;
  request.limits.wall_time = milliseconds{500};
  CHECK(run(request).outcome != run_outcome::completed);
  CHECK(count_processes(long_time()) == 0);
  CHECK(count_children() == 0);
}

TEST_CASE("a program can't end or trick the process that watches it") {
  auto result = run(script("kill -KILL 1; kill -TERM 1; echo alive; "
                           "(echo x > /proc/1/fd/3) 2>/dev/null || echo kept; "
                           "(echo x > /proc/1/mem) 2>/dev/null || echo kept; "
                           "ls /proc/self/fd | wc -l; exit 5"));
  check_outcome(result, run_outcome::nonzero_exit);
  CHECK(result.exit_code == 5);
  // Four: the three streams, and ls's own.
  CHECK(output_of(result) == "alive\nkept\nkept\n4\n");
  // Whom it can signal at all, that is its own processes.
  check_completed(run(script("sleep LONG & kill -KILL -1; echo over")),
                  "over\n");
  CHECK(count_processes(long_time()) == 0);
}

TEST_CASE("nothing of the host is to be seen but its programs") {
  auto result = run(script(
    "ls -A / | tr '\\n' ' '; echo; ls -A /etc | tr '\\n' ' '; echo; "
    "for f in /etc/shadow /etc/passwd /root /home /var /sys /proc/1/root/etc; "
    "do ls -d $f/ $f 2>/dev/null; done; "
    "ps ax 2>/dev/null | grep -c '[t]est_sandbox'; hostname"));
  INFO(describe(result));
  CHECK(output_of(result).find("shadow") == std::string::npos);
  CHECK(output_of(result).find("/root") == std::string::npos);
  auto lines = output_of(result);
  CHECK(lines.find("artel-shim bin dev etc job lib") != std::string::npos);
  CHECK(lines.ends_with("0\nsandbox\n"));
}

TEST_CASE("host processes are neither listed nor reachable") {
  auto result =
    run(script("for p in /proc/[0-9]*; do echo; done | wc -l; "
               "kill -0 "
               + std::to_string(::getpid()) + " 2>/dev/null || echo gone"));
  INFO(describe(result));
  auto output = output_of(result);
  CHECK(std::stoi(output) <= 5);
  CHECK(output.ends_with("gone\n"));
}

TEST_CASE("there is no network, not even the host's loopback") {
  auto result = run(script(
    "grep -c : /proc/net/dev; perl -e 'use Socket; "
    "print socket(S, PF_INET, SOCK_STREAM, 0) ? \"socket\" : \"none\"'"));
  check_completed(result, "1\nnone");
}

TEST_CASE("all that is not the work directory is read-only") {
  check_completed(run(script("for d in / /usr /usr/bin /etc /dev /proc /job "
                             "/dev/shm; do (echo x > $d/f) 2>/dev/null "
                             "&& echo wrote $d; done; "
                             "echo 1 2>/dev/null > /proc/sys/kernel/hostname "
                             "|| echo none")),
                  "none\n");
}

TEST_CASE("a program has no rights, and gets none from setuid programs") {
  auto result = run(script("id -u; grep -E '^(Cap(Prm|Eff|Bnd)|NoNewPrivs)' "
                           "/proc/self/status | cut -f2 | tr '\\n' ' '"));
  check_completed(result, "1000\n0000000000000000 0000000000000000 "
                          "0000000000000000 1 ");
}

TEST_CASE("a system call that only attacks need kills, others just fail") {
  auto result = run(script("exec unshare -U true"));
  check_outcome(result, run_outcome::forbidden_syscall);
  result = run(script("exec unshare -m true"));
  check_outcome(result, run_outcome::forbidden_syscall);
  // io_uring_setup has the same number on all machines; errno 38 is ENOSYS.
  check_completed(run(script("perl -e '$! = 0; syscall(425, 1, 0); "
                             "print $! + 0'")),
                  "38");
}
