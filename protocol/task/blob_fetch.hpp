// Fetches one blob out of any number of sources at once. Every piece proves
// itself, so what one source sent wrong harms nobody else, and what has come
// stays when sources leave.
//
//   fetching --last piece--> complete
//   fetching --no source knows it, or none answers for long--> failed
//
// Who answers quickly is asked for more: a source has a few pieces to send at
// any moment, and gets the next when it has sent one. What is overdue goes back
// to be asked of any source. Memory: the pieces that came, and a few words
// each.
#pragma once

#include "protocol/core/bytes.hpp"
#include "protocol/core/ids.hpp"
#include "protocol/core/result.hpp"
#include "protocol/core/time.hpp"
#include "protocol/task/blob.hpp"
#include "protocol/wire/messages.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

namespace artel {

struct blob_fetch_settings {
  /// Asked of one source at a time.
  std::size_t pieces_in_flight = 4;
  /// A piece is overdue after so long; doubled for a source that is late again,
  /// and adapted to how long its answers take.
  milliseconds resend_after{500};
  milliseconds resend_after_max{8'000};
  /// Without any new piece it fails.
  milliseconds patience{10'000};
};

/// What a fetch wants sent, and whom it found out.
struct blob_outbox {
  struct request {
    node_id source;
    std::vector<std::uint32_t> pieces;
  };
  std::vector<request> requests;
  /// Sent what does not belong to the blob: dropped as a source.
  std::vector<node_id> misbehaved;
};

class blob_fetch {
public:
  /// limit_exceeded where the blob is larger than `bytes_max`.
  static result<blob_fetch> begin(const blob_ref& blob, std::uint64_t bytes_max,
                                  const blob_fetch_settings& settings,
                                  instant now);

  const blob_ref& blob() const noexcept { return blob_; }
  bool is_complete() const noexcept { return missing_ == 0; }
  /// Why it has failed; final.
  const std::optional<failure>& problem() const noexcept { return problem_; }
  std::uint64_t received_bytes() const noexcept { return received_bytes_; }
  std::size_t source_count() const noexcept { return sources_.size(); }

  /// A node that may have it. One that was dropped for cause is not taken back.
  void add_source(const node_id& node, instant now, blob_outbox& out);

  /// Its link is gone. The fetch waits for others for a while.
  void drop_source(const node_id& node, instant now, blob_outbox& out);

  /// Nothing where it comes from no source, or is there already.
  void on_piece(const node_id& from, const wire::blob_piece& piece, instant now,
                blob_outbox& out);

  /// Asks again for what is overdue, and notices that nothing comes any more.
  void on_tick(instant now, blob_outbox& out);

  /// All bytes; only of a complete one, once.
  bytes take();

  void check_invariants() const;

private:
  struct source {
    std::map<std::uint32_t, instant> in_flight;
    std::size_t allowance = 0;
    microseconds resend_after{0};
    /// It did not answer in time since it last answered.
    bool is_late = false;
  };

  blob_fetch(const blob_ref& blob, const blob_fetch_settings& settings,
             instant now);

  void fill(instant now, blob_outbox& out);
  bool ask_one(const node_id& node, source& from, instant now,
               blob_outbox& out);
  void remove(std::map<node_id, source>::iterator from);
  void exclude(std::map<node_id, source>::iterator from, failure reason);
  void on_answered(source& from, std::uint32_t index, instant now);

  blob_ref blob_;
  blob_fetch_settings settings_;
  std::vector<bytes> pieces_;
  /// Not empty pieces tell nothing of an empty blob.
  std::vector<bool> has_piece_;
  /// Neither there nor asked for.
  std::set<std::uint32_t> open_;
  std::map<node_id, source> sources_;
  std::set<node_id> excluded_;
  /// The next round begins after it.
  node_id last_asked_;
  std::size_t missing_ = 0;
  std::uint64_t received_bytes_ = 0;
  instant last_progress_;
  std::optional<failure> problem_;
};

} // namespace artel
