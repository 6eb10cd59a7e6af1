// Verification by agreement (V2): enough distinct owners give the same output
// hash. A pure function over the answers so far.
//
//   undecided --(a group of equal answers has the share)--> accepted
//   undecided --(no group could have it by replicas_max)--> rejected
//
// A verdict stands: answers that come after the one that decided change
// nothing, so it doesn't matter how many arrive between two looks.
#pragma once

#include "protocol/core/ids.hpp"
#include "protocol/task/task_spec.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace artel {

struct replica_answer {
  std::uint32_t attempt = 0;
  owner_id owner;
  hash256 output;
};

struct majority_verdict {
  enum class kind : std::uint8_t {
    /// `missing` more answers are needed.
    undecided = 1,
    accepted = 2,
    /// No answer can reach agreement within replicas_max.
    rejected = 3,
  };

  kind status = kind::undecided;
  /// Answers still to be had before the next look, counted beyond those given.
  std::uint32_t missing = 0;
  /// Accepted: the output, and the attempts that gave it or another, in order
  /// of arrival. Zero and empty otherwise: without a verdict nobody is paid,
  /// and nobody is blamed.
  hash256 output;
  std::vector<std::uint32_t> agreeing;
  std::vector<std::uint32_t> dissenting;
};

/// Whether a policy can be judged by: 1..limits::replicas_max replicas, and an
/// agreement above one half, so that two groups never both have it, up to 1.
bool is_sound(const verification_policy& policy) noexcept;

/// Judges the answers: at least `replicas` of them, and the largest group of
/// equal outputs at least `agreement` of all. With fewer agreeing, one answer
/// after the other is asked for, up to replicas_max; rejected as soon as no
/// group could win by then, be it before `replicas` are there. Two answers of
/// one owner count once (the first). `answers` are in order of arrival; the
/// policy is sound. O(n^2) comparisons, n at most limits::replicas_max.
majority_verdict judge(const verification_policy& policy,
                       std::span<const replica_answer> answers);

/// The most replicas of one job that can be paid, by a sound policy: how much a
/// hold must cover.
/// Fewer than replicas_max, as verdicts come as soon as they can: by the
/// default policy (3 to 7 answers, 66 %) it is 4. With 2 equal ones of 3
/// accepted, and 3 of 4, the largest group that can still win late is 4 of 6.
std::uint32_t paid_replicas_max(const verification_policy& policy) noexcept;

} // namespace artel
