#include "runtime/observe/results_directory.hpp"

#include "tests/runtime/scratch_directory.hpp"

#include <algorithm>

#include <unistd.h>

#include <doctest/doctest.h>

using namespace artel;
using namespace artel::runtime;

namespace {

task_source range_source(std::uint64_t chunks) {
  task_source source;
  source.kind = source_kind::range;
  source.first = 1;
  source.last = 1'000'000;
  source.chunks = chunks;
  return source;
}

/// What lies below, directories with a '/' at their end.
std::vector<std::string> tree_of(const std::filesystem::path& path) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::recursive_directory_iterator{path})
    names.push_back(entry.path().lexically_relative(path).string()
                    + (entry.is_directory() ? "/" : ""));
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> files_in(const std::filesystem::path& path) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator{path})
    names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

} // namespace

TEST_CASE("each output is a file of its own, named after its job or input") {
  test::scratch_directory scratch;
  auto range = range_source(20);
  auto directory =
    results_directory::open(scratch.path() / "new/out", range, false);
  REQUIRE(directory);
  REQUIRE((*directory)->write(12, as_bytes("twelve")));
  bytes binary{0, 255, 10};
  REQUIRE((*directory)->write(3, binary));
  CHECK(files_in(scratch.path() / "new/out")
        == std::vector<std::string>{"job-000003.out", "job-000012.out"});
  CHECK(scratch.read("new/out/job-000012.out") == "twelve");
  CHECK(scratch.read("new/out/job-000003.out") == as_text(binary));

  task_source files;
  files.kind = source_kind::files;
  files.files = {{"/a/x.txt", 1}, {"/b/x.txt", 1}, {"/a/y", 1}};
  result_names names{files};
  CHECK(names.of(0) == "000000-x.txt");
  CHECK(names.of(1) == "000001-x.txt");
  CHECK(names.of(2) == "y");
  CHECK(result_names{range}.of(12'345'678) == "job-12345678.out");
}

TEST_CASE("files that are there are only replaced when told so") {
  test::scratch_directory scratch;
  scratch.write("job-000001.out", "precious");
  auto source = range_source(3);
  auto refused = results_directory::open(scratch.path(), source, false);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == errc::already_exists);
  CHECK(refused.error().message.find("job-000001.out") != std::string::npos);

  // Jobs that are not run replace nothing.
  source.only = {0, 2};
  CHECK(results_directory::open(scratch.path(), source, false));
  source.only.clear();
  auto forced = results_directory::open(scratch.path(), source, true);
  REQUIRE(forced);
  REQUIRE((*forced)->write(1, as_bytes("new")));
  CHECK(scratch.read("job-000001.out") == "new");
}

TEST_CASE("a file that appears while the task runs is not replaced") {
  test::scratch_directory scratch;
  auto source = range_source(3);
  auto directory = results_directory::open(scratch.path(), source, false);
  REQUIRE(directory);
  scratch.write("job-000002.out", "somebody else's");
  auto written = (*directory)->write(2, as_bytes("mine"));
  REQUIRE_FALSE(written);
  CHECK(written.error().code == errc::already_exists);
  CHECK(files_in(scratch.path()) == std::vector<std::string>{"job-000002.out"});
  CHECK(scratch.read("job-000002.out") == "somebody else's");
}

TEST_CASE("a link in a file's place is replaced, not followed") {
  test::scratch_directory scratch;
  auto victim = scratch.write("victim", "untouched");
  std::filesystem::create_directory(scratch.path() / "out");
  std::filesystem::create_symlink(victim,
                                  scratch.path() / "out/job-000000.out");
  auto source = range_source(1);
  CHECK_FALSE(results_directory::open(scratch.path() / "out", source, false));
  auto forced = results_directory::open(scratch.path() / "out", source, true);
  REQUIRE(forced);
  REQUIRE((*forced)->write(0, as_bytes("result")));
  CHECK(scratch.read("victim") == "untouched");
  CHECK(scratch.read("out/job-000000.out") == "result");
}

TEST_CASE("the files of a job lie in a directory beside its output") {
  test::scratch_directory scratch;
  auto source = range_source(20);
  auto directory = results_directory::open(scratch.path(), source, false);
  REQUIRE(directory);
  bytes binary{0, 255, 10};
  REQUIRE((*directory)
            ->write(12, as_bytes("out"),
                    {{"a b", binary},
                     {"sub/deep/x", to_bytes("x")},
                     {"sub/deep/y", to_bytes("y")},
                     {"sub/z", {}}}));
  REQUIRE((*directory)->write(3, as_bytes("alone")));
  CHECK(tree_of(scratch.path())
        == std::vector<std::string>{
          "job-000003.out", "job-000012.files/", "job-000012.files/a b",
          "job-000012.files/sub/", "job-000012.files/sub/deep/",
          "job-000012.files/sub/deep/x", "job-000012.files/sub/deep/y",
          "job-000012.files/sub/z", "job-000012.out"});
  CHECK(scratch.read("job-000012.files/a b") == as_text(binary));
  CHECK(scratch.read("job-000012.files/sub/deep/y") == "y");
}

TEST_CASE("no input's name is that of another's files") {
  task_source files;
  files.kind = source_kind::files;
  files.files = {{"/a/x", 1}, {"/a/x.files", 1}, {"/a/y.files", 1}};
  result_names names{files};
  CHECK(names.of(0) == "x");
  CHECK(names.files_of(0) == "x.files");
  CHECK(names.of(1) == "000001-x.files");
  CHECK(names.files_of(1) == "000001-x.files.files");
  CHECK(names.of(2) == "y.files");
}

TEST_CASE("names that lead out of a job's directory write nothing") {
  test::scratch_directory scratch;
  auto source = range_source(3);
  auto directory =
    results_directory::open(scratch.path() / "out", source, false);
  REQUIRE(directory);
  for (const std::string& name :
       {std::string{"../evil"}, std::string{"/tmp/evil"}, std::string{""},
        std::string{"a/../../../evil"}, std::string{"."}, std::string{".."},
        std::string{"a//b"}, std::string{"a\0b", 3}, std::string{"a\nb"},
        std::string(256, 'x')}) {
    CAPTURE(name);
    auto written =
      (*directory)
        ->write(1, as_bytes("o"),
                {{"!fine", to_bytes("f")}, {name, to_bytes("evil")}});
    REQUIRE_FALSE(written);
    CHECK(written.error().code == errc::malformed);
  }
  CHECK_FALSE((*directory)->write(1, {}, {{"a", {}}, {"a/b", {}}}));
  CHECK_FALSE((*directory)->write(1, {}, {{"b", {}}, {"a", {}}}));
  CHECK(tree_of(scratch.path()) == std::vector<std::string>{"out/"});
}

TEST_CASE("a job's files are only replaced when told so, and then as a whole") {
  test::scratch_directory scratch;
  scratch.write("job-000001.files/old/kept", "precious");
  auto source = range_source(3);
  auto refused = results_directory::open(scratch.path(), source, false);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == errc::already_exists);
  CHECK(refused.error().message.find("job-000001.files") != std::string::npos);
  auto forced = results_directory::open(scratch.path(), source, true);
  REQUIRE(forced);
  REQUIRE((*forced)->write(1, as_bytes("o"), {{"new", to_bytes("n")}}));
  CHECK(tree_of(scratch.path())
        == std::vector<std::string>{"job-000001.files/", "job-000001.files/new",
                                    "job-000001.out"});
  // What is left of an earlier run is no result of this one.
  REQUIRE((*forced)->write(1, as_bytes("o")));
  CHECK(tree_of(scratch.path()) == std::vector<std::string>{"job-000001.out"});
}

TEST_CASE("a directory that appears while the task runs is not replaced") {
  test::scratch_directory scratch;
  auto source = range_source(3);
  auto directory = results_directory::open(scratch.path(), source, false);
  REQUIRE(directory);
  scratch.write("job-000002.files/theirs", "somebody else's");
  auto written =
    (*directory)->write(2, as_bytes("mine"), {{"mine", to_bytes("m")}});
  REQUIRE_FALSE(written);
  CHECK(written.error().code == errc::already_exists);
  CHECK(tree_of(scratch.path())
        == std::vector<std::string>{"job-000002.files/",
                                    "job-000002.files/theirs"});
  // An empty one is theirs, too.
  std::filesystem::create_directory(scratch.path() / "job-000000.files");
  CHECK_FALSE((*directory)->write(0, {}, {{"mine", to_bytes("m")}}));
}

TEST_CASE("a link in the place of a job's files is replaced, not followed") {
  test::scratch_directory scratch;
  auto victim = scratch.write("victim/file", "untouched");
  std::filesystem::create_directory(scratch.path() / "out");
  std::filesystem::create_directory_symlink(
    scratch.path() / "victim", scratch.path() / "out/job-000000.files");
  auto source = range_source(1);
  auto forced = results_directory::open(scratch.path() / "out", source, true);
  REQUIRE(forced);
  REQUIRE((*forced)->write(0, as_bytes("r"), {{"file", to_bytes("new")}}));
  CHECK(scratch.read("victim/file") == "untouched");
  CHECK(scratch.read("out/job-000000.files/file") == "new");
  CHECK_FALSE(
    std::filesystem::is_symlink(scratch.path() / "out/job-000000.files"));
  CHECK(tree_of(scratch.path() / "out").size() == 3);
}

TEST_CASE("what an earlier process left half done is in nobody's way") {
  test::scratch_directory scratch;
  auto source = range_source(1);
  auto directory = results_directory::open(scratch.path(), source, false);
  REQUIRE(directory);
  auto mine = ".artel-" + std::to_string(::getpid()) + "-0";
  scratch.write(mine + ".part", "half");
  scratch.write(mine + ".files.part/half", "half");
  REQUIRE((*directory)->write(0, as_bytes("whole"), {{"f", to_bytes("f")}}));
  CHECK(tree_of(scratch.path())
        == std::vector<std::string>{"job-000000.files/", "job-000000.files/f",
                                    "job-000000.out"});
}

TEST_CASE("what cannot be a directory is told") {
  test::scratch_directory scratch;
  auto source = range_source(1);
  auto file = scratch.write("file", "x");
  CHECK(results_directory::open(file, source, false).error().code
        == errc::system_failure);
  CHECK(results_directory::open(file / "below", source, false).error().code
        == errc::system_failure);
}
