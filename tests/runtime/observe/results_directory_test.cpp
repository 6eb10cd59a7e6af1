#include "runtime/observe/results_directory.hpp"

#include "tests/runtime/scratch_directory.hpp"

#include <algorithm>

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

TEST_CASE("what cannot be a directory is told") {
  test::scratch_directory scratch;
  auto source = range_source(1);
  auto file = scratch.write("file", "x");
  CHECK(results_directory::open(file, source, false).error().code
        == errc::system_failure);
  CHECK(results_directory::open(file / "below", source, false).error().code
        == errc::system_failure);
}
