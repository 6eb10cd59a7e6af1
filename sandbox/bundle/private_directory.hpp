// A fresh directory that lives as long as its owner: removed with all that is
// in it, and by the next start where the owner died first.
#pragma once

#include "sandbox/descriptor.hpp"

#include <filesystem>

namespace artel::sandbox {

class private_directory {
public:
  /// Creates `parent` where it is missing, removes what dead processes left
  /// there, and makes a new directory. Where this process is root,
  /// sandbox_group may pass through it, but not list or change it.
  /// system_failure where programs could not be run from there.
  static result<private_directory> make(const std::filesystem::path& parent);

  private_directory(private_directory&&) = default;
  private_directory& operator=(private_directory&&) = delete;
  ~private_directory();

  const std::filesystem::path& path() const noexcept { return path_; }

private:
  private_directory(std::filesystem::path path, descriptor lock);

  std::filesystem::path path_;
  /// Locked as long as this process lives.
  descriptor lock_;
};

} // namespace artel::sandbox
