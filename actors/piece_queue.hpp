// Pieces of blobs that the other end of a link asked for, until the link takes
// them. Bounded, and each piece waits once, however often it is asked for: what
// does not fit is asked for again. Not an actor: part of a peer's state.
#pragma once

#include "actors/blob_shelf.hpp"
#include "protocol/wire/messages.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <set>
#include <utility>
#include <vector>

namespace artel {

class piece_queue {
public:
  explicit piece_queue(std::size_t pieces_max) : pieces_max_(pieces_max) {}

  void on_request(const wire::blob_request& request);

  bool empty() const noexcept { return order_.empty(); }
  std::size_t size() const noexcept { return order_.size(); }

  /// The next ones, until they have so many bytes together; at least one.
  std::vector<wire::blob_piece> take(const blob_shelf& shelf,
                                     std::size_t bytes_max);

private:
  using wanted = std::pair<hash256, std::uint32_t>;

  std::size_t pieces_max_;
  std::deque<wanted> order_;
  std::set<wanted> waiting_;
};

} // namespace artel
