// Content that travels in pieces, from whoever has it: code bundles, and inputs
// and outputs that are too large for one message. A blob's id is a hash over
// its size and the Merkle root of its pieces, so that each piece proves itself
// alone and may come from any node.
#pragma once

#include "protocol/core/bytes.hpp"
#include "protocol/core/ids.hpp"
#include "protocol/core/limits.hpp"
#include "protocol/core/result.hpp"
#include "protocol/identity/merkle.hpp"
#include "protocol/wire/fields.hpp"

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace artel {

/// Names a blob; all zero: none.
struct blob_ref {
  static constexpr std::string_view type_name = "blob_ref";

  /// blob_id() of the bytes.
  hash256 id;
  std::uint64_t size_bytes = 0;

  auto operator<=>(const blob_ref&) const = default;
  bool is_none() const noexcept { return id.is_zero(); }

  template <class Self, class Visitor>
  static constexpr void fields(Self& self, Visitor&& visit) {
    visit("id", self.id);
    visit("size_bytes", self.size_bytes);
  }
};

/// All pieces but the last have limits::blob_piece_bytes. At least one piece:
/// an empty blob has one that is empty.
std::uint32_t piece_count(std::uint64_t size_bytes) noexcept;

/// Of a piece; zero where there is no such piece.
std::size_t piece_bytes(std::uint64_t size_bytes, std::uint32_t index) noexcept;

/// "artel.blob.v1" over the size and the Merkle root of the pieces' leaves,
/// each "artel.blob-piece.v1" over its bytes.
hash256 blob_id(bytes_view content);
blob_ref blob_ref_of(bytes_view content);

/// A piece's proof: the siblings from its leaf up to the root. The index must
/// be one of a piece. O(content); blob_content keeps what it takes for many.
std::vector<hash256> piece_path(bytes_view content, std::uint32_t index);

/// Whether these bytes are that piece of the blob; bad_signature or
/// invalid_argument (index, length) otherwise.
result<void> check_piece(const blob_ref& blob, std::uint32_t index,
                         bytes_view data, const std::vector<hash256>& path);

/// A whole blob, whose pieces can be given with their proofs. Immutable; copies
/// share the bytes.
class blob_content {
public:
  /// Hashes all of it, once. Not null.
  explicit blob_content(std::shared_ptr<const bytes> content);

  const blob_ref& ref() const noexcept { return ref_; }
  const std::shared_ptr<const bytes>& content() const noexcept {
    return content_;
  }

  /// The index must be below piece_count().
  bytes_view piece(std::uint32_t index) const noexcept;
  std::vector<hash256> path(std::uint32_t index) const;

private:
  std::shared_ptr<const bytes> content_;
  std::shared_ptr<const merkle_tree> tree_;
  blob_ref ref_;
};

} // namespace artel
