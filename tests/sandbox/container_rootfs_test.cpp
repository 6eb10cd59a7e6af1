#include "sandbox/container/rootfs.hpp"

#include "tests/sandbox/container_tar.hpp"
#include "tests/sandbox/scripts.hpp"

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include <sys/stat.h>
#include <unistd.h>

using namespace artel;
using namespace artel::test;
namespace fs = std::filesystem;

namespace {

using sandbox::rootfs_limits;

std::string text_in(const fs::path& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

unsigned mode_of(const fs::path& path) {
  struct stat status {};
  REQUIRE(::lstat(path.c_str(), &status) == 0);
  return status.st_mode & 07777;
}

/// Unpacks below a directory with something beside it that must not change.
struct unpacking {
  explicit unpacking(const bytes& tar, const rootfs_limits& limits = {}) {
    std::ofstream{scratch.path / "outside"} << "safe";
    done = sandbox::unpack_rootfs(tar, target, limits);
  }

  std::string message() const { return done ? "" : done.error().message; }

  scratch_directory scratch;
  fs::path target = scratch.path / "root";
  result<sandbox::rootfs_summary> done{errc::invalid_state, ""};
};

void check_refused(const bytes& tar, errc code, const std::string& words,
                   const rootfs_limits& limits = {}) {
  unpacking attempt{tar, limits};
  INFO(attempt.message());
  REQUIRE_FALSE(attempt.done.ok());
  CHECK(to_string(attempt.done.error().code) == to_string(code));
  CHECK(attempt.message().find(words) != std::string::npos);
  CHECK_FALSE(fs::exists(fs::symlink_status(attempt.target)));
  CHECK(count_entries(attempt.scratch.path) == 1);
  CHECK(text_in(attempt.scratch.path / "outside") == "safe");
}

} // namespace

TEST_CASE("files, directories and links come out as they were packed") {
  unpacking attempt{tar_builder{}
                      .directory("./")
                      .directory("./etc/")
                      .file("./etc/motd", "hello")
                      .file("bin/tool", "#!/bin/sh\n", 0700)
                      .link("sh", "/bin/tool")
                      .hard_link("bin/other", "./bin/tool")
                      .file("deep/below/file", "")
                      .finish()};
  INFO(attempt.message());
  REQUIRE(attempt.done.ok());
  const auto& root = attempt.target;
  CHECK(text_in(root / "etc/motd") == "hello");
  CHECK(text_in(root / "bin/other") == "#!/bin/sh\n");
  CHECK(fs::hard_link_count(root / "bin/tool") == 2);
  CHECK(fs::read_symlink(root / "sh") == "/bin/tool");
  CHECK(fs::file_size(root / "deep/below/file") == 0);
  CHECK(attempt.done->total_bytes == 15);
  // etc, motd, bin, tool, sh, other, deep, below, file.
  CHECK(attempt.done->entries == 9);
}

TEST_CASE("modes become readable, and lose what gives rights") {
  unpacking attempt{tar_builder{}
                      .header("setuid", '0', 0, {}, 06755)
                      .header("secret", '0', 0, {}, 0)
                      .header("closed", '5', 0, {}, 01000)
                      .file("closed/file", "x", 0606)
                      .finish()};
  INFO(attempt.message());
  REQUIRE(attempt.done.ok());
  CHECK(mode_of(attempt.target) == 0755);
  CHECK(mode_of(attempt.target / "setuid") == 0555);
  CHECK(mode_of(attempt.target / "secret") == 0444);
  CHECK(mode_of(attempt.target / "closed") == 0755);
  CHECK(mode_of(attempt.target / "closed/file") == 0444);
  struct stat status {};
  REQUIRE(::stat((attempt.target / "setuid").c_str(), &status) == 0);
  CHECK(status.st_uid == ::geteuid());
  CHECK(status.st_mtime == 1'000'000'000);
}

TEST_CASE("no name leads out of the directory") {
  for (const std::string name :
       {"/etc/passwd", "../outside", "a/../../outside", "..", "a/.."})
    check_refused(tar_builder{}.file(name, "evil").finish(),
                  errc::invalid_argument, "'" + name + "'");
}

TEST_CASE("nothing is put through a link") {
  check_refused(
    tar_builder{}.link("out", "..").file("out/outside", "evil").finish(),
    errc::invalid_argument, "lies below 'out', which is no directory");
  check_refused(tar_builder{}
                  .directory("a")
                  .link("a/self", ".")
                  .directory("a/self/b")
                  .finish(),
                errc::invalid_argument, "lies below 'a/self'");
  check_refused(
    tar_builder{}.link("l", "/").hard_link("shadow", "l/etc/passwd").finish(),
    errc::invalid_argument, "lies below 'l'");
  check_refused(tar_builder{}.file("f", "x").file("f/g", "y").finish(),
                errc::invalid_argument, "lies below 'f'");
}

TEST_CASE("a file replaces a link, not what that points to") {
  unpacking attempt{tar_builder{}
                      .link("a", "../outside")
                      .file("a", "mine")
                      .file("b", "first")
                      .hard_link("c", "b")
                      .file("b", "second")
                      .link("b", "c")
                      .finish()};
  INFO(attempt.message());
  REQUIRE(attempt.done.ok());
  CHECK(text_in(attempt.target / "a") == "mine");
  CHECK_FALSE(fs::is_symlink(attempt.target / "a"));
  CHECK(text_in(attempt.target / "c") == "first");
  CHECK(fs::read_symlink(attempt.target / "b") == "c");
  CHECK(text_in(attempt.scratch.path / "outside") == "safe");
}

TEST_CASE("a directory is replaced by nothing, and replaces nothing") {
  check_refused(tar_builder{}.directory("d").link("d", "/").finish(),
                errc::invalid_argument, "'d' would replace a directory");
  check_refused(tar_builder{}.file("d/f", "").file("d", "").finish(),
                errc::invalid_argument, "would replace a directory");
  check_refused(tar_builder{}.link("d", "/").directory("d/").finish(),
                errc::invalid_argument, "was a file or a link before");
  check_refused(tar_builder{}.file(".", "").finish(), errc::invalid_argument,
                "is the root");
}

TEST_CASE("hard links lead to files of the tar file alone") {
  for (const std::string target : {"/etc/passwd", "../outside", "missing"})
    check_refused(tar_builder{}.hard_link("h", target).finish(),
                  errc::invalid_argument, "'h' is a hard link to");
  check_refused(
    tar_builder{}.link("l", "../outside").hard_link("h", "l").finish(),
    errc::invalid_argument, "no file of the tree");
  check_refused(tar_builder{}.directory("d").hard_link("h", "d").finish(),
                errc::invalid_argument, "no file of the tree");
  unpacking itself{
    tar_builder{}.file("f", "kept").hard_link("f", "f").finish()};
  REQUIRE(itself.done.ok());
  CHECK(text_in(itself.target / "f") == "kept");
}

TEST_CASE("devices and pipes are refused by name") {
  for (auto type : {'3', '4', '6'})
    check_refused(tar_builder{}.header("dev/thing", type).finish(),
                  errc::invalid_argument, "'dev/thing' is a");
}

TEST_CASE("sizes are refused before anything is read") {
  check_refused(tar_builder{}.header("big", '0', 1u << 30).finish(),
                errc::limit_exceeded, "'big' is 1073741824 bytes long");
  rootfs_limits tight;
  tight.total_bytes_max = 10;
  check_refused(tar_builder{}.file("a", "123456").file("a", "12345").finish(),
                errc::limit_exceeded, "'a' is 5 bytes long", tight);
  CHECK(unpacking{tar_builder{}.file("a", "123456").file("b", "1234").finish(),
                  tight}
          .done.ok());
}

TEST_CASE("entries, depth and names are bounded") {
  rootfs_limits tight;
  tight.entries_max = 4;
  check_refused(
    tar_builder{}.file("a/b/c", "").file("d", "").file("e", "").finish(),
    errc::limit_exceeded, "'e' is one entry too many", tight);
  tar_builder again;
  for (int i = 0; i < 5; ++i)
    again.directory("same");
  check_refused(again.finish(), errc::limit_exceeded, "one entry too many",
                tight);
  tight = {};
  tight.depth_max = 3;
  check_refused(tar_builder{}.file("a/b/c/d", "").finish(),
                errc::limit_exceeded, "more than 3 directories deep", tight);
  check_refused(
    tar_builder{}.long_name(std::string(2000, 'x')).file("x", "").finish(),
    errc::limit_exceeded, "more than 1024 bytes");
  check_refused(
    tar_builder{}.long_name(std::string(300, 'x')).file("x", "").finish(),
    errc::limit_exceeded, "more than 255 bytes");
  std::string chain;
  for (int i = 0; i < 100; ++i)
    chain += "d/";
  check_refused(tar_builder{}.long_name(chain + "f").file("x", "").finish(),
                errc::limit_exceeded, "64 directories deep");
}

TEST_CASE("names with odd letters are made, and shown without them") {
  unpacking attempt{tar_builder{}
                      .file("\xff\x01 \n", "odd")
                      .file("-rf", "")
                      .file("\xc3\xa4", "umlaut")
                      .finish()};
  INFO(attempt.message());
  REQUIRE(attempt.done.ok());
  CHECK(text_in(attempt.target / "\xff\x01 \n") == "odd");
  CHECK(text_in(attempt.target / "\xc3\xa4") == "umlaut");
  check_refused(tar_builder{}.header("a\x1b[31m", '6').finish(),
                errc::invalid_argument, "'a?[31m'");
}

TEST_CASE("what is no tar file, or a broken one, leaves nothing behind") {
  check_refused({}, errc::malformed, "no sound tar file");
  check_refused(to_bytes("PK\x03\x04 no tar at all"), errc::malformed,
                "no sound tar file");
  check_refused(bytes(5'000, 0x41), errc::malformed, "no sound tar file");
  auto sound = tar_builder{}.file("a", std::string(2'000, 'x')).finish();
  auto cut = sound;
  cut.resize(1'000);
  check_refused(cut, errc::malformed, "runcated");
  // The second header's checksum is off.
  auto changed = tar_builder{}.file("a", "x").file("b", "y").finish();
  changed[1024] ^= 1;
  check_refused(changed, errc::malformed, "no sound tar file");
  // gzip's first bytes, and then nothing of the kind.
  check_refused({0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xff, 0xff},
                errc::malformed, "no sound tar file");
}

TEST_CASE("no other archive format than tar is read") {
  // cpio, which libarchive knows too: an entry "a" with one byte.
  check_refused(
    to_bytes("070701000000010000000000000000000000000000000000000000000000"
             "0000000001000000000000000000000000000000000000000200000000a"),
    errc::malformed, "no sound tar file");
}

TEST_CASE("chains of special headers end") {
  tar_builder chain;
  for (int i = 0; i < 20'000; ++i)
    chain.long_name("x");
  unpacking attempt{chain.file("x", "").finish()};
  CHECK_FALSE(attempt.done.ok());
  CHECK_FALSE(fs::exists(attempt.target));
}

TEST_CASE("a directory that is there already is left as it is") {
  scratch_directory scratch;
  std::ofstream{scratch.path / "mine"} << "kept";
  auto done = sandbox::unpack_rootfs(tar_builder{}.file("a", "x").finish(),
                                     scratch.path, {});
  REQUIRE_FALSE(done.ok());
  CHECK(text_in(scratch.path / "mine") == "kept");
  CHECK(count_entries(scratch.path) == 1);
}

TEST_CASE("changed bytes never get anything out of the directory") {
  auto sound = tar_builder{}
                 .directory("dir")
                 .file("dir/file", std::string(700, 'x'))
                 .link("link", "../outside")
                 .hard_link("hard", "dir/file")
                 .file("link", "replaced")
                 .long_name(std::string(150, 'n'))
                 .file("n", "long")
                 .finish();
  std::mt19937 random{20240611};
  rootfs_limits limits;
  limits.total_bytes_max = 1 << 20;
  scratch_directory scratch;
  std::ofstream{scratch.path / "outside"} << "safe";
  for (int round = 0; round < 400; ++round) {
    auto tar = sound;
    for (auto changes = random() % 6 + 1; changes > 0; --changes)
      tar[random() % tar.size()] = static_cast<std::uint8_t>(random());
    if (random() % 8 == 0)
      tar.resize(random() % tar.size());
    auto target = scratch.path / "root";
    auto done = sandbox::unpack_rootfs(tar, target, limits);
    REQUIRE(fs::exists(target) == done.ok());
    fs::remove_all(target);
    REQUIRE(count_entries(scratch.path) == 1);
  }
  CHECK(text_in(scratch.path / "outside") == "safe");
}
