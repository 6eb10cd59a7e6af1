#include "runtime/launch/durable_file.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

namespace artel::runtime {

namespace fs = std::filesystem;

namespace {

failure problem_with(const fs::path& path, int error) {
  return {errc::system_failure,
          "'" + path.string() + "': " + std::strerror(error)};
}

/// Closes what it holds.
class descriptor {
public:
  explicit descriptor(int number) : number_(number) {}
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  ~descriptor() {
    if (number_ >= 0)
      ::close(number_);
  }

  bool is_open() const noexcept { return number_ >= 0; }
  int get() const noexcept { return number_; }

private:
  int number_;
};

bool write_and_sync(int file, std::string_view content) {
  while (!content.empty()) {
    auto count = ::write(file, content.data(), content.size());
    if (count >= 0)
      content.remove_prefix(static_cast<std::size_t>(count));
    else if (errno != EINTR)
      return false;
  }
  return ::fdatasync(file) == 0;
}

void sync_directory(const fs::path& path) {
  descriptor directory{
    ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (directory.is_open())
    ::fsync(directory.get());
}

} // namespace

result<std::string> read_bounded(const fs::path& path,
                                 std::uint64_t bytes_max) {
  std::error_code error;
  auto size = fs::file_size(path, error);
  if (error == std::errc::no_such_file_or_directory)
    return {errc::not_found, "there is no file '" + path.string() + "'"};
  if (error)
    return {errc::system_failure,
            "'" + path.string() + "': " + error.message()};
  if (size > bytes_max)
    return {errc::limit_exceeded,
            "'" + path.string() + "' has " + std::to_string(size)
              + " bytes; expected at most " + std::to_string(bytes_max)};
  std::ifstream stream{path, std::ios::binary};
  std::string content{std::istreambuf_iterator<char>{stream}, {}};
  if (!stream.is_open() || stream.bad())
    return {errc::system_failure, "'" + path.string() + "' can't be read"};
  return content;
}

result<void> replace_durably(const fs::path& path, std::string_view content) {
  auto fresh = path;
  fresh += ".new";
  {
    descriptor file{
      ::open(fresh.c_str(),
             O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600)};
    if (!file.is_open() || !write_and_sync(file.get(), content)) {
      auto error = errno;
      ::unlink(fresh.c_str());
      return problem_with(fresh, error);
    }
  }
  if (::rename(fresh.c_str(), path.c_str()) != 0) {
    auto error = errno;
    ::unlink(fresh.c_str());
    return problem_with(path, error);
  }
  sync_directory(path.parent_path());
  return {};
}

result<void> append_durably(const fs::path& path, std::string_view content) {
  descriptor file{::open(path.c_str(),
                         O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC,
                         0600)};
  if (!file.is_open() || !write_and_sync(file.get(), content))
    return problem_with(path, errno);
  return {};
}

fs::path set_aside(const fs::path& path) {
  auto aside = path;
  aside += ".damaged";
  std::error_code error;
  fs::rename(path, aside, error);
  return aside;
}

} // namespace artel::runtime
