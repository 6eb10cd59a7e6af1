// Names of files that come from other nodes and end up on disk.
#pragma once

#include "protocol/core/result.hpp"

#include <string>
#include <string_view>

namespace artel {

/// Checks a '/'-separated path below some directory: no empty, "." or ".."
/// part, so no way up or around; no control characters; at most
/// limits::name_bytes_max bytes. The messages begin with `where`.
result<void> check_relative_path(const std::string& where,
                                 std::string_view path);

} // namespace artel
