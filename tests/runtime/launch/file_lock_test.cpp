#include "runtime/launch/file_lock.hpp"

#include "tests/runtime/scratch_directory.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

using namespace artel;
using namespace artel::runtime;

namespace {

constexpr milliseconds no_patience{0};
constexpr milliseconds patience{20'000};

/// Runs code in another process; whether it said yes. Locks are of a process.
template <class Code>
bool elsewhere(Code&& code) {
  auto child = ::fork();
  if (child == 0)
    ::_exit(code() ? 0 : 1);
  int status = 1;
  return ::waitpid(child, &status, 0) == child && status == 0;
}

/// A process that has a lock until it is told to end.
class holder {
public:
  explicit holder(const std::filesystem::path& path) {
    REQUIRE(::pipe(ready_) == 0);
    REQUIRE(::pipe(end_) == 0);
    process_ = ::fork();
    if (process_ == 0) {
      ::close(end_[1]);
      auto lock = write_lock::take(path, no_patience);
      char byte = lock ? 'y' : 'n';
      auto told = ::write(ready_[1], &byte, 1);
      // Until the other end is closed.
      auto woken = ::read(end_[0], &byte, 1);
      if (lock && told == 1 && woken == 0)
        std::ofstream{path} << "changed";
      { auto gone = std::move(lock); }
      ::_exit(0);
    }
    char answer = 'n';
    REQUIRE(::read(ready_[0], &answer, 1) == 1);
    REQUIRE(answer == 'y');
  }
  holder(const holder&) = delete;
  holder& operator=(const holder&) = delete;
  ~holder() {
    end();
    ::waitpid(process_, nullptr, 0);
    for (auto one : {ready_[0], ready_[1], end_[0]})
      ::close(one);
  }

  void end() {
    if (end_[1] >= 0)
      ::close(std::exchange(end_[1], -1));
  }
  /// Without giving anything back.
  void kill() { ::kill(process_, SIGKILL); }

  pid_t process() const { return process_; }

private:
  int ready_[2] = {-1, -1};
  int end_[2] = {-1, -1};
  pid_t process_ = -1;
};

/// Asks without pauses, so that processes meet at every moment of each other.
result<write_lock> insist(const std::filesystem::path& path) {
  for (;;) {
    auto lock = write_lock::take(path, no_patience);
    if (lock || lock.error().code != errc::timed_out)
      return lock;
  }
}

std::string text_of(const std::filesystem::path& path) {
  std::string text;
  std::ifstream{path} >> text;
  return text;
}

} // namespace

TEST_CASE("a file is written by one process at a time") {
  test::scratch_directory scratch;
  auto path = scratch.path() / "file";
  holder other{path};
  auto refused = write_lock::take(path, no_patience);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == errc::timed_out);
  CAPTURE(refused.error().message);
  CHECK(refused.error().message.find(path.string()) != std::string::npos);
  CHECK(refused.error().message.find(std::to_string(other.process()))
        != std::string::npos);
  // Another file is nobody's.
  CHECK(write_lock::take(scratch.path() / "file2", no_patience).ok());
}

TEST_CASE("whoever waits for a file sees what the other wrote") {
  test::scratch_directory scratch;
  auto path = scratch.path() / "file";
  holder other{path};
  other.end();
  auto lock = write_lock::take(path, patience);
  REQUIRE(lock.ok());
  CHECK(lock->path() == path);
  CHECK(text_of(path) == "changed");
  CHECK_FALSE(
    elsewhere([&path] { return write_lock::take(path, no_patience).ok(); }));
}

TEST_CASE("nothing is left of a lock, and none is lost to another's end") {
  test::scratch_directory scratch;
  auto path = scratch.path() / "file";
  {
    auto lock = write_lock::take(path, no_patience);
    REQUIRE(lock.ok());
    CHECK_FALSE(std::filesystem::is_empty(scratch.path()));
  }
  CHECK(std::filesystem::is_empty(scratch.path()));
  {
    holder killed{path};
    killed.kill();
    // The name that it left behind is nobody's.
    CHECK(write_lock::take(path, patience).ok());
  }
  CHECK(std::filesystem::is_empty(scratch.path()));
}

TEST_CASE("a link and what it leads to are one file") {
  test::scratch_directory scratch;
  auto path = scratch.path() / "file";
  std::ofstream{path} << "content";
  auto link = scratch.path() / "link";
  std::filesystem::create_symlink("file", link);
  auto lock = write_lock::take(link, no_patience);
  REQUIRE(lock.ok());
  CHECK(std::filesystem::equivalent(lock->path(), path));
  CHECK_FALSE(std::filesystem::is_symlink(lock->path()));
  CHECK_FALSE(
    elsewhere([&path] { return write_lock::take(path, no_patience).ok(); }));
}

TEST_CASE("without a directory there is no lock") {
  test::scratch_directory scratch;
  auto lock = write_lock::take(scratch.path() / "none" / "file", no_patience);
  REQUIRE_FALSE(lock);
  CHECK(lock.error().code == errc::not_found);
}

TEST_CASE("many writers of one counter lose no step") {
  test::scratch_directory scratch;
  auto path = scratch.path() / "counter";
  std::ofstream{path} << 0;
  constexpr int writers = 4;
  constexpr int steps = 500;
  std::vector<pid_t> children;
  for (int i = 0; i < writers; ++i) {
    auto child = ::fork();
    if (child == 0) {
      for (int step = 0; step < steps; ++step) {
        auto lock = insist(path);
        if (!lock)
          ::_exit(1);
        auto value = std::stoi(text_of(path)) + 1;
        auto fresh = path.string() + "." + std::to_string(::getpid());
        std::ofstream{fresh} << value;
        std::filesystem::rename(fresh, path);
      }
      ::_exit(0);
    }
    children.push_back(child);
  }
  for (auto child : children) {
    int status = 1;
    CHECK(::waitpid(child, &status, 0) == child);
    CHECK(status == 0);
  }
  CHECK(text_of(path) == std::to_string(writers * steps));
}
