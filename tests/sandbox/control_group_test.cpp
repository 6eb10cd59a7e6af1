#include "sandbox/process/control_group.hpp"

#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace artel;
using namespace artel::sandbox;

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t mebibyte = 1u << 20;

/// Nothing where this machine or user can't have groups: then checks that the
/// reason is told.
std::unique_ptr<control_groups>
make_groups(const control_groups::share& bounds = {}) {
  auto made = control_groups::make(bounds);
  if (made)
    return std::move(*made);
  CHECK(made.error().code == errc::sandbox_unavailable);
  CHECK(made.error().message.find("control group") != std::string::npos);
  MESSAGE("no control groups here: ", made.error().message);
  return nullptr;
}

std::unique_ptr<control_group> acquire(control_groups& groups,
                                       std::uint64_t memory_bytes,
                                       std::uint32_t processes = 16) {
  auto acquired = groups.acquire({memory_bytes, processes});
  INFO((acquired ? std::string{} : acquired.error().message));
  REQUIRE(acquired.ok());
  return std::move(*acquired);
}

/// Not the library's: under the thread sanitizer that gives each child one
/// more thread, and those count.
pid_t plain_fork() {
  return static_cast<pid_t>(::syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0));
}

/// Forks a child that joins the group and ends with what the body returns.
template <class Body>
pid_t start_in(const control_group& group, Body&& body) {
  auto id = plain_fork();
  REQUIRE(id >= 0);
  if (id > 0)
    return id;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  for (auto file : group.join_descriptors())
    if (::write(file, "0", 1) != 1)
      ::_exit(99);
  ::_exit(body());
}

/// The wait status.
int wait_for(pid_t id) {
  int status = -1;
  REQUIRE(::waitpid(id, &status, 0) == id);
  return status;
}

bool was_killed(int status) {
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

/// Fills a memfd, which no rlimit bounds and no process shows as its own.
int fill_memfd(std::uint64_t total) {
  auto file = ::memfd_create("hog", 0);
  static const std::array<char, 65'536> zeros{};
  for (std::uint64_t done = 0; done < total; done += zeros.size())
    if (::write(file, zeros.data(), zeros.size())
        != static_cast<ssize_t>(zeros.size()))
      return 1;
  return 0;
}

[[noreturn]] void pause_for_ever() {
  for (;;)
    ::pause();
}

void spin_for(std::chrono::milliseconds time) {
  auto end = std::chrono::steady_clock::now() + time;
  while (std::chrono::steady_clock::now() < end)
    continue;
}

bool exists(const control_place& place) {
  for (const auto& directory : place.directories())
    if (fs::exists(directory))
      return true;
  return false;
}

/// Another process of these tests may be the one that removes it.
bool comes_to_be_gone(const control_place& place) {
  auto end = std::chrono::steady_clock::now() + std::chrono::seconds{5};
  while (exists(place) && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  return !exists(place);
}

/// A process that has groups with a process inside, all told through a pipe.
struct maker {
  pid_t id = -1;
  pid_t inside = -1;
  control_place place;
  descriptor inside_handle;

  bool inside_ended() const {
    pollfd ended{inside_handle.number(), POLLIN, 0};
    return ::poll(&ended, 1, 0) == 1;
  }
};

/// Joins, and keeps nothing of its maker, above all not the lock.
[[noreturn]] void stay_in(const control_group& group, int ready) {
  for (auto file : group.join_descriptors())
    if (::write(file, "0", 1) != 1)
      ::_exit(99);
  ::dup2(ready, 0);
  ::syscall(SYS_close_range, 3, ~0U, 0);
  if (::write(0, "r", 1) != 1)
    ::_exit(96);
  pause_for_ever();
}

/// What the maker runs; never returns.
[[noreturn]] void run_maker(int answer) {
  auto made = control_groups::make({});
  auto group = made ? (*made)->acquire({32 * mebibyte, 4})
                    : result<std::unique_ptr<control_group>>{made.error()};
  std::array<int, 2> ready{};
  if (!group || ::pipe(ready.data()) != 0)
    ::_exit(98);
  auto inside = plain_fork();
  if (inside == 0)
    stay_in(**group, ready[1]);
  char byte = 0;
  auto text = std::to_string(inside) + " "
              + fs::path{(*made)->place().memory}.filename().string();
  if (::read(ready[0], &byte, 1) != 1
      || ::write(answer, text.data(), text.size())
           != static_cast<ssize_t>(text.size()))
    ::_exit(97);
  pause_for_ever();
}

maker start_maker(const control_place& beside) {
  std::array<int, 2> answer{};
  REQUIRE(::pipe(answer.data()) == 0);
  maker started;
  started.id = plain_fork();
  REQUIRE(started.id >= 0);
  if (started.id == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    run_maker(answer[1]);
  }
  ::close(answer[1]);
  std::array<char, 256> text{};
  REQUIRE(::read(answer[0], text.data(), text.size() - 1) > 0);
  ::close(answer[0]);
  std::string told{text.data()};
  auto blank = told.find(' ');
  started.inside = std::stoi(told.substr(0, blank));
  auto base = beside;
  for (auto* directory : {&base.memory, &base.pids, &base.cpu, &base.cpuacct})
    *directory = fs::path{*directory}.parent_path();
  started.place = base.below(told.substr(blank + 1));
  started.inside_handle =
    descriptor{static_cast<int>(::syscall(SYS_pidfd_open, started.inside, 0))};
  REQUIRE(started.inside_handle.is_open());
  return started;
}

} // namespace

TEST_CASE("what a run needs is its memory, its directories and the sandbox") {
  execution_limits limits;
  limits.memory_bytes = 64 * mebibyte;
  limits.work_directory_bytes = 16 * mebibyte;
  limits.output_files_bytes = 8 * mebibyte;
  limits.processes = 10;
  CHECK(bounds_of(limits) == group_bounds{92 * mebibyte, 12});
  limits.memory_bytes = ~std::uint64_t{0};
  limits.processes = ~std::uint32_t{0};
  CHECK(bounds_of(limits)
        == group_bounds{~std::uint64_t{0}, ~std::uint32_t{0}});
}

TEST_CASE("there are groups with memory, or a reason why there are none") {
  auto groups = make_groups();
  if (!groups)
    return;
  auto version = std::to_string(groups->place().version);
  CHECK(groups->describe().starts_with("cgroup v" + version + ": memory"));
  CHECK((groups->describe().find("pids") != std::string::npos)
        == groups->has_pids());
  CHECK((groups->describe().find("cpu") != std::string::npos)
        == groups->has_cpu());
  CHECK(fs::is_directory(groups->place().memory));
  auto place = groups->place();
  groups.reset();
  CHECK_FALSE(exists(place));
}

TEST_CASE("memory in a memfd is bounded, and being killed for it is told") {
  auto groups = make_groups();
  if (!groups)
    return;
  auto group = acquire(*groups, 32 * mebibyte);
  auto modest =
    wait_for(start_in(*group, [] { return fill_memfd(16 * mebibyte); }));
  CHECK(modest == 0);
  CHECK_FALSE(group->out_of_memory());
  CHECK(group->memory_peak_bytes() >= 16 * mebibyte);

  auto hog =
    wait_for(start_in(*group, [] { return fill_memfd(256 * mebibyte); }));
  CHECK(was_killed(hog));
  CHECK(group->out_of_memory());
  CHECK(group->memory_peak_bytes() >= 30 * mebibyte);
  CHECK(group->memory_peak_bytes() <= 32 * mebibyte);
}

TEST_CASE("memory of all processes of a group counts together") {
  auto groups = make_groups();
  if (!groups)
    return;
  auto group = acquire(*groups, 32 * mebibyte);
  auto status = wait_for(start_in(*group, [] {
    for (int i = 0; i < 8; ++i)
      if (plain_fork() == 0) {
        fill_memfd(12 * mebibyte);
        pause_for_ever();
      }
    for (int ended = 0;;)
      if (::wait(&ended) > 0 && was_killed(ended))
        return 0;
  }));
  // The kernel may have chosen the first one itself.
  CHECK((status == 0 || was_killed(status)));
  CHECK(group->out_of_memory());
  CHECK(group->memory_now_bytes() <= 32 * mebibyte);
  group->kill_all();
  CHECK(processes_in(group->place()).empty());
}

TEST_CASE("all groups together keep to the machine's share") {
  auto groups = make_groups({32 * mebibyte, 0});
  if (!groups)
    return;
  auto one = acquire(*groups, 64 * mebibyte);
  auto other = acquire(*groups, 64 * mebibyte);
  auto holder = start_in(*one, [] {
    fill_memfd(20 * mebibyte);
    pause_for_ever();
    return 0;
  });
  while (one->memory_now_bytes() < 20 * mebibyte)
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  wait_for(start_in(*other, [] { return fill_memfd(48 * mebibyte); }));
  CHECK((one->out_of_memory() || other->out_of_memory()));
  one->kill_all();
  CHECK(was_killed(wait_for(holder)));
}

TEST_CASE("processes stop at their number, and all of them can be killed") {
  auto groups = make_groups();
  if (!groups || !groups->has_pids())
    return;
  auto group = acquire(*groups, 64 * mebibyte, 8);
  std::array<int, 2> count{};
  REQUIRE(::pipe(count.data()) == 0);
  auto bomb = start_in(*group, [&count] {
    for (int i = 0; i < 100; ++i) {
      auto id = plain_fork();
      if (id == 0)
        pause_for_ever();
      char kind = id > 0 ? 'f' : 'x';
      if (::write(count[1], &kind, 1) != 1)
        return 1;
    }
    pause_for_ever();
    return 0;
  });
  std::string seen;
  for (char kind = 0; seen.size() < 100 && ::read(count[0], &kind, 1) == 1;)
    seen += kind;
  ::close(count[0]);
  ::close(count[1]);
  CHECK(seen == std::string(7, 'f') + std::string(93, 'x'));
  CHECK(processes_in(group->place()).size() == 8);
  group->kill_all();
  CHECK(was_killed(wait_for(bomb)));
  CHECK(processes_in(group->place()).empty());
}

TEST_CASE("processes that fork without end are all killed, at once") {
  auto groups = make_groups();
  if (!groups || !groups->has_pids())
    return;
  auto group = acquire(*groups, 64 * mebibyte, 40);
  auto bomb = start_in(*group, [] {
    for (;;)
      if (plain_fork() == 0 && plain_fork() > 0)
        ::_exit(0);
    return 0;
  });
  while (processes_in(group->place()).size() < 20)
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  group->kill_all();
  CHECK(processes_in(group->place()).empty());
  CHECK(was_killed(wait_for(bomb)));
}

TEST_CASE("a group starts clean, whatever was in it before") {
  auto groups = make_groups();
  if (!groups)
    return;
  for (int round = 0; round < 3; ++round) {
    auto group = acquire(*groups, 24 * mebibyte, 4);
    CHECK_FALSE(group->out_of_memory());
    CHECK(group->memory_peak_bytes() <= 2 * mebibyte);
    CHECK(group->memory_now_bytes() <= 2 * mebibyte);
    if (auto time = group->cpu_time())
      CHECK(*time < std::chrono::milliseconds{1});
    CHECK(processes_in(group->place()).empty());
    auto hog = start_in(*group, [] { return fill_memfd(64 * mebibyte); });
    CHECK(was_killed(wait_for(hog)));
    CHECK(group->out_of_memory());
    group.reset();

    // Other bounds, larger and smaller.
    group = acquire(*groups, 64 * mebibyte, 8);
    auto modest = start_in(*group, [] { return fill_memfd(40 * mebibyte); });
    CHECK(wait_for(modest) == 0);
    CHECK_FALSE(group->out_of_memory());
    group.reset();
  }
}

TEST_CASE("groups are used again, with their number of processes set anew") {
  auto groups = make_groups();
  if (!groups || groups->place().version != 1 || !groups->has_pids())
    return;
  auto group = acquire(*groups, 24 * mebibyte, 4);
  auto place = group->place();
  auto left = start_in(*group, [] {
    pause_for_ever();
    return 0;
  });
  while (processes_in(place).empty())
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  // Kills what is left, which sets the number to zero.
  group.reset();
  CHECK(was_killed(wait_for(left)));
  group = acquire(*groups, 24 * mebibyte, 4);
  CHECK(group->place() == place);
  CHECK(wait_for(start_in(*group, [] { return plain_fork() < 0 ? 1 : 0; }))
        == 0);
}

TEST_CASE("a file system in memory that dies late isn't the next run's") {
  auto groups = make_groups();
  if (!groups || ::geteuid() != 0)
    return;
  for (int round = 0; round < 5; ++round) {
    auto group = acquire(*groups, 32 * mebibyte);
    CHECK(group->memory_now_bytes() <= 2 * mebibyte);
    auto writer = start_in(*group, [] {
      if (::unshare(CLONE_NEWNS) != 0
          || ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0
          || ::mount("tmpfs", "/tmp", "tmpfs", 0, nullptr) != 0
          || ::chdir("/tmp") != 0)
        return 2;
      auto file = ::open("file", O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
      static const std::array<char, 65'536> zeros{};
      for (int i = 0; i < 24 * 16; ++i)
        if (::write(file, zeros.data(), zeros.size()) < 0)
          return 3;
      return 0;
    });
    CHECK(wait_for(writer) == 0);
    CHECK(group->memory_peak_bytes() >= 24 * mebibyte);
    CHECK_FALSE(group->out_of_memory());
  }
}

TEST_CASE("groups that a program makes below are killed and removed, too") {
  auto groups = make_groups();
  if (!groups)
    return;
  auto group = acquire(*groups, 32 * mebibyte);
  auto below = group->place().below("nested").below("deeper");
  REQUIRE(fs::create_directories(below.memory));
  auto inside = start_in(*group, [&below] {
    if (!write_control(below.memory + "/cgroup.procs", "0"))
      return 1;
    return fill_memfd(64 * mebibyte);
  });
  CHECK(was_killed(wait_for(inside)));
  CHECK(group->out_of_memory());
  auto left = start_in(*group, [&below] {
    if (!write_control(below.memory + "/cgroup.procs", "0"))
      return 1;
    pause_for_ever();
    return 0;
  });
  while (processes_in(below).empty())
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  CHECK(groups_below(group->place().memory).size() == 2);
  auto place = group->place();
  group.reset();
  CHECK(was_killed(wait_for(left)));
  CHECK_FALSE(exists(place));
}

TEST_CASE("processor time is counted and bounded") {
  auto groups = make_groups({0, 100});
  if (!groups || !groups->has_cpu())
    return;
  auto group = acquire(*groups, 32 * mebibyte);
  constexpr std::chrono::milliseconds wall{500};
  wait_for(start_in(*group, [] {
    spin_for(wall);
    return 0;
  }));
  auto time = group->cpu_time();
  REQUIRE(time.has_value());
  CHECK(*time > std::chrono::milliseconds{1});
  // A tenth of a core, and up to two periods' worth of rounding.
  CHECK(*time < wall / 2);
}

TEST_CASE("groups taken and given back by many threads leave nothing") {
  auto groups = make_groups();
  if (!groups)
    return;
  auto place = groups->place();
  std::vector<std::jthread> threads;
  std::array<int, 4> failures{};
  for (auto& failed : failures)
    threads.emplace_back([&groups, &failed] {
      for (std::uint32_t i = 0; i < 50; ++i) {
        auto group = groups->acquire({(16 + i) * mebibyte, 1 + i});
        if (!group || (*group)->out_of_memory())
          ++failed;
      }
    });
  threads.clear();
  CHECK(failures == std::array<int, 4>{});
  CHECK(groups_below(place.memory).size() <= 8);
  groups.reset();
  CHECK_FALSE(exists(place));
}

TEST_CASE("the end of all groups ends what still runs in one") {
  auto groups = make_groups();
  if (!groups)
    return;
  auto place = groups->place();
  auto stray = place.below("stray");
  REQUIRE(make_directories(stray).ok());
  auto group = acquire(*groups, 32 * mebibyte);
  auto left = start_in(*group, [&stray] {
    if (!write_control(stray.memory + "/cgroup.procs", "0"))
      return 1;
    pause_for_ever();
    return 0;
  });
  while (processes_in(stray).empty())
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  group.reset();
  groups.reset();
  CHECK(was_killed(wait_for(left)));
  CHECK_FALSE(exists(place));
}

TEST_CASE("a start ends what a killed artel left, and nothing else") {
  auto groups = make_groups();
  if (!groups)
    return;
  auto dead = start_maker(groups->place());
  auto living = start_maker(groups->place());
  // A name that is like ours, and isn't.
  auto foreign = living.place;
  for (auto* directory :
       {&foreign.memory, &foreign.pids, &foreign.cpu, &foreign.cpuacct})
    *directory = fs::path{*directory}.parent_path();
  foreign = foreign.below("artel-runs-" + std::to_string(::getpid()));
  REQUIRE(make_directories(foreign).ok());

  REQUIRE(::kill(dead.id, SIGKILL) == 0);
  CHECK(was_killed(wait_for(dead.id)));

  auto next = make_groups();
  REQUIRE(next);
  pollfd ended{dead.inside_handle.number(), POLLIN, 0};
  CHECK(::poll(&ended, 1, 5'000) == 1);
  CHECK(comes_to_be_gone(dead.place));
  CHECK_FALSE(living.inside_ended());
  CHECK(exists(living.place));
  CHECK(exists(groups->place()));
  CHECK(exists(foreign));
  CHECK(remove_directories(foreign));

  REQUIRE(::kill(living.id, SIGKILL) == 0);
  wait_for(living.id);
  REQUIRE(make_groups());
  CHECK(comes_to_be_gone(living.place));
}

TEST_CASE("own groups are found in version 1, also below a container's") {
  constexpr auto mounts =
    "30 23 0:28 / /sys rw - sysfs sysfs rw\n"
    "31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n"
    "32 31 0:29 /box /sys/fs/cgroup/cpu,cpuacct rw shared:9 - cgroup cgroup "
    "rw,cpu,cpuacct\n"
    "35 31 0:32 /box /mnt/a\\040b rw - cgroup cgroup rw,memory\n"
    "36 31 0:33 /other /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids\n"
    "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n"
    "damaged -\n";
  auto place = find_own_place(mounts, "5:pids:/boxer\n4:memory:/box\n"
                                      "2:cpu,cpuacct:/box/in:side\n0::/x\n");
  REQUIRE(place.ok());
  control_place expected;
  expected.version = 1;
  expected.memory = "/mnt/a b";
  expected.cpu = "/sys/fs/cgroup/cpu,cpuacct/in:side";
  expected.cpuacct = expected.cpu;
  CHECK(*place == expected);
  CHECK(place->directories()
        == std::vector<std::string>{expected.memory, expected.cpu});
  CHECK(place->below("run").memory == "/mnt/a b/run");
  CHECK(place->below("run").pids.empty());
}

TEST_CASE("own groups are found in version 2 where 1 has no memory") {
  constexpr auto mounts =
    "32 31 0:29 / /cg/cpu rw - cgroup cgroup rw,cpu\n"
    "41 31 0:38 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw\n";
  auto place = find_own_place(mounts, "3:cpu:/\n0::/user.slice/run.scope\n");
  REQUIRE(place.ok());
  CHECK(place->version == 2);
  CHECK(place->memory == "/sys/fs/cgroup/user.slice/run.scope");
  place = find_own_place(mounts, "0::/\n");
  REQUIRE(place.ok());
  CHECK(place->memory == "/sys/fs/cgroup");
}

TEST_CASE("groups that no mount shows are none") {
  constexpr auto mounts =
    "35 31 0:32 /box /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
    "41 31 0:38 /../.. /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n";
  for (const auto* own : {"4:memory:/\n", "4:memory:/boxes\n0::/\n", "0::/\n",
                          "0::/../x\n", "4:cpu:/box\n", "", "nonsense", ":"}) {
    INFO(own);
    auto place = find_own_place(mounts, own);
    REQUIRE_FALSE(place.ok());
    CHECK(place.error().code == errc::sandbox_unavailable);
  }
  CHECK_FALSE(find_own_place("", "4:memory:/\n").ok());
}
