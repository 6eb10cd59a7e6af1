// The blobs that a node has to give: inputs of its jobs, outputs of its runs,
// bundles. The one thing that a node's actors share and change: links take
// pieces out of it when they have room, so that no piece lies about twice and
// who asks for many at once gets them as fast as the link is.
//
// Whoever holds a blob keeps it here by keeping it: the shelf itself keeps none
// alive. Thread-safe.
#pragma once

#include "protocol/core/ids.hpp"
#include "protocol/task/blob.hpp"

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

namespace artel {

class blob_shelf {
public:
  /// Until the last copy of this pointer is gone. Not null.
  void put(const std::shared_ptr<const blob_content>& blob);

  /// Null where nobody has it.
  std::shared_ptr<const blob_content> find(const hash256& id) const;

  /// Blobs that are there. O(all).
  std::size_t size() const;

private:
  void drop_expired();

  mutable std::mutex mutex_;
  /// More than one where several have the same bytes.
  std::map<hash256, std::vector<std::weak_ptr<const blob_content>>> blobs_;
  /// Entries at which those that expired are looked for.
  std::size_t sweep_at_ = 64;
};

} // namespace artel
