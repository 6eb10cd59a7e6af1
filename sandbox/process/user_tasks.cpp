#include "sandbox/process/user_tasks.hpp"

#include <filesystem>
#include <string>
#include <system_error>

#include <sys/stat.h>

namespace artel::sandbox {

namespace fs = std::filesystem;

std::uint32_t count_user_tasks(uid_t user) {
  std::uint32_t count = 0;
  std::error_code error;
  for (fs::directory_iterator entry{"/proc", error}, end; entry != end;
       entry.increment(error)) {
    auto name = entry->path().filename().string();
    struct stat status {};
    if (name.front() < '0' || name.front() > '9'
        || ::stat(entry->path().c_str(), &status) != 0 || status.st_uid != user)
      continue;
    auto tasks = entry->path() / "task";
    // One link for each task, and two of the directory's own.
    if (::stat(tasks.c_str(), &status) == 0 && status.st_nlink > 2)
      count += static_cast<std::uint32_t>(status.st_nlink - 2);
  }
  return count;
}

} // namespace artel::sandbox
