// Tells by trying what isolates programs on this machine: one real run of a
// script that says what it sees and can do, compared with what holds outside.
#pragma once

#include "sandbox/local_executor.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace artel::sandbox {

enum class layer_state : std::uint8_t {
  active = 1,
  /// There, but it does less than it could.
  weaker = 2,
  absent = 3,
};

std::string_view to_string(layer_state state) noexcept;

struct layer_report {
  /// "system call filter"
  std::string name;
  layer_state state = layer_state::absent;
  /// Whether full isolation needs it.
  bool required = false;
  /// What was found: "seccomp mode 2", or why there is none.
  std::string found;
  /// What to do about it; empty where there is nothing.
  std::string advice;
};

/// Sets up what the executor can run and runs the script in it: takes a
/// second. Never fails: what can't be found out is absent.
std::vector<layer_report> check_layers(local_executor& executor);

enum class isolation_verdict : std::uint8_t {
  /// All that is required is active.
  full = 1,
  reduced = 2,
  /// Programs can't be run at all.
  none = 3,
};

std::string_view to_string(isolation_verdict verdict) noexcept;

isolation_verdict verdict_of(const std::vector<layer_report>& layers);

/// "full isolation", "reduced isolation: no ...", "no sandbox: ...".
std::string verdict_text(const std::vector<layer_report>& layers);

/// What isolates a run of that kind here, in one line: "full: ...". Tries
/// nothing.
std::string isolation_text(local_executor& executor, isolation_level level,
                           sandbox_kind kind);

/// How the memory of a run is bound and measured: "by its control group".
std::string memory_watch_text(local_executor& executor);

/// What the script says, and the same about this process: names and values,
/// such as "ns/pid" and "pid:[4026531836]".
using probe_facts = std::map<std::string, std::string>;

/// From lines "name value"; of several with the same name the last. Pure.
probe_facts parse_facts(std::string_view text);

/// The layers that a look from inside tells about. Pure.
std::vector<layer_report> judge(const probe_facts& outside,
                                const probe_facts& inside);

} // namespace artel::sandbox
