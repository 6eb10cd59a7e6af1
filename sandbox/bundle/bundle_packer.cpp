#include "sandbox/bundle/bundle_packer.hpp"

#include "protocol/core/limits.hpp"
#include "sandbox/container/rootfs_packer.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <fstream>
#include <string_view>
#include <system_error>

#include <unistd.h>

namespace artel::sandbox {

namespace fs = std::filesystem;

namespace {

constexpr std::array<std::string_view, 5> system_directories{
  "/usr/", "/bin/", "/sbin/", "/lib/", "/lib64/"};

/// '/x/../y' and the like must not pass as below /usr.
result<std::string> check_system_program(const fs::path& program) {
  auto name = program.lexically_normal().string();
  auto is_shared =
    std::any_of(system_directories.begin(), system_directories.end(),
                [&name](auto prefix) { return name.starts_with(prefix); });
  if (!is_shared)
    return {errc::invalid_argument,
            "program '" + program.string()
              + "' is an absolute path outside /usr, /bin, /sbin, /lib and"
                " /lib64, which is all that a sandbox shows of a worker's"
                " system; give a path relative to the task's directory to pack"
                " the program itself"};
  return name;
}

bool begins_with(bytes_view data, std::string_view magic) {
  return as_text(data).starts_with(magic);
}

bool is_module(bytes_view data) {
  return begins_with(data, {"\0asm", 4});
}

/// All tar programs of today write the POSIX header.
bool is_tar(bytes_view data) {
  constexpr std::size_t magic_offset = 257;
  return begins_with(data, "\x1f\x8b")
         || (data.size() > magic_offset
             && begins_with(data.subspan(magic_offset), "ustar"));
}

/// Packs one file after another, within the size of a bundle.
class packer {
public:
  packer(fs::path directory, sandbox_kind sandbox)
    : directory_(std::move(directory)),
      sandbox_(sandbox) {}

  /// The name of the file in the bundle.
  result<std::string> add(const std::string& wanted, bool is_program);
  result<std::string> add_rootfs(const bytes& tar);
  result<bytes> read_rootfs(const std::string& wanted);

  std::vector<bundle_file> take_files() {
    std::sort(files_.begin(), files_.end(),
              [](const auto& a, const auto& b) { return a.name < b.name; });
    return std::move(files_);
  }

private:
  result<fs::path> relative_path(const std::string& wanted,
                                 const std::string& what) const;
  bool has(const std::string& name) const;
  result<void> check_program(bytes_view data, bool executable,
                             const fs::path& path,
                             const std::string& what) const;

  /// Where the file really lies; links may not lead out of the directory, for
  /// then a task file from elsewhere could pack, say, somebody's keys.
  result<fs::path> locate(const fs::path& relative, const std::string& what);
  result<void> check_kind(const fs::path& path, const std::string& what);
  result<bytes> read(const fs::path& path, const std::string& what);
  result<void> count(std::uint64_t size, const std::string& what);

  fs::path directory_;
  sandbox_kind sandbox_;
  std::vector<bundle_file> files_;
  std::uint64_t total_bytes_ = 0;
};

result<fs::path> packer::relative_path(const std::string& wanted,
                                       const std::string& what) const {
  auto relative = fs::path{wanted}.lexically_normal();
  if (wanted.empty() || relative.is_absolute() || *relative.begin() == "..")
    return {errc::invalid_argument, what + " does not lie in '"
                                      + directory_.string()
                                      + "'; expected a path relative to it"};
  return relative;
}

bool packer::has(const std::string& name) const {
  return std::any_of(files_.begin(), files_.end(),
                     [&name](const auto& file) { return file.name == name; });
}

result<void> packer::check_program(bytes_view data, bool executable,
                                   const fs::path& path,
                                   const std::string& what) const {
  if (sandbox_ == sandbox_kind::wasm) {
    if (is_module(data))
      return {};
    return {errc::invalid_argument,
            what
              + " is no WebAssembly module, which the sandbox wasm runs;"
                " compile it with clang --target=wasm32-wasi"};
  }
  // Before executability: a module often has no such bit, and needs none.
  if (is_module(data))
    return {errc::invalid_argument,
            what + " is a WebAssembly module, but the sandbox is "
              + std::string{to_string(sandbox_)}
              + "; give the sandbox wasm ([sandbox] type = \"wasm\", or"
                " --sandbox wasm)"};
  if (!executable)
    return {errc::invalid_argument,
            what + " is not executable; chmod +x '" + path.string() + "'"};
  return {};
}

result<std::string> packer::add(const std::string& wanted, bool is_program) {
  auto what = (is_program ? "program '" : "file '") + wanted + "'";
  auto relative = relative_path(wanted, what);
  if (!relative)
    return relative.error();
  auto name = relative->string();
  if (has(name))
    return name;
  auto path = locate(*relative, what);
  if (!path)
    return path.error();
  if (auto sound = check_kind(*path, what); !sound)
    return sound.error();
  auto data = read(*path, what);
  if (!data)
    return data.error();
  auto executable = ::access(path->c_str(), X_OK) == 0;
  if (is_program)
    if (auto sound =
          check_program(*data, executable, directory_ / *relative, what);
        !sound)
      return sound.error();
  files_.push_back({name, executable, std::move(*data)});
  return name;
}

result<std::string> packer::add_rootfs(const bytes& tar) {
  std::string name{rootfs_file_name};
  if (has(name))
    return {errc::invalid_argument,
            "the root file system is packed as '" + name
              + "', but a file of the task has that name; rename the file"};
  if (auto fits = count(tar.size(), "the root file system"); !fits)
    return fits.error();
  files_.push_back({name, false, tar});
  return name;
}

result<bytes> packer::read_rootfs(const std::string& wanted) {
  auto what = "root file system '" + wanted + "'";
  auto relative = relative_path(wanted, what);
  if (!relative)
    return relative.error();
  auto path = locate(*relative, what);
  if (!path)
    return path.error();
  std::error_code error;
  if (fs::is_directory(*path, error)) {
    auto packed = pack_rootfs(*path);
    if (!packed)
      return {packed.error().code, what + ": " + packed.error().message};
    return packed;
  }
  if (auto sound = check_kind(*path, what); !sound)
    return sound.error();
  auto data = read(*path, what);
  if (data && !is_tar(*data))
    return {errc::invalid_argument,
            what
              + " is neither a tar file (plain or gzip) nor a directory;"
                " name the directory itself, or make a tar file of it with"
                " tar -C DIRECTORY -czf rootfs.tar.gz ."};
  return data;
}

result<fs::path> packer::locate(const fs::path& relative,
                                const std::string& what) {
  std::error_code error;
  auto root = fs::canonical(directory_, error);
  if (error)
    return {errc::not_found,
            "directory '" + directory_.string() + "': " + error.message()};
  auto path = fs::canonical(root / relative, error);
  if (error)
    return {errc::not_found, what + " was not found in '" + root.string()
                               + "': " + error.message()};
  auto mismatch =
    std::mismatch(root.begin(), root.end(), path.begin(), path.end());
  if (mismatch.first != root.end())
    return {errc::invalid_argument, what + " is a link to '" + path.string()
                                      + "', outside '" + root.string() + "'"};
  return path;
}

result<void> packer::check_kind(const fs::path& path, const std::string& what) {
  std::error_code error;
  auto status = fs::status(path, error);
  if (fs::is_directory(status))
    return {errc::invalid_argument,
            what + " is a directory; name the files in it one by one"};
  if (!fs::is_regular_file(status))
    return {errc::invalid_argument, what + " is not a regular file"};
  return {};
}

result<bytes> packer::read(const fs::path& path, const std::string& what) {
  std::error_code error;
  auto size = fs::file_size(path, error);
  if (error)
    return {errc::system_failure, what + ": " + error.message()};
  if (auto fits = count(size, what); !fits)
    return fits.error();
  bytes data(size);
  std::ifstream stream{path, std::ios::binary};
  if (!stream.read(reinterpret_cast<char*>(data.data()),
                   static_cast<std::streamsize>(size)))
    return {errc::system_failure,
            what + " can't be read, or changed while it was read"};
  return data;
}

result<void> packer::count(std::uint64_t size, const std::string& what) {
  if (total_bytes_ + size > limits::bundle_bytes_max)
    return {errc::limit_exceeded,
            what + " has " + std::to_string(size)
              + " bytes, which makes the bundle larger than the "
              + std::to_string(limits::bundle_bytes_max) + " bytes allowed"};
  total_bytes_ += size;
  return {};
}

/// A module is part of its bundle; other programs may lie on the system, or in
/// the root file system, where only the container itself can look.
result<std::string> main_of(const pack_request& request, packer& files) {
  fs::path program{request.program};
  if (!program.is_absolute())
    return files.add(request.program, true);
  if (request.sandbox == sandbox_kind::wasm)
    return {errc::invalid_argument,
            "program '" + request.program
              + "' is an absolute path, but a WebAssembly module is packed;"
                " give a path relative to the task's directory"};
  if (!request.rootfs.empty())
    return program.lexically_normal().string();
  return check_system_program(program);
}

} // namespace

result<code_bundle> pack_bundle(const pack_request& request) {
  packer files{request.directory, request.sandbox};
  auto main = main_of(request, files);
  if (!main)
    return main.error();
  for (const auto& file : request.files)
    if (auto added = files.add(file, false); !added)
      return added.error();
  code_bundle bundle;
  if (!request.rootfs.empty()) {
    auto rootfs = files.add_rootfs(request.rootfs);
    if (!rootfs)
      return rootfs.error();
    bundle.rootfs = std::move(*rootfs);
  }
  bundle.main = std::move(*main);
  bundle.files = files.take_files();
  bundle.arguments = request.arguments;
  bundle.standard_input = request.standard_input;
  if (auto sound = validate(bundle); !sound)
    return sound.error();
  return bundle;
}

result<bytes> read_rootfs(const fs::path& directory, const std::string& path) {
  return packer{directory, sandbox_kind::container}.read_rootfs(path);
}

} // namespace artel::sandbox
