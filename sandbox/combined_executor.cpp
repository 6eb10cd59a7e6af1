#include "sandbox/process_executor.hpp"
#include "sandbox/run_verdict.hpp"

#include <utility>

namespace artel::sandbox {

combined_executor::combined_executor(std::shared_ptr<executor> processes,
                                     std::string why_not)
  : processes_(std::move(processes)),
    why_not_(std::move(why_not)) {
  // nop
}

run_result combined_executor::execute(const run_request& request,
                                      std::stop_token stop) {
  if (!request.kernel.empty() && request.bundle)
    return failed_run(run_outcome::exec_failed,
                      "kernel '" + request.kernel
                        + "' and a code bundle are given; expected one of"
                          " them");
  if (!request.bundle)
    return kernels_.execute(request, std::move(stop));
  if (!processes_)
    return failed_run(run_outcome::sandbox_unavailable, why_not_);
  return processes_->execute(request, std::move(stop));
}

} // namespace artel::sandbox
