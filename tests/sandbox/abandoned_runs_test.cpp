#include "sandbox/process/abandoned_runs.hpp"

#include "sandbox/descriptor.hpp"
#include "sandbox/process/spawn.hpp"

#include <doctest/doctest.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace artel;
using namespace artel::sandbox;

namespace fs = std::filesystem;

namespace {

/// Named as the directories that a killed artel leaves.
class left_directory {
public:
  left_directory() {
    auto name = (fs::temp_directory_path() / "artel-sandbox-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    REQUIRE(::chmod(name.c_str(), 0755) == 0);
    path = name;
    std::ofstream{path / "file"} << "text";
  }
  ~left_directory() { fs::remove_all(path); }
  left_directory(const left_directory&) = delete;
  left_directory& operator=(const left_directory&) = delete;

  fs::path path;
};

/// A program that says a line once it runs, and then waits for ever.
class waiting_program {
public:
  waiting_program(const std::string& file, std::vector<std::string> arguments,
                  uid_t user) {
    auto output = make_pipe();
    auto input = make_pipe();
    REQUIRE((output.ok() && input.ok()));
    std::vector<char*> pointers;
    for (auto& argument : arguments)
      pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    id_ = ::fork();
    REQUIRE(id_ >= 0);
    if (id_ == 0) {
      ::setpgid(0, 0);
      if (::geteuid() == 0
          && (::setgroups(0, nullptr) != 0 || ::setgid(user) != 0
              || ::setuid(user) != 0))
        ::_exit(98);
      ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
      ::dup2(input->read.number(), 0);
      ::dup2(output->write.number(), 1);
      ::execvp(file.c_str(), pointers.data());
      ::_exit(99);
    }
    output_ = std::move(output->read);
    input_ = std::move(input->write);
    output->write.close();
    char line = 0;
    REQUIRE(::read(output_.number(), &line, 1) == 1);
  }
  ~waiting_program() {
    if (id_ > 0 && ::waitpid(id_, nullptr, WNOHANG) == 0) {
      ::kill(-id_, SIGKILL);
      ::waitpid(id_, nullptr, 0);
    }
  }
  waiting_program(const waiting_program&) = delete;
  waiting_program& operator=(const waiting_program&) = delete;

  bool runs() const {
    siginfo_t info{};
    return ::waitid(P_PID, static_cast<id_t>(id_), &info,
                    WEXITED | WNOHANG | WNOWAIT)
             == 0
           && info.si_pid == 0;
  }

  /// Whether all that hold its output are gone, inside the sandbox, too.
  bool wholly_ended() const {
    pollfd ended{output_.number(), POLLHUP, 0};
    return ::poll(&ended, 1, 5'000) == 1 && (ended.revents & POLLHUP) != 0;
  }

private:
  pid_t id_ = -1;
  descriptor output_;
  descriptor input_;
};

/// The shell's builtin waits, so that there is no other process.
constexpr auto wait_script = "printf x; read line";

std::vector<std::string> bubblewrap_with(const fs::path& file) {
  return {"bwrap",     "--unshare-all", "--ro-bind",   "/usr",      "/usr",
          "--symlink", "usr/lib",       "/lib",        "--symlink", "usr/lib64",
          "/lib64",    "--symlink",     "usr/bin",     "/bin",      "--proc",
          "/proc",     "--ro-bind",     file.string(), "/input",    "/bin/sh",
          "-c",        wait_script};
}

uid_t own_user() {
  return ::geteuid();
}

uid_t user_of_sandboxes() {
  return ::geteuid() == 0 ? sandbox_user : ::geteuid();
}

} // namespace

TEST_CASE("a sandbox that uses an abandoned directory is killed") {
  for (auto user : {own_user(), user_of_sandboxes()}) {
    left_directory directory;
    waiting_program program{"bwrap", bubblewrap_with(directory.path / "file"),
                            user};
    REQUIRE(program.runs());
    CHECK(kill_abandoned_runs(directory.path) >= 1);
    CHECK(program.wholly_ended());
    CHECK_FALSE(program.runs());
    CHECK(kill_abandoned_runs(directory.path) == 0);
  }
}

TEST_CASE("a directory is found with a slash at its end, and when removed") {
  left_directory directory;
  waiting_program program{"bwrap", bubblewrap_with(directory.path / "file"),
                          user_of_sandboxes()};
  fs::remove_all(directory.path);
  REQUIRE(program.runs());
  CHECK(kill_abandoned_runs(directory.path / "") >= 1);
  CHECK(program.wholly_ended());
}

TEST_CASE("sandboxes of other directories live on") {
  left_directory directory;
  left_directory other;
  waiting_program program{"bwrap", bubblewrap_with(other.path / "file"),
                          user_of_sandboxes()};
  CHECK(kill_abandoned_runs(directory.path) == 0);
  // Names that begin or end like it.
  auto name = other.path.string();
  name.pop_back();
  CHECK(kill_abandoned_runs(name) == 0);
  CHECK(kill_abandoned_runs(other.path.string() + "x") == 0);
  CHECK(kill_abandoned_runs(other.path.parent_path()
                            / other.path.filename().string().substr(1))
        == 0);
  CHECK(kill_abandoned_runs("") == 0);
  CHECK(kill_abandoned_runs("/") == 0);
  CHECK(kill_abandoned_runs(other.path.filename()) == 0);
  CHECK(program.runs());
}

TEST_CASE("a launcher that has yet to set its sandbox up is killed") {
  left_directory directory;
  // Any program with that name: what counts is its command line.
  waiting_program program{
    "/bin/sh",
    {"/usr/bin/bwrap", "-c", wait_script, (directory.path / "file").string()},
    user_of_sandboxes()};
  CHECK(kill_abandoned_runs(directory.path) == 1);
  CHECK(program.wholly_ended());
}

TEST_CASE("other programs may name an abandoned directory") {
  left_directory directory;
  auto path = (directory.path / "file").string();
  waiting_program program{
    "/bin/sh", {"sh", "-c", wait_script, path}, user_of_sandboxes()};
  CHECK(kill_abandoned_runs(directory.path) == 0);
  CHECK(program.runs());
}

TEST_CASE("sandboxes of other users live on") {
  if (::geteuid() != 0)
    return;
  constexpr uid_t other_user = sandbox_user - 1;
  left_directory directory;
  waiting_program program{"bwrap", bubblewrap_with(directory.path / "file"),
                          other_user};
  CHECK(kill_abandoned_runs(directory.path) == 0);
  CHECK(program.runs());
}
