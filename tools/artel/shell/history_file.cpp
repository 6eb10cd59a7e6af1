#include "tools/artel/shell/history_file.hpp"

#include "protocol/core/bytes.hpp"
#include "tools/artel/file_access.hpp"

#include <cstdio>
#include <cstdlib>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace artel::tools {

namespace fs = std::filesystem;

namespace {

/// Of a file somebody else made: more is not read.
constexpr std::uint64_t file_bytes_max =
  2 * history_file::lines_max * history_file::line_bytes_max;

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    auto end = text.find('\n');
    auto line = text.substr(0, end);
    if (!line.empty() && line.size() <= history_file::line_bytes_max)
      lines.emplace_back(line);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

/// Opens it for its owner alone, whatever it was before. Does not wait, should
/// it be a pipe.
int open_private(const fs::path& path, int flags) {
  auto file =
    ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NONBLOCK | flags,
           S_IRUSR | S_IWUSR);
  if (file >= 0)
    ::fchmod(file, S_IRUSR | S_IWUSR);
  return file;
}

/// In one write, so that lines of two sessions do not mix.
bool write_and_close(int file, std::string_view text) {
  auto written = ::write(file, text.data(), text.size());
  return ::close(file) == 0 && written == static_cast<ssize_t>(text.size());
}

void replace(const fs::path& path, std::string_view text) {
  auto temporary = path;
  temporary += ".new";
  // What a session left behind that ended at the wrong moment.
  ::unlink(temporary.c_str());
  auto file = open_private(temporary, O_EXCL);
  if (file < 0)
    return;
  if (write_and_close(file, text))
    ::rename(temporary.c_str(), path.c_str());
  else
    ::unlink(temporary.c_str());
}

} // namespace

history_file::history_file(fs::path path) : path_(std::move(path)) {
}

std::vector<std::string> history_file::load() {
  if (path_.empty())
    return {};
  auto content = read_whole_file("history", path_.string(), file_bytes_max);
  if (!content)
    return {};
  auto lines = lines_of(as_text(*content));
  if (lines.size() <= lines_max)
    return lines;
  lines.erase(lines.begin(),
              lines.end() - static_cast<std::ptrdiff_t>(lines_max));
  std::string text;
  for (const auto& line : lines)
    text += line + "\n";
  replace(path_, text);
  return lines;
}

bool history_file::add(std::string_view line) {
  if (path_.empty() || line.size() > line_bytes_max
      || line.find_first_not_of(" \t") == std::string_view::npos)
    return false;
  std::error_code ignored;
  fs::create_directories(path_.parent_path(), ignored);
  auto file = open_private(path_, O_APPEND);
  return file >= 0 && write_and_close(file, std::string{line} + "\n");
}

fs::path default_history_path() {
  auto directory = [](const char* name) {
    const char* value = std::getenv(name);
    return fs::path{value == nullptr ? "" : value};
  };
  // Relative paths are to be ignored: XDG Base Directory Specification.
  if (auto state = directory("XDG_STATE_HOME"); state.is_absolute())
    return state / "artel" / "history";
  if (auto home = directory("HOME"); home.is_absolute())
    return home / ".local" / "state" / "artel" / "history";
  return {};
}

} // namespace artel::tools
