// All that happens in a simulated world, in order: one number over it (equal
// numbers: equal runs), and whoever listens.
#pragma once

#include "actors/events.hpp"
#include "protocol/core/bytes.hpp"
#include "protocol/core/time.hpp"
#include "runtime/sim/stage.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace artel::sim {

/// What the calendar shows when a world begins: 2025-01-01 00:00 UTC.
inline constexpr wall_time world_epoch{std::chrono::seconds{1'735'689'600}};

/// An actor took a message.
struct step_record {
  node_index node = no_node;
  std::uint64_t actor = 0;
  std::string_view actor_name;
  /// The message's type as the compiler names it; empty for CAF's own.
  std::string_view message;
};

enum class frame_fate : std::uint8_t {
  /// On its way; arrives after `delay`.
  sent = 1,
  /// A second copy of a frame that was sent.
  duplicated,
  lost,
  /// A partition lies between.
  blocked,
  /// Waits until its path is no longer clogged.
  held,
};

struct frame_record {
  node_index from = no_node;
  node_index to = no_node;
  frame_fate fate = frame_fate::sent;
  microseconds delay{0};
  /// One whole frame; only valid during the call.
  bytes_view frame;
};

enum class fault_kind : std::uint8_t {
  crash = 1,
  power_loss,
  restart,
  pause,
  resume,
  partition,
  heal,
  link_change,
  link_break,
  clog,
  behaviour,
  join,
};

std::string_view to_string(fault_kind kind) noexcept;

/// Something done to the world from outside.
struct fault_record {
  fault_kind kind{};
  /// The node it is about, if one.
  node_index node = no_node;
  /// In words: "worker-2, worker-4 | all others".
  std::string text;
};

/// What a node told an observer; `task` is the number of the task in the world,
/// -1 for log lines.
struct event_record {
  node_index node = no_node;
  std::int64_t task = -1;
  /// Only valid during the call.
  const event* what = nullptr;
};

using trace_record =
  std::variant<step_record, frame_record, fault_record, event_record>;

class trace {
public:
  /// `when`: since the world began.
  using listener =
    std::function<void(microseconds when, const trace_record& record)>;

  void add(microseconds when, const trace_record& record);
  void listen(listener who) { listeners_.push_back(std::move(who)); }

  /// Over all records so far: the same on every compiler and build.
  std::uint64_t hash() const noexcept { return hash_; }

  std::uint64_t count(fault_kind kind) const noexcept {
    return faults_[static_cast<std::size_t>(kind)];
  }
  std::uint64_t count(frame_fate fate) const noexcept {
    return frames_[static_cast<std::size_t>(fate)];
  }

private:
  std::uint64_t hash_ = 0;
  std::vector<listener> listeners_;
  std::uint64_t faults_[16] = {};
  std::uint64_t frames_[8] = {};
};

/// 16 hexadecimal digits.
std::string hash_text(std::uint64_t hash);

} // namespace artel::sim
