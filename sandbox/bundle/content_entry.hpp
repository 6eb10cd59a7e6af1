// One entry of a content store on disk: a file that begins with its size and a
// digest over key and content. Nothing here follows links, waits for a peer, or
// allocates for a size that was not checked.
#pragma once

#include "protocol/core/ids.hpp"
#include "sandbox/descriptor.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace artel::sandbox {

/// What an entry takes beside its content.
inline constexpr std::size_t entry_header_bytes = 48;

enum class entry_state {
  absent,
  /// Something is there that is not what was written.
  damaged,
  sound,
};

struct loaded_entry {
  entry_state state = entry_state::absent;
  bytes content;
};

struct entry_info {
  hash256 key;
  /// When it was used last, in nanoseconds since 1970.
  std::int64_t used_ns = 0;
  std::uint64_t size_bytes = 0;
};

/// Entries lie below `root` by the hexadecimal form of their key: "ab/cdef...".
/// Reading is safe while others write and remove.
hash256 digest_of(const hash256& key, bytes_view content) noexcept;

/// Reads and verifies; counts as a use. What is larger than size_max is absent.
loaded_entry load_entry(const descriptor& root, const hash256& key,
                        std::uint64_t size_max);

/// Whether the entry was written with this digest and size, without reading the
/// content; counts as a use.
bool touch_entry(const descriptor& root, const hash256& key,
                 std::uint64_t content_bytes, const hash256& digest);

/// Of all entries, in no order.
std::vector<entry_info> list_entries(const descriptor& root);

/// Whatever is there in the entry's place. Returns the bytes that are free now.
std::uint64_t remove_entry(const descriptor& root, const hash256& key);

/// Removes it unless it was used since. Returns the bytes that are free now.
std::uint64_t remove_unused_entry(const descriptor& root,
                                  const entry_info& entry);

/// There is one temporary file, so that one writer at a time is allowed. Where
/// writing fails, nothing is left behind.
result<void> write_entry(const descriptor& root, const hash256& key,
                         const hash256& digest, bytes_view content);

/// What a writer that was killed left.
void remove_temporary_entry(const descriptor& root);

} // namespace artel::sandbox
