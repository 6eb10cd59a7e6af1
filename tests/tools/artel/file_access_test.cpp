#include "tools/artel/file_access.hpp"

#include "tests/runtime/scratch_directory.hpp"

#include <doctest/doctest.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace artel;
using namespace artel::tools;

namespace fs = std::filesystem;

namespace {

std::size_t entries_of(const fs::path& directory) {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& one :
       fs::recursive_directory_iterator{directory})
    ++count;
  return count;
}

bool has(const result<void>& outcome, errc code, std::string_view part) {
  return !outcome && outcome.error().code == code
         && outcome.error().message.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("files are read whole, up to a limit") {
  test::scratch_directory scratch;
  auto path = scratch.write("f", "12345").string();
  auto read = read_whole_file("thing", path, 5);
  REQUIRE(read);
  CHECK(as_text(*read) == "12345");
  auto refused = read_whole_file("thing", path, 4);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == errc::limit_exceeded);
  CHECK(refused.error().message.starts_with("thing '" + path + "' is larger"));
  // Files of /proc tell no size.
  CHECK(read_whole_file("thing", "/proc/self/status", 1u << 20)->size() > 0);
  CHECK_FALSE(read_whole_file("thing", "/proc/self/status", 10));
  // A name like any other, unless it stands for standard input.
  CHECK(read_whole_file("thing", "-", 10).error().code == errc::not_found);
}

TEST_CASE("a written file replaces nothing unasked and leaves nothing behind") {
  test::scratch_directory scratch;
  auto path = scratch.path() / "f";
  CHECK(write_whole_file(path, as_bytes("one"), false));
  CHECK(has(write_whole_file(path, as_bytes("two"), false),
            errc::already_exists, "--force"));
  CHECK(scratch.read("f") == "one");
  CHECK(write_whole_file(path, as_bytes("two"), true));
  CHECK(scratch.read("f") == "two");
  // A link that leads nowhere is there, too.
  fs::create_symlink("nowhere", scratch.path() / "link");
  CHECK(has(write_whole_file(scratch.path() / "link", as_bytes("x"), false),
            errc::already_exists, "exists"));
  CHECK(has(write_whole_file(scratch.path(), as_bytes("x"), true),
            errc::invalid_argument, "directory"));
  CHECK(has(write_whole_file(scratch.path() / "no" / "f", as_bytes("x"), true),
            errc::not_found, "No such file"));
  CHECK(entries_of(scratch.path()) == 2);
}

TEST_CASE("output files get their directories, or none is written") {
  test::scratch_directory scratch;
  auto to = scratch.path() / "out";
  std::vector<output_file> files{{"a/b/c.txt", to_bytes("1")},
                                 {"d.bin", bytes{0, 255}}};
  CHECK(write_output_files(to, files, false));
  CHECK(scratch.read("out/a/b/c.txt") == "1");
  CHECK(scratch.read("out/d.bin") == std::string{"\0\xff", 2});
  std::vector<output_file> more{{"a/new", to_bytes("x")}, {"d.bin", {}}};
  CHECK(
    has(write_output_files(to, more, false), errc::already_exists, "d.bin"));
  CHECK_FALSE(fs::exists(to / "a/new"));
  CHECK(write_output_files(to, more, true));
  CHECK(scratch.read("out/a/new") == "x");
}

TEST_CASE("output files never land elsewhere") {
  test::scratch_directory scratch;
  auto to = scratch.path() / "out";
  for (const auto* name : {"../x", "/x", "a/../../x", ""}) {
    CAPTURE(name);
    CHECK_FALSE(write_output_files(to, {{name, {}}}, true));
  }
  CHECK(entries_of(scratch.path()) == 0);
}
