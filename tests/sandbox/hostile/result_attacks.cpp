#include "tests/sandbox/hostile/attack.hpp"

#include <utility>

#include <signal.h>

namespace artel::hostile {

namespace {

attack result_attack(std::string name, std::vector<std::string> arguments,
                     ending expected = {}, std::vector<std::string> says = {}) {
  return {.group = "results",
          .name = std::move(name),
          .program = "results",
          .arguments = std::move(arguments),
          .expected = expected,
          .says = std::move(says)};
}

void add_causes(std::vector<attack>& all) {
  all.push_back(result_attack("exit 137", {"end_with", "137"},
                              {run_outcome::nonzero_exit, 137}));
  all.push_back(result_attack("exit 255", {"end_with", "255"},
                              {run_outcome::nonzero_exit, 255}));
  for (int number : {SIGKILL, SIGTERM, SIGSEGV, SIGABRT, SIGXCPU, SIGHUP})
    all.push_back(result_attack("kills itself with " + std::to_string(number),
                                {"signal_itself", std::to_string(number)},
                                {run_outcome::crashed, number}));
  // These two can't be told from the kernel's own; they blame the program
  // itself all the same.
  all.push_back(result_attack("raises SIGXFSZ",
                              {"signal_itself", std::to_string(SIGXFSZ)},
                              {run_outcome::file_size_limit}));
  all.push_back(result_attack("raises SIGSYS",
                              {"signal_itself", std::to_string(SIGSYS)},
                              {run_outcome::forbidden_syscall}));
  all.push_back(result_attack("a child is killed, exit 0", {"child_killed"}, {},
                              {"child ended by signal 31"}));
  all.push_back(result_attack("a child passes the limit, exit 0",
                              {"child_past_cpu_limit"},
                              {run_outcome::cpu_limit}));
  all.back().limits = [](execution_limits& limits) {
    limits.cpu_time = milliseconds{300};
  };
}

void add_outputs(std::vector<attack>& all) {
  all.push_back(
    result_attack("output of just the limit", {"write_bytes", "65536"}));
  all.back().verify = [](const sandbox::run_result& result) {
    return result.output.size() == 65536 ? "" : "output was cut";
  };
  all.push_back(result_attack("output of a byte too much, exit 0",
                              {"write_bytes", "65537"},
                              {run_outcome::output_limit}));
  all.push_back(result_attack(
    "forged report", {"forged_report"}, {run_outcome::nonzero_exit, 3},
    {"taken 0", "/proc/1/fd/3: EACCES", "/proc/self/fd/3: ENOENT"}));
  all.push_back(result_attack("report as output", {"forged_output"},
                              {run_outcome::nonzero_exit, 4}));
  all.push_back(result_attack("closes all, stays", {"close_everything"},
                              {run_outcome::timeout}));
  all.back().limits = [](execution_limits& limits) {
    limits.wall_time = milliseconds{400};
  };
  all.push_back(result_attack("leaves a writer behind", {"late_writer"},
                              {run_outcome::completed}));
  all.back().limits = [](execution_limits& limits) {
    limits.stdout_bytes = 64u << 20;
  };
}

void add_poison(std::vector<attack>& all) {
  all.push_back(result_attack("poison: files", {"poison_files"}, {},
                              {"/work: written", "/tmp: written",
                               "/dev/shm: EROFS", "/job: EROFS", "/usr: EROFS",
                               "/etc: EROFS", "/: EROFS", "/dev: EROFS"}));
  all.push_back(result_attack("poison: shared memory, semaphores, queues",
                              {"poison_ipc"}, {}, {"made 0"}));
  all.push_back(result_attack("poison: processes, priority, signals",
                              {"poison_processes"}, {}, {"left behind"}));
  all.push_back(
    result_attack("poison: the bundle after its hash", {"change_bundle"}, {},
                  {"open: EACCES", "truncate: EACCES", "chmod: EROFS",
                   "unlink: EROFS", "create: EROFS", "through the link: EROFS",
                   "program: EACCES", "utimes: EROFS", "fchmod: EROFS"}));
}

} // namespace

std::vector<attack> result_attacks() {
  std::vector<attack> all;
  add_causes(all);
  add_outputs(all);
  add_poison(all);
  return all;
}

} // namespace artel::hostile
