// What runs attacks of one kind of sandbox.
#pragma once

#include "sandbox/executor.hpp"
#include "sandbox/process/process_sandbox.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace artel::hostile {

struct testbed {
  /// What all kinds share: its directory and groups are looked at.
  std::shared_ptr<sandbox::process_sandbox> sandbox;
  std::shared_ptr<sandbox::executor> runs;

  /// The directories of all control groups of this sandbox; none where there
  /// are no groups.
  std::vector<std::string> groups() const;
  bool has_group() const { return sandbox->groups() != nullptr; }
  /// What bounds memory: "memory by cgroup v1".
  std::string memory_by() const;
};

struct kind_of_sandbox {
  sandbox_kind kind;
  /// Null where artel has no executor for it.
  result<testbed> (*make)(const sandbox::process_config& config);
};

const std::vector<kind_of_sandbox>& all_kinds();

} // namespace artel::hostile
