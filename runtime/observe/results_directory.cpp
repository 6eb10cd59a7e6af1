#include "runtime/observe/results_directory.hpp"

#include "protocol/task/chunk_plan.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace artel::runtime {

namespace fs = std::filesystem;

namespace {

std::string six_digits(std::uint64_t number) {
  auto digits = std::to_string(number);
  return digits.size() < 6 ? std::string(6 - digits.size(), '0') + digits
                           : digits;
}

std::string system_message(int error) {
  return std::strerror(error);
}

bool write_all(int descriptor, bytes_view data) {
  while (!data.empty()) {
    auto count = ::write(descriptor, data.data(), data.size());
    if (count >= 0)
      data = data.subspan(static_cast<std::size_t>(count));
    else if (errno != EINTR)
      return false;
  }
  return true;
}

/// Moves a file to its name; without `replace` fails with EEXIST where there
/// is one of that name.
bool move_into_place(int directory, const std::string& from,
                     const std::string& to, bool replace) {
  if (!replace) {
    if (::renameat2(directory, from.c_str(), directory, to.c_str(),
                    RENAME_NOREPLACE)
        == 0)
      return true;
    // Some file systems know only plain renames.
    if (errno != EINVAL && errno != ENOSYS)
      return false;
    if (::faccessat(directory, to.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
      errno = EEXIST;
      return false;
    }
  }
  return ::renameat(directory, from.c_str(), directory, to.c_str()) == 0;
}

} // namespace

// -- names --------------------------------------------------------------------

result_names::result_names(const task_source& source) : source_(source) {
  if (source.kind != source_kind::files)
    return;
  std::set<std::string> seen;
  for (const auto& file : source.files)
    if (auto name = file_name_of(file.path); !seen.insert(name).second)
      ambiguous_.insert(name);
}

std::string result_names::of(std::uint64_t job) const {
  if (source_.kind != source_kind::files)
    return "job-" + six_digits(job) + ".out";
  // Validation refuses paths that end in no name, in "." or in "..".
  auto name = file_name_of(source_.files[job].path);
  return ambiguous_.contains(name) ? six_digits(job) + "-" + name : name;
}

// -- files --------------------------------------------------------------------

result<std::unique_ptr<results_directory>>
results_directory::open(const fs::path& path, const task_source& source,
                        bool force) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error)
    return {errc::system_failure,
            "results directory '" + path.string() + "': " + error.message()};
  auto descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0)
    return {errc::system_failure, "results directory '" + path.string()
                                    + "': " + system_message(errno)};
  std::unique_ptr<results_directory> directory{
    new results_directory{descriptor, path, source, force}};
  if (!force)
    if (auto free = directory->check_nothing_replaced(source); !free)
      return free.error();
  return directory;
}

results_directory::~results_directory() {
  ::close(descriptor_);
}

result<void>
results_directory::check_nothing_replaced(const task_source& source) const {
  std::error_code error;
  std::set<std::string> present;
  for (const auto& entry : fs::directory_iterator{path_, error})
    present.insert(entry.path().filename().string());
  if (error)
    return {errc::system_failure,
            "results directory '" + path_.string() + "': " + error.message()};
  if (present.empty())
    return {};
  auto check = [&](std::uint64_t job) -> result<void> {
    if (auto name = names_.of(job); present.contains(name))
      return {errc::already_exists, "'" + (path_ / name).string()
                                      + "' exists; give another directory, or"
                                        " --force to replace files"};
    return {};
  };
  auto jobs = source.only.empty() ? chunk_count(source) : source.only.size();
  for (std::uint64_t i = 0; i < jobs; ++i)
    if (auto free = check(source.only.empty() ? i : source.only[i]); !free)
      return free;
  return {};
}

failure results_directory::problem_with(const std::string& name,
                                        int error) const {
  return {error == EEXIST ? errc::already_exists : errc::system_failure,
          "result file '" + (path_ / name).string()
            + "': " + system_message(error)};
}

result<void> results_directory::write(std::uint64_t job, bytes_view output) {
  auto name = names_.of(job);
  // Hidden, and by process and job, so that two runs don't meet.
  auto temporary = ".artel-" + std::to_string(::getpid()) + "-"
                   + std::to_string(job) + ".part";
  auto file =
    ::openat(descriptor_, temporary.c_str(),
             O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
  if (file < 0)
    return problem_with(name, errno);
  auto written = write_all(file, output);
  auto error = errno;
  // Delayed writes may fail only here.
  if (::close(file) != 0 && written) {
    written = false;
    error = errno;
  }
  if (written && move_into_place(descriptor_, temporary, name, force_))
    return {};
  if (written)
    error = errno;
  ::unlinkat(descriptor_, temporary.c_str(), 0);
  return problem_with(name, error);
}

} // namespace artel::runtime
