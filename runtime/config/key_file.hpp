// A node's key on disk, readable by its owner alone. Three lines of text:
//
//   artel-key v1
//   node <64 hexadecimal digits: the public key>
//   seed <64 hexadecimal digits: the secret seed>
//
// The seed stands there in the clear; a passphrase comes later.
#pragma once

#include "protocol/identity/keys.hpp"

#include <filesystem>

namespace artel::runtime {

/// Writes a new file, with rights 0600, and the directory it lies in, with
/// 0700, where there is none. already_exists rather than replace a key.
result<void> write_key_file(const std::filesystem::path& path,
                            const key_pair& key);

/// refused where others than its owner may read or write the file; malformed
/// where it is none, or where its node is not that of its seed.
result<key_pair> read_key_file(const std::filesystem::path& path);

/// Where a node's key lies when nobody says otherwise: artel/node.key below
/// $XDG_CONFIG_HOME or ~/.config. not_found where neither is known.
result<std::filesystem::path> default_key_path();

} // namespace artel::runtime
