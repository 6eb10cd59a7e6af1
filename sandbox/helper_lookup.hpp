// Finds programs that artel needs but that are not part of it.
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

namespace artel::sandbox {

/// The first executable file of that name in the directories of PATH, absolute.
std::optional<std::filesystem::path> find_on_path(std::string_view name);

} // namespace artel::sandbox
