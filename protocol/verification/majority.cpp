#include "protocol/verification/majority.hpp"

#include "protocol/core/limits.hpp"

#include <algorithm>
#include <cassert>

namespace artel {

namespace {

/// Whether `count` equal answers of `answers` are the share that must agree.
bool agrees(const verification_policy& policy, std::uint64_t count,
            std::uint64_t answers) noexcept {
  return count * ppm_one
         >= static_cast<std::uint64_t>(policy.agreement.value) * answers;
}

std::uint32_t answers_max(const verification_policy& policy) noexcept {
  return std::max(policy.replicas, policy.replicas_max);
}

/// Answers counted one by one, in groups of equal outputs.
class ballot {
public:
  explicit ballot(const verification_policy& policy) : policy_(policy) {}

  std::uint32_t counted() const noexcept {
    return static_cast<std::uint32_t>(counted_.size());
  }

  bool has_answer_of(const owner_id& owner) const noexcept {
    return std::any_of(counted_.begin(), counted_.end(),
                       [&](const auto* one) { return one->owner == owner; });
  }

  void count(const replica_answer& answer) {
    counted_.push_back(&answer);
    auto at =
      std::find_if(groups_.begin(), groups_.end(), [&](const auto& one) {
        return one.output == answer.output;
      });
    if (at == groups_.end())
      at = groups_.insert(groups_.end(), {answer.output, 0});
    if (++at->size > largest_) {
      largest_ = at->size;
      leader_ = answer.output;
    }
  }

  bool accepted() const noexcept {
    return counted() >= policy_.replicas
           && agrees(policy_, largest_, counted());
  }

  /// The largest group gains most if every answer to come is its own; if that
  /// is not enough by the last one, nothing is.
  bool rejected() const noexcept {
    auto last = std::max(answers_max(policy_), counted());
    return !agrees(policy_, largest_ + (last - counted()), last);
  }

  majority_verdict accept() const {
    majority_verdict verdict;
    verdict.status = majority_verdict::kind::accepted;
    verdict.output = leader_;
    for (const auto* one : counted_) {
      auto& side =
        one->output == leader_ ? verdict.agreeing : verdict.dissenting;
      side.push_back(one->attempt);
    }
    return verdict;
  }

private:
  struct group {
    hash256 output;
    std::uint32_t size = 0;
  };

  const verification_policy& policy_;
  std::vector<const replica_answer*> counted_;
  std::vector<group> groups_;
  std::uint32_t largest_ = 0;
  hash256 leader_;
};

} // namespace

bool is_sound(const verification_policy& policy) noexcept {
  return policy.replicas > 0 && answers_max(policy) <= limits::replicas_max
         && policy.agreement.value > ppm_one / 2
         && policy.agreement.value <= ppm_one;
}

majority_verdict judge(const verification_policy& policy,
                       std::span<const replica_answer> answers) {
  assert(is_sound(policy));
  ballot votes{policy};
  for (const auto& answer : answers) {
    if (votes.has_answer_of(answer.owner))
      continue;
    votes.count(answer);
    if (votes.accepted())
      return votes.accept();
    if (votes.rejected())
      return {.status = majority_verdict::kind::rejected};
  }
  majority_verdict verdict;
  verdict.missing =
    votes.counted() < policy.replicas ? policy.replicas - votes.counted() : 1;
  return verdict;
}

std::uint32_t paid_replicas_max(const verification_policy& policy) noexcept {
  assert(is_sound(policy));
  // At the first look all may agree. Later an accepted group is one larger than
  // the largest that was short of agreement before.
  auto largest_undecided = [&](std::uint32_t answers) {
    auto count = answers;
    while (count > 0 && agrees(policy, count, answers))
      --count;
    return count;
  };
  auto most = policy.replicas;
  auto undecided = largest_undecided(policy.replicas);
  // Zero: every first look decides.
  for (auto n = policy.replicas + 1; undecided > 0 && n <= answers_max(policy);
       ++n) {
    if (agrees(policy, undecided + 1, n))
      most = std::max(most, undecided + 1);
    undecided = std::min(undecided + 1, largest_undecided(n));
  }
  return most;
}

} // namespace artel
