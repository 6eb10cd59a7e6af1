#include "actors/blob_fetches.hpp"

#include <algorithm>
#include <utility>

namespace artel {

namespace {

/// So much of the room is for one requester, so that others find some.
constexpr std::uint64_t shares = 4;

} // namespace

bool blob_fetches::has_room(const blob_ref& blob,
                            const node_id& requester) const {
  auto used = bytes_of_.find(requester);
  auto own = used == bytes_of_.end() ? 0 : used->second;
  // One at least, however large: else it would never come.
  auto is_alone = bytes_in_use() == 0;
  auto fits = bytes_in_use() + blob.size_bytes <= bytes_max_;
  auto is_first = own == 0;
  return is_alone
         || (fits
             && (is_first || own + blob.size_bytes <= bytes_max_ / shares));
}

void blob_fetches::want(const blob_ref& blob, const node_id& requester,
                        const std::vector<node_id>& sources, instant now) {
  if (blob.size_bytes > blob_bytes_max_) {
    ended_.push_back(
      {blob,
       failure{errc::limit_exceeded,
               std::to_string(blob.size_bytes) + " bytes; at most "
                 + std::to_string(blob_bytes_max_) + " are allowed"},
       {}});
    return;
  }
  auto [place, fresh] = fetches_.try_emplace(blob);
  auto& one = place->second;
  blob_outbox out;
  for (const auto& source : sources) {
    if (std::find(one.sources.begin(), one.sources.end(), source)
        != one.sources.end())
      continue;
    one.sources.push_back(source);
    if (one.fetch)
      one.fetch->add_source(source, now, out);
  }
  collect(blob, out);
  if (!fresh)
    return;
  one.requester = requester;
  waiting_.push_back(blob);
  begin_waiting(now);
}

void blob_fetches::begin_waiting(instant now) {
  for (auto it = waiting_.begin(); it != waiting_.end();) {
    auto found = fetches_.find(*it);
    // It may have been given up, and wanted and begun again meanwhile.
    if (found != fetches_.end() && !found->second.fetch) {
      if (!has_room(found->first, found->second.requester)) {
        ++it;
        continue;
      }
      begin(found->first, found->second, now);
    }
    it = waiting_.erase(it);
  }
}

void blob_fetches::begin(const blob_ref& blob, entry& one, instant now) {
  auto fetch = blob_fetch::begin(blob, blob_bytes_max_, {}, now);
  // Its size was looked at when it was wanted.
  if (!fetch)
    return;
  one.fetch = std::move(*fetch);
  bytes_under_way_ += blob.size_bytes;
  bytes_of_[one.requester] += blob.size_bytes;
  blob_outbox out;
  for (const auto& source : one.sources)
    one.fetch->add_source(source, now, out);
  collect(blob, out);
}

void blob_fetches::collect(const blob_ref& blob, blob_outbox& out) {
  for (auto& one : out.requests)
    requests_.push_back({one.source, {blob.id, std::move(one.pieces)}});
  misbehaved_.insert(misbehaved_.end(), out.misbehaved.begin(),
                     out.misbehaved.end());
}

void blob_fetches::erase(std::map<blob_ref, entry>::iterator one) {
  if (one->second.fetch) {
    bytes_under_way_ -= one->first.size_bytes;
    auto share = bytes_of_.find(one->second.requester);
    share->second -= one->first.size_bytes;
    if (share->second == 0)
      bytes_of_.erase(share);
  }
  fetches_.erase(one);
}

void blob_fetches::end_finished(instant now) {
  auto any = false;
  for (auto it = fetches_.begin(); it != fetches_.end();) {
    auto here = it++;
    auto& fetch = here->second.fetch;
    if (!fetch || (!fetch->is_complete() && !fetch->problem()))
      continue;
    any = true;
    if (fetch->is_complete())
      ended_.push_back({here->first, std::nullopt, fetch->take()});
    else
      ended_.push_back({here->first, fetch->problem(), {}});
    erase(here);
  }
  if (any)
    begin_waiting(now);
}

void blob_fetches::set_kept(std::uint64_t size_bytes, instant now) {
  auto is_less = size_bytes < bytes_kept_;
  bytes_kept_ = size_bytes;
  if (is_less)
    begin_waiting(now);
}

void blob_fetches::on_piece(const node_id& from, const wire::blob_piece& piece,
                            instant now) {
  // All that have this id: they differ in what sizes they were said to have.
  auto found = fetches_.lower_bound({piece.blob, 0});
  for (; found != fetches_.end() && found->first.id == piece.blob; ++found) {
    if (!found->second.fetch)
      continue;
    blob_outbox out;
    found->second.fetch->on_piece(from, piece, now, out);
    collect(found->first, out);
  }
  end_finished(now);
}

void blob_fetches::on_link_gone(const node_id& node, instant now) {
  for (auto& [blob, one] : fetches_) {
    std::erase(one.sources, node);
    if (!one.fetch)
      continue;
    blob_outbox out;
    one.fetch->drop_source(node, now, out);
    collect(blob, out);
  }
}

void blob_fetches::on_tick(instant now) {
  for (auto& [blob, one] : fetches_) {
    if (!one.fetch)
      continue;
    blob_outbox out;
    one.fetch->on_tick(now, out);
    collect(blob, out);
  }
  end_finished(now);
}

void blob_fetches::rest_unneeded(
  const std::function<bool(const blob_ref&)>& is_needed, instant now) {
  for (auto it = fetches_.begin(); it != fetches_.end();) {
    auto here = it++;
    auto& one = here->second;
    if (is_needed(here->first))
      continue;
    if (!one.fetch) {
      erase(here);
      continue;
    }
    blob_outbox nothing;
    // Without sources it ends by itself, unless new ones come.
    for (const auto& source : std::exchange(one.sources, {}))
      one.fetch->drop_source(source, now, nothing);
  }
}

} // namespace artel
