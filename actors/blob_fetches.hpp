// The blobs that a worker is fetching, as many at once as a bound on their
// bytes allows; the others wait in line, and no requester takes all of it. Not
// an actor: part of a worker's state.
#pragma once

#include "protocol/core/bytes.hpp"
#include "protocol/core/ids.hpp"
#include "protocol/core/result.hpp"
#include "protocol/core/time.hpp"
#include "protocol/task/blob.hpp"
#include "protocol/task/blob_fetch.hpp"
#include "protocol/wire/messages.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace artel {

class blob_fetches {
public:
  struct request {
    node_id source;
    wire::blob_request message;
  };

  /// A fetch's end.
  struct ended {
    blob_ref blob;
    /// Unset: `content` is the blob.
    std::optional<failure> problem;
    bytes content;
  };

  /// `blob_bytes_max` for each, `bytes_max` for all that are under way.
  blob_fetches(std::uint64_t blob_bytes_max, std::uint64_t bytes_max)
    : blob_bytes_max_(blob_bytes_max),
      bytes_max_(bytes_max) {}

  bool has(const blob_ref& blob) const { return fetches_.contains(blob); }
  bool empty() const noexcept { return fetches_.empty(); }

  /// Bytes under way, and those that were said to be kept.
  std::uint64_t bytes_in_use() const noexcept {
    return bytes_under_way_ + bytes_kept_;
  }

  /// Fetches it in the requester's name, or adds sources to a fetch.
  void want(const blob_ref& blob, const node_id& requester,
            const std::vector<node_id>& sources, instant now);

  /// What is kept of earlier fetches counts as well.
  void set_kept(std::uint64_t size_bytes, instant now);

  void on_piece(const node_id& from, const wire::blob_piece& piece,
                instant now);
  void on_link_gone(const node_id& node, instant now);
  void on_tick(instant now);

  /// What nobody needs any more asks for nothing. What has come of it stays for
  /// a while: a link that was lost may come back.
  void rest_unneeded(const std::function<bool(const blob_ref&)>& is_needed,
                     instant now);

  /// What has happened since the last call.
  std::vector<request> take_requests() { return std::exchange(requests_, {}); }
  std::vector<ended> take_ended() { return std::exchange(ended_, {}); }
  /// Nodes that sent what is not the blob's.
  std::vector<node_id> take_misbehaved() {
    return std::exchange(misbehaved_, {});
  }

private:
  struct entry {
    node_id requester;
    std::vector<node_id> sources;
    /// Unset while it waits.
    std::optional<blob_fetch> fetch;
  };

  bool has_room(const blob_ref& blob, const node_id& requester) const;
  void begin_waiting(instant now);
  void begin(const blob_ref& blob, entry& one, instant now);
  void collect(const blob_ref& blob, blob_outbox& out);
  void end_finished(instant now);
  void erase(std::map<blob_ref, entry>::iterator one);

  std::uint64_t blob_bytes_max_;
  std::uint64_t bytes_max_;
  std::uint64_t bytes_under_way_ = 0;
  std::uint64_t bytes_kept_ = 0;
  /// By id and size: a wrong size harms only who said it.
  std::map<blob_ref, entry> fetches_;
  std::map<node_id, std::uint64_t> bytes_of_;
  std::deque<blob_ref> waiting_;
  std::vector<request> requests_;
  std::vector<ended> ended_;
  std::vector<node_id> misbehaved_;
};

} // namespace artel
