#include "runtime/sim/swarm/determinism.hpp"

#include "protocol/core/random.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace artel::sim {

namespace {

/// Blocks of many sizes, half of them free again: what is allocated next comes
/// to lie elsewhere, and in another order.
class heap_noise {
public:
  explicit heap_noise(std::uint64_t seed) {
    auto random = random_generator::from_number(seed ^ 0x6e6f'6973'65);
    constexpr std::size_t blocks = 4'000;
    std::vector<std::unique_ptr<char[]>> gaps;
    for (std::size_t i = 0; i < blocks; ++i) {
      auto block = std::make_unique<char[]>(16 + random.below(2'000));
      (random.chance(ppm_one / 2) ? blocks_ : gaps).push_back(std::move(block));
    }
    // In an order of their own, or the allocator gives them out as they came.
    while (!gaps.empty()) {
      std::swap(gaps[random.below(gaps.size())], gaps.back());
      gaps.pop_back();
    }
  }

private:
  std::vector<std::unique_ptr<char[]>> blocks_;
};

/// FNV-1a, 64 bits.
std::uint64_t digest(std::uint64_t start, const void* data, std::size_t size) {
  constexpr std::uint64_t prime = 0x100'0000'01b3;
  const auto* bytes = static_cast<const unsigned char*>(data);
  for (std::size_t i = 0; i < size; ++i)
    start = (start ^ bytes[i]) * prime;
  return start;
}

std::uint64_t digest(microseconds when, const trace_record& record) {
  constexpr std::uint64_t basis = 0xcbf2'9ce4'8422'2325;
  auto text = describe(when, record);
  auto hash = digest(basis, text.data(), text.size());
  if (const auto* frame = std::get_if<frame_record>(&record))
    hash = digest(hash, frame->frame.data(), frame->frame.size());
  return hash;
}

/// Memory for 8 bytes a record.
constexpr std::size_t records_max = 50'000'000;

std::vector<std::uint64_t> digests_of(const world_plan& plan,
                                      run_options options) {
  std::vector<std::uint64_t> digests;
  options.listener = [&digests](microseconds when, const trace_record& record) {
    if (digests.size() < records_max)
      digests.push_back(digest(when, record));
  };
  run_plan(plan, options);
  return digests;
}

/// The line of the record with this number, and those of some before it.
std::string lines_until(const world_plan& plan, run_options options,
                        std::size_t number) {
  constexpr std::size_t context = 3;
  std::string text;
  std::size_t at = 0;
  options.listener = [&](microseconds when, const trace_record& record) {
    if (at <= number && at + context >= number)
      text += "    " + describe(when, record) + "\n";
    ++at;
  };
  run_plan(plan, options);
  return text;
}

/// In a small world few things lie in memory, and often in the same order
/// again: it is run against more heaps, which takes no time.
std::uint64_t noises_for(std::uint64_t steps) {
  constexpr std::uint64_t steps_of_small_world = 2'000;
  return steps < steps_of_small_world ? 8 : 1;
}

/// Runs both again and compares record by record.
std::string find_divergence(const world_plan& plan, const run_options& options,
                            std::uint64_t noise_seed) {
  auto first = digests_of(plan, options);
  heap_noise noise{noise_seed};
  auto second = digests_of(plan, options);
  auto at =
    std::mismatch(first.begin(), first.end(), second.begin(), second.end());
  if (at.first == first.end() && at.second == second.end())
    return "two runs had different hashes; two more had not";
  auto number = static_cast<std::size_t>(at.first - first.begin());
  return "record " + std::to_string(number) + " is the first that differs:\n"
         + "  once\n" + lines_until(plan, options, number) + "  and again\n" +
         [&] {
           heap_noise other{noise_seed + 1};
           return lines_until(plan, options, number);
         }();
}

struct describer {
  std::string operator()(const step_record& step) const {
    return name_of(step.node) + " " + std::string{step.actor_name} + " "
           + std::to_string(step.actor) + ": " + std::string{step.message};
  }
  std::string operator()(const frame_record& frame) const {
    return name_of(frame.from) + " -> " + name_of(frame.to) + ": frame of "
           + std::to_string(frame.frame.size()) + " bytes "
           + std::string{to_string(frame.fate)} + ", "
           + std::to_string(frame.delay.count()) + " us";
  }
  std::string operator()(const fault_record& fault) const {
    return name_of(fault.node) + ": fault " + std::string{to_string(fault.kind)}
           + " " + fault.text;
  }
  std::string operator()(const event_record& what) const {
    return name_of(what.node) + ": event "
           + std::to_string(what.what ? what.what->index() : 0) + " of task "
           + std::to_string(what.task);
  }

  static std::string name_of(node_index node) {
    return node == no_node ? std::string{"world"}
                           : "node " + std::to_string(node);
  }
};

} // namespace

std::string describe(microseconds when, const trace_record& record) {
  return std::to_string(when.count()) + " us "
         + std::visit(describer{}, record);
}

determinism_outcome check_determinism(const world_plan& plan,
                                      const run_options& options) {
  determinism_outcome outcome;
  outcome.first = run_plan(plan, options);
  if (outcome.first.end == drive_end::interrupted)
    return outcome;
  // The others are for their hash alone.
  run_options silent;
  silent.stop = options.stop;
  silent.step_limit = options.step_limit;
  for (std::uint64_t i = 0; i < noises_for(outcome.first.steps); ++i) {
    heap_noise noise{plan.seed + i};
    auto again = run_plan(plan, silent);
    if (again.end == drive_end::interrupted)
      return outcome;
    if (again.hash == outcome.first.hash)
      continue;
    outcome.divergence = "hash " + hash_text(outcome.first.hash) + ", then "
                         + hash_text(again.hash) + "; "
                         + find_divergence(plan, silent, plan.seed + i);
    break;
  }
  return outcome;
}

} // namespace artel::sim
