// A node's key on disk, readable by its owner alone: text, in one of two forms.
//
//   artel-key v1
//   node <64 hexadecimal digits: the public key>
//   seed <64 hexadecimal digits: the secret seed, in the clear>
//
//   artel-key v2
//   node <64 hexadecimal digits: the public key>
//   argon2id <passes> <bytes of memory>
//   salt <32 hexadecimal digits>
//   nonce <48 hexadecimal digits>
//   box <96 hexadecimal digits: the seed in a secretbox>
//
// The box's key is made from the passphrase and the salt by Argon2id. The node
// stands outside, so that it can be told without the passphrase; that it is the
// seed's is checked whenever the box is opened.
#pragma once

#include "protocol/identity/keys.hpp"
#include "runtime/config/secret_text.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string_view>

namespace artel::runtime {

/// What one guess of a passphrase costs. These are libsodium's moderate limits:
/// about a second.
struct passphrase_cost {
  std::uint64_t passes = 3;
  /// In whole KiB.
  std::uint64_t memory_bytes = 256u << 20;

  bool operator==(const passphrase_cost&) const = default;
};

/// A file with other costs is refused before anything is computed: it could
/// keep the reader busy, or take all its memory.
inline constexpr std::uint64_t passphrase_passes_max = 16;
inline constexpr std::uint64_t passphrase_memory_min = 8u << 10;
inline constexpr std::uint64_t passphrase_memory_max = std::uint64_t{1} << 30;

/// How a key is to be stored; without one, in the clear.
struct key_protection {
  /// Must outlive the call.
  std::string_view passphrase;
  passphrase_cost cost;
};

/// Writes a new file, with rights 0600, and the directory it lies in, with
/// 0700, where there is none. already_exists rather than replace a key.
result<void>
write_key_file(const std::filesystem::path& path, const key_pair& key,
               const std::optional<key_protection>& protection = {});

/// Replaces a file that holds the same key, whole or not at all. not_found, or
/// refused where it holds another.
result<void> protect_key_file(const std::filesystem::path& path,
                              const key_pair& key,
                              const std::optional<key_protection>& protection);

/// Gives the passphrase, when a file turns out to need one.
using passphrase_reader = std::function<result<secret_text>()>;

/// refused where others than its owner may read or write the file, or where it
/// needs a passphrase that is not given or wrong; malformed where it is none,
/// or where its node is not that of its seed.
result<key_pair> read_key_file(const std::filesystem::path& path,
                               const passphrase_reader& passphrase = {});

/// What a key file tells without its passphrase. Of a file with one, the node
/// is what the file says.
struct key_file_summary {
  node_id node;
  bool is_protected = false;
};
result<key_file_summary> inspect_key_file(const std::filesystem::path& path);

/// Where a node's key lies when nobody says otherwise: artel/node.key below
/// $XDG_CONFIG_HOME or ~/.config. not_found where neither is known.
result<std::filesystem::path> default_key_path();

} // namespace artel::runtime
