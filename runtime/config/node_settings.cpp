#include "runtime/config/node_settings.hpp"

#include "runtime/config/uncapped_limits.hpp"

#include <algorithm>

namespace artel::runtime {

sandbox::local_config sandbox_config_of(const work_section& work) {
  sandbox::local_config config;
  config.policy.isolation = work.isolation;
  config.policy.kinds = {work.kinds.begin(), work.kinds.end()};
  config.process.share.cpu_permille = work.share_cores * 1'000;
  config.process.share.memory_bytes = work.share_memory_bytes;
  auto most = uncapped_limits();
  // What asks for more than all may use could never run.
  for (auto bytes : {work.cap_memory_bytes, work.share_memory_bytes})
    if (bytes != 0)
      most.memory_bytes = std::min(most.memory_bytes, bytes);
  if (work.cap_wall_time != milliseconds{0})
    most.wall_time = work.cap_wall_time;
  if (most != uncapped_limits())
    config.policy.most = most;
  return config;
}

} // namespace artel::runtime
