#include "runtime/observe/results_directory.hpp"

#include "protocol/core/limits.hpp"
#include "protocol/task/chunk_plan.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string_view>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace artel::runtime {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view files_suffix = ".files";

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

/// A new file with that content. False with errno set.
bool write_new_file(int directory, const std::string& name, bytes_view data) {
  auto file =
    ::openat(directory, name.c_str(),
             O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
  if (file < 0)
    return false;
  auto written = write_all(file, data);
  auto error = errno;
  // Delayed writes may fail only here.
  if (::close(file) != 0 && written)
    return false;
  errno = error;
  return written;
}

/// A directory below another, made where it is not there. Negative with errno
/// set.
int open_below(int directory, const std::string& name) {
  if (::mkdirat(directory, name.c_str(), 0755) != 0 && errno != EEXIST)
    return -1;
  return ::openat(directory, name.c_str(),
                  O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/// Writes "a/b/c" part by part, so that no name leads elsewhere.
bool write_below(int top, std::string_view name, bytes_view data) {
  auto directory = ::fcntl(top, F_DUPFD_CLOEXEC, 0);
  for (auto slash = name.find('/'); directory >= 0 && slash != name.npos;
       slash = name.find('/')) {
    auto inner = open_below(directory, std::string{name.substr(0, slash)});
    auto error = errno;
    ::close(directory);
    errno = error;
    directory = inner;
    name.remove_prefix(slash + 1);
  }
  if (directory < 0)
    return false;
  auto written = write_new_file(directory, std::string{name}, data);
  auto error = errno;
  ::close(directory);
  errno = error;
  return written;
}

bool exists(int directory, const std::string& name) {
  return ::faccessat(directory, name.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/// Moves a file or directory to a name that nothing has: else EEXIST.
bool move_to_free_name(int directory, const std::string& from,
                       const std::string& to) {
  if (::renameat2(directory, from.c_str(), directory, to.c_str(),
                  RENAME_NOREPLACE)
      == 0)
    return true;
  // Some file systems know only plain renames.
  if (errno != EINVAL && errno != ENOSYS)
    return false;
  if (exists(directory, to)) {
    errno = EEXIST;
    return false;
  }
  return ::renameat(directory, from.c_str(), directory, to.c_str()) == 0;
}

/// Hidden, and by process and job, so that two runs don't meet.
std::string temporary_name(std::uint64_t job, std::string_view what) {
  return ".artel-" + std::to_string(::getpid()) + "-" + std::to_string(job)
         + std::string{what};
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
  // "x.files" is what the files of "x" lie in.
  for (const auto& name : seen)
    if (name.ends_with(files_suffix)
        && seen.contains(name.substr(0, name.size() - files_suffix.size())))
      ambiguous_.insert(name);
}

std::string result_names::stem_of(std::uint64_t job) const {
  if (source_.kind != source_kind::files)
    return "job-" + six_digits(job);
  // Validation refuses paths that end in no name, in "." or in "..".
  auto name = file_name_of(source_.files[job].path);
  return ambiguous_.contains(name) ? six_digits(job) + "-" + name : name;
}

std::string result_names::of(std::uint64_t job) const {
  auto stem = stem_of(job);
  return source_.kind == source_kind::files ? stem : stem + ".out";
}

std::string result_names::files_of(std::uint64_t job) const {
  return stem_of(job) + std::string{files_suffix};
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
    for (const auto& name : {names_.of(job), names_.files_of(job)})
      if (present.contains(name))
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

result<void> results_directory::write(std::uint64_t job, bytes_view output,
                                      const std::vector<output_file>& files) {
  if (auto written = write_files(job, files); !written)
    return written;
  return write_output(job, output);
}

result<void> results_directory::write_output(std::uint64_t job,
                                             bytes_view output) {
  auto name = names_.of(job);
  auto temporary = temporary_name(job, ".part");
  // What is there of this name was left by a process that had our id.
  ::unlinkat(descriptor_, temporary.c_str(), 0);
  if (write_new_file(descriptor_, temporary, output)
      && (force_ ? ::renameat(descriptor_, temporary.c_str(), descriptor_,
                              name.c_str())
                     == 0
                 : move_to_free_name(descriptor_, temporary, name)))
    return {};
  auto error = errno;
  ::unlinkat(descriptor_, temporary.c_str(), 0);
  return problem_with(name, error);
}

result<void>
results_directory::write_files(std::uint64_t job,
                               const std::vector<output_file>& files) {
  auto name = names_.files_of(job);
  auto temporary = temporary_name(job, ".files.part");
  result<void> done;
  if (!files.empty()) {
    remove_tree(temporary);
    done = make_files(temporary, name, files);
  }
  if (done && force_)
    done = remove_earlier_files(name);
  if (done && !files.empty()
      && !move_to_free_name(descriptor_, temporary, name))
    done = problem_with(name, errno);
  if (!done)
    remove_tree(temporary);
  return done;
}

result<void>
results_directory::make_files(const std::string& temporary,
                              const std::string& name,
                              const std::vector<output_file>& files) {
  if (auto sound = check_output_files(files, limits::output_bytes_max); !sound)
    return {sound.error().code,
            "'" + (path_ / name).string() + "': " + sound.error().message};
  if (::mkdirat(descriptor_, temporary.c_str(), 0755) != 0)
    return problem_with(name, errno);
  auto top = open_below(descriptor_, temporary);
  if (top < 0)
    return problem_with(name, errno);
  result<void> made;
  for (const auto& file : files)
    if (made && !write_below(top, file.name, file.data))
      made = problem_with(name + "/" + file.name, errno);
  ::close(top);
  return made;
}

/// Moved away first, so that a directory of half the files is never seen.
result<void> results_directory::remove_earlier_files(const std::string& name) {
  if (!exists(descriptor_, name))
    return {};
  auto aside = temporary_name(0, ".earlier.part");
  remove_tree(aside);
  if (!move_to_free_name(descriptor_, name, aside))
    return problem_with(name, errno);
  remove_tree(aside);
  return {};
}

/// What can't be removed is found when something is to take its place.
void results_directory::remove_tree(const std::string& name) {
  std::error_code ignored;
  fs::remove_all(path_ / name, ignored);
}

} // namespace artel::runtime
