// What the owner of a machine lets others run on it: kinds of sandboxes, the
// most that one run may ask for, and the share of the machine for all of them.
#pragma once

#include "protocol/task/execution_limits.hpp"
#include "protocol/task/sandbox_terms.hpp"
#include "sandbox/isolation_level.hpp"

#include <optional>
#include <set>

namespace artel::sandbox {

struct sandbox_policy {
  std::set<sandbox_kind> kinds{sandbox_kind::process, sandbox_kind::wasm,
                               sandbox_kind::container};
  /// Caps on what a task may ask for; the protocol's own where unset.
  std::optional<execution_limits> most;
  isolation_level isolation = isolation_level::full;
};

/// Whether a task's terms are within the policy: refused names the first that
/// is not, what was asked for, and what is allowed.
result<void> admit(const sandbox_policy& policy, const sandbox_terms& terms,
                   const execution_limits& limits);

} // namespace artel::sandbox
