#include "protocol/task/blob_fetch.hpp"

#include <algorithm>
#include <cassert>
#include <string>
#include <utility>

namespace artel {

namespace {

/// Answers may take so many times as long as they did before.
constexpr int answer_time_factor = 4;

} // namespace

result<blob_fetch> blob_fetch::begin(const blob_ref& blob,
                                     std::uint64_t bytes_max,
                                     const blob_fetch_settings& settings,
                                     instant now) {
  if (blob.size_bytes > bytes_max)
    return {errc::limit_exceeded,
            "a blob of " + std::to_string(blob.size_bytes) + " bytes; at most "
              + std::to_string(bytes_max) + " are allowed"};
  return blob_fetch{blob, settings, now};
}

blob_fetch::blob_fetch(const blob_ref& blob,
                       const blob_fetch_settings& settings, instant now)
  : blob_(blob),
    settings_(settings),
    pieces_(piece_count(blob.size_bytes)),
    has_piece_(pieces_.size()),
    missing_(pieces_.size()),
    last_progress_(now) {
  for (std::uint32_t i = 0; i < pieces_.size(); ++i)
    open_.insert(open_.end(), i);
}

// -- sources ------------------------------------------------------------------

void blob_fetch::add_source(const node_id& node, instant now,
                            blob_outbox& out) {
  if (problem_ || is_complete() || excluded_.contains(node))
    return;
  if (sources_.empty())
    last_progress_ = now;
  auto [place, fresh] = sources_.try_emplace(node);
  if (!fresh)
    return;
  place->second.allowance = settings_.pieces_in_flight;
  place->second.resend_after = settings_.resend_after;
  fill(now, out);
}

void blob_fetch::drop_source(const node_id& node, instant now,
                             blob_outbox& out) {
  auto found = sources_.find(node);
  if (found == sources_.end())
    return;
  remove(found);
  fill(now, out);
}

/// What it was asked for can be asked of others.
void blob_fetch::remove(std::map<node_id, source>::iterator from) {
  for (const auto& [index, asked] : from->second.in_flight)
    if (!has_piece_[index])
      open_.insert(index);
  sources_.erase(from);
}

void blob_fetch::exclude(std::map<node_id, source>::iterator from,
                         failure reason) {
  excluded_.insert(from->first);
  remove(from);
  if (sources_.empty())
    problem_ = std::move(reason);
}

// -- asking -------------------------------------------------------------------

bool blob_fetch::ask_one(const node_id& node, source& from, instant now,
                         blob_outbox& out) {
  if (open_.empty() || from.in_flight.size() >= from.allowance)
    return false;
  auto index = *open_.begin();
  open_.erase(open_.begin());
  from.in_flight.emplace(index, now);
  last_asked_ = node;
  auto request = std::find_if(
    out.requests.begin(), out.requests.end(),
    [&node](const blob_outbox::request& one) { return one.source == node; });
  if (request == out.requests.end())
    request = out.requests.insert(request, {node, {}});
  request->pieces.push_back(index);
  return true;
}

/// One piece a source and round, so that none is asked for all. Whoever was
/// late comes after all others.
void blob_fetch::fill(instant now, blob_outbox& out) {
  if (problem_)
    return;
  for (auto late : {false, true}) {
    auto asked = true;
    while (asked && !open_.empty()) {
      asked = false;
      auto next = sources_.upper_bound(last_asked_);
      for (std::size_t i = 0; i < sources_.size(); ++i, ++next) {
        if (next == sources_.end())
          next = sources_.begin();
        if (next->second.is_late == late)
          asked = ask_one(next->first, next->second, now, out) || asked;
      }
    }
  }
}

// -- answers ------------------------------------------------------------------

void blob_fetch::on_answered(source& from, std::uint32_t index, instant now) {
  auto asked = from.in_flight.find(index);
  if (asked == from.in_flight.end())
    return;
  microseconds least = settings_.resend_after;
  microseconds most = settings_.resend_after_max;
  auto fitting =
    std::clamp((now - asked->second) * answer_time_factor, least, most);
  // Slowly down, at once up.
  from.resend_after = std::max(fitting, (from.resend_after * 7 + fitting) / 8);
  from.in_flight.erase(asked);
  from.allowance = std::min(from.allowance + 1, settings_.pieces_in_flight);
  from.is_late = false;
}

void blob_fetch::on_piece(const node_id& from, const wire::blob_piece& piece,
                          instant now, blob_outbox& out) {
  auto found = sources_.find(from);
  if (found == sources_.end() || problem_ || piece.blob != blob_.id)
    return;
  if (!piece.known) {
    exclude(found, {errc::not_found, "none of the nodes asked has it"});
    fill(now, out);
    return;
  }
  auto index = piece.index;
  on_answered(found->second, index, now);
  if (index < pieces_.size() && has_piece_[index]) {
    fill(now, out);
    return;
  }
  auto sound = piece.total_bytes == blob_.size_bytes
                 ? check_piece(blob_, index, piece.data, piece.path)
                 : result<void>{errc::bad_signature, "it has another size"};
  if (!sound) {
    // The answer may have taken the piece out of what is in flight.
    if (index < pieces_.size()
        && std::none_of(sources_.begin(), sources_.end(),
                        [index](const auto& one) {
                          return one.second.in_flight.contains(index);
                        }))
      open_.insert(index);
    out.misbehaved.push_back(from);
    exclude(found, {errc::bad_signature, "what was sent is not what its hash "
                                         "says: "
                                           + sound.error().message});
    fill(now, out);
    return;
  }
  pieces_[index] = piece.data;
  has_piece_[index] = true;
  open_.erase(index);
  --missing_;
  received_bytes_ += piece.data.size();
  last_progress_ = now;
  fill(now, out);
}

void blob_fetch::on_tick(instant now, blob_outbox& out) {
  if (problem_ || is_complete())
    return;
  if (now - last_progress_ > settings_.patience) {
    problem_ = failure{errc::unreachable,
                       "no piece of it came for "
                         + std::to_string(settings_.patience.count()) + " ms"};
    return;
  }
  for (auto& [node, from] : sources_) {
    auto overdue =
      std::erase_if(from.in_flight, [&, &from = from](const auto& one) {
        if (now - one.second < from.resend_after)
          return false;
        if (!has_piece_[one.first])
          open_.insert(one.first);
        return true;
      });
    if (overdue == 0)
      continue;
    from.is_late = true;
    from.allowance = 1;
    from.resend_after =
      std::min<microseconds>(from.resend_after * 2, settings_.resend_after_max);
  }
  fill(now, out);
}

bytes blob_fetch::take() {
  assert(is_complete());
  bytes whole;
  whole.reserve(received_bytes_);
  for (auto& piece : pieces_) {
    whole.insert(whole.end(), piece.begin(), piece.end());
    // Piece by piece, so that it is not there twice.
    bytes{}.swap(piece);
  }
  return whole;
}

void blob_fetch::check_invariants() const {
  std::size_t there = 0;
  for (std::uint32_t i = 0; i < pieces_.size(); ++i) {
    there += has_piece_[i];
    std::size_t asked = 0;
    for (const auto& [node, from] : sources_)
      asked += from.in_flight.contains(i);
    // What is missing is to be asked for, or was asked of one source.
    assert(has_piece_[i] ? !open_.contains(i) : asked + open_.contains(i) == 1);
  }
  assert(there + missing_ == pieces_.size());
  for (const auto& [node, from] : sources_) {
    assert(from.in_flight.size() <= settings_.pieces_in_flight);
    assert(!excluded_.contains(node));
  }
}

} // namespace artel
