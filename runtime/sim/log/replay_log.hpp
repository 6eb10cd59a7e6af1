// A log of a simulated world for people: one line for each payload that nodes
// send each other, for each fault, and for what nodes tell. The same world
// gives the same text.
//
//      2.340512 s  worker-3   -> alice      job_result  task 3fa81c02: ...
//      2.341007 s  alice                    verdict     task 3fa81c02: ...
//      3.000000 s  -- crash worker-3
#pragma once

#include "runtime/sim/trace.hpp"

#include <cstddef>
#include <functional>
#include <ostream>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace artel::sim {

/// A line is written where all of it says yes.
struct log_filter {
  /// Of frames either end, of all else whom it is about; what is about no node
  /// is always written. Empty: all.
  std::set<node_index> nodes;
  /// Of replay_log::known_kinds(); a line that has one of them is written.
  /// Empty: all but steps.
  std::set<std::string> kinds;
  /// Both ends included.
  microseconds from{0};
  microseconds to = microseconds::max();
};

class replay_log {
public:
  /// The stream outlives the log.
  replay_log(std::ostream& out, log_filter filter,
             std::function<std::string(node_index)> name_of);

  void on_record(microseconds when, const trace_record& record);

  /// Names of payloads ("job_assign"); "garbage", what is none; "duplicated",
  /// "lost", "blocked", "held", whatever the payload; "step"; "fault"; "event",
  /// and of these apart "plan", "receipt", "verdict", "progress", "end", "log".
  static const std::vector<std::string_view>& known_kinds();

private:
  void write(microseconds when, const step_record& step);
  void write(microseconds when, const frame_record& sent);
  void write(microseconds when, const fault_record& fault);
  void write(microseconds when, const event_record& told);
  void write_payload(microseconds when, const frame_record& sent,
                     std::string_view kind, const std::string& text);
  void write_line(microseconds when, const std::string& who,
                  std::string_view kind, const std::string& text);

  bool wants_node(node_index node) const;
  bool wants_kind(std::string_view kind) const;
  std::string name(node_index node) const;
  std::string padded_name(node_index node);
  std::string padded_names(node_index from, node_index to);

  std::ostream& out_;
  log_filter filter_;
  std::function<std::string(node_index)> name_of_;
  /// The longest name so far: columns never get narrower.
  std::size_t name_width_ = 10;
};

} // namespace artel::sim
