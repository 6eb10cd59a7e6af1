// Verification by agreement (V2): enough distinct owners give the same output
// hash. A pure function over the answers so far.
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
  hash256 output;
  std::vector<std::uint32_t> agreeing;
  std::vector<std::uint32_t> dissenting;
};

/// Judges the answers: at least `replicas` of them, and the largest group of
/// equal outputs at least `agreement` of all. With fewer agreeing, one answer
/// after the other is asked for, up to replicas_max; rejected as soon as no
/// group could win by then. Two answers of one owner count once (the first).
/// `answers` are in order of arrival. O(n log n).
majority_verdict judge(const verification_policy& policy,
                       std::span<const replica_answer> answers);

/// The most replicas of one job that can be paid: how much a hold must cover.
std::uint32_t paid_replicas_max(const verification_policy& policy) noexcept;

} // namespace artel
