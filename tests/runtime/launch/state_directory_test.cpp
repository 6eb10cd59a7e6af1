#include "runtime/launch/state_directory.hpp"

#include "tests/runtime/scratch_directory.hpp"

#include <doctest/doctest.h>

#include <string>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace artel;
using namespace artel::runtime;

TEST_CASE("a state directory is made for its user alone") {
  test::scratch_directory scratch;
  auto path = scratch.path() / "a" / "state";
  auto state = state_directory::open(path);
  REQUIRE(state.ok());
  struct stat found {};
  REQUIRE(::stat(path.c_str(), &found) == 0);
  CHECK((found.st_mode & 0777) == 0700);
}

TEST_CASE("one that others may look into is taken away from them") {
  test::scratch_directory scratch;
  auto path = scratch.path() / "state";
  REQUIRE(::mkdir(path.c_str(), 0755) == 0);
  REQUIRE(state_directory::open(path).ok());
  struct stat found {};
  REQUIRE(::stat(path.c_str(), &found) == 0);
  CHECK((found.st_mode & 0777) == 0700);
}

TEST_CASE("a second user is refused, and told who the first is") {
  test::scratch_directory scratch;
  auto path = scratch.path() / "state";
  auto first = state_directory::open(path);
  REQUIRE(first.ok());
  auto holder = std::to_string(::getpid());
  auto second = state_directory::open(path);
  REQUIRE_FALSE(second.ok());
  CHECK(second.error().code == errc::refused);
  CHECK(second.error().message.find(holder) != std::string::npos);
  // Another process, which tells by its exit code.
  auto child = ::fork();
  if (child == 0) {
    auto other = state_directory::open(path);
    auto refused = !other && other.error().code == errc::refused
                   && other.error().message.find(holder) != std::string::npos;
    ::_exit(refused ? 0 : 1);
  }
  int status = 1;
  REQUIRE(::waitpid(child, &status, 0) == child);
  // What the child closed did not take our lock away.
  CHECK(status == 0);
  first->reset();
  CHECK(state_directory::open(path).ok());
}

TEST_CASE("what is no directory is refused") {
  test::scratch_directory scratch;
  auto path = scratch.write("state", "text");
  CHECK_FALSE(state_directory::open(path).ok());
}
