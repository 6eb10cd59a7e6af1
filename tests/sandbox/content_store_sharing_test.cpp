// Several processes and threads on one store, and those that die at work.
#include "tests/sandbox/content_store_samples.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <functional>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>

using namespace artel;
using namespace artel::sandbox;
using namespace artel::sandbox::samples;

namespace {

using clock = std::chrono::steady_clock;

/// Runs the function in a process of its own; true where it returned true.
class child {
public:
  explicit child(const std::function<bool()>& function) : id_(::fork()) {
    if (id_ == 0)
      ::_exit(function() ? 0 : 1);
    REQUIRE(id_ > 0);
  }
  void kill() { ::kill(id_, SIGKILL); }
  int wait() {
    auto status = -1;
    ::waitpid(id_, &status, 0);
    return status;
  }

private:
  pid_t id_;
};

bool runs_apart(const std::function<bool()>& function) {
  return child{function}.wait() == 0;
}

/// Keeps, finds and removes at random. False where content came back that is
/// not the key's, or an operation failed.
bool work_at_random(content_store& store, std::uint64_t seed,
                    std::chrono::milliseconds duration) {
  auto random = random_generator::from_number(seed);
  for (auto end = clock::now() + duration; clock::now() < end;) {
    auto number = random.below(40);
    auto what = random.below(20);
    if (what == 0) {
      store.remove(key_of(number));
    } else if (what < 8) {
      if (!store.keep(key_of(number), content_of(number)))
        return false;
    } else if (auto found = store.find(key_of(number));
               found && *found != content_of(number)) {
      return false;
    }
  }
  return store.corruptions() == 0;
}

} // namespace

TEST_CASE("what a writer that was killed left is cleared away") {
  temporary_directory directory;
  auto path = directory / "store";
  auto store = opened(path);
  kept(*store, 1, 100);
  auto used = 100 + entry_header_bytes;
  // In the midst of a change: half a file, and a number nobody knows.
  auto leave = [&path] {
    std::ofstream{path / "new"} << "half";
    fs::resize_file(path / "lock", 0);
  };
  leave();
  CHECK(store->bytes_used() == used);
  kept(*store, 2, 100);
  CHECK(store->bytes_used() == 2 * used);
  CHECK(is_tidy(path));
  leave();
  CHECK(opened(path)->bytes_used() == 2 * used);
  CHECK(is_tidy(path));
  // A number from before a power failure.
  std::ofstream{path / "lock", std::ios::binary}
    << std::string("\1\0\0\0\0\0\0\0", 8);
  CHECK(opened(path)->bytes_used() == 2 * used);
  // The temporary file may be anything too.
  std::ofstream{directory / "target"} << "mine";
  fs::create_symlink(directory / "target", path / "new");
  kept(*store, 3, 100);
  CHECK(read_file(directory / "target") == "mine");
  CHECK(is_tidy(path));
}

TEST_CASE("processes share a store, and each finds the right bytes") {
  temporary_directory directory;
  auto path = directory / "store";
  constexpr std::uint64_t bytes_max = 100'000;
  auto store = opened(path, bytes_max);
  std::vector<child> children;
  for (std::uint64_t seed = 1; seed <= 3; ++seed)
    children.emplace_back([&path, seed] {
      auto own = content_store::open({path, bytes_max});
      return own.ok()
             && work_at_random(**own, seed, std::chrono::milliseconds{1'000});
    });
  auto most = std::uint64_t{0};
  for (auto round = 0; round < 50; ++round) {
    most = std::max(most, store->bytes_used());
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  }
  for (auto& one : children)
    CHECK(one.wait() == 0);
  CHECK(most > 0);
  CHECK(most <= bytes_max);
  CHECK(store->bytes_used() <= bytes_max);
  CHECK(store->bytes_used() == bytes_on_disk(path));
  CHECK(is_tidy(path));
  for (const auto& key : store->keys())
    CHECK(store->find(key));
  CHECK(store->corruptions() == 0);
}

TEST_CASE("threads share a store, and each finds the right bytes") {
  temporary_directory directory;
  auto path = directory / "store";
  auto store = opened(path, 100'000);
  std::atomic<int> sound{0};
  {
    std::vector<std::jthread> threads;
    for (std::uint64_t seed = 1; seed <= 4; ++seed)
      threads.emplace_back([&store, &sound, seed] {
        sound +=
          work_at_random(*store, 10 + seed, std::chrono::milliseconds{500});
      });
  }
  CHECK(sound == 4);
  CHECK(store->bytes_used() <= 100'000);
  CHECK(store->bytes_used() == bytes_on_disk(path));
  CHECK(is_tidy(path));
}

TEST_CASE("a writer killed at any moment leaves a sound store") {
  temporary_directory directory;
  auto path = directory / "store";
  constexpr std::uint64_t bytes_max = 100'000;
  auto survivor = opened(path, bytes_max);
  auto random = random_generator::from_number(5);
  for (auto round = 0; round < 50; ++round) {
    CAPTURE(round);
    child writer{[&path, round] {
      auto own = content_store::open({path, bytes_max});
      return own.ok()
             && work_at_random(**own, 100 + round, std::chrono::minutes{1});
    }};
    std::this_thread::sleep_for(
      std::chrono::microseconds{500 + random.below(8'000)});
    writer.kill();
    CHECK(WIFSIGNALED(writer.wait()));
    // Half of the time nobody opens the store anew.
    auto checked = round % 2 == 0 ? std::move(survivor) : nullptr;
    if (!checked)
      checked = opened(path, bytes_max);
    CHECK(checked->bytes_used() == bytes_on_disk(path));
    for (const auto& key : checked->keys())
      CHECK(checked->find(key));
    CHECK(checked->corruptions() == 0);
    kept(*checked, 50 + round, 10'000);
    CHECK(checked->bytes_used() <= bytes_max);
    CHECK(checked->bytes_used() == bytes_on_disk(path));
    CHECK(is_tidy(path));
    survivor = std::move(checked);
  }
}

TEST_CASE("a writer that stands still holds others up for a while only") {
  temporary_directory directory;
  auto path = directory / "store";
  auto store = opened(path);
  kept(*store, 1, 100);
  descriptor root{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  auto held = content_ledger::lock(root, std::chrono::milliseconds{0});
  REQUIRE(held.ok());
  CHECK(held->bytes_used() == 100 + entry_header_bytes);
  // Readers, and whoever has nothing to change, don't wait.
  CHECK(has(*store, 1));
  kept(*store, 1, 100);
  auto start = clock::now();
  auto late = content_ledger::lock(root, std::chrono::milliseconds{20});
  REQUIRE(!late.ok());
  CHECK(late.error().code == errc::timed_out);
  CHECK(clock::now() - start >= std::chrono::milliseconds{20});
}

TEST_CASE("a full disk is an error and leaves nothing behind") {
  temporary_directory directory;
  auto path = directory / "mount";
  fs::create_directory(path);
  auto sound = runs_apart([&path] {
    if (::unshare(CLONE_NEWNS) != 0
        || ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0
        || ::mount("none", path.c_str(), "tmpfs", 0, "size=256k") != 0)
      // Only root can do that; the next case is for all.
      return ::geteuid() != 0;
    auto store = content_store::open({path / "store"});
    if (!store || !(*store)->keep(key_of(1), content_of(1, 100'000)))
      return false;
    auto full = (*store)->keep(key_of(2), content_of(2, 300'000));
    auto is_told =
      !full && full.error().code == errc::system_failure
      && full.error().message.find("No space left") != std::string::npos;
    auto is_sound = !has(**store, 2) && has(**store, 1)
                    && (*store)->bytes_used() == bytes_on_disk(path / "store")
                    && is_tidy(path / "store");
    return is_told && is_sound
           && (*store)->keep(key_of(3), content_of(3, 100'000)).ok()
           && !(*store)->pin(key_of(3), path).ok() && has(**store, 3)
           && !fs::exists(path / "pinned-0");
  });
  CHECK(sound);
}

TEST_CASE("a file that can't grow is an error and leaves nothing behind") {
  temporary_directory directory;
  auto path = directory / "store";
  auto sound = runs_apart([&path] {
    ::signal(SIGXFSZ, SIG_IGN);
    rlimit limit{100'000, 100'000};
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0)
      return false;
    auto store = content_store::open({path});
    if (!store || !(*store)->keep(key_of(1), content_of(1, 90'000)))
      return false;
    auto failed = (*store)->keep(key_of(2), content_of(2, 200'000));
    // An entry that can't be replaced is gone: the old content is not wanted.
    auto replaced = (*store)->keep(key_of(1), content_of(3, 200'000));
    return !failed && failed.error().message.find("large") != std::string::npos
           && !replaced && !has(**store, 1) && !has(**store, 2)
           && (*store)->bytes_used() == 0 && bytes_on_disk(path) == 0
           && is_tidy(path);
  });
  CHECK(sound);
}
