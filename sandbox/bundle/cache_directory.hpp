// Where caches lie, and that nobody else can write there.
#pragma once

#include "sandbox/descriptor.hpp"

#include <filesystem>

namespace artel::sandbox {

/// $ARTEL_CACHE_DIR, else $XDG_CACHE_HOME/artel, else $HOME/.cache/artel, else
/// for root /var/cache/artel. not_found where none of them is set,
/// invalid_argument where the first is no absolute path.
result<std::filesystem::path> default_cache_directory();

/// Opens the directory; creates it (mode 0700) with its parents where it is
/// missing. invalid_argument for one that another user owns or may write to,
/// with the command that mends it.
result<descriptor> open_cache_directory(const std::filesystem::path& path);

} // namespace artel::sandbox
