// What one hostile program does, and what must come of it.
#pragma once

#include "protocol/core/bytes.hpp"
#include "protocol/core/time.hpp"
#include "protocol/task/execution_limits.hpp"
#include "protocol/task/sandbox_terms.hpp"
#include "sandbox/executor.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace artel::hostile {

/// How a run ends; the code is an exit code or a signal's number.
struct ending {
  run_outcome outcome = run_outcome::completed;
  int code = 0;

  bool operator==(const ending&) const = default;
};

/// Output must hold the line "LABEL N", with N at most this.
struct bound {
  std::string label;
  std::uint64_t most = 0;
};

struct attack {
  std::string group;
  std::string name;
  /// A file of bin/hostile.
  std::string program;
  /// The first is the attack's name in the program. "@canary", "@tcp" and the
  /// like stand for the host's own, see host_watch.
  std::vector<std::string> arguments = {};
  ending expected = {};
  /// Whole lines that the output must hold.
  std::vector<std::string> says = {};
  std::vector<bound> bounds = {};
  /// Changes limits_for_attacks() where one of them is to be met.
  std::function<void(execution_limits&)> limits = {};
  /// Where no control group bounds memory or counts processor time.
  std::optional<ending> without_group = {};
  /// What else is wrong with the result; empty where nothing is.
  std::function<std::string(const sandbox::run_result&)> verify = {};
  /// What standard input holds.
  std::size_t input_bytes = 0;
  /// From start to end, all cleaned up.
  milliseconds ends_within{15'000};
  /// For WebAssembly: how, and the module where it is no file.
  wasm_tier tier = wasm_tier::automatic;
  std::optional<bytes> module = {};
};

/// Small, so that an attack passes them fast; time is ample, so that only those
/// attacks run out of it that should, on a busy machine too.
execution_limits limits_for_attacks();

std::vector<attack> resource_attacks();
std::vector<attack> file_attacks();
std::vector<attack> kernel_attacks();
std::vector<attack> network_attacks();
std::vector<attack> result_attacks();
std::vector<attack> wasm_attacks();

} // namespace artel::hostile
