#include "sandbox/process/process_sandbox.hpp"

#include "protocol/core/limits.hpp"
#include "sandbox/bundle/arguments.hpp"
#include "sandbox/descriptor.hpp"
#include "sandbox/helper_lookup.hpp"
#include "sandbox/process/launch.hpp"
#include "sandbox/process/reduced_place.hpp"
#include "sandbox/process/run_verdict.hpp"
#include "sandbox/process/spawn.hpp"
#include "sandbox/process/system_call_filter.hpp"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>

namespace artel::sandbox {

namespace fs = std::filesystem;

namespace {

bool is_plain_name(const std::string& name) {
  return !name.empty() && name != "." && name != ".."
         && name.find('/') == std::string::npos
         && name.find('\0') == std::string::npos
         && name.size() <= limits::name_bytes_max;
}

result<void> write_shared_file(const fs::path& path, bytes_view data,
                               mode_t mode) {
  spawn_pause pause;
  descriptor target{
    ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
  if (!target.is_open())
    return system_error("cannot create '" + path.string() + "'");
  if (auto written = write_all(target, data); !written)
    return written;
  if (::fchmod(target.number(), mode) != 0)
    return system_error("cannot set the mode of '" + path.string() + "'");
  return {};
}

result<process_config> resolve(process_config config) {
  if (config.isolation == isolation_level::reduced) {
    if (auto allowed = check_reduced_isolation(); !allowed)
      return allowed.error();
  } else if (config.bubblewrap.empty()) {
    auto found = find_on_path("bwrap");
    if (!found)
      return {errc::sandbox_unavailable,
              "bubblewrap (bwrap) was not found on PATH; install it: apt"
              " install bubblewrap"};
    config.bubblewrap = std::move(*found);
  }
  if (config.shim.empty()) {
    auto found = find_helper("artel-shim");
    if (!found)
      return {errc::sandbox_unavailable, found.error().message};
    config.shim = std::move(*found);
  }
  for (const auto* helper : {&config.bubblewrap, &config.shim})
    if (!helper->empty() && ::access(helper->c_str(), X_OK) != 0)
      return {errc::sandbox_unavailable,
              "'" + helper->string()
                + "' can't be executed: " + error_text(errno)};
  if (config.work_root.empty()) {
    std::error_code error;
    config.work_root = fs::temp_directory_path(error);
    if (error)
      return {errc::system_failure,
              "no temporary directory (TMPDIR, /tmp): " + error.message()};
  }
  return config;
}

} // namespace

run_result unprepared_run(const failure& problem) {
  return failed_run(problem.code == errc::system_failure
                        || problem.code == errc::sandbox_unavailable
                      ? run_outcome::sandbox_unavailable
                      : run_outcome::exec_failed,
                    problem.message);
}

process_sandbox::process_sandbox(process_config config,
                                 private_directory directory)
  : config_(std::move(config)),
    directory_(std::move(directory)),
    bundles_(directory_.path()),
    system_options_(shared_system()) {
  // nop
}

result<std::shared_ptr<process_sandbox>>
process_sandbox::make(process_config wanted) {
  auto config = resolve(std::move(wanted));
  if (!config)
    return config.error();
  auto directory = private_directory::make(config->work_root);
  if (!directory)
    return directory.error();
  std::shared_ptr<process_sandbox> made{
    new process_sandbox{std::move(*config), std::move(*directory)}};
  if (auto installed = made->install_helpers(); !installed)
    return installed.error();
  if (!made->config_.control_groups) {
    made->why_no_groups_ = "switched off";
  } else if (auto groups = control_groups::make(made->config_.share)) {
    made->groups_ = std::move(*groups);
  } else {
    made->why_no_groups_ = groups.error().message;
  }
  return made;
}

result<void> process_sandbox::install_helpers() {
  // A copy, for where it lies now the sandbox's user may not be allowed to go.
  auto shim_file = read_small_file(config_.shim.string());
  if (shim_file.empty())
    return {errc::sandbox_unavailable,
            "cannot read '" + config_.shim.string() + "'"};
  if (auto copied = write_shared_file(shim(), as_bytes(shim_file), 0555);
      !copied)
    return copied;
  auto filter = build_system_call_filter();
  if (!filter)
    return filter.error();
  return write_shared_file(filter_path(), *filter, 0444);
}

result<std::shared_ptr<const unpacked_bundle>>
process_sandbox::unpack(const std::shared_ptr<const code_bundle>& bundle) {
  return bundles_.get(bundle);
}

process_sandbox::input_directory_handle::~input_directory_handle() {
  std::error_code ignored;
  if (!directory_.empty())
    fs::remove_all(directory_, ignored);
}

result<process_sandbox::input_directory_handle>
process_sandbox::put_input(const job_input* input) {
  if (!input)
    return input_directory_handle{};
  if (!is_plain_name(input->name))
    return {errc::invalid_argument,
            "the job's data is named '" + input->name
              + "'; expected a file name without '/' of at most "
              + std::to_string(limits::name_bytes_max) + " bytes"};
  auto path = directory() / ("input-" + std::to_string(next_run_++));
  if (::mkdir(path.c_str(), 0700) != 0)
    return system_error("cannot create '" + path.string() + "'");
  input_directory_handle made{path};
  auto name = path / input->name;
  descriptor target{
    ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
  if (!target.is_open())
    return system_error("cannot create '" + name.string() + "'");
  if (auto written = write_all(target, input->data); !written)
    return written.error();
  if (::fchmod(target.number(), 0444) != 0 || ::chmod(path.c_str(), 0755) != 0)
    return system_error("cannot set the mode of '" + name.string() + "'");
  return made;
}

result<std::unique_ptr<control_group>>
process_sandbox::acquire_group(const execution_limits& limits) {
  if (!groups_)
    return std::unique_ptr<control_group>{};
  return groups_->acquire(bounds_of(limits));
}

run_result process_sandbox::run(const program_run& run, std::stop_token stop) {
  sandbox_plan plan;
  std::shared_ptr<const unpacked_bundle> unpacked;
  if (run.bundle) {
    auto found = unpack(run.bundle);
    if (!found)
      return unprepared_run(found.error());
    unpacked = std::move(*found);
    plan.bundle = unpacked->directory;
    plan.bundle_names = unpacked->top_level_names;
  }
  auto input = put_input(run.input_file);
  if (!input)
    return unprepared_run(input.error());
  plan.bubblewrap = config_.bubblewrap;
  plan.shim = shim();
  plan.system_options = system_options_;
  plan.shown = run.shown;
  plan.input = input->path();
  plan.limits = bounded(run.limits);
  plan.program_reports = run.reports;
  plan.program = run.program;
  plan.arguments = run.arguments;
  return start(plan, run, std::move(stop));
}

run_result process_sandbox::start(const sandbox_plan& plan,
                                  const program_run& run,
                                  std::stop_token stop) {
  // Opened anew each time: whoever takes it reads from where it stands.
  descriptor filter{::open(filter_path().c_str(), O_RDONLY | O_CLOEXEC)};
  if (!filter.is_open())
    return unprepared_run(
      system_error("cannot open '" + filter_path().string() + "'"));
  auto group = acquire_group(plan.limits);
  if (!group)
    return unprepared_run(group.error());
  launch_request request{.filter = &filter,
                         .drop_root = ::geteuid() == 0,
                         .input = run.standard_input,
                         .limits = plan.limits,
                         .group = group->get(),
                         .program_name = run.name};
  if (!is_reduced()) {
    request.command = bubblewrap_command(plan);
    request.environment = sandbox_environment(plan.limits);
    return launch(request, std::move(stop));
  }
  auto place = reduced_place::make(
    directory() / ("run-" + std::to_string(next_run_++)), plan);
  if (!place)
    return unprepared_run(place.error());
  request.command = place->command(plan);
  request.environment = place->environment(plan.limits);
  request.first_process = first_process_source::child;
  return launch(request, std::move(stop));
}

} // namespace artel::sandbox
