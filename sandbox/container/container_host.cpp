#include "sandbox/container/container_host.hpp"

#include "sandbox/container/machine_rootfs.hpp"
#include "sandbox/container/short_command.hpp"
#include "sandbox/process/launch.hpp"
#include "sandbox/process/run_verdict.hpp"
#include "sandbox/process/spawn.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

namespace artel::sandbox {

namespace fs = std::filesystem;

namespace {

/// What a runtime takes beside the program while it sets up and waits: threads
/// of Go, and their memory.
constexpr std::uint32_t runtime_threads = 32;
constexpr std::uint64_t runtime_memory_bytes = 24u << 20;

constexpr milliseconds delete_patience{10'000};

bool drops_root(const container_runtime& runtime) {
  return ::geteuid() == 0 && runtime.privilege == container_privilege::rootless;
}

/// A directory that the runtime may write to, and nobody else enter.
result<void> make_runtime_directory(const fs::path& path, bool drop_root) {
  if (::mkdir(path.c_str(), 0700) != 0)
    return system_error("cannot create '" + path.string() + "'");
  if (drop_root && ::chown(path.c_str(), sandbox_user, sandbox_group) != 0)
    return system_error("cannot set the owner of '" + path.string() + "'");
  return {};
}

/// The last error in a log of JSON lines; empty where there is none.
std::string last_error(const std::string& log) {
  std::string words;
  for (std::size_t start = 0; start < log.size();) {
    auto end = std::min(log.find('\n', start), log.size());
    auto line = nlohmann::json::parse(
      log.begin() + static_cast<std::ptrdiff_t>(start),
      log.begin() + static_cast<std::ptrdiff_t>(end), nullptr, false);
    start = end + 1;
    if (!line.is_object() || !line.contains("msg") || !line["msg"].is_string())
      continue;
    // crun gives no level where it gives up.
    if (line.value("level", "error") == "error")
      words = line["msg"].get<std::string>();
  }
  return words;
}

} // namespace

std::string container_runtime::describe() const {
  return name + (version.empty() ? "" : " " + version)
         + (privilege == container_privilege::rootless ? ", rootless"
                                                       : ", as root");
}

/// One run's directory: config.json, the id of its first process, a log.
class container_host::run_directory {
public:
  run_directory(fs::path path, std::string id)
    : path_(std::move(path)),
      id_(std::move(id)) {}
  run_directory(const run_directory&) = delete;
  run_directory& operator=(const run_directory&) = delete;
  ~run_directory() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }

  result<void> fill(const std::string& config, bool drop_root) const {
    if (auto made = make_runtime_directory(path_, drop_root); !made)
      return made;
    auto name = path_ / "config.json";
    descriptor file{
      ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
    if (!file.is_open())
      return system_error("cannot create '" + name.string() + "'");
    if (auto written = write_all(file, as_bytes(config)); !written)
      return written;
    if (::fchmod(file.number(), 0444) != 0)
      return system_error("cannot set the mode of '" + name.string() + "'");
    return {};
  }

  const fs::path& path() const noexcept { return path_; }
  const std::string& id() const noexcept { return id_; }
  fs::path process_id_file() const { return path_ / "pid"; }
  fs::path log() const { return path_ / "log"; }

private:
  fs::path path_;
  std::string id_;
};

container_host::container_host(std::shared_ptr<process_sandbox> sandbox,
                               fs::path directory)
  : sandbox_(std::move(sandbox)),
    directory_(std::move(directory)),
    machine_rootfs_(directory_ / "machine") {
  // nop
}

result<std::unique_ptr<container_host>>
container_host::make(std::shared_ptr<process_sandbox> sandbox) {
  auto directory = sandbox->directory() / "containers";
  std::unique_ptr<container_host> made{
    new container_host{std::move(sandbox), std::move(directory)}};
  if (auto done = made->make_directories(); !done)
    return done.error();
  return made;
}

result<void> container_host::make_directories() {
  if (::mkdir(directory_.c_str(), 0700) != 0
      || ::chmod(directory_.c_str(), 0711) != 0)
    return system_error("cannot create '" + directory_.string() + "'");
  // Given to whom the runtime runs as; root may write there in any case.
  if (auto made = make_runtime_directory(state_directory(), ::geteuid() == 0);
      !made)
    return made;
  auto mounts = make_machine_rootfs(machine_rootfs_);
  if (!mounts)
    return mounts.error();
  machine_mounts_ = std::move(*mounts);
  return {};
}

container_plan container_host::plan_for(const container_runtime& runtime,
                                        const program_run& program,
                                        const fs::path& rootfs) const {
  container_plan plan;
  plan.sandbox.shim = sandbox_->shim();
  plan.sandbox.shown = program.shown;
  plan.sandbox.limits = bounded(program.limits);
  plan.sandbox.program_reports = program.reports;
  plan.sandbox.program = program.program;
  plan.sandbox.arguments = program.arguments;
  plan.rootfs = rootfs.empty() ? machine_rootfs_ : rootfs;
  if (rootfs.empty())
    plan.system = machine_mounts_;
  plan.privilege = runtime.privilege;
  plan.user = drops_root(runtime) ? sandbox_user : ::geteuid();
  plan.group = drops_root(runtime) ? sandbox_group : ::getegid();
  return plan;
}

run_result container_host::run(const container_runtime& runtime,
                               const program_run& program,
                               const fs::path& rootfs, std::stop_token stop) {
  auto plan = plan_for(runtime, program, rootfs);
  std::shared_ptr<const unpacked_bundle> unpacked;
  if (program.bundle) {
    auto found = sandbox_->unpack(program.bundle);
    if (!found)
      return unprepared_run(found.error());
    unpacked = std::move(*found);
    plan.sandbox.bundle = unpacked->directory;
    plan.sandbox.bundle_names = unpacked->top_level_names;
  }
  auto input = sandbox_->put_input(program.input_file);
  if (!input)
    return unprepared_run(input.error());
  plan.sandbox.input = input->path();
  return start(runtime, program, plan, std::move(stop));
}

std::vector<std::string>
container_host::runtime_command(const container_runtime& runtime,
                                const run_directory* run) const {
  std::vector<std::string> command{runtime.path.string(), "--root",
                                   state_directory().string()};
  if (run)
    command.insert(command.end(),
                   {"--log", run->log().string(), "--log-format", "json"});
  // Control groups are for whom may make them; ours bound the runtime itself.
  if (runtime.name == "crun"
      && runtime.privilege == container_privilege::rootless)
    command.push_back("--cgroup-manager=disabled");
  return command;
}

run_result container_host::start(const container_runtime& runtime,
                                 const program_run& program,
                                 const container_plan& plan,
                                 std::stop_token stop) {
  auto id =
    "artel-" + std::to_string(::getpid()) + "-" + std::to_string(next_run_++);
  run_directory run{directory_ / ("run-" + id), id};
  if (auto filled = run.fill(container_config(plan), drops_root(runtime));
      !filled)
    return unprepared_run(filled.error());
  auto with_runtime = plan.sandbox.limits;
  with_runtime.processes += runtime_threads;
  with_runtime.memory_bytes += runtime_memory_bytes;
  auto group = sandbox_->acquire_group(with_runtime);
  if (!group)
    return unprepared_run(group.error());
  auto command = runtime_command(runtime, &run);
  command.insert(command.end(),
                 {"run", "--bundle", run.path().string(), "--preserve-fds", "1",
                  "--pid-file", run.process_id_file().string(), id});
  launch_request request{.command = std::move(command),
                         .environment = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin",
                                         "HOME=" + run.path().string()},
                         .first_process = first_process_source::file,
                         .process_id_file = run.process_id_file(),
                         .drop_root = drops_root(runtime),
                         .input = program.standard_input,
                         .limits = plan.sandbox.limits,
                         .group = group->get(),
                         .program_name = program.name};
  auto result = launch(request, std::move(stop));
  remove_state(runtime, id);
  if (result.outcome == run_outcome::sandbox_unavailable)
    if (auto words = last_error(read_small_file(run.log().string()));
        !words.empty())
      result.detail = runtime.name + ": " + words + setup_advice(words);
  return result;
}

/// A runtime that ends by itself removes its state.
void container_host::remove_state(const container_runtime& runtime,
                                  const std::string& id) {
  std::error_code ignored;
  if (!fs::exists(state_directory() / id, ignored))
    return;
  auto command = runtime_command(runtime, nullptr);
  command.insert(command.end(), {"delete", "--force", id});
  auto deleted =
    run_short_command(std::move(command), drops_root(runtime), delete_patience);
  // A runtime that can't read its own state anymore must not keep it either.
  if (!deleted || !deleted->succeeded())
    fs::remove_all(state_directory() / id, ignored);
}

} // namespace artel::sandbox
