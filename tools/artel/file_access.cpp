#include "tools/artel/file_access.hpp"

#include "protocol/core/limits.hpp"
#include "protocol/task/message_text.hpp"
#include "sandbox/descriptor.hpp"

#include <cerrno>
#include <cstdio>
#include <limits>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace artel::tools {

namespace fs = std::filesystem;

namespace {

using sandbox::descriptor;

failure problem_with(const std::string& name, int error) {
  auto code = error == ENOENT   ? errc::not_found
              : error == EEXIST ? errc::already_exists
                                : errc::system_failure;
  return {code, name + ": " + sandbox::error_text(error)};
}

failure too_large(const std::string& name, std::uint64_t bytes_max) {
  return {errc::limit_exceeded, name + " is larger than the "
                                  + byte_count_text(bytes_max) + " allowed"};
}

/// All that comes, or an error once it is more than allowed.
result<bytes> read_all(const descriptor& file, const std::string& name,
                       std::uint64_t bytes_max) {
  constexpr std::size_t piece = 64u << 10;
  bytes data;
  for (;;) {
    auto length = data.size();
    data.resize(length + piece);
    auto count = ::read(file.number(), data.data() + length, piece);
    auto error = errno;
    data.resize(length + static_cast<std::size_t>(count > 0 ? count : 0));
    if (count < 0 && error != EINTR)
      return problem_with(name, error);
    if (data.size() > bytes_max)
      return too_large(name, bytes_max);
    if (count == 0)
      return data;
  }
}

/// Fails with EEXIST where the name is taken.
bool move_without_replacing(const fs::path& from, const fs::path& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(),
                  RENAME_NOREPLACE)
      == 0)
    return true;
  // Some file systems know only plain renames.
  if (errno != EINVAL && errno != ENOSYS)
    return false;
  if (::faccessat(AT_FDCWD, to.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
    errno = EEXIST;
    return false;
  }
  return ::rename(from.c_str(), to.c_str()) == 0;
}

bool move_into_place(const fs::path& from, const fs::path& to, bool replace) {
  return replace ? ::rename(from.c_str(), to.c_str()) == 0
                 : move_without_replacing(from, to);
}

failure taken(const std::string& name) {
  return {errc::already_exists,
          name + " exists; give another name, or --force to replace it"};
}

bool is_taken(const fs::path& path) {
  return ::faccessat(AT_FDCWD, path.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

} // namespace

result<bytes> read_whole_file(const std::string& what, const std::string& path,
                              std::uint64_t bytes_max, bool dash_is_input) {
  if (dash_is_input && path == "-")
    return read_all(descriptor{::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)},
                    "standard input", bytes_max);
  auto name = what + " '" + path + "'";
  // Without O_NONBLOCK a pipe that nobody writes to would be waited for.
  descriptor file{
    ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
  if (!file.is_open())
    return problem_with(name, errno);
  struct stat status {};
  if (::fstat(file.number(), &status) != 0)
    return problem_with(name, errno);
  if (S_ISDIR(status.st_mode))
    return {errc::invalid_argument, name + " is a directory; expected a file"};
  if (!S_ISREG(status.st_mode))
    return {errc::invalid_argument,
            name + " is not a regular file"
              + (dash_is_input ? "; give '-' to read standard input" : "")};
  if (static_cast<std::uint64_t>(status.st_size) > bytes_max)
    return too_large(name, bytes_max);
  return read_all(file, name, bytes_max);
}

result<void> write_whole_file(const fs::path& path, bytes_view data,
                              bool replace) {
  auto name = "'" + path.string() + "'";
  std::error_code ignored;
  if (fs::is_directory(path, ignored))
    return {errc::invalid_argument,
            name + " is a directory; expected a file's name"};
  if (!replace && is_taken(path))
    return taken(name);
  // In the same directory, so that it can be moved into place at once.
  auto temporary =
    path.parent_path() / (".artel-" + std::to_string(::getpid()) + ".part");
  descriptor file{::open(temporary.c_str(),
                         O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                         0666)};
  if (!file.is_open())
    return problem_with(name, errno);
  auto written = sandbox::write_all(file, data);
  file.close();
  if (written && move_into_place(temporary, path, replace))
    return {};
  auto error = errno;
  ::unlink(temporary.c_str());
  if (!written)
    return {written.error().code, name + ": " + written.error().message};
  return error == EEXIST ? taken(name) : problem_with(name, error);
}

result<void> write_output_files(const fs::path& directory,
                                const std::vector<output_file>& files,
                                bool replace) {
  if (auto sound = check_output_files(files, limits::output_bytes_max); !sound)
    return sound;
  for (const auto& file : files)
    if (auto path = directory / file.name; !replace && is_taken(path))
      return taken("'" + path.string() + "'");
  for (const auto& file : files) {
    auto path = directory / file.name;
    std::error_code error;
    fs::create_directories(path.parent_path(), error);
    if (error)
      return {errc::system_failure, "directory '" + path.parent_path().string()
                                      + "': " + error.message()};
    if (auto written = write_whole_file(path, file.data, replace); !written)
      return written;
  }
  return {};
}

} // namespace artel::tools
