// One owner's private opinion of those it worked with (Q1), from outcomes that
// it saw itself. Integer arithmetic: the same outcomes give the same score.
//
//   score = 0.3 success + 0.25 quality + 0.2 consistency + 0.25 cooperation
//
// Each part starts at 0.5 and moves toward 1 on good and toward 0 on bad
// outcomes; a bad one weighs 1.5, a good one 1.2. Untouched, a score fades
// toward 0.5 at 0.01 a day.
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
    wall_time updated{};
  };

  void record(const owner_id& who, outcome_kind outcome, wall_time now);

  /// 0.5 for strangers.
  ppm score(const owner_id& who, wall_time now) const;

  reputation_level level(const owner_id& who, wall_time now) const;

  /// In the order of owner ids.
  std::vector<entry> entries() const;

  void check_invariants() const;

private:
  std::map<owner_id, entry> entries_;
};

} // namespace artel
