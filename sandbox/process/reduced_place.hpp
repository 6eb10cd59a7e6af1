// A run without namespaces: in directories of this machine's own, held by the
// system call filter, Landlock and limits. What isolation_level::reduced means.
#pragma once

#include "protocol/core/result.hpp"
#include "sandbox/process/bubblewrap.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace artel::sandbox {

/// Whether this machine can hold a program back without namespaces at all: as
/// root, by giving up root; else by a Landlock that keeps signals in (Linux
/// 6.12). sandbox_unavailable otherwise.
result<void> check_reduced_isolation();

/// The directories of one run; removed with it.
class reduced_place {
public:
  static result<reduced_place> make(std::filesystem::path directory,
                                    const sandbox_plan& plan);

  reduced_place(reduced_place&& other) noexcept;
  reduced_place& operator=(reduced_place&&) = delete;
  ~reduced_place();

  /// The sandbox's own paths in the program and its arguments become those of
  /// this machine.
  std::vector<std::string> command(const sandbox_plan& plan) const;
  std::vector<std::string> environment(const execution_limits& limits) const;

private:
  explicit reduced_place(std::filesystem::path directory)
    : directory_(std::move(directory)) {}

  std::filesystem::path work() const { return directory_ / "work"; }
  std::filesystem::path output() const { return directory_ / "output"; }
  std::string translated(std::string text, const sandbox_plan& plan) const;

  std::filesystem::path directory_;
};

} // namespace artel::sandbox
