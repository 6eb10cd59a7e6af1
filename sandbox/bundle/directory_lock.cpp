#include "sandbox/bundle/directory_lock.hpp"

#include <cerrno>
#include <charconv>
#include <chrono>
#include <thread>

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>

namespace artel::sandbox {

namespace {

/// For the child of a dead process to start its program, or to end.
constexpr std::chrono::milliseconds patience{500};
constexpr std::chrono::milliseconds pause{2};

bool is_gone(pid_t id) {
  return id > 0 && ::kill(id, 0) != 0 && errno == ESRCH;
}

} // namespace

descriptor lock_directory(const std::string& path, pid_t maker) {
  descriptor directory{
    ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
  if (!directory.is_open())
    return directory;
  auto end = std::chrono::steady_clock::now() + patience;
  while (::flock(directory.number(), LOCK_EX | LOCK_NB) != 0) {
    if (!is_gone(maker) || std::chrono::steady_clock::now() > end) {
      directory.close();
      break;
    }
    std::this_thread::sleep_for(pause);
  }
  return directory;
}

pid_t maker_in_name(std::string_view name, std::string_view prefix) {
  if (!name.starts_with(prefix))
    return 0;
  name.remove_prefix(prefix.size());
  pid_t id = 0;
  auto [end, error] =
    std::from_chars(name.data(), name.data() + name.size(), id);
  auto is_whole = end != name.data() + name.size() && *end == '-';
  return error == std::errc{} && is_whole ? id : 0;
}

} // namespace artel::sandbox
