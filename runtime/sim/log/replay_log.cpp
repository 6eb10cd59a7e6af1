#include "runtime/sim/log/replay_log.hpp"

#include "protocol/task/message_text.hpp"
#include "protocol/wire/envelope.hpp"
#include "runtime/sim/log/payload_text.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <variant>

namespace artel::sim {

namespace {

constexpr std::size_t seconds_width = 5;
/// Most kinds; a longer one moves its own line only.
constexpr std::size_t kind_width = 14;

constexpr std::string_view garbage = "garbage";

template <std::size_t... Is>
constexpr auto payload_names(std::index_sequence<Is...>) {
  return std::array{
    std::variant_alternative_t<Is, wire::payload>::type_name...};
}

constexpr auto payload_kinds =
  payload_names(std::make_index_sequence<std::variant_size_v<wire::payload>>{});

bool is_payload_kind(std::string_view kind) {
  return std::find(payload_kinds.begin(), payload_kinds.end(), kind)
         != payload_kinds.end();
}

/// Nothing for what just goes its way.
std::string_view fate_kind(frame_fate fate) noexcept {
  switch (fate) {
    case frame_fate::sent: return {};
    case frame_fate::duplicated: return "duplicated";
    case frame_fate::lost: return "lost";
    case frame_fate::blocked: return "blocked";
    case frame_fate::held: return "held";
  }
  return {};
}

void pad(std::string& text, std::size_t width) {
  if (text.size() < width)
    text.resize(width, ' ');
}

/// "    2.340512 s": seconds of the world, to the microsecond.
std::string time_text(microseconds when) {
  auto count = when.count();
  auto seconds = std::to_string(count / 1'000'000);
  auto fraction = std::to_string(count % 1'000'000);
  std::string text;
  if (seconds.size() < seconds_width)
    text.append(seconds_width - seconds.size(), ' ');
  text.append(seconds) += '.';
  return text.append(6 - fraction.size(), '0').append(fraction) + " s";
}

} // namespace

replay_log::replay_log(std::ostream& out, log_filter filter,
                       std::function<std::string(node_index)> name_of)
  : out_(out),
    filter_(std::move(filter)),
    name_of_(std::move(name_of)) {
}

const std::vector<std::string_view>& replay_log::known_kinds() {
  static const auto kinds = [] {
    std::vector<std::string_view> all(payload_kinds.begin(),
                                      payload_kinds.end());
    for (std::string_view kind :
         {garbage, fate_kind(frame_fate::duplicated),
          fate_kind(frame_fate::lost), fate_kind(frame_fate::blocked),
          fate_kind(frame_fate::held)})
      all.push_back(kind);
    for (std::string_view kind : {"step", "fault", "event", "plan", "receipt",
                                  "verdict", "progress", "end", "log"})
      all.push_back(kind);
    return all;
  }();
  return kinds;
}

void replay_log::on_record(microseconds when, const trace_record& record) {
  if (when < filter_.from || when > filter_.to)
    return;
  std::visit([this, when](const auto& one) { write(when, one); }, record);
}

// -- what is wanted -----------------------------------------------------------

bool replay_log::wants_node(node_index node) const {
  return filter_.nodes.empty() || filter_.nodes.contains(node);
}

bool replay_log::wants_kind(std::string_view kind) const {
  if (filter_.kinds.empty())
    return kind != "step";
  return filter_.kinds.contains(std::string{kind});
}

// -- lines --------------------------------------------------------------------

std::string replay_log::name(node_index node) const {
  return node == no_node ? "world" : name_of_(node);
}

std::string replay_log::padded_name(node_index node) {
  auto text = name(node);
  name_width_ = std::max(name_width_, text.size());
  pad(text, name_width_);
  return text;
}

std::string replay_log::padded_names(node_index from, node_index to) {
  // The wider of the two sets both columns.
  padded_name(to);
  auto text = padded_name(from) + " -> ";
  return text + padded_name(to);
}

void replay_log::write_line(microseconds when, const std::string& who,
                            std::string_view kind, const std::string& text) {
  auto line = time_text(when) + "  " + who;
  // Two names and the arrow between them.
  pad(line, time_text(when).size() + 2 + 2 * name_width_ + 4);
  line += "  ";
  auto start = line.size();
  line += kind;
  if (!text.empty()) {
    pad(line, start + kind_width);
    line += "  " + text;
  }
  out_ << line << '\n';
}

void replay_log::write(microseconds when, const step_record& step) {
  if (!wants_kind("step"))
    return;
  if (step.node != no_node && !wants_node(step.node))
    return;
  auto text = std::string{step.actor_name} + ' ' + std::to_string(step.actor);
  if (!step.message.empty())
    text += " takes " + plain_type_name(step.message);
  write_line(when, padded_name(step.node), "step", text);
}

void replay_log::write(microseconds when, const frame_record& sent) {
  if (!wants_node(sent.from) && !wants_node(sent.to))
    return;
  // Decoding is what costs: not where no payload would be written.
  auto wants_fate =
    sent.fate != frame_fate::sent && wants_kind(fate_kind(sent.fate));
  if (!wants_fate && !filter_.kinds.empty()
      && std::none_of(filter_.kinds.begin(), filter_.kinds.end(),
                      [](const std::string& kind) {
                        return kind == garbage || is_payload_kind(kind);
                      }))
    return;
  auto envelopes = wire::decode_frame(sent.frame);
  if (!envelopes || envelopes->empty()) {
    if (wants_fate || wants_kind(garbage))
      write_payload(when, sent, garbage, byte_count_text(sent.frame.size()));
    return;
  }
  for (const auto& item : *envelopes) {
    auto payload = wire::decode_payload(item);
    auto kind = payload ? wire::type_of(*payload) : garbage;
    if (wants_fate || wants_kind(kind))
      write_payload(when, sent, kind,
                    payload ? payload_text(*payload)
                            : byte_count_text(item.payload.size()) + " as "
                                + quoted(item.type));
  }
}

void replay_log::write_payload(microseconds when, const frame_record& sent,
                               std::string_view kind, const std::string& text) {
  auto fate = fate_kind(sent.fate);
  write_line(when, padded_names(sent.from, sent.to), kind,
             fate.empty() ? text : text + "  " + std::string{fate});
}

void replay_log::write(microseconds when, const fault_record& fault) {
  if (!wants_kind("fault"))
    return;
  if (fault.node != no_node && !wants_node(fault.node))
    return;
  auto line = time_text(when) + "  -- ";
  line += to_string(fault.kind);
  if (fault.node != no_node)
    line += ' ' + name(fault.node);
  if (!fault.text.empty())
    line += ": " + fault.text;
  out_ << line << '\n';
}

void replay_log::write(microseconds when, const event_record& told) {
  if (!told.what || (told.node != no_node && !wants_node(told.node)))
    return;
  auto kind = event_kind(*told.what);
  if (wants_kind("event") || wants_kind(kind))
    write_line(when, padded_name(told.node), kind, event_text(*told.what));
}

} // namespace artel::sim
