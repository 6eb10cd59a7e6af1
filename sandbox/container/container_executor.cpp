#include "sandbox/container/container_executor.hpp"

#include "sandbox/container/runtime_choice.hpp"
#include "sandbox/process/process_executor.hpp"
#include "sandbox/process/run_verdict.hpp"

#include <exception>
#include <string>
#include <utility>

namespace artel::sandbox {

container_executor::container_executor(std::unique_ptr<container_host> host,
                                       container_runtime runtime)
  : host_(std::move(host)),
    runtime_(std::move(runtime)),
    root_file_systems_(host_->directory()) {
  // nop
}

result<std::unique_ptr<container_executor>>
container_executor::make(std::shared_ptr<process_sandbox> sandbox) {
  auto host = container_host::make(std::move(sandbox));
  if (!host)
    return host.error();
  auto runtime = choose_runtime(**host);
  if (!runtime)
    return runtime.error();
  return std::unique_ptr<container_executor>{
    new container_executor{std::move(*host), std::move(*runtime)}};
}

run_result container_executor::execute(const run_request& request,
                                       std::stop_token stop) {
  if (stop.stop_requested())
    return failed_run(run_outcome::cancelled, "cancelled before it started");
  if (!request.bundle)
    return failed_run(run_outcome::exec_failed,
                      "no code bundle given; a container runs nothing else");
  try {
    return run(request, std::move(stop));
  } catch (const std::exception& problem) {
    return failed_run(run_outcome::sandbox_unavailable,
                      std::string{"cannot run the container: "}
                        + problem.what());
  }
}

run_result container_executor::run(const run_request& request,
                                   std::stop_token stop) {
  auto program = program_of(request);
  if (!program)
    return unprepared_run(program.error());
  shared_rootfs rootfs;
  if (!request.bundle->rootfs.empty()) {
    auto found = root_file_systems_.get(request.bundle);
    if (!found)
      return unprepared_run(found.error());
    rootfs = std::move(*found);
  }
  return host_->run(runtime_, *program,
                    rootfs ? rootfs->directory : std::filesystem::path{},
                    std::move(stop));
}

} // namespace artel::sandbox
