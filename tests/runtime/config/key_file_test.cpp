#include "runtime/config/key_file.hpp"

#include "tests/runtime/scratch_directory.hpp"

#include <iterator>

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

/// As cheap as allowed: what it costs is not what is tested.
constexpr passphrase_cost cheap{1, passphrase_memory_min};

key_protection protected_by(std::string_view passphrase) {
  return {passphrase, cheap};
}

/// Gives a passphrase, and counts how often it was asked.
struct answer {
  std::string_view passphrase;
  int* asked = nullptr;

  result<secret_text> operator()() const {
    if (asked != nullptr)
      ++*asked;
    secret_text text{passphrase.size()};
    text.append(passphrase);
    return text;
  }
};

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

TEST_CASE("a key under a passphrase opens with it alone") {
  test::scratch_directory scratch;
  auto key = sample_key();
  auto path = scratch.path() / "node.key";
  REQUIRE(write_key_file(path, key, protected_by("open sesame")));
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  auto read = read_key_file(path, answer{"open sesame"});
  REQUIRE(read);
  CHECK(read->seed() == key.seed());
  auto wrong = read_key_file(path, answer{"open sesam"});
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().code == errc::refused);
  CHECK(wrong.error().message.find("not opened by this passphrase")
        != std::string::npos);
  auto none = read_key_file(path);
  REQUIRE_FALSE(none);
  CHECK(none.error().code == errc::refused);
}

TEST_CASE("the file of a key under a passphrase does not hold the seed") {
  test::scratch_directory scratch;
  auto key = sample_key();
  auto path = scratch.path() / "node.key";
  REQUIRE(write_key_file(path, key, protected_by("a")));
  auto seed = key.seed();
  CHECK(scratch.read("node.key").find(to_hex(bytes_view{seed}))
        == std::string::npos);
  // Neither salt nor nonce come again.
  auto other = scratch.path() / "other.key";
  REQUIRE(write_key_file(other, key, protected_by("a")));
  CHECK(scratch.read("node.key") != scratch.read("other.key"));
}

TEST_CASE("the node of a key is told without its passphrase") {
  test::scratch_directory scratch;
  auto key = sample_key();
  auto plain = scratch.path() / "plain.key";
  auto boxed = scratch.path() / "boxed.key";
  REQUIRE(write_key_file(plain, key));
  REQUIRE(write_key_file(boxed, key, protected_by("a")));
  CHECK(inspect_key_file(plain)->node == key.node());
  CHECK_FALSE(inspect_key_file(plain)->is_protected);
  CHECK(inspect_key_file(boxed)->node == key.node());
  CHECK(inspect_key_file(boxed)->is_protected);
}

TEST_CASE("nobody is asked for a passphrase that is not needed") {
  test::scratch_directory scratch;
  auto path = scratch.path() / "node.key";
  REQUIRE(write_key_file(path, sample_key()));
  int asked = 0;
  CHECK(read_key_file(path, answer{"a", &asked}));
  CHECK(asked == 0);
}

TEST_CASE("a changed key under a passphrase never opens") {
  test::scratch_directory scratch;
  auto path = scratch.path() / "node.key";
  REQUIRE(write_key_file(path, sample_key(), protected_by("a")));
  auto text = scratch.read("node.key");
  auto refuses = [&](const std::string& changed) {
    auto other = scratch.write("changed.key", changed);
    ::chmod(other.c_str(), 0600);
    return !read_key_file(other, answer{"a"});
  };
  REQUIRE_FALSE(refuses(text));
  for (std::size_t i = 0; i < text.size(); ++i) {
    CAPTURE(i);
    auto changed = text;
    changed[i] = changed[i] == '1' ? '2' : '1';
    CHECK(refuses(changed));
  }
  CHECK(refuses(text + "x"));
  CHECK(refuses(text.substr(0, text.size() - 1)));
  CHECK(refuses(text + text));
}

TEST_CASE("a file that asks for too much work is refused before any is done") {
  test::scratch_directory scratch;
  auto path = scratch.path() / "node.key";
  REQUIRE(write_key_file(path, sample_key(), protected_by("a")));
  auto text = scratch.read("node.key");
  auto line = text.find("argon2id ");
  auto end = text.find('\n', line);
  for (std::string costs :
       {"17 8192", "1 8191", "1 1073741825", "0 8192", "4294967297 8192",
        "1 18446744073709551616", "01 8192", "1  8192", "1 8192 ", "1", "",
        "-1 8192"}) {
    CAPTURE(costs);
    auto changed = text;
    changed.replace(line, end - line, "argon2id " + costs);
    auto other = scratch.write("changed.key", changed);
    ::chmod(other.c_str(), 0600);
    int asked = 0;
    auto read = read_key_file(other, answer{"a", &asked});
    REQUIRE_FALSE(read);
    CHECK(read.error().code == errc::malformed);
    CHECK(asked == 0);
    CHECK_FALSE(inspect_key_file(other));
  }
}

TEST_CASE("a passphrase is set, changed and taken away; the key stays") {
  test::scratch_directory scratch;
  auto key = sample_key();
  auto path = scratch.path() / "node.key";
  REQUIRE(write_key_file(path, key));
  REQUIRE(protect_key_file(path, key, protected_by("one")));
  CHECK(read_key_file(path, answer{"one"})->seed() == key.seed());
  REQUIRE(protect_key_file(path, key, protected_by("two")));
  CHECK_FALSE(read_key_file(path, answer{"one"}));
  CHECK(read_key_file(path, answer{"two"})->seed() == key.seed());
  REQUIRE(protect_key_file(path, key, std::nullopt));
  CHECK(read_key_file(path)->seed() == key.seed());
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  // Nothing is left beside it.
  std::filesystem::directory_iterator files{scratch.path()};
  CHECK(std::distance(begin(files), end(files)) == 1);
}

TEST_CASE("another key's file is not replaced") {
  test::scratch_directory scratch;
  auto path = scratch.path() / "node.key";
  REQUIRE(write_key_file(path, sample_key()));
  auto before = scratch.read("node.key");
  auto random = random_generator::from_number(8);
  auto other = key_pair::generate(random);
  CHECK(protect_key_file(path, other, protected_by("a")).error().code
        == errc::refused);
  CHECK(scratch.read("node.key") == before);
  CHECK(
    protect_key_file(scratch.path() / "none", other, std::nullopt).error().code
    == errc::not_found);
}
