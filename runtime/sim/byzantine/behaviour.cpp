#include "runtime/sim/byzantine/behaviour.hpp"

#include "protocol/identity/hash.hpp"
#include "runtime/sim/byzantine/altered_output.hpp"

namespace artel::sim {

namespace {

/// How many wrong answers lie between those of two liars.
constexpr std::uint64_t step = 4;

/// Above zero; another one for each liar of no ring and for each ring, and the
/// same again for the same job.
std::uint64_t error_of(const behaviour& how, node_index liar,
                       const sandbox::run_request& request) {
  auto hash = hasher{"artel.simulated-lie.v1"}
                .update(request.index)
                .update(hash_of(request.input).view())
                .finish();
  auto rings = how.lies == lie_kind::colluding;
  std::uint64_t number = rings ? how.ring : liar;
  return 1 + (number * 2 + (rings ? 1 : 0)) * step + hash.value[0] % step;
}

bool does_lie(const behaviour& how, random_generator& random) {
  switch (how.lies) {
    case lie_kind::never: return false;
    case lie_kind::sometimes: return random.chance(how.lie_rate.value);
    case lie_kind::always:
    case lie_kind::colluding: return true;
  }
  return false;
}

sandbox::run_result crashed(sandbox::run_result run) {
  run.outcome = run_outcome::nonzero_exit;
  run.exit_code = 1;
  run.output.clear();
  run.files.clear();
  run.stderr_tail = "fatal error\n";
  run.detail.clear();
  return run;
}

} // namespace

sandbox::run_result misbehave(const behaviour& how, node_index liar,
                              const sandbox::run_request& request,
                              sandbox::run_result honest,
                              random_generator& random) {
  // Nobody asks any more.
  if (honest.outcome == run_outcome::cancelled)
    return honest;
  if (how.crash_rate.value > 0 && random.chance(how.crash_rate.value))
    return crashed(std::move(honest));
  if (!does_lie(how, random))
    return honest;
  auto error = error_of(how, liar, request);
  auto lie = std::move(honest);
  // A failure is passed off as a success.
  if (lie.outcome != run_outcome::completed) {
    lie.outcome = run_outcome::completed;
    lie.exit_code = 0;
    lie.output = to_bytes("\n");
    lie.files.clear();
    lie.stderr_tail.clear();
    lie.detail.clear();
  }
  if (!lie.files.empty())
    lie.files.back().data = altered_output(lie.files.back().data, error);
  else
    lie.output = altered_output(lie.output, error);
  return lie;
}

} // namespace artel::sim
