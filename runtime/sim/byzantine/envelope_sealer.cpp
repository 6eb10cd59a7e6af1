#include "runtime/sim/byzantine/envelope_sealer.hpp"

#include <utility>

namespace artel::sim {

namespace {

std::size_t lane_of(const wire::envelope& item) {
  return static_cast<std::size_t>(item.priority) - 1;
}

} // namespace

envelope_sealer::envelope_sealer(environment_ptr environment)
  : environment_(std::move(environment)) {
}

bool envelope_sealer::pass(node_index to, wire::envelope& item) {
  auto& known = recipients_[to];
  if (!item.recipient.is_zero())
    known.id = item.recipient;
  auto& last = known.sequences[lane_of(item)];
  // A new link counts from 1 again, on both sides: nothing is taken there.
  if (item.sequence == 1 && !known.is_renumbered)
    last = 0;
  auto is_taken = item.sequence <= last;
  if (is_taken) {
    item.sequence = last + 1;
    known.is_renumbered = true;
    // Greetings are signed, with their number.
    if (!item.sender_signature.is_zero())
      item.sender_signature =
        environment_->key->sign(wire::envelope_digest(item).view());
  }
  last = item.sequence;
  return is_taken;
}

std::optional<wire::envelope> envelope_sealer::seal(node_index to,
                                                    const wire::payload& item) {
  auto found = recipients_.find(to);
  if (found == recipients_.end() || found->second.id.is_zero())
    return std::nullopt;
  auto& known = found->second;
  wire::envelope made;
  made.network = environment_->network;
  made.type = wire::type_of(item);
  made.sender = environment_->id();
  made.recipient = known.id;
  made.priority = wire::class_of(item);
  made.sequence = ++known.sequences[lane_of(made)];
  made.sent = environment_->wall_clock(now_);
  made.payload = wire::encode_payload(item);
  known.is_renumbered = true;
  return made;
}

bool envelope_sealer::has_renumbered(node_index to) const {
  auto found = recipients_.find(to);
  return found != recipients_.end() && found->second.is_renumbered;
}

} // namespace artel::sim
