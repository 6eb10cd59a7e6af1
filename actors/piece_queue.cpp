#include "actors/piece_queue.hpp"

namespace artel {

namespace {

/// A piece that is not there is told without data, and so is one that no blob
/// of that size has.
wire::blob_piece piece_of(const blob_shelf& shelf, const hash256& id,
                          std::uint32_t index) {
  wire::blob_piece piece;
  piece.blob = id;
  piece.index = index;
  auto blob = shelf.find(id);
  if (blob == nullptr || index >= piece_count(blob->ref().size_bytes))
    return piece;
  auto data = blob->piece(index);
  piece.total_bytes = blob->ref().size_bytes;
  piece.known = true;
  piece.path = blob->path(index);
  piece.data.assign(data.begin(), data.end());
  return piece;
}

} // namespace

void piece_queue::on_request(const wire::blob_request& request) {
  for (auto index : request.pieces) {
    if (order_.size() >= pieces_max_)
      return;
    if (waiting_.emplace(request.blob, index).second)
      order_.emplace_back(request.blob, index);
  }
}

std::vector<wire::blob_piece> piece_queue::take(const blob_shelf& shelf,
                                                std::size_t bytes_max) {
  std::vector<wire::blob_piece> pieces;
  std::size_t size = 0;
  while (!order_.empty() && (pieces.empty() || size < bytes_max)) {
    auto [id, index] = order_.front();
    order_.pop_front();
    waiting_.erase({id, index});
    pieces.push_back(piece_of(shelf, id, index));
    size += pieces.back().data.size();
  }
  return pieces;
}

} // namespace artel
