#include "sandbox/process/process_executor.hpp"

#include "sandbox/bundle/arguments.hpp"
#include "sandbox/process/run_verdict.hpp"

#include <exception>
#include <utility>

namespace artel::sandbox {

namespace {

/// The path of the bundle's main program as seen in a sandbox.
std::string main_program(const code_bundle& bundle) {
  return bundle.main.starts_with('/')
           ? bundle.main
           : std::string{bundle_directory} + "/" + bundle.main;
}

} // namespace

result<program_run> program_of(const run_request& request) {
  const auto& bundle = *request.bundle;
  auto arguments = render_arguments(bundle, request.index, request.input);
  if (!arguments)
    return arguments.error();
  auto has_data = request.input.kind == input_kind::data;
  auto as_file = has_data && takes_file_argument(bundle);
  program_run run;
  run.bundle = request.bundle;
  run.program = main_program(bundle);
  run.arguments = std::move(*arguments);
  run.standard_input = has_data && !as_file ? bytes_view{request.input.data}
                                            : bytes_view{bundle.standard_input};
  run.input_file = as_file ? &request.input : nullptr;
  run.limits = request.limits;
  run.name = bundle.main;
  return run;
}

result<std::unique_ptr<process_executor>>
process_executor::make(process_config config) {
  auto made = process_sandbox::make(std::move(config));
  if (!made)
    return made.error();
  return std::make_unique<process_executor>(std::move(*made));
}

run_result process_executor::execute(const run_request& request,
                                     std::stop_token stop) {
  if (stop.stop_requested())
    return failed_run(run_outcome::cancelled, "cancelled before it started");
  if (!request.bundle)
    return failed_run(run_outcome::exec_failed,
                      "no code bundle given; the process sandbox runs nothing"
                      " else");
  try {
    auto program = program_of(request);
    if (!program)
      return unprepared_run(program.error());
    return sandbox_->run(*program, std::move(stop));
  } catch (const std::exception& problem) {
    return failed_run(run_outcome::sandbox_unavailable,
                      std::string{"cannot run the program: "} + problem.what());
  }
}

result<void> check_process_sandbox(const process_config& config) {
  auto made = process_executor::make(config);
  if (!made)
    return {errc::sandbox_unavailable, made.error().message};
  code_bundle trivial;
  trivial.main = "/bin/true";
  run_request request;
  request.bundle = std::make_shared<const code_bundle>(std::move(trivial));
  auto outcome = (*made)->execute(request, {});
  if (outcome.outcome != run_outcome::completed)
    return {errc::sandbox_unavailable,
            "a trial run of /bin/true in the process sandbox failed: "
              + outcome.detail};
  return {};
}

} // namespace artel::sandbox
