// Encodings that a node refuses, each with one thing wrong.
#pragma once

#include "runtime/observe/json.hpp"

namespace artel::tools {

/// "type", "encoded", "error" (the name of its errc) and "why" in words.
runtime::json refused_vectors();

} // namespace artel::tools
