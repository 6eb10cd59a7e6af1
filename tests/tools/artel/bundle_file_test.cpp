#include "tools/artel/bundle_file.hpp"

#include "protocol/core/limits.hpp"
#include "tests/runtime/scratch_directory.hpp"

#include <doctest/doctest.h>

#include <functional>

#include <sys/stat.h>
#include <unistd.h>

using namespace artel;
using namespace artel::tools;

namespace {

code_bundle sample() {
  code_bundle bundle;
  bundle.main = "job.sh";
  bundle.files = {{"data.txt", false, to_bytes("some data")},
                  {"job.sh", true, to_bytes("#!/bin/sh\n")}};
  bundle.arguments = {"{first}", "-v"};
  bundle.standard_input = to_bytes("in");
  return bundle;
}

class bundle_directory {
public:
  std::string path_of(bytes_view data) {
    return scratch_.write("x.bundle", as_text(data)).string();
  }

  /// What is said of these bytes; "accepted" where nothing is.
  failure refused(bytes_view data) {
    auto read = read_bundle_file(path_of(data));
    if (read)
      return {errc{}, "accepted"};
    CHECK(read.error().message.starts_with("bundle '"));
    CHECK(read.error().message.find('\n') == std::string::npos);
    return read.error();
  }

  /// The same for a bundle that nobody would pack.
  failure refused(const std::function<void(code_bundle&)>& change) {
    auto bundle = sample();
    change(bundle);
    return refused(encode_bundle(bundle));
  }

  const std::filesystem::path& directory() const { return scratch_.path(); }

private:
  test::scratch_directory scratch_;
};

bool has(const failure& problem, std::string_view part) {
  return problem.message.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("what was written is read again") {
  bundle_directory files;
  auto read = read_bundle_file(files.path_of(encode_bundle(sample())));
  REQUIRE(read);
  CHECK(*read == sample());
}

TEST_CASE("a bundle cut off anywhere is refused") {
  bundle_directory files;
  auto data = encode_bundle(sample());
  for (std::size_t length = 1; length < data.size(); ++length) {
    CAPTURE(length);
    auto problem = files.refused(bytes_view{data}.first(length));
    CHECK(problem.code == errc::malformed);
  }
  CHECK(has(files.refused(bytes{}), "is empty"));
  data.push_back(0);
  CHECK(has(files.refused(data), "trail"));
}

TEST_CASE("a byte changed anywhere never ends the program") {
  bundle_directory files;
  auto whole = encode_bundle(sample());
  auto hash = hash_of(sample());
  for (std::size_t i = 0; i < whole.size(); ++i)
    for (std::uint8_t change : {0x01, 0x40, 0x80, 0xff}) {
      auto data = whole;
      data[i] ^= change;
      auto read = read_bundle_file(files.path_of(data));
      // Where it reads, it is another bundle.
      CHECK((!read || hash_of(*read) != hash));
    }
}

TEST_CASE("sizes that are only claimed take no memory") {
  bundle_directory files;
  auto claimed = [&](std::uint8_t header) {
    // {"main": a string or binary of a gigabyte that isn't there
    bytes data{0x85, 0xa4, 'm', 'a', 'i', 'n', header, 0x40, 0, 0, 0, 'x'};
    return files.refused(data);
  };
  for (std::uint8_t header : {0xdb, 0xc6, 0xdd, 0xdf}) {
    auto problem = claimed(header);
    INFO(problem.message);
    CHECK((problem.code == errc::malformed
           || problem.code == errc::limit_exceeded));
  }
  // A billion files.
  auto data = encode_bundle(sample());
  auto text = std::string{as_text(data)};
  auto at = text.find("files") + 5;
  text.replace(at, 1, std::string{"\xdd\x40\x00\x00\x00", 5});
  auto problem = files.refused(as_bytes(text));
  INFO(problem.message);
  CHECK(problem.code == errc::limit_exceeded);
  CHECK(has(problem, "files"));
}

TEST_CASE("names that would leave the bundle are refused, and named") {
  bundle_directory files;
  for (const auto* name : {"../x", "/etc/passwd", "a/../../x", "a//b", "./a",
                           "a/", "", ".", "..", "a\nb", "a\x1b[2Jb"}) {
    CAPTURE(name);
    auto problem =
      files.refused([name](auto& bundle) { bundle.files[0].name = name; });
    INFO(problem.message);
    CHECK(problem.code == errc::invalid_argument);
    CHECK(has(problem, "files[0].name"));
    CHECK_FALSE(has(problem, "\x1b"));
  }
}

TEST_CASE("names must come once, in order, and none inside another") {
  bundle_directory files;
  CHECK(
    has(files.refused([](auto& bundle) { bundle.files[1].name = "data.txt"; }),
        "must come once"));
  CHECK(has(files.refused([](auto& bundle) {
    std::swap(bundle.files[0], bundle.files[1]);
  }),
            "in the order of bytes"));
  CHECK(has(files.refused([](auto& bundle) {
    bundle.files[0].name = "a";
    bundle.files[1].name = "a/job.sh";
  }),
            "is a file already"));
}

TEST_CASE("a bundle must be able to run") {
  bundle_directory files;
  CHECK(has(files.refused([](auto& bundle) { bundle.main = "other"; }),
            "no file of the bundle is named 'other'"));
  CHECK(has(files.refused([](auto& bundle) { bundle.main = "/root/x"; }),
            "lies outside"));
  CHECK(has(files.refused([](auto& bundle) { bundle.rootfs = "x.tar"; }),
            "rootfs"));
  CHECK(has(files.refused([](auto& bundle) { bundle.arguments = {"{x}"}; }),
            "arguments[0]"));
}

TEST_CASE("too much is refused before it is read") {
  bundle_directory files;
  auto path = files.path_of(to_bytes("x"));
  // Sparse: takes no room on the disk.
  REQUIRE(::truncate(path.c_str(), std::int64_t{1} << 40) == 0);
  auto read = read_bundle_file(path);
  REQUIRE_FALSE(read);
  CHECK(read.error().code == errc::limit_exceeded);
  CHECK(read.error().message.find("64 MiB") != std::string::npos);
  CHECK(has(files.refused([](auto& bundle) {
    bundle.files.clear();
    for (int i = 0; i < 1025; ++i)
      bundle.files.push_back({"f" + std::to_string(10'000 + i), true, {}});
    bundle.main = "f10000";
  }),
            "files"));
}

TEST_CASE("what is no file is refused without waiting for it") {
  bundle_directory files;
  auto refused = [&](const std::string& path) {
    auto read = read_bundle_file(path);
    REQUIRE_FALSE(read);
    return read.error();
  };
  CHECK(has(refused(files.directory().string()), "is a directory"));
  CHECK(refused((files.directory() / "none").string()).code == errc::not_found);
  auto pipe = (files.directory() / "pipe").string();
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  CHECK(has(refused(pipe), "is not a regular file"));
  CHECK(has(refused("/dev/zero"), "is not a regular file"));
  auto locked = files.path_of(encode_bundle(sample()));
  REQUIRE(::chmod(locked.c_str(), 0) == 0);
  // Root reads it all the same.
  if (::geteuid() != 0)
    CHECK(has(refused(locked), "Permission denied"));
}

TEST_CASE("contents are hashed as b2sum does it") {
  CHECK(content_hash(as_bytes("abc"))
        == "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
}
