// Small files that must survive a crash whole: read within a bound, replaced as
// a whole, and set aside where they are damaged.
#pragma once

#include "protocol/core/bytes.hpp"
#include "protocol/core/result.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace artel::runtime {

/// not_found, limit_exceeded (larger than bytes_max), system_failure.
result<std::string> read_bounded(const std::filesystem::path& path,
                                 std::uint64_t bytes_max);

/// The file has the new content or the old one, whatever happens; readable by
/// its owner alone, and on disk when this returns.
result<void> replace_durably(const std::filesystem::path& path,
                             std::string_view content);

/// Adds to the end, and has it on disk.
result<void> append_durably(const std::filesystem::path& path,
                            std::string_view content);

/// Moves a damaged file to NAME.damaged, over an earlier one; gives that path.
std::filesystem::path set_aside(const std::filesystem::path& path);

} // namespace artel::runtime
