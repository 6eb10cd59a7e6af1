#include "sandbox/container/rootfs_packer.hpp"

#include "sandbox/container/rootfs.hpp"
#include "tests/sandbox/scripts.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <utime.h>

using namespace artel;
using namespace artel::test;
namespace fs = std::filesystem;

namespace {

void put(const fs::path& path, const std::string& content, mode_t mode = 0644) {
  fs::create_directories(path.parent_path());
  std::ofstream{path, std::ios::binary} << content;
  REQUIRE(::chmod(path.c_str(), mode) == 0);
}

std::string text_in(const fs::path& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

bytes packed(const fs::path& directory) {
  auto tar = sandbox::pack_rootfs(directory);
  INFO((tar ? "" : tar.error().message));
  REQUIRE(tar.ok());
  return std::move(*tar);
}

void check_refused(const fs::path& directory, errc code,
                   const std::string& words) {
  auto tar = sandbox::pack_rootfs(directory);
  REQUIRE_FALSE(tar.ok());
  INFO(tar.error().message);
  CHECK(to_string(tar.error().code) == to_string(code));
  CHECK(tar.error().message.find(words) != std::string::npos);
}

} // namespace

TEST_CASE("what is packed comes out the same") {
  scratch_directory scratch;
  auto source = scratch.path / "source";
  put(source / "bin/tool", "#!/bin/sh\n", 0750);
  put(source / "etc/data", std::string(100'000, 'd'), 0600);
  put(source / std::string(200, 'n') / std::string(200, 'm'), "long");
  put(source / "\xff odd", "odd");
  fs::create_directory(source / "empty");
  fs::create_hard_link(source / "etc/data", source / "etc/same");
  fs::create_symlink("/nowhere/" + std::string(300, 'x'), source / "link");
  auto tar = packed(source);
  CHECK(tar.size() < 20'000);
  auto target = scratch.path / "target";
  auto done = sandbox::unpack_rootfs(tar, target, {});
  INFO((done ? "" : done.error().message));
  REQUIRE(done.ok());
  CHECK(text_in(target / "bin/tool") == "#!/bin/sh\n");
  CHECK(::access((target / "bin/tool").c_str(), X_OK) == 0);
  CHECK(text_in(target / "etc/data") == std::string(100'000, 'd'));
  CHECK(fs::status(target / "etc/data").permissions()
        == static_cast<fs::perms>(0444));
  CHECK(text_in(target / "etc/same") == std::string(100'000, 'd'));
  CHECK(text_in(target / std::string(200, 'n') / std::string(200, 'm'))
        == "long");
  CHECK(text_in(target / "\xff odd") == "odd");
  CHECK(fs::is_empty(target / "empty"));
  CHECK(fs::read_symlink(target / "link") == fs::read_symlink(source / "link"));
}

TEST_CASE("the same content gives the same bytes, whenever it was made") {
  scratch_directory scratch;
  std::vector<std::string> names{"b", "a", "sub/x", "sub/w", "Z"};
  for (const auto& name : names)
    put(scratch.path / "one" / name, name);
  std::reverse(names.begin(), names.end());
  for (const auto& name : names)
    put(scratch.path / "two" / name, name, 0604);
  const utimbuf old{1, 1};
  REQUIRE(::utime((scratch.path / "two/a").c_str(), &old) == 0);
  auto first = packed(scratch.path / "one");
  CHECK(first == packed(scratch.path / "one"));
  CHECK(first == packed(scratch.path / "two"));
  put(scratch.path / "two/a", "A");
  CHECK(first != packed(scratch.path / "two"));
}

TEST_CASE("what workers would refuse is refused here, by name") {
  scratch_directory scratch;
  auto source = scratch.path / "source";
  put(source / "a", "x");
  REQUIRE(::mkfifo((source / "pipe").c_str(), 0600) == 0);
  check_refused(source, errc::invalid_argument, "'pipe' is a device, a named");
  fs::remove(source / "pipe");
  check_refused(scratch.path / "missing", errc::system_failure, "missing");
  check_refused(source / "a", errc::system_failure, "source/a");
  auto deep = source;
  for (int i = 0; i < 65; ++i)
    deep /= "d";
  fs::create_directories(deep);
  check_refused(source, errc::invalid_argument, "too deep");
}

TEST_CASE("what would not fit into a bundle is refused") {
  scratch_directory scratch;
  // Nothing makes random bytes smaller.
  std::mt19937 random{1};
  std::string noise(200'000, '\0');
  for (auto& one : noise)
    one = static_cast<char>(random());
  put(scratch.path / "source/noise", noise);
  auto tar = sandbox::pack_rootfs(scratch.path / "source", 100'000);
  REQUIRE_FALSE(tar.ok());
  CHECK(to_string(tar.error().code) == to_string(errc::limit_exceeded));
  CHECK(tar.error().message.find("larger than 100000 bytes when packed")
        != std::string::npos);
  CHECK(sandbox::pack_rootfs(scratch.path / "source", 300'000).ok());
  // Empty blocks are small when packed, but not when unpacked.
  fs::remove(scratch.path / "source/noise");
  put(scratch.path / "source/hole", "");
  fs::resize_file(scratch.path / "source/hole", (256u << 20) + 1);
  check_refused(scratch.path / "source", errc::limit_exceeded,
                "'hole' all files pass the limit");
}

TEST_CASE("links out of the directory are packed as links") {
  scratch_directory scratch;
  put(scratch.path / "secret/key", "secret");
  fs::create_directory(scratch.path / "source");
  fs::create_symlink("../secret", scratch.path / "source/out");
  auto target = scratch.path / "target";
  REQUIRE(
    sandbox::unpack_rootfs(packed(scratch.path / "source"), target, {}).ok());
  CHECK(fs::is_symlink(target / "out"));
}
