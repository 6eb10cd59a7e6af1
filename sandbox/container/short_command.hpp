// Runs a program that ends by itself soon, and reads what it says.
#pragma once

#include "protocol/core/result.hpp"
#include "protocol/core/time.hpp"

#include <string>
#include <vector>

namespace artel::sandbox {

struct command_result {
  /// As waitpid() tells it.
  int wait_status = 0;
  /// Standard output and standard error, the first 64 KiB.
  std::string output;

  bool succeeded() const noexcept { return wait_status == 0; }
};

/// timed_out where it had to be killed. As root, drop_root makes it
/// sandbox_user's.
result<command_result> run_short_command(std::vector<std::string> command,
                                         bool drop_root, milliseconds patience);

} // namespace artel::sandbox
