#include "sandbox/container/oci_config.hpp"

#include "sandbox/bundle/arguments.hpp"
#include "sandbox/process/spawn.hpp"
#include "sandbox/process/system_call_filter.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <system_error>

#include <sys/syscall.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

namespace artel::sandbox {

namespace {

using nlohmann::json;
namespace fs = std::filesystem;

/// Whether read-only can be said of a mount with all that is mounted below it
/// (Linux 5.12). Asked with what can only fail.
bool has_recursive_attributes() {
  constexpr long mount_setattr_number = 442;
  return ::syscall(mount_setattr_number, -1, "", 0, nullptr, 0) == 0
         || errno != ENOSYS;
}

json bind_mount(const std::string& host, const std::string& inside) {
  json options{"rbind", "ro", "nosuid", "nodev"};
  std::error_code ignored;
  // crun takes it for directories alone.
  if (fs::is_directory(host, ignored) && has_recursive_attributes())
    options.push_back("rro");
  return {{"destination", inside},
          {"type", "bind"},
          {"source", host},
          {"options", std::move(options)}};
}

/// A file costs the kernel memory even where it is empty.
std::uint64_t inodes_for(std::uint64_t size_bytes) {
  constexpr std::uint64_t bytes_per_inode = 4096;
  constexpr std::uint64_t least = 1024;
  constexpr std::uint64_t most = 1 << 20;
  return std::clamp(size_bytes / bytes_per_inode, least, most);
}

json writable_directory(const char* path, std::uint64_t size_bytes,
                        const container_plan& plan) {
  // To the kernel, zero is no limit.
  constexpr std::uint64_t page_bytes = 4096;
  auto is_root = plan.privilege == container_privilege::root;
  auto size = std::to_string(std::max(size_bytes, page_bytes));
  auto owner = std::to_string(is_root ? sandbox_user : 0);
  auto group = std::to_string(is_root ? sandbox_group : 0);
  return {{"destination", path},
          {"type", "tmpfs"},
          {"source", "tmpfs"},
          {"options",
           {"nosuid", "nodev", "mode=755", "size=" + size,
            "nr_inodes=" + std::to_string(inodes_for(size_bytes)),
            "uid=" + owner, "gid=" + group}}};
}

/// The mount point is there in any case. It must not pass for a directory whose
/// files lie in memory, which are counted.
json no_directory(const char* path) {
  return {{"destination", path},
          {"type", "tmpfs"},
          {"source", "tmpfs"},
          {"options",
           {"ro", "nosuid", "nodev", "noexec", "mode=755", "size=4096",
            "nr_inodes=1"}}};
}

json mounts(const container_plan& plan) {
  const auto& sandbox = plan.sandbox;
  json all{{{"destination", "/proc"},
            {"type", "proc"},
            {"source", "proc"},
            {"options", {"nosuid", "nodev", "noexec"}}},
           // Not nodev: the runtime makes devices in it.
           {{"destination", "/dev"},
            {"type", "tmpfs"},
            {"source", "tmpfs"},
            {"options", {"nosuid", "noexec", "ro", "mode=755", "size=64k"}}}};
  for (const auto& one : plan.system)
    all.push_back(bind_mount(one.host.string(), one.inside));
  all.push_back(bind_mount(sandbox.shim.string(), shim_path));
  if (!sandbox.bundle.empty())
    all.push_back(bind_mount(sandbox.bundle.string(), bundle_directory));
  for (const auto& one : sandbox.shown)
    all.push_back(bind_mount(one.host.string(), one.inside));
  if (!sandbox.input.empty())
    all.push_back(bind_mount(sandbox.input.string(), input_directory));
  const auto& limits = sandbox.limits;
  all.push_back(
    writable_directory(work_directory, limits.work_directory_bytes, plan));
  all.push_back(limits.output_files_bytes > 0 ? writable_directory(
                  output_directory, limits.output_files_bytes, plan)
                                              : no_directory(output_directory));
  return all;
}

json process(const container_plan& plan) {
  auto is_root = plan.privilege == container_privilege::root;
  const auto& sandbox = plan.sandbox;
  json none = json::array();
  return {{"terminal", false},
          {"user",
           {{"uid", is_root ? sandbox_user : 0},
            {"gid", is_root ? sandbox_group : 0}}},
          {"args", shim_command(sandbox, sandbox.bundle_names)},
          {"env", sandbox_environment(sandbox.limits)},
          {"cwd", work_directory},
          {"noNewPrivileges", true},
          {"capabilities",
           {{"bounding", none},
            {"effective", none},
            {"permitted", none},
            {"inheritable", none},
            {"ambient", none}}}};
}

const char* action_name(call_action action) {
  return action == call_action::kill ? "SCMP_ACT_KILL_PROCESS"
                                     : "SCMP_ACT_ALLOW";
}

/// Names of calls that one action is for, whatever their arguments.
json untested_calls(call_action action) {
  json names = json::array();
  for (const auto& rule : filter_rules())
    if (!rule.test && rule.action == action)
      names.push_back(rule.call);
  return {{"names", std::move(names)}, {"action", action_name(action)}};
}

json system_call_rules() {
  json rules{untested_calls(call_action::allow),
             untested_calls(call_action::kill)};
  for (const auto& rule : filter_rules())
    if (rule.test)
      rules.push_back({{"names", {rule.call}},
                       {"action", action_name(rule.action)},
                       {"args",
                        {{{"index", rule.test->argument},
                          {"op", "SCMP_CMP_MASKED_EQ"},
                          {"value", rule.test->mask},
                          {"valueTwo", rule.test->value}}}}});
  // Without a list of architectures, those of other ones are killed.
  return {{"defaultAction", "SCMP_ACT_ERRNO"},
          {"defaultErrnoRet", unlisted_call_error},
          {"syscalls", std::move(rules)}};
}

json identity_mapping(std::uint32_t host_id) {
  return json::array({{{"containerID", 0}, {"hostID", host_id}, {"size", 1}}});
}

/// For where the runtime is root, so that it makes a control group.
json resources(const execution_limits& limits) {
  constexpr std::uint64_t most = std::uint64_t{1} << 62;
  // What lies in the writable directories is memory, too.
  auto memory = std::min({limits.memory_bytes, most})
                + std::min(limits.work_directory_bytes, most)
                + std::min(limits.output_files_bytes, most);
  // The shim, and the runtime's own threads while they set it up.
  constexpr std::int64_t setup_threads = 32;
  return {{"memory", {{"limit", std::min(memory, most)}}},
          {"pids", {{"limit", std::int64_t{limits.processes} + setup_threads}}},
          {"devices", {{{"allow", false}, {"access", "rwm"}}}}};
}

json linux_part(const container_plan& plan) {
  json namespaces = json::array();
  for (const auto* type : {"pid", "network", "ipc", "uts", "mount", "cgroup"})
    namespaces.push_back({{"type", type}});
  static const json system_calls = system_call_rules();
  json part{{"seccomp", system_calls},
            {"readonlyPaths", {"/proc"}},
            {"maskedPaths",
             {"/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
              "/proc/scsi", "/proc/sched_debug", "/proc/timer_list"}}};
  if (plan.privilege == container_privilege::rootless) {
    namespaces.push_back({{"type", "user"}});
    part["uidMappings"] = identity_mapping(plan.user);
    part["gidMappings"] = identity_mapping(plan.group);
  } else {
    part["resources"] = resources(plan.sandbox.limits);
  }
  part["namespaces"] = std::move(namespaces);
  return part;
}

} // namespace

std::string container_config(const container_plan& plan) {
  json config{{"ociVersion", "1.0.2"},
              {"process", process(plan)},
              {"root", {{"path", plan.rootfs.string()}, {"readonly", true}}},
              {"hostname", "sandbox"},
              {"mounts", mounts(plan)},
              {"linux", linux_part(plan)}};
  // What is not UTF-8 in arguments can't be said in JSON.
  return config.dump(-1, ' ', false, json::error_handler_t::replace);
}

} // namespace artel::sandbox
