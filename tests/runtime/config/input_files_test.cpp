#include "runtime/config/input_files.hpp"

#include "tests/runtime/scratch_directory.hpp"

#include <doctest/doctest.h>

using namespace artel;
using namespace artel::runtime;

namespace {

std::vector<std::string> names_of(const std::vector<source_file>& files) {
  std::vector<std::string> names;
  for (const auto& file : files)
    names.push_back(std::filesystem::path{file.path}.filename().string());
  return names;
}

} // namespace

TEST_CASE("patterns give the regular files they match, sorted, each once") {
  test::scratch_directory scratch;
  scratch.write("b.txt", "four");
  scratch.write("a.txt", "");
  scratch.write("c.md", "x");
  scratch.write("sub.txt/inner", "y");
  std::filesystem::create_symlink(scratch.path() / "c.md",
                                  scratch.path() / "link.txt");
  std::filesystem::create_symlink(scratch.path() / "gone",
                                  scratch.path() / "broken.txt");
  auto files = find_files({"*.txt", "a.*"}, scratch.path());
  REQUIRE(files);
  CHECK(names_of(*files)
        == std::vector<std::string>{"a.txt", "b.txt", "link.txt"});
  CHECK((*files)[0].bytes == 0);
  CHECK((*files)[1].bytes == 4);
  CHECK((*files)[1].path == (scratch.path() / "b.txt").string());
  auto absolute = find_files({(scratch.path() / "*.md").string()}, "/nowhere");
  REQUIRE(absolute);
  CHECK(names_of(*absolute) == std::vector<std::string>{"c.md"});
}

TEST_CASE("a directory's own name is no pattern") {
  test::scratch_directory scratch;
  scratch.write("odd [a]*/file", "x");
  scratch.write("odd a/file", "y");
  auto files = find_files({"*"}, scratch.path() / "odd [a]*");
  REQUIRE(files);
  REQUIRE(files->size() == 1);
  CHECK(files->front().path.find("odd [a]*") != std::string::npos);
}

TEST_CASE("a pattern that matches no file is named") {
  test::scratch_directory scratch;
  scratch.write("a.txt", "x");
  scratch.write("directory/a", "x");
  for (const char* pattern : {"*.nothing", "directory", "", "none/*"}) {
    auto files = find_files({"a.txt", pattern}, scratch.path());
    REQUIRE_FALSE(files);
    CHECK(files.error().message.find("'" + std::string{pattern} + "'")
          != std::string::npos);
  }
}

TEST_CASE("lines are cut into pieces, or so many a piece") {
  test::scratch_directory scratch;
  scratch.write("five", "1\n2\n3\n4\n5");
  auto by_two = cut_lines("five", scratch.path(), 100, 2);
  REQUIRE(by_two);
  CHECK(by_two->offsets == std::vector<std::uint64_t>{0, 4, 8});
  CHECK(by_two->file.bytes == 9);
  auto in_three = cut_lines("five", scratch.path(), 3, std::nullopt);
  REQUIRE(in_three);
  CHECK(in_three->offsets.size() == 3);
  scratch.write("empty", "");
  auto none = cut_lines("empty", scratch.path(), 3, 1);
  REQUIRE(none);
  CHECK(none->offsets.empty());
}

TEST_CASE("lines of what is no file are refused") {
  test::scratch_directory scratch;
  CHECK(cut_lines("gone", scratch.path(), 3, std::nullopt).error().code
        == errc::not_found);
  CHECK(cut_lines(".", scratch.path(), 3, std::nullopt).error().code
        == errc::invalid_argument);
}
