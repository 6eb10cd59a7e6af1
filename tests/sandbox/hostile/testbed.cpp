#include "tests/sandbox/hostile/testbed.hpp"

#include "sandbox/container/container_executor.hpp"
#include "sandbox/process/process_executor.hpp"
#include "sandbox/wasm/wasm_executor.hpp"

#include <utility>

namespace artel::hostile {

namespace {

result<testbed> make_process(const sandbox::process_config& config) {
  auto shared = sandbox::process_sandbox::make(config);
  if (!shared)
    return shared.error();
  return testbed{*shared, std::make_shared<sandbox::process_executor>(*shared)};
}

result<testbed> make_wasm(const sandbox::process_config& config) {
  auto shared = sandbox::process_sandbox::make(config);
  if (!shared)
    return shared.error();
  auto made = sandbox::wasm_executor::make(*shared, config.work_root / "cache");
  if (!made)
    return made.error();
  return testbed{*shared, std::move(*made)};
}

result<testbed> make_container(const sandbox::process_config& config) {
  auto shared = sandbox::process_sandbox::make(config);
  if (!shared)
    return shared.error();
  auto made = sandbox::container_executor::make(*shared);
  if (!made)
    return made.error();
  return testbed{*shared, std::move(*made)};
}

} // namespace

std::vector<std::string> testbed::groups() const {
  return has_group() ? sandbox->groups()->place().directories()
                     : std::vector<std::string>{};
}

std::string testbed::memory_by() const {
  if (!has_group())
    return "memory by the sampler, for want of control groups: "
           + sandbox->why_no_groups();
  return "memory by cgroup v"
         + std::to_string(sandbox->groups()->place().version);
}

const std::vector<kind_of_sandbox>& all_kinds() {
  static const std::vector<kind_of_sandbox> kinds{
    {sandbox_kind::process, make_process},
    {sandbox_kind::wasm, make_wasm},
    {sandbox_kind::container, make_container},
  };
  return kinds;
}

} // namespace artel::hostile
