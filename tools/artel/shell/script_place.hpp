// A place in a script, as messages name it.
#pragma once

#include <cstddef>
#include <string>

namespace artel::tools {

struct script_place {
  /// As it was named by whoever gave it; empty at the prompt.
  std::string file;
  std::size_t line = 1;
  std::size_t column = 1;

  bool operator==(const script_place&) const = default;
};

/// "failover.artel:14:1"; empty at the prompt.
std::string to_string(const script_place& place);

} // namespace artel::tools
