#include "protocol/overlay/lan_announcement.hpp"

#include "protocol/identity/hash.hpp"
#include "protocol/task/message_text.hpp"
#include "protocol/wire/codec.hpp"
#include "protocol/wire/envelope.hpp"

#include <algorithm>
#include <cassert>

namespace artel {

hash256 announcement_digest(const lan_announcement& item) {
  auto bare = item;
  bare.node_signature = {};
  return hash_of("artel.lan-announcement.v1", wire::encode(bare));
}

void sign_announcement(lan_announcement& item, const key_pair& node) {
  item.node = node.node();
  item.node_signature = node.sign(announcement_digest(item).view());
}

result<void> announcement_filter::admit(const lan_announcement& item,
                                        wall_time now) {
  auto from = "the announcement of node " + short_name(item.node);
  if (item.network != network_)
    return {errc::network_mismatch, from + " is for network "
                                      + quoted(item.network) + ", not "
                                      + quoted(network_)};
  if (item.node == self_)
    return {errc::refused, from + " is our own"};
  if (item.port == 0)
    return {errc::out_of_range, from + " names port 0; expected 1 to 65535"};
  if (item.sent > now + wire::clock_error_max
      || item.sent < now - wire::clock_error_max)
    return {errc::out_of_range,
            from + " was sent more than " + duration_text(wire::clock_error_max)
              + " from now; is a clock wrong, here or there?"};
  auto known = seen_.find(item.node);
  if (known != seen_.end() && item.sequence <= known->second.sequence)
    return {errc::replayed,
            from + " has sequence " + std::to_string(item.sequence) + "; "
              + std::to_string(known->second.sequence) + " was seen"};
  if (!verify(item.node, announcement_digest(item).view(), item.node_signature))
    return {errc::bad_signature, from + " is not signed by it"};
  if (known == seen_.end()) {
    if (seen_.size() >= nodes_max_)
      make_room(now);
    known = seen_.try_emplace(item.node).first;
  }
  known->second = {item.sequence, std::max(item.sent, known->second.sent)};
  return {};
}

/// Drops all that would be refused for their age, or else the oldest: what is
/// repeated of that one does no more than it did.
void announcement_filter::make_room(wall_time now) {
  std::erase_if(seen_, [now](const auto& one) {
    return one.second.sent < now - wire::clock_error_max;
  });
  if (seen_.size() < nodes_max_)
    return;
  seen_.erase(std::min_element(seen_.begin(), seen_.end(),
                               [](const auto& a, const auto& b) {
                                 return a.second.sent < b.second.sent;
                               }));
}

void announcement_filter::check_invariants() const {
  assert(seen_.size() <= nodes_max_);
  assert(!seen_.contains(self_));
}

} // namespace artel
