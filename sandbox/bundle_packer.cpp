#include "sandbox/bundle_packer.hpp"

#include "protocol/core/limits.hpp"

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

/// Packs one file after another, within the size of a bundle.
class packer {
public:
  explicit packer(fs::path directory) : directory_(std::move(directory)) {}

  /// The name of the file in the bundle.
  result<std::string> add(const std::string& wanted, bool is_program);

  std::vector<bundle_file> take_files() {
    std::sort(files_.begin(), files_.end(),
              [](const auto& a, const auto& b) { return a.name < b.name; });
    return std::move(files_);
  }

private:
  /// Where the file really lies; links may not lead out of the directory, for
  /// then a task file from elsewhere could pack, say, somebody's keys.
  result<fs::path> locate(const fs::path& relative, const std::string& what);
  result<void> check_kind(const fs::path& path, const std::string& what);
  result<bytes> read(const fs::path& path, const std::string& what);

  fs::path directory_;
  std::vector<bundle_file> files_;
  std::uint64_t total_bytes_ = 0;
};

result<std::string> packer::add(const std::string& wanted, bool is_program) {
  auto what = (is_program ? "program '" : "file '") + wanted + "'";
  auto relative = fs::path{wanted}.lexically_normal();
  if (wanted.empty() || relative.is_absolute() || *relative.begin() == "..")
    return {errc::invalid_argument, what + " does not lie in '"
                                      + directory_.string()
                                      + "'; expected a path relative to it"};
  auto name = relative.string();
  auto is_packed =
    std::any_of(files_.begin(), files_.end(),
                [&name](const auto& file) { return file.name == name; });
  if (is_packed)
    return name;
  auto path = locate(relative, what);
  if (!path)
    return path.error();
  if (auto sound = check_kind(*path, what); !sound)
    return sound.error();
  auto executable = ::access(path->c_str(), X_OK) == 0;
  if (is_program && !executable)
    return {errc::invalid_argument, what + " is not executable; chmod +x '"
                                      + (directory_ / relative).string() + "'"};
  auto data = read(*path, what);
  if (!data)
    return data.error();
  files_.push_back({name, executable, std::move(*data)});
  return name;
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
  if (total_bytes_ + size > limits::bundle_bytes_max)
    return {errc::limit_exceeded,
            what + " has " + std::to_string(size)
              + " bytes, which makes the bundle larger than the "
              + std::to_string(limits::bundle_bytes_max) + " bytes allowed"};
  bytes data(size);
  std::ifstream stream{path, std::ios::binary};
  if (!stream.read(reinterpret_cast<char*>(data.data()),
                   static_cast<std::streamsize>(size)))
    return {errc::system_failure,
            what + " can't be read, or changed while it was read"};
  total_bytes_ += size;
  return data;
}

} // namespace

result<code_bundle> pack_bundle(const pack_request& request) {
  packer files{request.directory};
  auto is_system_path = fs::path{request.program}.is_absolute();
  auto main = is_system_path ? check_system_program(request.program)
                             : files.add(request.program, true);
  if (!main)
    return main.error();
  for (const auto& file : request.files)
    if (auto added = files.add(file, false); !added)
      return added.error();
  code_bundle bundle;
  bundle.main = std::move(*main);
  bundle.files = files.take_files();
  bundle.arguments = request.arguments;
  bundle.standard_input = request.standard_input;
  if (auto sound = validate(bundle); !sound)
    return sound.error();
  return bundle;
}

} // namespace artel::sandbox
