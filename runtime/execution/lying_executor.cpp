#include "runtime/execution/lying_executor.hpp"

#include "protocol/identity/hash.hpp"

#include <algorithm>

namespace artel::runtime {

sandbox::run_result lying_executor::execute(const sandbox::run_request& request,
                                            std::stop_token stop) {
  sandbox::run_result result;
  if (stop.stop_requested()) {
    result.outcome = run_outcome::cancelled;
    return result;
  }
  // Looks like an answer: a number, somewhere near what is usual. The liar's
  // own number in the last digits keeps it apart from other liars'.
  constexpr std::uint64_t liars_max = 10'000;
  auto hash = hasher{"artel.lie.v1"}
                .update(request.index)
                .update(hash_of(request.input).view())
                .finish();
  std::uint64_t value = 0;
  for (auto byte : hash.view().first(2))
    value = value * 256 + byte;
  result.output =
    to_bytes(std::to_string(value * liars_max + number_ % liars_max) + "\n");
  return result;
}

} // namespace artel::runtime
