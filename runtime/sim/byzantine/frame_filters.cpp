// What a dishonest node does to its frames.
#include "protocol/core/limits.hpp"
#include "runtime/sim/byzantine/behaviour.hpp"
#include "runtime/sim/byzantine/envelope_sealer.hpp"
#include "runtime/sim/byzantine/forgery.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <utility>

namespace artel::sim {

namespace {

/// All bounded: a filter lives as long as its node.
constexpr std::size_t frames_remembered = 16;
constexpr std::size_t frame_remembered_bytes = 64u << 10;
constexpr std::size_t attempts_remembered = 32;

constexpr std::uint32_t ticks_per_second = 10;
constexpr std::uint32_t handshake_ticks = 5;

/// Of all results.
constexpr std::int32_t tampered_ppm = 250'000;
/// Of all ticks of a link.
constexpr std::int32_t replay_ppm = 250'000;
constexpr std::int32_t forgery_ppm = 200'000;

/// Of so many frames of a flood one is garbage, which ends the link, some are
/// dropped alone, half are pings and the rest asks for bids.
constexpr std::uint64_t flood_kinds = 1'024;
constexpr std::uint64_t garbage_below = 1;
constexpr std::uint64_t spoilt_below = 32;
constexpr std::uint64_t ping_below = 512;

class dishonest_filter final : public frame_filter {
public:
  dishonest_filter(const behaviour& how, environment_ptr environment,
                   const random_generator::seed_type& seed)
    : how_(how),
      environment_(std::move(environment)),
      sealer_(environment_),
      random_(seed) {}

  void on_clock(instant now) override { sealer_.set_time(now); }

  std::vector<bytes> on_send(node_index to, bytes frame) override;
  std::vector<bytes> on_tick(node_index to) override;

  bool has_renumbered(node_index to) const override {
    return sealer_.has_renumbered(to);
  }

private:
  /// What was seen of one link.
  struct memory {
    std::deque<bytes> frames;
    /// Adds nothing for so long: a handshake comes first, or nobody listens.
    std::uint32_t quiet_ticks = handshake_ticks;
    /// Frames owed, times ticks a second.
    std::uint32_t flood_due = 0;
  };

  bool rewrites() const {
    return how_.answers_twice || how_.forges || how_.floods_per_second > 0;
  }
  void remember(memory& known, const bytes& frame);
  void remember(const wire::attempt_ref& attempt);
  bool look_at(memory& known, wire::envelope& item,
               std::vector<wire::payload>& extra);
  bool look_at(wire::job_result& message, std::vector<wire::payload>& extra);
  void add_sealed(node_index to, const wire::payload& item,
                  std::vector<bytes>& out);
  wire::attempt_ref guess_attempt();
  bytes flood_frame(node_index to);
  wire::envelope any_envelope(node_index to);

  behaviour how_;
  environment_ptr environment_;
  envelope_sealer sealer_;
  random_generator random_;
  std::map<node_index, memory> links_;
  /// What the node was asked to do, on any link.
  std::deque<wire::attempt_ref> attempts_;
  std::optional<receipt> last_receipt_;
};

// -- what the node sends ------------------------------------------------------

void dishonest_filter::remember(memory& known, const bytes& frame) {
  if (!how_.replays || frame.size() > frame_remembered_bytes)
    return;
  known.frames.push_back(frame);
  if (known.frames.size() > frames_remembered)
    known.frames.pop_front();
}

void dishonest_filter::remember(const wire::attempt_ref& attempt) {
  attempts_.push_back(attempt);
  if (attempts_.size() > attempts_remembered)
    attempts_.pop_front();
}

/// Whether the message was changed.
bool dishonest_filter::look_at(wire::job_result& message,
                               std::vector<wire::payload>& extra) {
  for (const auto& entry : message.entries)
    remember({entry.body.task, entry.body.job, entry.body.attempt});
  if (!message.entries.empty())
    last_receipt_ = message.entries.back().body;
  if (how_.answers_twice)
    extra.emplace_back(second_answer(message, *environment_));
  if (!how_.forges || !random_.chance(tampered_ppm))
    return false;
  tamper_with(message, random_);
  return true;
}

/// Whether the envelope was changed.
bool dishonest_filter::look_at(memory& known, wire::envelope& item,
                               std::vector<wire::payload>& extra) {
  if (item.type == wire::handshake::type_name)
    known.quiet_ticks = handshake_ticks;
  if (item.type != wire::job_result::type_name
      && item.type != wire::job_ack::type_name)
    return false;
  auto payload = wire::decode_payload(item);
  if (!payload)
    return false;
  if (const auto* ack = std::get_if<wire::job_ack>(&*payload))
    for (const auto& attempt : ack->attempts)
      remember(attempt);
  auto* results = std::get_if<wire::job_result>(&*payload);
  if (results == nullptr || !look_at(*results, extra))
    return false;
  item.payload = wire::encode_payload(*payload);
  return true;
}

std::vector<bytes> dishonest_filter::on_send(node_index to, bytes frame) {
  auto& known = links_[to];
  std::vector<bytes> out;
  std::vector<wire::payload> extra;
  if (rewrites())
    if (auto items = wire::decode_frame(frame)) {
      auto is_changed = false;
      for (auto& item : *items) {
        auto has_new_payload = look_at(known, item, extra);
        auto has_new_number = sealer_.pass(to, item);
        is_changed = is_changed || has_new_payload || has_new_number;
      }
      if (is_changed)
        frame = wire::encode_frame(*items);
    }
  remember(known, frame);
  out.push_back(std::move(frame));
  for (const auto& one : extra)
    add_sealed(to, one, out);
  return out;
}

void dishonest_filter::add_sealed(node_index to, const wire::payload& item,
                                  std::vector<bytes>& out) {
  if (auto sealed = sealer_.seal(to, item))
    out.push_back(wire::encode_frame({&*sealed, 1}));
}

// -- what it adds -------------------------------------------------------------

wire::attempt_ref dishonest_filter::guess_attempt() {
  wire::attempt_ref attempt;
  if (attempts_.empty()) {
    attempt.task = random_.id<task_id>();
  } else {
    attempt = attempts_[random_.below(attempts_.size())];
    attempt.job += random_.below(4);
  }
  attempt.attempt = 1 + static_cast<std::uint32_t>(random_.below(3));
  return attempt;
}

/// Sound where the recipient is known.
wire::envelope dishonest_filter::any_envelope(node_index to) {
  wire::payload ping = wire::ping{random_.next()};
  if (auto sealed = sealer_.seal(to, ping))
    return *std::move(sealed);
  wire::envelope item;
  item.network = environment_->network;
  item.type = wire::type_of(ping);
  item.sender = environment_->id();
  item.sequence = 1;
  item.payload = wire::encode_payload(ping);
  return item;
}

bytes dishonest_filter::flood_frame(node_index to) {
  auto kind = random_.below(flood_kinds);
  if (kind >= ping_below) {
    auto task =
      random_.below(4) == 0 ? guess_attempt().task : random_.id<task_id>();
    auto request = odd_bid_request(task, *environment_, random_);
    if (auto sealed = sealer_.seal(to, request))
      return wire::encode_frame({&*sealed, 1});
  }
  auto item = any_envelope(to);
  if (kind < garbage_below)
    return garbage_frame(std::move(item), random_);
  if (kind < spoilt_below)
    spoil(item, random_);
  return wire::encode_frame({&item, 1});
}

std::vector<bytes> dishonest_filter::on_tick(node_index to) {
  auto& known = links_[to];
  std::vector<bytes> out;
  if (known.quiet_ticks > 0) {
    --known.quiet_ticks;
    return out;
  }
  if (how_.replays && !known.frames.empty() && random_.chance(replay_ppm))
    out.push_back(known.frames[random_.below(known.frames.size())]);
  if (how_.forges && random_.chance(forgery_ppm)) {
    auto attempt = guess_attempt();
    add_sealed(
      to, forged_result(attempt, last_receipt_, *environment_, random_), out);
  }
  known.flood_due += how_.floods_per_second;
  for (; known.flood_due >= ticks_per_second;
       known.flood_due -= ticks_per_second)
    out.push_back(flood_frame(to));
  return out;
}

} // namespace

std::unique_ptr<frame_filter> make_filter(const behaviour& how,
                                          const environment_ptr& environment,
                                          random_generator::seed_type seed) {
  if (!how.needs_filter())
    return nullptr;
  return std::make_unique<dishonest_filter>(how, environment, seed);
}

} // namespace artel::sim
