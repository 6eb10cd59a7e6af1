#include "sandbox/process/bubblewrap.hpp"

#include "sandbox/bundle/arguments.hpp"

#include <cstdint>
#include <initializer_list>
#include <limits>
#include <system_error>

namespace artel::sandbox {

namespace fs = std::filesystem;

namespace {

using options = std::vector<std::string>;

void append(options& target, std::initializer_list<std::string> more) {
  target.insert(target.end(), more);
}

/// Programs reserve more than they touch: stacks, arenas, the C library. What
/// they touch is measured; this only bounds how far one of them gets in
/// between.
std::uint64_t address_space_bytes(std::uint64_t memory_bytes) {
  constexpr std::uint64_t reserve = 256u << 20;
  constexpr auto most =
    static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  return memory_bytes > (most - reserve) / 2 ? most
                                             : 2 * memory_bytes + reserve;
}

/// rlimits count whole seconds; the supervisor holds the exact limit.
std::uint64_t cpu_seconds(milliseconds time) {
  return static_cast<std::uint64_t>(
    std::chrono::ceil<std::chrono::seconds>(time).count());
}

void add_isolation(options& command) {
  append(command,
         {"--unshare-all", "--unshare-user", "--disable-userns",
          "--die-with-parent", "--new-session", "--as-pid-1", "--uid", "1000",
          "--gid", "1000", "--hostname", "sandbox", "--cap-drop", "ALL"});
}

void add_tmpfs(options& command, std::uint64_t size, const char* path) {
  append(command, {"--size", std::to_string(size), "--tmpfs", path});
}

void add_files(const sandbox_plan& plan, options& command) {
  command.insert(command.end(), plan.system_options.begin(),
                 plan.system_options.end());
  append(command, {"--ro-bind", plan.shim.string(), shim_path});
  if (!plan.bundle.empty())
    append(command, {"--ro-bind", plan.bundle.string(), bundle_directory});
  for (const auto& one : plan.shown)
    append(command, {"--ro-bind", one.host.string(), one.inside});
  append(command, {"--proc", "/proc", "--dev", "/dev"});
  add_tmpfs(command, plan.limits.work_directory_bytes, work_directory);
  append(command, {"--symlink", "work", "/tmp"});
  for (const auto& name : plan.bundle_names)
    append(command, {"--symlink", std::string{bundle_directory} + "/" + name,
                     std::string{work_directory} + "/" + name});
  if (plan.limits.output_files_bytes > 0)
    add_tmpfs(command, plan.limits.output_files_bytes, output_directory);
  if (!plan.input.empty())
    append(command, {"--ro-bind", plan.input.string(), input_directory});
  append(command, {"--remount-ro", "/proc", "--remount-ro", "/dev",
                   "--remount-ro", "/", "--chdir", work_directory});
}

} // namespace

std::vector<std::string> shared_system() {
  options found{"--ro-bind", "/usr", "/usr"};
  for (const auto* name :
       {"/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"}) {
    std::error_code error;
    auto target = fs::read_symlink(name, error);
    if (!error)
      append(found, {"--symlink", target.string(), name});
    else if (fs::is_directory(name, error))
      append(found, {"--ro-bind", name, name});
  }
  // Where programs have several providers, /usr/bin links to /etc/alternatives.
  for (const auto* path : {"/etc/alternatives", "/etc/ld.so.cache"})
    append(found, {"--ro-bind-try", path, path});
  return found;
}

std::vector<std::string> shim_command(const sandbox_plan& plan,
                                      const std::vector<std::string>& links) {
  const auto& limits = plan.limits;
  options command{shim_path,
                  std::to_string(cpu_seconds(limits.cpu_time)),
                  std::to_string(address_space_bytes(limits.memory_bytes)),
                  std::to_string(limits.file_bytes),
                  std::to_string(limits.open_files),
                  std::to_string(limits.processes)};
  if (plan.program_reports)
    append(command, {"--reports"});
  if (limits.output_files_bytes > 0)
    append(command, {"--output", std::to_string(limits.output_files_bytes)});
  for (const auto& name : links)
    append(command, {"--link", name});
  append(command, {"--", plan.program});
  command.insert(command.end(), plan.arguments.begin(), plan.arguments.end());
  return command;
}

std::vector<std::string> bubblewrap_command(const sandbox_plan& plan) {
  options command{plan.bubblewrap.string()};
  add_isolation(command);
  add_files(plan, command);
  append(command, {"--info-fd", std::to_string(info_descriptor), "--seccomp",
                   std::to_string(filter_descriptor), "--"});
  auto shim = shim_command(plan, {});
  command.insert(command.end(), shim.begin(), shim.end());
  return command;
}

std::vector<std::string> sandbox_environment(const execution_limits& limits) {
  options environment{"PATH=/usr/bin:/bin",
                      std::string{"HOME="} + work_directory,
                      std::string{"TMPDIR="} + work_directory, "LANG=C.UTF-8"};
  if (limits.output_files_bytes > 0)
    environment.push_back(std::string{"ARTEL_OUTPUT="} + output_directory);
  return environment;
}

} // namespace artel::sandbox
