#include "sandbox/helper_lookup.hpp"

#include <cstddef>
#include <cstdlib>
#include <string>
#include <system_error>

#include <unistd.h>

namespace artel::sandbox {

namespace fs = std::filesystem;

namespace {

bool is_program(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored)
         && ::access(path.c_str(), X_OK) == 0;
}

template <class Predicate>
result<fs::path> find_part(std::string_view name, std::string_view kind,
                           Predicate&& fits) {
  std::error_code error;
  auto binary = fs::read_symlink("/proc/self/exe", error);
  if (error)
    return {errc::system_failure,
            "cannot tell where this program lies: /proc/self/exe: "
              + error.message()};
  auto directory = binary.parent_path();
  auto beside = directory / name;
  auto installed = directory.parent_path() / "libexec" / "artel" / name;
  for (const auto& place : {beside, installed})
    if (fits(place))
      return place;
  return {errc::not_found,
          "helper " + std::string{kind} + " '" + std::string{name}
            + "' is neither at '" + beside.string() + "' nor at '"
            + installed.string() + "'; build or install all of artel"};
}

} // namespace

std::optional<fs::path> find_on_path(std::string_view name) {
  const auto* variable = std::getenv("PATH");
  std::string_view directories{variable ? variable : "/usr/bin:/bin"};
  while (!directories.empty()) {
    auto end = directories.find(':');
    auto directory = fs::path{directories.substr(0, end)};
    // A relative one means another place in every working directory.
    if (directory.is_absolute() && is_program(directory / name))
      return directory / name;
    if (end == directories.npos)
      break;
    directories.remove_prefix(end + 1);
  }
  return std::nullopt;
}

result<fs::path> find_helper(std::string_view name) {
  return find_part(name, "program", is_program);
}

result<fs::path> find_helper_directory(std::string_view name) {
  return find_part(name, "directory", [](const fs::path& path) {
    std::error_code ignored;
    return fs::is_directory(path, ignored);
  });
}

} // namespace artel::sandbox
