#include "sandbox/descriptor.hpp"

#include <cerrno>
#include <system_error>

#include <fcntl.h>

namespace artel::sandbox {

std::string error_text(int error) {
  return std::generic_category().message(error);
}

failure system_error(const std::string& what) {
  return {errc::system_failure, what + ": " + error_text(errno)};
}

result<pipe_ends> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0)
    return system_error("cannot create a pipe");
  return pipe_ends{descriptor{ends[0]}, descriptor{ends[1]}};
}

result<void> make_nonblocking(const descriptor& file) {
  auto flags = ::fcntl(file.number(), F_GETFL);
  if (flags < 0 || ::fcntl(file.number(), F_SETFL, flags | O_NONBLOCK) != 0)
    return system_error("cannot make a pipe non-blocking");
  return {};
}

result<void> write_all(const descriptor& file, bytes_view data) {
  while (!data.empty()) {
    auto written = ::write(file.number(), data.data(), data.size());
    if (written < 0 && errno == EINTR)
      continue;
    if (written < 0)
      return system_error("cannot write");
    data = data.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

std::string read_small_file(const std::string& path) {
  descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  std::string text;
  char buffer[4096];
  while (file.is_open()) {
    auto count = ::read(file.number(), buffer, sizeof(buffer));
    if (count < 0 && errno == EINTR)
      continue;
    if (count <= 0)
      break;
    text.append(buffer, static_cast<std::size_t>(count));
  }
  return text;
}

} // namespace artel::sandbox
