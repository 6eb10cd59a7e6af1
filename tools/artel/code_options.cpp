#include "tools/artel/code_options.hpp"

#include "protocol/core/limits.hpp"
#include "sandbox/bundle/bundle_packer.hpp"
#include "tools/artel/file_access.hpp"

#include <filesystem>
#include <system_error>
#include <utility>

namespace artel::tools {

namespace fs = std::filesystem;

namespace {

/// A command line may name what lies anywhere, other than a task file.
result<bytes> rootfs_of(const std::string& path) {
  std::error_code error;
  auto place = fs::absolute(path, error).lexically_normal();
  if (!place.has_filename())
    place = place.parent_path();
  auto data =
    sandbox::read_rootfs(place.parent_path(), place.filename().string());
  if (!data)
    return {data.error().code, "--rootfs: " + data.error().message};
  return data;
}

} // namespace

std::vector<option_info> code_options() {
  return {
    {.name = "file",
     .kind = value_kind::file,
     .value_name = "FILE",
     .help = "pack this file, too, below the current directory, under its name;"
             " may be given again",
     .repeatable = true},
    {.name = "stdin",
     .kind = value_kind::file,
     .value_name = "FILE|-",
     .help = "what the program gets on standard input; '-' reads it from here"},
    {.name = "rootfs",
     .kind = value_kind::file,
     .value_name = "TAR|DIR",
     .help = "the root file system of a container: a tar (plain or gzip), or a"
             " directory to make one of; absolute paths of programs are"
             " then in it"},
  };
}

sandbox_kind implied_kind(std::string_view program, bool has_rootfs) {
  if (has_rootfs)
    return sandbox_kind::container;
  return program.ends_with(".wasm") ? sandbox_kind::wasm
                                    : sandbox_kind::process;
}

result<code_bundle> pack_code(const arguments& given,
                              const std::vector<std::string>& program,
                              sandbox_kind kind) {
  sandbox::pack_request request;
  request.program = program.front();
  request.sandbox = kind;
  request.arguments.assign(program.begin() + 1, program.end());
  request.files = given.values("file");
  std::error_code error;
  request.directory = fs::current_path(error);
  if (error)
    return {errc::system_failure, "the current directory: " + error.message()};
  if (auto path = given.value("stdin")) {
    auto data =
      read_whole_file("--stdin", *path, limits::bundle_bytes_max, true);
    if (!data)
      return data.error();
    request.standard_input = std::move(*data);
  }
  if (auto path = given.value("rootfs")) {
    if (kind != sandbox_kind::container)
      return {errc::invalid_argument,
              "--rootfs is for containers; this code runs as "
                + std::string{to_string(kind)}};
    auto rootfs = rootfs_of(*path);
    if (!rootfs)
      return rootfs.error();
    request.rootfs = std::move(*rootfs);
  }
  return pack_bundle(request);
}

} // namespace artel::tools
