#include "sandbox/process_executor.hpp"

#include "protocol/core/limits.hpp"
#include "sandbox/arguments.hpp"
#include "sandbox/bubblewrap.hpp"
#include "sandbox/bundle_store.hpp"
#include "sandbox/descriptor.hpp"
#include "sandbox/helper_lookup.hpp"
#include "sandbox/private_directory.hpp"
#include "sandbox/run_verdict.hpp"
#include "sandbox/spawn.hpp"
#include "sandbox/supervisor.hpp"
#include "sandbox/system_call_filter.hpp"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <exception>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>

namespace artel::sandbox {

namespace fs = std::filesystem;

namespace {

/// Limits come from other nodes: whatever they say, sums with them stay within
/// their types.
execution_limits bounded(execution_limits limits) {
  constexpr milliseconds year{365LL * 24 * 60 * 60 * 1000};
  constexpr auto number_max = std::uint64_t{1} << 62;
  limits.wall_time = std::clamp(limits.wall_time, milliseconds{0}, year);
  limits.cpu_time = std::clamp(limits.cpu_time, milliseconds{0}, year);
  for (auto* number :
       {&limits.memory_bytes, &limits.file_bytes, &limits.work_directory_bytes,
        &limits.stdout_bytes, &limits.stderr_tail_bytes})
    *number = std::min(*number, number_max);
  return limits;
}

bool is_plain_name(const std::string& name) {
  return !name.empty() && name != "." && name != ".."
         && name.find('/') == std::string::npos
         && name.find('\0') == std::string::npos
         && name.size() <= limits::name_bytes_max;
}

/// The job's data as a file of its own, for as long as one run.
class input_file {
public:
  static result<input_file> make(fs::path directory, const job_input& input) {
    if (!is_plain_name(input.name))
      return {errc::invalid_argument,
              "the job's data is named '" + input.name
                + "'; expected a file name without '/' of at most "
                + std::to_string(limits::name_bytes_max) + " bytes"};
    if (::mkdir(directory.c_str(), 0700) != 0)
      return system_error("cannot create '" + directory.string() + "'");
    input_file file{std::move(directory)};
    auto path = file.directory_ / input.name;
    descriptor target{
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
    if (!target.is_open())
      return system_error("cannot create '" + path.string() + "'");
    if (auto written = write_all(target, input.data); !written)
      return written.error();
    if (::fchmod(target.number(), 0444) != 0
        || ::chmod(file.directory_.c_str(), 0755) != 0)
      return system_error("cannot set the mode of '" + path.string() + "'");
    return file;
  }

  input_file() = default;
  input_file(input_file&& other) noexcept
    : directory_(std::exchange(other.directory_, {})) {}
  input_file& operator=(input_file&& other) noexcept {
    std::swap(directory_, other.directory_);
    return *this;
  }
  ~input_file() {
    std::error_code ignored;
    if (!directory_.empty())
      fs::remove_all(directory_, ignored);
  }

  const fs::path& directory() const noexcept { return directory_; }

private:
  explicit input_file(fs::path directory) : directory_(std::move(directory)) {}

  fs::path directory_;
};

/// Both sides of all pipes of a run.
struct run_channels {
  run_pipes ours;
  descriptor input;
  descriptor output;
  descriptor errors;
  descriptor status;
  descriptor info;
};

result<run_channels> open_channels() {
  run_channels channels;
  struct {
    descriptor& ours;
    descriptor& theirs;
    bool they_read;
  } ends[] = {{channels.ours.input, channels.input, true},
              {channels.ours.output, channels.output, false},
              {channels.ours.errors, channels.errors, false},
              {channels.ours.status, channels.status, false},
              {channels.ours.info, channels.info, false}};
  for (auto& end : ends) {
    auto made = make_pipe();
    if (!made)
      return made.error();
    end.ours = std::move(end.they_read ? made->write : made->read);
    end.theirs = std::move(end.they_read ? made->read : made->write);
    if (auto done = make_nonblocking(end.ours); !done)
      return done.error();
    // So that the program may open /dev/stdin, /dev/stdout and /dev/stderr.
    if (::geteuid() == 0
        && ::fchown(end.theirs.number(), sandbox_user, sandbox_group) != 0)
      return system_error("cannot give a pipe to the sandbox");
  }
  return channels;
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
  if (config.bubblewrap.empty()) {
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
    if (::access(helper->c_str(), X_OK) != 0)
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

/// What all runs of an executor share.
class process_executor::workshop {
public:
  static result<std::unique_ptr<workshop>> make(process_config wanted);

  run_result run(const run_request& request, std::stop_token stop);

private:
  workshop(process_config config, private_directory directory)
    : config_(std::move(config)),
      directory_(std::move(directory)),
      bundles_(directory_.path()),
      system_options_(shared_system()) {}

  fs::path shim_path() const { return directory_.path() / "artel-shim"; }
  fs::path filter_path() const { return directory_.path() / "filter"; }

  result<void> install_helpers();
  run_result start(const sandbox_plan& plan, bytes_view input,
                   const std::string& program_name, std::stop_token stop);

  process_config config_;
  /// Destroyed after the bundles in it.
  private_directory directory_;
  bundle_store bundles_;
  std::vector<std::string> system_options_;
  std::atomic<std::uint64_t> next_input_{0};
};

result<std::unique_ptr<process_executor::workshop>>
process_executor::workshop::make(process_config wanted) {
  auto config = resolve(std::move(wanted));
  if (!config)
    return config.error();
  auto directory = private_directory::make(config->work_root);
  if (!directory)
    return directory.error();
  std::unique_ptr<workshop> made{
    new workshop{std::move(*config), std::move(*directory)}};
  if (auto installed = made->install_helpers(); !installed)
    return installed.error();
  return made;
}

result<void> process_executor::workshop::install_helpers() {
  // A copy, for where it lies now the sandbox's user may not be allowed to go.
  auto shim = read_small_file(config_.shim.string());
  if (shim.empty())
    return {errc::sandbox_unavailable,
            "cannot read '" + config_.shim.string() + "'"};
  if (auto copied = write_shared_file(shim_path(), as_bytes(shim), 0555);
      !copied)
    return copied;
  auto filter = build_system_call_filter();
  if (!filter)
    return filter.error();
  return write_shared_file(filter_path(), *filter, 0444);
}

run_result process_executor::workshop::run(const run_request& request,
                                           std::stop_token stop) {
  const auto& bundle = *request.bundle;
  auto unpacked = bundles_.get(request.bundle);
  if (!unpacked)
    return failed_run(unpacked.error().code == errc::system_failure
                        ? run_outcome::sandbox_unavailable
                        : run_outcome::exec_failed,
                      unpacked.error().message);
  auto arguments = render_arguments(bundle, request.index, request.input);
  if (!arguments)
    return failed_run(run_outcome::exec_failed, arguments.error().message);
  auto has_data = request.input.kind == input_kind::data;
  input_file file;
  if (has_data && takes_file_argument(bundle)) {
    auto made = input_file::make(directory_.path()
                                   / ("input-" + std::to_string(next_input_++)),
                                 request.input);
    if (!made)
      return failed_run(made.error().code == errc::system_failure
                          ? run_outcome::sandbox_unavailable
                          : run_outcome::exec_failed,
                        made.error().message);
    file = std::move(*made);
  }
  auto reads_data = has_data && file.directory().empty();
  sandbox_plan plan;
  plan.bubblewrap = config_.bubblewrap;
  plan.shim = shim_path();
  plan.system_options = system_options_;
  plan.bundle = (*unpacked)->directory;
  plan.bundle_names = (*unpacked)->top_level_names;
  plan.input = file.directory();
  plan.limits = bounded(request.limits);
  plan.program = bundle.main.starts_with('/')
                   ? bundle.main
                   : std::string{bundle_directory} + "/" + bundle.main;
  plan.arguments = std::move(*arguments);
  return start(plan, reads_data ? request.input.data : bundle.standard_input,
               bundle.main, std::move(stop));
}

run_result process_executor::workshop::start(const sandbox_plan& plan,
                                             bytes_view input,
                                             const std::string& program_name,
                                             std::stop_token stop) {
  auto channels = open_channels();
  if (!channels)
    return failed_run(run_outcome::sandbox_unavailable,
                      channels.error().message);
  // Opened anew each time: bubblewrap reads it from where it stands.
  descriptor filter{::open(filter_path().c_str(), O_RDONLY | O_CLOEXEC)};
  if (!filter.is_open())
    return failed_run(
      run_outcome::sandbox_unavailable,
      system_error("cannot open '" + filter_path().string() + "'").message);
  spawn_request request;
  request.arguments = bubblewrap_command(plan);
  request.environment = sandbox_environment();
  request.descriptors = {channels->input.number(),  channels->output.number(),
                         channels->errors.number(), channels->status.number(),
                         channels->info.number(),   filter.number()};
  request.drop_root = ::geteuid() == 0;
  auto child = spawn(request);
  if (!child)
    return failed_run(run_outcome::sandbox_unavailable, child.error().message);
  // Only the run's own processes hold these ends now, so that their end is
  // seen.
  for (auto* theirs : {&channels->input, &channels->output, &channels->errors,
                       &channels->status, &channels->info})
    theirs->close();
  supervisor watcher{std::move(*child), std::move(channels->ours), input,
                     plan.limits};
  return decide(watcher.watch(std::move(stop)), plan.limits, program_name);
}

process_executor::process_executor(std::unique_ptr<workshop> parts)
  : workshop_(std::move(parts)) {
  // nop
}

process_executor::~process_executor() = default;

result<std::unique_ptr<process_executor>>
process_executor::make(process_config config) {
  auto parts = workshop::make(std::move(config));
  if (!parts)
    return parts.error();
  return std::unique_ptr<process_executor>{
    new process_executor{std::move(*parts)}};
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
    return workshop_->run(request, std::move(stop));
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
