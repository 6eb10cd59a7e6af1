#include "runtime/config/key_file.hpp"

#include "tests/runtime/scratch_directory.hpp"

#include <sys/stat.h>

#include <doctest/doctest.h>

using namespace artel;
using namespace artel::runtime;

namespace {

key_pair sample_key() {
  initialize_crypto();
  auto random = random_generator::from_number(7);
  return key_pair::generate(random);
}

} // namespace

TEST_CASE("a key is read back from its file, which only its owner may use") {
  test::scratch_directory scratch;
  auto key = sample_key();
  auto path = scratch.path() / "new" / "node.key";
  REQUIRE(write_key_file(path, key));
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  auto read = read_key_file(path);
  REQUIRE(read);
  CHECK(read->node() == key.node());
  CHECK(read->seed() == key.seed());
}

TEST_CASE("a key file is never replaced") {
  test::scratch_directory scratch;
  auto path = scratch.write("node.key", "precious");
  auto written = write_key_file(path, sample_key());
  REQUIRE_FALSE(written);
  CHECK(written.error().code == errc::already_exists);
  CHECK(scratch.read("node.key") == "precious");
}

TEST_CASE("a key that others may read is refused") {
  test::scratch_directory scratch;
  auto path = scratch.path() / "node.key";
  REQUIRE(write_key_file(path, sample_key()));
  for (auto mode : {0640, 0604, 0620, 0601}) {
    REQUIRE(::chmod(path.c_str(), mode) == 0);
    auto read = read_key_file(path);
    REQUIRE_FALSE(read);
    CHECK(read.error().code == errc::refused);
  }
}

TEST_CASE("a key file with any byte changed, added or missing is refused") {
  test::scratch_directory scratch;
  auto path = scratch.path() / "node.key";
  REQUIRE(write_key_file(path, sample_key()));
  auto text = scratch.read("node.key");
  auto refuses = [&](const std::string& changed) {
    auto other = scratch.write("changed.key", changed);
    ::chmod(other.c_str(), 0600);
    auto read = read_key_file(other);
    return !read && read.error().code == errc::malformed;
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    CAPTURE(i);
    auto changed = text;
    changed[i] = changed[i] == '0' ? '1' : '0';
    CHECK(refuses(changed));
  }
  CHECK(refuses(text + "x"));
  CHECK(refuses(text.substr(0, text.size() - 1)));
  CHECK(refuses(""));
}

TEST_CASE("what is missing or no file is told as such") {
  test::scratch_directory scratch;
  CHECK(read_key_file(scratch.path() / "none").error().code == errc::not_found);
  CHECK(read_key_file(scratch.path()).error().code == errc::malformed);
}
