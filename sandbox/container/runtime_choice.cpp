#include "sandbox/container/runtime_choice.hpp"

#include "sandbox/container/short_command.hpp"
#include "sandbox/helper_lookup.hpp"

#include <optional>
#include <string_view>
#include <utility>

#include <unistd.h>

namespace artel::sandbox {

namespace fs = std::filesystem;

namespace {

constexpr milliseconds version_patience{5'000};
constexpr milliseconds trial_time{15'000};

/// Not everyone has the directories for administrators on PATH.
std::optional<fs::path> find_runtime(std::string_view name) {
  if (auto found = find_on_path(name))
    return found;
  for (const fs::path directory : {"/usr/local/sbin", "/usr/sbin", "/sbin"})
    if (::access((directory / name).c_str(), X_OK) == 0)
      return directory / name;
  return std::nullopt;
}

/// "runc version 1.1.5+ds1\n..." as "1.1.5+ds1"; empty where it tells none.
std::string version_of(const fs::path& runtime) {
  auto told = run_short_command({runtime.string(), "--version"},
                                ::geteuid() == 0, version_patience);
  if (!told)
    return {};
  constexpr std::string_view label = "version ";
  auto start = told->output.find(label);
  if (start == std::string::npos)
    return {};
  start += label.size();
  return told->output.substr(start,
                             told->output.find_first_of(" \n", start) - start);
}

run_result try_runtime(container_host& host, const container_runtime& runtime) {
  program_run trial;
  trial.program = "/bin/true";
  trial.name = trial.program;
  trial.limits.wall_time = trial_time;
  return host.run(runtime, trial, {}, {});
}

} // namespace

result<container_runtime> choose_runtime(container_host& host) {
  std::string tried;
  for (const auto* name : {"runc", "crun"}) {
    auto path = find_runtime(name);
    if (!path)
      continue;
    container_runtime runtime{*path, name, version_of(*path), {}};
    for (auto privilege :
         {container_privilege::rootless, container_privilege::root}) {
      if (privilege == container_privilege::root && ::geteuid() != 0)
        continue;
      runtime.privilege = privilege;
      auto trial = try_runtime(host, runtime);
      if (trial.outcome == run_outcome::completed)
        return runtime;
      tried +=
        (tried.empty() ? "" : "; ") + runtime.describe() + ": " + trial.detail;
    }
  }
  if (tried.empty())
    return {errc::sandbox_unavailable,
            "no container runtime found: neither runc nor crun is on PATH;"
            " install one: apt install runc"};
  return {errc::sandbox_unavailable,
          "no container runtime works here: " + tried};
}

} // namespace artel::sandbox
