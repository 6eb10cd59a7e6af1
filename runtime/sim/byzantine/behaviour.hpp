// How a node departs from the protocol: wrappers around an honest node, between
// its worker and its executors and between it and its links. No production
// actor knows of them.
#pragma once

#include "actors/environment.hpp"
#include "protocol/core/random.hpp"
#include "protocol/core/result.hpp"
#include "protocol/core/units.hpp"
#include "runtime/sim/network/network.hpp"
#include "sandbox/executor.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace artel::sim {

enum class lie_kind : std::uint8_t {
  never = 1,
  /// Wrong answers, another one each liar.
  always,
  /// With probability lie_rate, drawn a job.
  sometimes,
  /// All liars of one ring give the same wrong answer.
  colluding,
};

struct behaviour {
  lie_kind lies = lie_kind::never;
  ppm lie_rate{500'000};
  /// Which liars collude.
  std::uint32_t ring = 0;
  /// Takes jobs and never answers them.
  bool silent = false;
  /// Thousandths: 4000 takes four times as long as it should.
  std::uint32_t slowness_permille = 1'000;
  /// Share of runs that end with exit code 1.
  ppm crash_rate{0};
  /// Sends a second, different result for each attempt, signed as the first.
  bool answers_twice = false;
  /// Sends old frames again, as they were.
  bool replays = false;
  /// Changes receipts after they were signed, and sends results in the name of
  /// attempts that are not its own.
  bool forges = false;
  /// Frames of garbage, pings and bid requests a second, on each link.
  std::uint32_t floods_per_second = 0;

  bool operator==(const behaviour&) const = default;

  bool is_honest() const { return *this == behaviour{}; }
  bool needs_filter() const {
    return answers_twice || replays || forges || floods_per_second > 0;
  }
};

/// One trait as scripts write it: ("lies", "always|never|colluding|30%"),
/// ("silent", "yes|no"), ("slow", "4x"), ("crashes", "20%"),
/// ("answers-twice", "yes|no"), ("replays", ...), ("forges", ...),
/// ("floods", "100/s"). Unknown names and values: invalid_argument, which lists
/// what is possible.
result<void> set_trait(behaviour& target, std::string_view name,
                       std::string_view value);

/// The names that set_trait() knows.
const std::vector<std::string_view>& trait_names();

/// "lies always, slow 4x"; "honest" where it is.
std::string to_string(const behaviour& how);

/// What the node answers in place of the honest result. `liar` tells liars of
/// no ring apart.
sandbox::run_result misbehave(const behaviour& how, node_index liar,
                              const sandbox::run_request& request,
                              sandbox::run_result honest,
                              random_generator& random);

/// Null where nothing of it concerns frames.
std::unique_ptr<frame_filter> make_filter(const behaviour& how,
                                          const environment_ptr& environment,
                                          random_generator::seed_type seed);

} // namespace artel::sim
