#include "sandbox/wasm/wasm_executor.hpp"

#include "sandbox/bundle/arguments.hpp"
#include "sandbox/helper_lookup.hpp"
#include "sandbox/process/run_verdict.hpp"
#include "sandbox/wasm/module_check.hpp"

#include <algorithm>
#include <exception>
#include <system_error>
#include <utility>
#include <variant>

namespace artel::sandbox {

namespace fs = std::filesystem;

namespace {

constexpr const char* interpreter_inside = "/artel-wasm";
constexpr const char* module_inside = "/artel-module";

/// What either tier needs beside the module's own memory: its code, its stack,
/// the runner.
constexpr std::uint64_t runner_bytes = 128u << 20;

constexpr std::size_t prepared_max = 16;

std::uint64_t pages_of(const execution_limits& limits) {
  return std::min<std::uint64_t>(limits.memory_bytes / wasm_page_bytes, 65'536);
}

execution_limits with_runner(execution_limits limits) {
  limits.memory_bytes =
    std::min(limits.memory_bytes, std::uint64_t{1} << 62) + runner_bytes;
  return limits;
}

result<const bundle_file*> module_of(const code_bundle& bundle) {
  if (takes_file_argument(bundle))
    return {errc::invalid_argument,
            "a module gets its data on standard input; expected no {file} in"
            " its arguments"};
  for (const auto& file : bundle.files)
    if (file.name == bundle.main)
      return &file;
  return {errc::invalid_argument, "'" + bundle.main
                                    + "' is no file of the bundle; expected a"
                                      " WebAssembly module in it"};
}

/// What both tiers start from.
program_run common_run(const run_request& request) {
  program_run run;
  run.arguments = {"--pages", std::to_string(pages_of(request.limits)),
                   "--name", request.bundle->main};
  run.standard_input = request.input.kind == input_kind::data
                         ? bytes_view{request.input.data}
                         : bytes_view{request.bundle->standard_input};
  run.reports = true;
  run.limits = with_runner(request.limits);
  run.name = request.bundle->main;
  return run;
}

/// Adds the module's own arguments, and runs.
run_result run_with_arguments(process_sandbox& sandbox, program_run run,
                              const run_request& request,
                              std::stop_token stop) {
  auto rendered =
    render_arguments(*request.bundle, request.index, request.input);
  if (!rendered)
    return unprepared_run(rendered.error());
  run.arguments.insert(run.arguments.end(), rendered->begin(), rendered->end());
  return sandbox.run(run, std::move(stop));
}

} // namespace

result<std::unique_ptr<wasm_executor>>
wasm_executor::make(std::shared_ptr<process_sandbox> sandbox,
                    fs::path cache_directory) {
  auto found = find_helper("artel-wasm");
  if (!found)
    return {errc::sandbox_unavailable, found.error().message};
  std::unique_ptr<wasm_executor> made{
    new wasm_executor{std::move(sandbox), std::move(cache_directory)}};
  std::error_code error;
  fs::copy_file(*found, made->interpreter_, error);
  if (!error)
    fs::permissions(made->interpreter_, fs::perms{0555}, error);
  if (error)
    return {errc::sandbox_unavailable,
            "cannot copy '" + found->string() + "': " + error.message()};
  return made;
}

wasm_executor::wasm_executor(std::shared_ptr<process_sandbox> sandbox,
                             fs::path cache_directory)
  : sandbox_(std::move(sandbox)),
    cache_directory_(std::move(cache_directory)),
    interpreter_(sandbox_->directory() / "artel-wasm") {
  // nop
}

module_compiler* wasm_executor::compiler() {
  std::call_once(compiler_made_, [this] {
    auto made = module_compiler::make(sandbox_, cache_directory_);
    if (made)
      compiler_ = std::move(*made);
    else
      no_compiler_ = made.error().message;
  });
  return compiler_.get();
}

result<void> wasm_executor::check(wasm_tier tier) {
  if (tier == wasm_tier::compiled && !compiler())
    return {errc::sandbox_unavailable, no_compiler_};
  return {};
}

std::shared_ptr<wasm_executor::prepared_module>
wasm_executor::prepared(const std::shared_ptr<const code_bundle>& bundle,
                        nan_policy nan) {
  std::lock_guard guard{mutex_};
  for (const auto& one : prepared_)
    if (one->bundle.lock() == bundle && one->nan == nan)
      return one;
  if (prepared_.size() == prepared_max)
    prepared_.erase(prepared_.begin());
  prepared_.push_back(std::make_shared<prepared_module>());
  prepared_.back()->bundle = bundle;
  prepared_.back()->nan = nan;
  return prepared_.back();
}

std::optional<run_result> wasm_executor::refuse(prepared_module& module,
                                                const run_request& request) {
  auto file = module_of(*request.bundle);
  if (!file)
    return unprepared_run(file.error());
  auto pages = pages_of(request.limits);
  std::lock_guard guard{module.mutex};
  // Checked once; what a module declares does not change.
  if (module.admitted_pages && *module.admitted_pages <= pages)
    return std::nullopt;
  module_limits bounds;
  bounds.pages_max = pages;
  auto checked = check_module((*file)->data, bounds);
  if (const auto* problem = std::get_if<module_problem>(&checked))
    return failed_run(problem->outcome, problem->message);
  module.admitted_pages = std::get<module_facts>(checked).initial_pages;
  return std::nullopt;
}

run_result wasm_executor::execute(const run_request& request,
                                  std::stop_token stop) {
  if (stop.stop_requested())
    return failed_run(run_outcome::cancelled, "cancelled before it started");
  if (!request.bundle)
    return failed_run(run_outcome::exec_failed,
                      "no code bundle given; expected a WebAssembly module");
  try {
    auto module = prepared(request.bundle, request.sandbox.nan);
    if (auto refused = refuse(*module, request))
      return std::move(*refused);
    auto tier = request.sandbox.tier;
    if (tier == wasm_tier::automatic && request.limits.fuel > 0)
      tier = wasm_tier::interpreted;
    if (tier == wasm_tier::interpreted)
      return interpret(request, std::move(stop));
    auto native = compiled(*module, request, stop);
    if (native)
      return run_compiled(request, **native, std::move(stop));
    auto code = native.error().code;
    if (code == errc::cancelled)
      return failed_run(run_outcome::cancelled, native.error().message);
    // The interpreter gives the same result, later.
    if (tier == wasm_tier::automatic)
      return interpret(request, std::move(stop));
    return failed_run(code == errc::malformed
                        ? run_outcome::invalid_module
                        : run_outcome::sandbox_unavailable,
                      native.error().message);
  } catch (const std::exception& problem) {
    return failed_run(run_outcome::sandbox_unavailable,
                      std::string{"cannot run the module: "} + problem.what());
  }
}

result<std::shared_ptr<const native_module>>
wasm_executor::compiled(prepared_module& module, const run_request& request,
                        std::stop_token stop) {
  std::lock_guard guard{module.mutex};
  if (module.native)
    return module.native;
  if (module.compile_problem)
    return *module.compile_problem;
  if (!compiler())
    return {errc::sandbox_unavailable, no_compiler_};
  auto file = module_of(*request.bundle);
  if (!file)
    return file.error();
  auto made =
    compiler()->get((*file)->data, request.sandbox.nan, std::move(stop));
  if (made) {
    module.native = std::make_shared<const native_module>(std::move(*made));
    return module.native;
  }
  // The same module fails the same way; the machine may do better next time.
  if (made.error().code == errc::malformed)
    module.compile_problem = made.error();
  return made.error();
}

run_result wasm_executor::interpret(const run_request& request,
                                    std::stop_token stop) {
  auto run = common_run(request);
  run.bundle = request.bundle;
  run.program = interpreter_inside;
  run.shown.push_back({interpreter_, interpreter_inside});
  auto& options = run.arguments;
  options.insert(options.begin(), "run");
  options.insert(options.end(),
                 {"--fuel", std::to_string(request.limits.fuel), "--nan",
                  std::string{to_string(request.sandbox.nan)}, "--",
                  std::string{bundle_directory} + "/" + request.bundle->main});
  return run_with_arguments(*sandbox_, std::move(run), request,
                            std::move(stop));
}

run_result wasm_executor::run_compiled(const run_request& request,
                                       const native_module& module,
                                       std::stop_token stop) {
  auto run = common_run(request);
  run.program = module_inside;
  run.shown.push_back({module.path(), module_inside});
  run.arguments.push_back("--");
  return run_with_arguments(*sandbox_, std::move(run), request,
                            std::move(stop));
}

} // namespace artel::sandbox
