// One owner's private opinion of those it worked with (Q1), from outcomes that
// it saw itself. Integer arithmetic: the same outcomes give the same score.
//
//   score = 0.3 success + 0.25 quality + 0.2 consistency + 0.25 cooperation
//
// Each part x starts at 0.5 and is moved by those outcomes that tell about it:
//
//   good: x += 1.2 rate (1 - x)        bad: x -= 1.5 rate x
//
//   outcome    rate  success  quality  consistency  cooperation
//   verified   0.02  good     good     good         good
//   dissented  0.05  bad      bad      bad
//   failed     0.02  bad
//   lost       0.02  bad                            bad
//   refused    0.02                                 bad
//
// One wrong answer tells more than one right one, so its rate is higher: ten
// verified answers make a newcomer good, four wrong ones make it poor. Failing
// is not lying: a crash may be the program's own doing and lowers success
// alone.
//
// The distance of each part from 0.5 fades by 0.01 a whole day, counted from
// the owner's first outcome, whenever and however often anybody asks. All steps
// are rounded toward zero, in parts per million. Not thread-safe.
#pragma once

#include "protocol/core/ids.hpp"
#include "protocol/core/time.hpp"
#include "protocol/core/units.hpp"
#include "protocol/reputation/reputation_level.hpp"

#include <cstdint>
#include <map>
#include <vector>

namespace artel {

enum class outcome_kind : std::uint8_t {
  /// The answer agreed with the verdict.
  verified = 1,
  /// The answer differed from the verdict.
  dissented = 2,
  /// The run failed (crash, limit) though others' succeeded or may.
  failed = 3,
  /// No answer in time, or the link died.
  lost = 4,
  /// The job was refused after a bid had been given.
  refused = 5,
};

class reputation_book {
public:
  struct entry {
    owner_id owner;
    ppm success{500'000};
    ppm quality{500'000};
    ppm consistency{500'000};
    ppm cooperation{500'000};
    std::uint64_t outcomes = 0;
    /// The parts are faded up to this moment: whole days after the first
    /// outcome, less than one before the latest.
    wall_time updated{};
  };

  /// A clock that went backwards fades nothing.
  void record(const owner_id& who, outcome_kind outcome, wall_time now);

  /// 0.5 for strangers.
  ppm score(const owner_id& who, wall_time now) const;

  /// Whether there was any outcome.
  bool knows(const owner_id& who) const { return entries_.contains(who); }

  reputation_level level(const owner_id& who, wall_time now) const;

  /// In the order of owner ids; each faded up to its `updated`.
  std::vector<entry> entries() const;

  void check_invariants() const;

private:
  std::map<owner_id, entry> entries_;
};

} // namespace artel
