#include "tools/artel/shell/history_file.hpp"

#include "tests/runtime/scratch_directory.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <string>

#include <sys/stat.h>

using namespace artel;
using namespace artel::tools;

namespace fs = std::filesystem;

namespace {

using line_list = std::vector<std::string>;

unsigned mode_of(const fs::path& path) {
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 0777;
}

class environment_value {
public:
  environment_value(const char* name, const char* value) : name_(name) {
    if (const char* old = std::getenv(name))
      before_ = old;
    ::setenv(name, value, 1);
  }
  ~environment_value() { ::setenv(name_, before_.c_str(), 1); }

private:
  const char* name_;
  std::string before_;
};

} // namespace

TEST_CASE("lines come back in order, readable by their owner alone") {
  test::scratch_directory scratch;
  auto path = scratch.path() / "state" / "artel" / "history";
  history_file first{path};
  CHECK(first.load().empty());
  CHECK(first.add("node add a"));
  // Another session at the same time.
  CHECK(history_file{path}.add("run 1s"));
  CHECK(first.add("node kill a"));
  CHECK(mode_of(path) == 0600);
  CHECK(history_file{path}.load()
        == line_list{"node add a", "run 1s", "node kill a"});
}

TEST_CASE("a file that others may read is closed to them") {
  test::scratch_directory scratch;
  auto path = scratch.write("history", "old\n");
  fs::permissions(path, fs::perms{0644});
  history_file history{path};
  CHECK(history.add("new"));
  CHECK(mode_of(path) == 0600);
  CHECK(history.load() == line_list{"old", "new"});
}

TEST_CASE("blank and endless lines are not kept") {
  test::scratch_directory scratch;
  history_file history{scratch.path() / "history"};
  CHECK_FALSE(history.add(""));
  CHECK_FALSE(history.add(" \t"));
  CHECK_FALSE(history.add(std::string(history_file::line_bytes_max + 1, 'x')));
  CHECK(history.load().empty());
}

TEST_CASE("a long history keeps its latest lines, in the file too") {
  test::scratch_directory scratch;
  std::string text;
  for (int i = 1; i <= 1'234; ++i)
    text += "line " + std::to_string(i) + "\n";
  auto path = scratch.write("history", text);
  auto lines = history_file{path}.load();
  REQUIRE(lines.size() == history_file::lines_max);
  CHECK(lines.front() == "line 235");
  CHECK(lines.back() == "line 1234");
  CHECK(scratch.read("history").starts_with("line 235\n"));
  CHECK(mode_of(path) == 0600);
  CHECK(history_file{path}.load() == lines);
}

TEST_CASE("where nothing can be written, nothing happens") {
  test::scratch_directory scratch;
  scratch.write("file", "");
  history_file below_a_file{scratch.path() / "file" / "history"};
  CHECK_FALSE(below_a_file.add("run"));
  CHECK(below_a_file.load().empty());
  history_file a_directory{scratch.path()};
  CHECK_FALSE(a_directory.add("run"));
  CHECK(a_directory.load().empty());
  history_file nowhere{{}};
  CHECK_FALSE(nowhere.add("run"));
  CHECK(nowhere.load().empty());
}

TEST_CASE("the history is where the desktop's rules say") {
  environment_value home{"HOME", "/home/someone"};
  {
    environment_value state{"XDG_STATE_HOME", "/state"};
    CHECK(default_history_path() == "/state/artel/history");
  }
  // Relative paths are to be ignored.
  environment_value state{"XDG_STATE_HOME", "state"};
  CHECK(default_history_path() == "/home/someone/.local/state/artel/history");
  environment_value no_home{"HOME", ""};
  CHECK(default_history_path().empty());
}
