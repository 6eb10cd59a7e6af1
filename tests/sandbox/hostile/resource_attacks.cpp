#include "tests/sandbox/hostile/attack.hpp"

#include <utility>

#include <signal.h>

namespace artel::hostile {

namespace {

constexpr std::uint64_t megabyte = 1u << 20;

void short_cpu(execution_limits& limits) {
  limits.cpu_time = milliseconds{300};
}

void short_wall(execution_limits& limits) {
  limits.wall_time = milliseconds{400};
}

/// For attacks that wait where they get no more.
void few_seconds(execution_limits& limits) {
  limits.wall_time = milliseconds{3'000};
}

/// Enough to let the attack get there by the speed of any machine.
void long_cpu(execution_limits& limits) {
  limits.cpu_time = milliseconds{20'000};
  limits.wall_time = milliseconds{20'000};
}

attack memory_attack(std::string name, std::string argument,
                     ending expected = {run_outcome::memory_limit}) {
  return {.group = "resources",
          .name = "memory: " + std::move(name),
          .program = "memory",
          .arguments = {std::move(argument)},
          .expected = expected};
}

attack resource_attack(std::string name, std::string argument,
                       ending expected = {}) {
  return {.group = "resources",
          .name = std::move(name),
          .program = "resources",
          .arguments = {std::move(argument)},
          .expected = expected};
}

void add_memory(std::vector<attack>& all) {
  all.push_back(memory_attack("touched pages", "touched"));
  all.push_back(memory_attack("shared pages", "shared_map"));
  all.push_back(memory_attack("many processes, a little each", "many"));
  all.push_back(memory_attack("a spike between two looks", "spike"));
  all.push_back(memory_attack("child killed, parent ends well", "survivor"));
  all.push_back(memory_attack("address space of a terabyte", "reserve", {}));
  all.back().says = {"mmap of a terabyte: ENOMEM",
                     "mremap to a terabyte: ENOMEM", "mlock: EPERM"};
  all.push_back(memory_attack("memfd bomb", "memfd"));
  // Where no group bounds these, nobody sees them from outside; the numbers of
  // open files and processes do.
  for (auto [name, argument] :
       {std::pair{"memfds inside a socket", "memfd_in_flight"},
        std::pair{"socket buffers", "sockets"}}) {
    all.push_back(memory_attack(name, argument));
    all.back().without_group = ending{run_outcome::timeout};
    all.back().limits = few_seconds;
  }
  all.push_back(memory_attack("detached shared memory", "detached_shm", {}));
  all.back().says = {"shm: ENOSYS"};
  all.push_back(memory_attack("message queues", "messages", {}));
  all.back().says = {"msgget: ENOSYS"};
  all.push_back(memory_attack("empty files", "inodes"));
  all.back().limits = long_cpu;
}

void add_processes(std::vector<attack>& all) {
  all.push_back(
    resource_attack("fork bomb", "fork_bomb", {run_outcome::cpu_limit}));
  all.back().bounds = {{"others", 16}};
  all.back().limits = [](execution_limits& limits) {
    limits.cpu_time = milliseconds{700};
  };
  all.push_back(resource_attack("thread bomb", "thread_bomb"));
  all.back().says = {"pthread_create: EAGAIN"};
  all.back().bounds = {{"threads", 16}};
  all.push_back(resource_attack("zombies", "zombies"));
  all.back().says = {"fork: EAGAIN"};
  all.back().bounds = {{"processes", 16}};
  all.push_back(resource_attack("double-fork daemons", "daemons"));
  all.back().says = {"done"};
  all.back().ends_within = milliseconds{5'000};
  all.push_back(resource_attack("kill(-1)", "kill_all"));
  all.back().says = {"kill: 0", "alive"};
  all.push_back(resource_attack("signals to the first process", "kill_init"));
  all.back().says = {"parent 1", "alive"};
  all.push_back(resource_attack("limits of the first process", "limit_init"));
  all.back().says = {"alive"};
}

void add_files(std::vector<attack>& all) {
  all.push_back(resource_attack("descriptors", "descriptors"));
  all.back().says = {"open: EMFILE"};
  all.back().bounds = {{"descriptors", 64}};
  for (const auto* way : {"sparse_file", "sparse_write", "big_file"})
    all.push_back(resource_attack(std::string{"file past its limit: "} + way,
                                  way, {run_outcome::file_size_limit}));
  all.push_back(resource_attack("file past its limit, signal ignored",
                                "big_file_ignoring"));
  all.back().says = {"write: EFBIG"};
  all.back().bounds = {{"megabytes", 4}};
  all.push_back(resource_attack("full work directory", "disk"));
  all.back().says = {"write: ENOSPC"};
  all.back().bounds = {{"megabytes", 8}};
}

void add_pipes(std::vector<attack>& all) {
  all.push_back(resource_attack("endless output", "endless_output",
                                {run_outcome::output_limit}));
  all.push_back(resource_attack("32 MiB of standard error", "much_stderr"));
  all.back().says = {"done"};
  all.back().verify = [](const sandbox::run_result& result) {
    auto size = result.stderr_tail.size();
    return size == 4096 ? std::string{}
                        : std::to_string(size) + " bytes of it were kept";
  };
  all.push_back(
    resource_attack("standard input that nobody reads", "unread_input"));
  all.back().says = {"done"};
  all.back().input_bytes = 4 * megabyte;
  all.push_back(resource_attack("pipe that nobody drains", "undrained_pipe",
                                {run_outcome::timeout}));
  all.back().limits = short_wall;
}

void add_time(std::vector<attack>& all) {
  for (const auto* way : {"spin", "spin_many", "spin_ignoring"}) {
    all.push_back(resource_attack(std::string{"busy: "} + way, way,
                                  {run_outcome::cpu_limit}));
    all.back().limits = short_cpu;
  }
  all.push_back(resource_attack("busy: children that nobody waits for",
                                "spin_unaccounted", {run_outcome::cpu_limit}));
  all.back().limits = [](execution_limits& limits) {
    limits.cpu_time = milliseconds{300};
    limits.wall_time = milliseconds{3'000};
  };
  all.back().without_group = ending{run_outcome::timeout};
  for (const auto* way : {"oversleep", "ignore_signals", "stop_itself"}) {
    all.push_back(resource_attack(std::string{"idle: "} + way, way,
                                  {run_outcome::timeout}));
    all.back().limits = short_wall;
    all.back().ends_within = milliseconds{5'000};
  }
  all.push_back(resource_attack("raises its own limits", "raise_limits"));
  for (const auto* name :
       {"CPU", "AS", "FSIZE", "NOFILE", "NPROC", "CORE", "MEMLOCK"})
    all.back().says.push_back("RLIMIT_" + std::string{name} + ": EPERM");
  all.push_back(resource_attack("raises its own priority", "priorities"));
  all.back().says = {"nice -20: EACCES", "SCHED_FIFO: EPERM",
                     "SCHED_RR: EPERM"};
}

} // namespace

execution_limits limits_for_attacks() {
  execution_limits limits;
  limits.wall_time = milliseconds{10'000};
  limits.cpu_time = milliseconds{5'000};
  limits.memory_bytes = 64 * megabyte;
  limits.processes = 16;
  limits.open_files = 64;
  limits.file_bytes = 4 * megabyte;
  limits.work_directory_bytes = 8 * megabyte;
  limits.stdout_bytes = 64 << 10;
  limits.stderr_tail_bytes = 4096;
  return limits;
}

std::vector<attack> resource_attacks() {
  std::vector<attack> all;
  add_memory(all);
  add_processes(all);
  add_files(all);
  add_pipes(all);
  add_time(all);
  return all;
}

} // namespace artel::hostile
