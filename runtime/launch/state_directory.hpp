// The directory of one node daemon: its own alone, and held by one process at a
// time.
#pragma once

#include "protocol/core/result.hpp"
#include "sandbox/descriptor.hpp"

#include <filesystem>
#include <memory>
#include <utility>

namespace artel::runtime {

class state_directory {
public:
  /// Makes it (0700), or takes others' rights away. refused where another
  /// process holds it, which is named, or where it is another user's.
  static result<std::unique_ptr<state_directory>>
  open(const std::filesystem::path& path);

  state_directory(const state_directory&) = delete;
  state_directory& operator=(const state_directory&) = delete;
  /// The next one may have it.
  ~state_directory();

  const std::filesystem::path& path() const noexcept { return path_; }

private:
  state_directory(std::filesystem::path path, sandbox::descriptor lock)
    : path_(std::move(path)),
      lock_(std::move(lock)) {}

  std::filesystem::path path_;
  sandbox::descriptor lock_;
};

} // namespace artel::runtime
