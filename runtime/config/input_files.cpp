#include "runtime/config/input_files.hpp"

#include "protocol/core/limits.hpp"
#include "protocol/task/chunk_plan.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string_view>

#include <fcntl.h>
#include <glob.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace artel::runtime {

namespace fs = std::filesystem;

namespace {

/// The directory is a name, whatever characters it has.
std::string escaped(const std::string& directory) {
  std::string result;
  for (auto c : directory) {
    if (c == '*' || c == '?' || c == '[' || c == '\\')
      result += '\\';
    result += c;
  }
  return result;
}

std::string system_message(int error) {
  return std::strerror(error);
}

struct glob_matches {
  ::glob_t found{};

  glob_matches() = default;
  glob_matches(const glob_matches&) = delete;
  glob_matches& operator=(const glob_matches&) = delete;
  ~glob_matches() { ::globfree(&found); }
};

result<void> add_matches(const std::string& pattern, const fs::path& directory,
                         std::vector<source_file>& files) {
  if (pattern.empty())
    return {errc::invalid_argument, "the pattern '' matches no file"};
  auto full = pattern.starts_with('/')
                ? pattern
                : escaped(directory.string()) + "/" + pattern;
  glob_matches matches;
  auto code = ::glob(full.c_str(), GLOB_NOSORT, nullptr, &matches.found);
  if (code != 0 && code != GLOB_NOMATCH)
    return {errc::system_failure,
            "the pattern '" + pattern + "' cannot be looked up: "
              + (code == GLOB_NOSPACE ? "out of memory"
                                      : "a directory cannot be read")};
  auto before = files.size();
  for (std::size_t i = 0; i < matches.found.gl_pathc; ++i) {
    struct stat status {};
    const char* path = matches.found.gl_pathv[i];
    if (::stat(path, &status) == 0 && S_ISREG(status.st_mode))
      files.push_back({path, static_cast<std::uint64_t>(status.st_size)});
  }
  if (files.size() == before)
    return {errc::not_found, "'" + pattern + "' matches no file in '"
                               + directory.string() + "'"};
  return {};
}

/// A file's bytes, mapped: no copy, however large it is.
class mapped_file {
public:
  static result<std::unique_ptr<mapped_file>> open(const std::string& path) {
    auto descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0)
      return {errno == ENOENT ? errc::not_found : errc::system_failure,
              "file '" + path + "': " + system_message(errno)};
    auto file = std::unique_ptr<mapped_file>{new mapped_file{descriptor}};
    struct stat status {};
    if (::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode))
      return {errc::invalid_argument,
              "file '" + path + "' is not a regular file"};
    file->size_ = static_cast<std::size_t>(status.st_size);
    // An empty file cannot be mapped.
    if (file->size_ == 0)
      return file;
    file->data_ =
      ::mmap(nullptr, file->size_, PROT_READ, MAP_PRIVATE, descriptor, 0);
    if (file->data_ == MAP_FAILED)
      return {errc::system_failure,
              "file '" + path + "': " + system_message(errno)};
    return file;
  }

  mapped_file(const mapped_file&) = delete;
  mapped_file& operator=(const mapped_file&) = delete;

  ~mapped_file() {
    if (data_ != MAP_FAILED)
      ::munmap(data_, size_);
    ::close(descriptor_);
  }

  std::string_view text() const noexcept {
    return size_ == 0
             ? std::string_view{}
             : std::string_view{static_cast<const char*>(data_), size_};
  }

private:
  explicit mapped_file(int descriptor) : descriptor_(descriptor) {}

  int descriptor_;
  void* data_ = MAP_FAILED;
  std::size_t size_ = 0;
};

/// More pieces than a task has jobs are not listed: validation refuses them.
std::vector<std::uint64_t> cut_every(std::string_view text,
                                     std::uint64_t lines) {
  std::vector<std::uint64_t> offsets;
  std::size_t start = 0;
  while (start < text.size() && offsets.size() <= limits::jobs_per_task_max) {
    offsets.push_back(start);
    for (std::uint64_t i = 0; i < lines && start < text.size(); ++i) {
      auto newline = text.find('\n', start);
      start = newline == std::string_view::npos ? text.size() : newline + 1;
    }
  }
  return offsets;
}

} // namespace

result<std::vector<source_file>>
find_files(const std::vector<std::string>& patterns,
           const fs::path& directory) {
  std::vector<source_file> files;
  for (const auto& pattern : patterns)
    if (auto added = add_matches(pattern, directory, files); !added)
      return added.error();
  std::sort(files.begin(), files.end(),
            [](const auto& a, const auto& b) { return a.path < b.path; });
  files.erase(
    std::unique(files.begin(), files.end(),
                [](const auto& a, const auto& b) { return a.path == b.path; }),
    files.end());
  return files;
}

result<line_pieces> cut_lines(const std::string& path,
                              const fs::path& directory, std::uint64_t pieces,
                              std::optional<std::uint64_t> lines_per_piece) {
  auto full = (directory / path).string();
  auto file = mapped_file::open(full);
  if (!file)
    return file.error();
  auto text = (*file)->text();
  return line_pieces{{full, text.size()},
                     lines_per_piece ? cut_every(text, *lines_per_piece)
                                     : split_lines(text, pieces)};
}

} // namespace artel::runtime
