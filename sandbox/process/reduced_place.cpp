#include "sandbox/process/reduced_place.hpp"

#include "sandbox/bundle/arguments.hpp"
#include "sandbox/descriptor.hpp"
#include "sandbox/process/spawn.hpp"
#include "sandbox/process/user_tasks.hpp"

#include <algorithm>
#include <string_view>
#include <system_error>
#include <utility>

#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>

namespace artel::sandbox {

namespace fs = std::filesystem;

namespace {

/// The first that keeps signals in.
constexpr long landlock_version_min = 6;

long landlock_version() {
  return ::syscall(SYS_landlock_create_ruleset, nullptr, 0,
                   LANDLOCK_CREATE_RULESET_VERSION);
}

result<void> make_directory(const fs::path& path) {
  if (::mkdir(path.c_str(), 0700) != 0)
    return system_error("cannot create '" + path.string() + "'");
  if (::geteuid() == 0
      && ::chown(path.c_str(), sandbox_user, sandbox_group) != 0)
    return system_error("cannot set the owner of '" + path.string() + "'");
  return {};
}

/// Replaces the directory where it stands at the start of the text, or of what
/// follows a '=': "/input/a", "--file=/input/a".
void replace_directory(std::string& text, std::string_view from,
                       const std::string& to) {
  auto stands_at = [&](std::size_t at) {
    auto end = at + from.size();
    return (end == text.size() || text[end] == '/')
           && (at == 0 || text[at - 1] == '=');
  };
  for (auto at = text.find(from); at != text.npos;) {
    auto stands = stands_at(at);
    if (stands)
      text.replace(at, from.size(), to);
    at = text.find(from, at + (stands ? to.size() : from.size()));
  }
}

} // namespace

result<void> check_reduced_isolation() {
  if (::geteuid() == 0 || landlock_version() >= landlock_version_min)
    return {};
  return {errc::sandbox_unavailable,
          "reduced isolation keeps a program from this user's other processes"
          " only where artel is started as root, or from Linux 6.12 on with"
          " Landlock; here is neither"};
}

reduced_place::reduced_place(reduced_place&& other) noexcept
  : directory_(std::exchange(other.directory_, {})) {
  // nop
}

reduced_place::~reduced_place() {
  std::error_code ignored;
  if (!directory_.empty())
    fs::remove_all(directory_, ignored);
}

result<reduced_place> reduced_place::make(fs::path directory,
                                          const sandbox_plan& plan) {
  if (::mkdir(directory.c_str(), 0700) != 0
      || ::chmod(directory.c_str(), 0711) != 0)
    return system_error("cannot create '" + directory.string() + "'");
  reduced_place made{std::move(directory)};
  for (const auto& path : {made.work(), made.output()})
    if (auto done = make_directory(path); !done)
      return done.error();
  for (const auto& name : plan.bundle_names)
    if (::symlink((plan.bundle / name).c_str(), (made.work() / name).c_str())
        != 0)
      return system_error("cannot make the link '" + name + "'");
  return made;
}

std::string reduced_place::translated(std::string text,
                                      const sandbox_plan& plan) const {
  for (const auto& one : plan.shown)
    replace_directory(text, one.inside, one.host.string());
  replace_directory(text, bundle_directory, plan.bundle.string());
  replace_directory(text, input_directory, plan.input.string());
  replace_directory(text, output_directory, output().string());
  return text;
}

std::vector<std::string>
reduced_place::command(const sandbox_plan& plan) const {
  auto here = plan;
  here.program = translated(plan.program, plan);
  for (auto& argument : here.arguments)
    argument = translated(std::move(argument), plan);
  // Without a user namespace of its own the kernel counts all processes of the
  // user.
  here.limits.processes +=
    count_user_tasks(::geteuid() == 0 ? sandbox_user : ::geteuid());
  auto command = shim_command(here, {});
  command.front() = plan.shim.string();
  std::vector<std::string> options{"--filter", "--start", work().string(),
                                   "--output-at", output().string()};
  auto show = [&](const fs::path& path) {
    if (!path.empty())
      options.insert(options.end(), {"--show", path.string()});
  };
  show(plan.bundle);
  show(plan.input);
  for (const auto& one : plan.shown)
    show(one.host);
  auto end = std::find(command.begin(), command.end(), "--");
  command.insert(end, options.begin(), options.end());
  return command;
}

std::vector<std::string>
reduced_place::environment(const execution_limits& limits) const {
  auto variables = sandbox_environment(limits);
  for (auto& one : variables) {
    replace_directory(one, work_directory, work().string());
    replace_directory(one, output_directory, output().string());
  }
  return variables;
}

} // namespace artel::sandbox
