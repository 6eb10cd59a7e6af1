// What one run of a program may use. Part of a task's terms, so the same on
// every worker; a worker may refuse terms above its own caps.
#pragma once

#include "protocol/core/time.hpp"
#include "protocol/wire/fields.hpp"

#include <cstdint>

namespace artel {

struct execution_limits {
  static constexpr std::string_view type_name = "execution_limits";

  milliseconds wall_time{10'000};
  milliseconds cpu_time{10'000};
  std::uint64_t memory_bytes = 256u << 20;
  std::uint32_t processes = 64;
  std::uint32_t open_files = 256;
  std::uint64_t file_bytes = 16u << 20;
  std::uint64_t work_directory_bytes = 16u << 20;
  std::uint64_t stdout_bytes = 1u << 20;
  /// Only the end of standard error is kept.
  std::uint64_t stderr_tail_bytes = 64u << 10;
  /// What the files may hold in all that a run leaves in /output. Zero: there
  /// is no such directory.
  std::uint64_t output_files_bytes = 0;
  /// Instructions of interpreted WebAssembly; zero: not limited.
  std::uint64_t fuel = 0;

  bool operator==(const execution_limits&) const = default;

  template <class Self, class Visitor>
  static constexpr void fields(Self& self, Visitor&& visit) {
    visit("wall_time_ms", self.wall_time);
    visit("cpu_time_ms", self.cpu_time);
    visit("memory_bytes", self.memory_bytes);
    visit("processes", self.processes);
    visit("open_files", self.open_files);
    visit("file_bytes", self.file_bytes);
    visit("work_directory_bytes", self.work_directory_bytes);
    visit("stdout_bytes", self.stdout_bytes);
    visit("stderr_tail_bytes", self.stderr_tail_bytes);
    visit("output_files_bytes", self.output_files_bytes);
    visit("fuel", self.fuel);
  }
};

} // namespace artel
