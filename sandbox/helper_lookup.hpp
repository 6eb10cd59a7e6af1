// Finds programs that artel needs: its own helpers, and those of others.
#pragma once

#include "protocol/core/result.hpp"

#include <filesystem>
#include <optional>
#include <string_view>

namespace artel::sandbox {

/// The first executable file of that name in the directories of PATH, absolute.
std::optional<std::filesystem::path> find_on_path(std::string_view name);

/// Where a helper program lies: beside the running binary (build tree), or in
/// ../libexec/artel from it (installed). not_found names both places.
result<std::filesystem::path> find_helper(std::string_view name);

/// The same for a directory of files that helpers need.
result<std::filesystem::path> find_helper_directory(std::string_view name);

} // namespace artel::sandbox
