#include "sandbox/bundle/bundle_packer.hpp"

#include "protocol/core/limits.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include <stdlib.h>
#include <sys/stat.h>

using namespace artel;
using sandbox::pack_bundle;

namespace fs = std::filesystem;

namespace {

struct project {
  project() {
    auto name = (fs::temp_directory_path() / "artel-pack-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    top = name;
    request.directory = top / "project";
    fs::create_directories(request.directory / "sub");
    write("project/run.sh", "#!/bin/sh\n", 0755);
    write("project/data.txt", "data", 0644);
    write("project/sub/more.txt", "more", 0644);
    write("secret", "secret", 0755);
    write("project/prog.wasm", module_text, 0644);
    write("project/tools.tar", tar_text(), 0644);
    write("project/tools.tgz", "\x1f\x8b rest", 0644);
    request.program = "run.sh";
  }
  ~project() { fs::remove_all(top); }
  project(const project&) = delete;
  project& operator=(const project&) = delete;

  /// Only what tells a module, or a tar file, from others.
  static inline const std::string module_text{"\0asm\1\0\0\0", 8};
  static std::string tar_text() {
    return std::string(257, 'x') + "ustar" + std::string(250, '\0');
  }

  void write(const std::string& name, const std::string& text, mode_t mode) {
    std::ofstream{top / name} << text;
    REQUIRE(::chmod((top / name).c_str(), mode) == 0);
  }

  void check_refused(errc code, const std::string& words) {
    auto packed = pack_bundle(request);
    REQUIRE(!packed.ok());
    INFO(packed.error().message);
    CHECK(to_string(packed.error().code) == to_string(code));
    CHECK(packed.error().message.find(words) != std::string::npos);
  }

  fs::path top;
  sandbox::pack_request request;
};

} // namespace

TEST_CASE("a bundle holds the program and the files, sorted, each once") {
  project p;
  p.request.files = {"sub/more.txt", "./data.txt", "run.sh", "data.txt"};
  p.request.arguments = {"{index}"};
  p.request.standard_input = to_bytes("in");
  auto packed = pack_bundle(p.request);
  REQUIRE(packed.ok());
  CHECK(packed->main == "run.sh");
  REQUIRE(packed->files.size() == 3);
  CHECK(packed->files[0] == bundle_file{"data.txt", false, to_bytes("data")});
  CHECK(packed->files[1]
        == bundle_file{"run.sh", true, to_bytes("#!/bin/sh\n")});
  CHECK(packed->files[2]
        == bundle_file{"sub/more.txt", false, to_bytes("more")});
  CHECK(packed->arguments == p.request.arguments);
  CHECK(packed->standard_input == p.request.standard_input);
  CHECK(validate(*packed).ok());
}

TEST_CASE("the same files give the same hash, whatever order they come in") {
  project p;
  p.request.files = {"data.txt", "sub/more.txt"};
  auto one = pack_bundle(p.request);
  p.request.files = {"sub/more.txt", "data.txt"};
  auto other = pack_bundle(p.request);
  REQUIRE(one.ok());
  REQUIRE(other.ok());
  CHECK(hash_of(*one) == hash_of(*other));
}

TEST_CASE("a program of the system is named, not packed") {
  project p;
  p.request.program = "/usr/bin/awk";
  auto packed = pack_bundle(p.request);
  REQUIRE(packed.ok());
  CHECK(packed->main == "/usr/bin/awk");
  CHECK(packed->files.empty());
}

TEST_CASE("what does not exist is not found") {
  project p;
  p.request.program = "missing.sh";
  p.check_refused(errc::not_found, "missing.sh");
  p.request.program = "run.sh";
  p.request.files = {"sub/missing.txt"};
  p.check_refused(errc::not_found, "sub/missing.txt");
  p.request.directory = "/nowhere";
  p.check_refused(errc::not_found, "/nowhere");
}

TEST_CASE("a program without the right to execute is refused with the remedy") {
  project p;
  p.request.program = "data.txt";
  p.check_refused(errc::invalid_argument,
                  "chmod +x '" + (p.request.directory / "data.txt").string());
}

TEST_CASE("directories and special files are refused") {
  project p;
  p.request.files = {"sub"};
  p.check_refused(errc::invalid_argument, "'sub' is a directory");
  REQUIRE(::mkfifo((p.request.directory / "pipe").c_str(), 0600) == 0);
  p.request.files = {"pipe"};
  p.check_refused(errc::invalid_argument, "not a regular file");
}

TEST_CASE("paths that leave the directory are refused, by links too") {
  project p;
  for (std::string name : {"../secret", "sub/../../secret", "..", ""}) {
    CAPTURE(name);
    p.request.files = {name};
    CHECK(!pack_bundle(p.request).ok());
    p.check_refused(errc::invalid_argument, name.empty() ? "file ''" : name);
  }
  p.request.files = {(p.top / "secret").string()};
  p.check_refused(errc::invalid_argument, "relative");
  fs::create_symlink("../secret", p.request.directory / "link");
  p.request.files = {"link"};
  p.check_refused(errc::invalid_argument, "is a link to");
  fs::create_symlink("data.txt", p.request.directory / "inner");
  p.request.files = {"inner"};
  CHECK(pack_bundle(p.request).ok());
}

TEST_CASE("absolute programs outside the shared system are refused") {
  project p;
  for (std::string name : {"/opt/tool", "/usr/../etc/tool", "/tmp/x"}) {
    p.request.program = name;
    p.check_refused(errc::invalid_argument, name);
  }
}

TEST_CASE("a WebAssembly module is packed, executable or not") {
  project p;
  p.request.program = "prog.wasm";
  p.request.sandbox = sandbox_kind::wasm;
  auto packed = pack_bundle(p.request);
  REQUIRE(packed.ok());
  CHECK(packed->main == "prog.wasm");
  CHECK(packed->files
        == std::vector<bundle_file>{
          {"prog.wasm", false, to_bytes(project::module_text)}});
  CHECK(packed->rootfs.empty());
  p.request.program = (p.request.directory / "prog.wasm").string();
  p.check_refused(errc::invalid_argument, "is packed; give a path relative");
}

TEST_CASE("a program that is no module is refused where one is needed") {
  project p;
  p.request.sandbox = sandbox_kind::wasm;
  p.check_refused(errc::invalid_argument,
                  "compile it with clang --target=wasm32-wasi");
  p.write("project/short", "\0as", 0755);
  p.request.program = "short";
  p.check_refused(errc::invalid_argument, "is no WebAssembly module");
}

TEST_CASE("a module is refused elsewhere, with the sandbox that runs it") {
  project p;
  p.request.program = "prog.wasm";
  for (auto kind : {sandbox_kind::process, sandbox_kind::container}) {
    p.request.sandbox = kind;
    p.check_refused(errc::invalid_argument, "type = \"wasm\"");
    p.check_refused(errc::invalid_argument,
                    "the sandbox is " + std::string{to_string(kind)});
  }
  // As a file beside the program it is like any other.
  p.request.program = "run.sh";
  p.request.files = {"prog.wasm"};
  CHECK(pack_bundle(p.request).ok());
}

TEST_CASE("a root file system is a file of the bundle") {
  project p;
  p.request.program = "/app/run";
  p.request.sandbox = sandbox_kind::container;
  p.check_refused(errc::invalid_argument, "/app/run");
  p.request.files = {"sub/more.txt"};
  p.request.rootfs = to_bytes(project::tar_text());
  auto packed = pack_bundle(p.request);
  REQUIRE(packed.ok());
  CHECK(packed->main == "/app/run");
  CHECK(packed->rootfs == sandbox::rootfs_file_name);
  REQUIRE(packed->files.size() == 2);
  CHECK(packed->files[0] == bundle_file{"rootfs.tar", false, p.request.rootfs});
  CHECK(packed->files[1].name == "sub/more.txt");
  // A program of one's own is packed all the same.
  p.request.program = "run.sh";
  packed = pack_bundle(p.request);
  REQUIRE(packed.ok());
  CHECK(packed->main == "run.sh");
  p.write("project/rootfs.tar", "mine", 0644);
  p.request.files = {"rootfs.tar"};
  p.check_refused(errc::invalid_argument, "has that name; rename the file");
  p.request.files.clear();
  p.request.rootfs.resize(limits::bundle_bytes_max);
  p.check_refused(errc::limit_exceeded, "the root file system");
}

TEST_CASE("a root file system is read from a tar file, plain or gzip") {
  project p;
  auto read = [&](const std::string& path) {
    return sandbox::read_rootfs(p.request.directory, path);
  };
  for (const auto* name : {"tools.tar", "tools.tgz", "./sub/../tools.tar"}) {
    CAPTURE(name);
    CHECK(read(name).ok());
  }
  CHECK(*read("tools.tar") == to_bytes(project::tar_text()));
  auto refused = [&](const std::string& path) {
    auto tar = read(path);
    REQUIRE(!tar.ok());
    CHECK(tar.error().message.find("'" + path + "'") != std::string::npos);
    return tar.error();
  };
  CHECK(refused("data.txt").message.find("neither a tar file")
        != std::string::npos);
  CHECK(refused("missing").code == errc::not_found);
  CHECK(refused("../secret").code == errc::invalid_argument);
  CHECK(refused((p.request.directory / "tools.tar").string()).code
        == errc::invalid_argument);
  fs::create_symlink(p.top, p.request.directory / "out");
  CHECK(refused("out").code == errc::invalid_argument);
}

TEST_CASE("a root file system may be a directory, which is packed") {
  project p;
  auto packed = sandbox::read_rootfs(p.request.directory, "sub");
  REQUIRE(packed.ok());
  CHECK(as_text(*packed).starts_with("\x1f\x8b"));
  auto again = sandbox::read_rootfs(p.request.directory, "./sub/");
  REQUIRE(again.ok());
  CHECK(*again == *packed);
  REQUIRE(::mkfifo((p.request.directory / "sub/pipe").c_str(), 0600) == 0);
  auto refused = sandbox::read_rootfs(p.request.directory, "sub");
  REQUIRE(!refused.ok());
  CHECK(refused.error().message.starts_with("root file system 'sub': "));
}

TEST_CASE("a bundle has at most the size allowed") {
  project p;
  // Sparse: takes no room on disk.
  p.write("project/big", "", 0644);
  fs::resize_file(p.request.directory / "big", limits::bundle_bytes_max);
  p.request.files = {"big"};
  p.check_refused(errc::limit_exceeded, "big");
}

TEST_CASE("a template that is none is refused when it is packed") {
  project p;
  p.request.arguments = {"{nothing}"};
  p.check_refused(errc::invalid_argument, "arguments[0]");
}
