#include "runtime/config/node_settings.hpp"

#include <algorithm>
#include <limits>

namespace artel::runtime {

namespace {

/// What one run may ask for, where nobody caps it.
execution_limits no_cap() {
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

} // namespace

sandbox::local_config sandbox_config_of(const work_section& work) {
  sandbox::local_config config;
  config.policy.isolation = work.isolation;
  config.policy.kinds = {work.kinds.begin(), work.kinds.end()};
  config.process.share.cpu_permille = work.share_cores * 1'000;
  config.process.share.memory_bytes = work.share_memory_bytes;
  auto most = no_cap();
  // What asks for more than all may use could never run.
  for (auto bytes : {work.cap_memory_bytes, work.share_memory_bytes})
    if (bytes != 0)
      most.memory_bytes = std::min(most.memory_bytes, bytes);
  if (work.cap_wall_time != milliseconds{0})
    most.wall_time = work.cap_wall_time;
  if (most != no_cap())
    config.policy.most = most;
  return config;
}

} // namespace artel::runtime
