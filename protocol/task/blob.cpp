#include "protocol/task/blob.hpp"

#include "protocol/identity/hash.hpp"

#include <algorithm>
#include <cassert>
#include <limits>
#include <string>
#include <utility>

namespace artel {

namespace {

constexpr std::uint64_t piece_size = limits::blob_piece_bytes;

hash256 piece_leaf(bytes_view data) noexcept {
  return hash_of("artel.blob-piece.v1", data);
}

hash256 id_of(std::uint64_t size_bytes, const hash256& root) noexcept {
  return hasher{"artel.blob.v1"}
    .update(size_bytes)
    .update(root.view())
    .finish();
}

bytes_view piece_of(bytes_view content, std::uint32_t index) noexcept {
  return content.subspan(index * piece_size,
                         piece_bytes(content.size(), index));
}

merkle_tree tree_over(bytes_view content) {
  std::vector<hash256> leaves;
  auto count = piece_count(content.size());
  leaves.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i)
    leaves.push_back(piece_leaf(piece_of(content, i)));
  return merkle_tree{leaves};
}

} // namespace

std::uint32_t piece_count(std::uint64_t size_bytes) noexcept {
  auto count = size_bytes / piece_size + (size_bytes % piece_size != 0);
  // More than that is beyond every limit; the count must not wrap around.
  constexpr std::uint64_t most = std::numeric_limits<std::uint32_t>::max();
  return static_cast<std::uint32_t>(std::clamp<std::uint64_t>(count, 1, most));
}

std::size_t piece_bytes(std::uint64_t size_bytes,
                        std::uint32_t index) noexcept {
  auto start = index * piece_size;
  return start < size_bytes
           ? static_cast<std::size_t>(std::min(piece_size, size_bytes - start))
           : 0;
}

hash256 blob_id(bytes_view content) {
  return blob_ref_of(content).id;
}

blob_ref blob_ref_of(bytes_view content) {
  return {id_of(content.size(), tree_over(content).root()), content.size()};
}

std::vector<hash256> piece_path(bytes_view content, std::uint32_t index) {
  assert(index < piece_count(content.size()));
  return tree_over(content).path(index);
}

result<void> check_piece(const blob_ref& blob, std::uint32_t index,
                         bytes_view data, const std::vector<hash256>& path) {
  auto count = piece_count(blob.size_bytes);
  if (index >= count)
    return {errc::invalid_argument, "piece " + std::to_string(index)
                                      + " of a blob that has "
                                      + std::to_string(count) + " pieces"};
  auto expected = piece_bytes(blob.size_bytes, index);
  if (data.size() != expected)
    return {errc::invalid_argument, "piece " + std::to_string(index) + " has "
                                      + std::to_string(data.size())
                                      + " bytes; expected "
                                      + std::to_string(expected)};
  auto root = root_by_path(piece_leaf(data), index, count, path);
  if (!root || id_of(blob.size_bytes, *root) != blob.id)
    return {errc::bad_signature,
            "piece " + std::to_string(index) + " does not belong to the blob"};
  return {};
}

blob_content::blob_content(std::shared_ptr<const bytes> content)
  : content_(std::move(content)),
    tree_(std::make_shared<const merkle_tree>(tree_over(*content_))),
    ref_{id_of(content_->size(), tree_->root()), content_->size()} {
}

bytes_view blob_content::piece(std::uint32_t index) const noexcept {
  return piece_of(*content_, index);
}

std::vector<hash256> blob_content::path(std::uint32_t index) const {
  return tree_->path(index);
}

} // namespace artel
