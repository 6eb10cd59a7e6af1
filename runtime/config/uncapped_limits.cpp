#include "runtime/config/uncapped_limits.hpp"

#include <cstdint>
#include <limits>

namespace artel::runtime {

execution_limits uncapped_limits() {
  constexpr auto most = std::numeric_limits<std::uint64_t>::max();
  execution_limits limits;
  limits.wall_time = milliseconds::max();
  limits.cpu_time = milliseconds::max();
  limits.processes = std::numeric_limits<std::uint32_t>::max();
  limits.open_files = std::numeric_limits<std::uint32_t>::max();
  for (auto* number :
       {&limits.memory_bytes, &limits.file_bytes, &limits.work_directory_bytes,
        &limits.stdout_bytes, &limits.stderr_tail_bytes,
        &limits.output_files_bytes, &limits.fuel})
    *number = most;
  return limits;
}

} // namespace artel::runtime
