// The host's side: what a sandboxed program must not reach, and whether the
// machine is after a run as it was before. Looks only at what belongs to this
// process and its runs, so that others may run beside it.
#pragma once

#include "sandbox/descriptor.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace artel::hostile {

/// A directory of this process's own, that the sandbox's user can pass through;
/// gone afterwards.
class scratch_directory {
public:
  scratch_directory();
  ~scratch_directory();
  scratch_directory(const scratch_directory&) = delete;
  scratch_directory& operator=(const scratch_directory&) = delete;

  const std::filesystem::path& path() const noexcept { return path_; }

private:
  std::filesystem::path path_;
};

/// What is to look the same before and after, as lines of text.
struct fingerprint {
  std::vector<std::string> lines;
  /// Files in memory of the whole machine, where dead runs would leave some.
  std::uint64_t shared_bytes = 0;
};

class host_watch {
public:
  /// Makes canaries: a file, listeners, a secret in the environment, and open
  /// descriptors that every child inherits unless somebody sees to it.
  explicit host_watch(std::filesystem::path directory);

  /// Stands for "@canary" and its like; any other text for itself.
  std::string resolve(const std::string& text) const;

  /// Control groups and directories that belong to the executor.
  fingerprint take(const std::vector<std::string>& groups,
                   const std::filesystem::path& executor) const;

  /// What is not as it was, or was touched; empty where all is well.
  std::string compare(const fingerprint& before,
                      const fingerprint& after) const;

  /// The secret, which no output may hold.
  const std::string& secret() const noexcept { return secret_; }

private:
  std::string touched_canary() const;

  std::filesystem::path directory_;
  std::string secret_;
  std::string abstract_name_;
  std::uint16_t tcp_port_ = 0;
  std::uint16_t udp_port_ = 0;
  sandbox::descriptor tcp_;
  sandbox::descriptor udp_;
  sandbox::descriptor abstract_;
  sandbox::descriptor socket_;
  /// Left open across exec.
  std::vector<sandbox::descriptor> inherited_;
};

/// Living children of this process; it adopts what its runs leave behind. Only
/// for when no run is under way.
std::size_t count_children();

} // namespace artel::hostile
