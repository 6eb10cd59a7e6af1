#include "sandbox/kernels/prime_kernel.hpp"

#include "sandbox/kernels/kernel_watch.hpp"
#include "sandbox/kernels/prime_sieve.hpp"

namespace artel::sandbox {

run_result run_count_primes(const run_request& request,
                            const std::stop_token& stop) {
  const auto& input = request.input;
  if (input.last > prime_sieve_last_max)
    return failed_run(run_outcome::exec_failed,
                      "count_primes: the range ends at "
                        + std::to_string(input.last) + "; expected at most "
                        + std::to_string(prime_sieve_last_max));
  kernel_watch watch{request.limits, stop};
  auto memory = prime_sieve_memory_bytes(input.last);
  if (memory > request.limits.memory_bytes) {
    watch.stop_for(run_outcome::memory_limit);
    return watch.finish(request.kernel);
  }
  watch.uses_memory(memory);
  auto count =
    count_primes(input.first, input.last, [&watch] { return watch.go_on(); });
  if (count)
    watch.put_out(std::to_string(*count));
  return watch.finish(request.kernel);
}

} // namespace artel::sandbox
