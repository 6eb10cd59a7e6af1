#include "sandbox/bundle/cache_directory.hpp"

#include <cerrno>
#include <cstdlib>
#include <string>

#include <fcntl.h>
#include <sys/stat.h>

namespace artel::sandbox {

namespace fs = std::filesystem;

namespace {

/// Empty where the variable is not set.
fs::path from_environment(const char* name) {
  const auto* value = std::getenv(name);
  return value ? fs::path{value} : fs::path{};
}

result<void> make_directories(const fs::path& path) {
  fs::path made;
  for (const auto& part : path) {
    made /= part;
    if (::mkdir(made.c_str(), 0700) == 0 || errno == EEXIST)
      continue;
    auto problem = errno;
    struct stat status {};
    // Read-only file systems and the like say so before they say that the
    // directory is there.
    if (::stat(made.c_str(), &status) == 0 && S_ISDIR(status.st_mode))
      continue;
    return {errc::system_failure,
            "cannot create '" + made.string() + "': " + error_text(problem)};
  }
  return {};
}

result<void> check_private(const descriptor& directory, const fs::path& path) {
  struct stat status {};
  if (::fstat(directory.number(), &status) != 0)
    return system_error("cannot look at '" + path.string() + "'");
  auto name = "'" + path.string() + "'";
  if (auto self = ::geteuid(); status.st_uid != self)
    return {errc::invalid_argument,
            name + " belongs to user " + std::to_string(status.st_uid)
              + ", who could change what is kept there; chown "
              + std::to_string(self) + " " + name
              + ", or choose another directory"};
  if (status.st_mode & (S_IWGRP | S_IWOTH))
    return {errc::invalid_argument,
            "other users may write to " + name
              + " and could change what is kept there; chmod go-w " + name};
  return {};
}

} // namespace

result<fs::path> default_cache_directory() {
  auto chosen = from_environment("ARTEL_CACHE_DIR");
  if (chosen.is_absolute())
    return chosen;
  if (!chosen.empty())
    return {errc::invalid_argument, "ARTEL_CACHE_DIR is '" + chosen.string()
                                      + "'; expected an absolute path"};
  // Relative paths are to be ignored: XDG Base Directory Specification.
  if (auto caches = from_environment("XDG_CACHE_HOME"); caches.is_absolute())
    return caches / "artel";
  if (auto home = from_environment("HOME"); home.is_absolute())
    return home / ".cache" / "artel";
  if (::geteuid() == 0)
    return fs::path{"/var/cache/artel"};
  return {errc::not_found,
          "no directory for a cache: none of ARTEL_CACHE_DIR, XDG_CACHE_HOME"
          " and HOME is set to an absolute path; set ARTEL_CACHE_DIR"};
}

result<descriptor> open_cache_directory(const fs::path& path) {
  if (path.empty())
    return {errc::invalid_argument,
            "the path of the cache is empty; expected a directory"};
  if (auto made = make_directories(path); !made)
    return made.error();
  descriptor directory{
    ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!directory.is_open())
    return system_error("cannot open '" + path.string() + "'");
  if (auto sound = check_private(directory, path); !sound)
    return sound.error();
  return directory;
}

} // namespace artel::sandbox
