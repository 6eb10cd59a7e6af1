// Bundles as files: the canonical encoding, as it travels between nodes.
#pragma once

#include "protocol/core/result.hpp"
#include "protocol/task/code_bundle.hpp"

#include <string>

namespace artel::tools {

/// Reads a file and checks it as a node does that receives a bundle. Errors
/// name the file, what is wrong, and where.
result<code_bundle> read_bundle_file(const std::string& path);

/// BLAKE2b-256 of a file's bytes and nothing else, as `b2sum -l 256` prints it.
std::string content_hash(bytes_view data);

} // namespace artel::tools
