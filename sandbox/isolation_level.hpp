// How much isolation a run must have.
#pragma once

#include <cstdint>

namespace artel::sandbox {

enum class isolation_level : std::uint8_t {
  /// Namespaces, filter, read-only mounts, limits: all of them, or no run.
  full = 1,
  /// Where there are no user namespaces: filter, Landlock and limits alone, in
  /// a directory of the machine's own. For code that its owner trusts.
  reduced = 2,
};

} // namespace artel::sandbox
