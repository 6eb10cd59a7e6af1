#include "sandbox/self_test.hpp"

#include "sandbox/descriptor.hpp"
#include "sandbox/helper_lookup.hpp"
#include "sandbox/process/spawn.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <memory>
#include <optional>
#include <utility>

#include <fcntl.h>
#include <linux/landlock.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace artel::sandbox {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view first_layer = "trial run";

/// Uncommon values, so that they can't be the machine's own.
constexpr std::uint32_t probe_open_files = 123;
constexpr std::uint64_t probe_file_bytes = 4u << 20;

/// Runs inside. What it makes where it should not be able to, it removes.
constexpr std::string_view probe_script = R"sh(#!/bin/sh
status=$(cat /proc/self/status 2> /dev/null)
while read -r name value _; do
  case $name in
    Uid: | Cap*: | NoNewPrivs: | Seccomp:) echo "${name%:} $value" ;;
  esac
done << END
$status
END
if [ -z "$status" ]; then
  echo "Uid $(id -u)"
  none() { case $1 in *'[none]') echo "$2 0" ;; *) echo "$2 some" ;; esac; }
  setpriv --dump | while read -r line; do
    case $line in
      'no_new_privs: '*) echo "NoNewPrivs ${line#*: }" ;;
      'Inheritable capabilities: '*) none "$line" CapInh ;;
      'Ambient capabilities: '*) none "$line" CapAmb ;;
      'Capability bounding set: '*) none "$line" CapBnd ;;
    esac
  done
  setarch -R true 2> /dev/null || echo 'personality forbidden'
fi
for name in user pid net ipc uts mnt cgroup; do
  echo "ns/$name $(readlink "/proc/self/ns/$name")"
done
if interfaces=$(cat /proc/net/dev 2> /dev/null); then
  echo "interfaces" $(echo "$interfaces" | sed -n 's/^ *\([^ :|]*\):.*/\1/p')
fi
echo "usr_owner $(stat -c %u /usr)"
writable=
for place in / /usr /usr/bin /etc /dev /job; do
  if (: > "$place/.artel-self-test") 2> /dev/null; then
    rm -f "$place/.artel-self-test"
    writable="$writable${writable:+,}$place"
  fi
done
echo "writable $writable"
echo "limit/open_files $(ulimit -n)"
echo "limit/file_blocks $(ulimit -f)"
echo "limit/core_size $(ulimit -c)"
)sh";

std::string value_of(const probe_facts& facts, const std::string& name) {
  auto found = facts.find(name);
  return found == facts.end() ? std::string{} : found->second;
} // namespace

void append_name(std::string& list, std::string_view name) {
  list += (list.empty() ? "" : ", ") + std::string{name};
}

layer_report layer(std::string name, bool is_active, std::string found,
                   std::string advice = {}) {
  return {std::move(name),
          is_active ? layer_state::active : layer_state::absent, true,
          std::move(found), is_active ? std::string{} : std::move(advice)};
}

// -- what was seen inside
// -----------------------------------------------------

constexpr const char* namespace_advice =
  "programs must be started by bubblewrap: run without --isolation reduced";

bool is_own(const std::string& name, const probe_facts& outside,
            const probe_facts& inside) {
  auto theirs = value_of(inside, "ns/" + name);
  return !theirs.empty() && theirs != value_of(outside, "ns/" + name);
}

layer_report user_namespace(const probe_facts& outside,
                            const probe_facts& inside) {
  auto own = is_own("user", outside, inside);
  return layer("user namespace", own, own ? "its own" : "this machine's",
               namespace_advice);
}

layer_report namespaces(const probe_facts& outside, const probe_facts& inside) {
  struct wanted {
    const char* name;
    const char* shown;
  };
  std::string own;
  std::string shared;
  for (auto [name, shown] :
       {wanted{"pid", "processes"}, wanted{"net", "network"},
        wanted{"ipc", "IPC"}, wanted{"uts", "host name"},
        wanted{"mnt", "mounts"}})
    append_name(is_own(name, outside, inside) ? own : shared, shown);
  auto complete = shared.empty();
  // Old kernels have none, and nothing of them is shown inside.
  if (is_own("cgroup", outside, inside))
    append_name(own, "control groups");
  auto found = own.empty() ? std::string{} : "its own: " + own;
  if (!complete)
    found += (found.empty() ? "" : "; ") + ("this machine's: " + shared);
  return layer("namespaces", complete, std::move(found), namespace_advice);
}

/// Where /proc can't be read inside, a call that everybody else may make tells.
layer_report filter(const probe_facts& outside, const probe_facts& inside) {
  auto mode = value_of(inside, "Seccomp");
  auto tried = mode.empty() && value_of(outside, "Seccomp") == "0"
               && value_of(inside, "personality") == "forbidden";
  return layer("system call filter", mode == "2" || tried,
               tried          ? "personality() is forbidden"
               : mode == "2"  ? "seccomp, mode 2"
               : mode.empty() ? "not known"
                              : "none: seccomp mode " + mode,
               "a kernel with CONFIG_SECCOMP_FILTER");
}

layer_report privileges(const probe_facts& inside) {
  auto active = value_of(inside, "NoNewPrivs") == "1";
  return layer("no new privileges", active,
               active ? "setuid programs gain nothing"
                      : "setuid programs work inside",
               "report this: artel asks for it in every run");
}

layer_report capabilities(const probe_facts& inside) {
  std::string held;
  for (const auto* set : {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"}) {
    auto value = value_of(inside, set);
    auto is_empty =
      !value.empty() && value.find_first_not_of('0') == value.npos;
    if (!is_empty)
      append_name(held, std::string{set} + " "
                          + (value.empty() ? "not known" : value));
  }
  return layer("capabilities", held.empty(),
               held.empty() ? "none, nor can any be had" : held,
               namespace_advice);
}

/// Root of this machine owns /usr. Inside, its files appear as one's own only
/// to whom is root outside.
layer_report user(const probe_facts& outside, const probe_facts& inside) {
  auto uid = value_of(inside, "Uid");
  auto host = value_of(outside, "Uid");
  auto owner = value_of(inside, "usr_owner");
  auto is_known = !uid.empty() && !owner.empty();
  auto is_root = !is_known || uid == owner;
  if (!is_root && host != "0")
    return layer("root given up", true,
                 "artel is not root: user " + host + ", inside " + uid);
  return layer("root given up", !is_root,
               uid.empty() ? "not known"
               : is_root
                 ? "programs run as this machine's root"
                 : "user " + std::to_string(sandbox_user) + ", inside " + uid,
               "run artel as a user of its own");
}

layer_report read_only_files(const probe_facts& inside) {
  auto told = inside.contains("writable");
  auto writable = value_of(inside, "writable");
  return layer("read-only files", told && writable.empty(),
               !told              ? "not known"
               : writable.empty() ? "all but the work and output directories"
                                  : "can write in " + writable,
               namespace_advice);
}

layer_report network(const probe_facts& outside, const probe_facts& inside) {
  auto own = is_own("net", outside, inside);
  auto told = inside.contains("interfaces");
  auto interfaces = value_of(inside, "interfaces");
  auto active = own && told && (interfaces.empty() || interfaces == "lo");
  return layer("no network", active,
               active ? "nothing but a loopback of its own"
               : !own ? "this machine's, as far as the filter allows"
               : told ? "reaches " + interfaces
                      : "not known",
               namespace_advice);
}

layer_report resource_limits(const probe_facts& inside) {
  auto files = value_of(inside, "limit/open_files");
  auto blocks = value_of(inside, "limit/file_blocks");
  auto core = value_of(inside, "limit/core_size");
  auto active = files == std::to_string(probe_open_files)
                && blocks == std::to_string(probe_file_bytes / 512)
                && core == "0";
  return layer("resource limits", active,
               active ? "open files, file size, processes, address space,"
                        " processor time, no core"
                      : "open files " + files + ", file size " + blocks
                          + ", core " + core,
               "report this: artel-shim sets them in every run");
}

// -- what is outside
// ----------------------------------------------------------

probe_facts facts_outside() {
  probe_facts facts;
  for (const auto* name :
       {"user", "pid", "net", "ipc", "uts", "mnt", "cgroup"}) {
    std::error_code error;
    auto target = fs::read_symlink(std::string{"/proc/self/ns/"} + name, error);
    if (!error)
      facts[std::string{"ns/"} + name] = target.string();
  }
  facts["Uid"] = std::to_string(::geteuid());
  auto status = read_small_file("/proc/self/status");
  constexpr std::string_view mark = "\nSeccomp:\t";
  if (auto at = status.find(mark); at != status.npos)
    facts["Seccomp"] = status.substr(at + mark.size(), 1);
  return facts;
}

/// What a program prints first, as long as it does not think for long.
std::string first_output(const descriptor& pipe) {
  constexpr int patience_ms = 5'000;
  std::array<char, 512> text{};
  struct pollfd ready {
    pipe.number(), POLLIN, 0
  };
  if (::poll(&ready, 1, patience_ms) <= 0)
    return {};
  auto count = ::read(pipe.number(), text.data(), text.size());
  std::string_view read{text.data(),
                        count > 0 ? static_cast<std::size_t>(count) : 0};
  return std::string{read.substr(0, read.find('\n'))};
}

/// The first line of what "PROGRAM --version" prints; empty where it doesn't.
std::string version_line(const fs::path& program) {
  auto pipe = make_pipe();
  descriptor null{::open("/dev/null", O_RDWR | O_CLOEXEC)};
  if (!pipe || !null.is_open())
    return {};
  spawn_request request;
  request.arguments = {program.string(), "--version"};
  request.environment = {"PATH=/usr/bin:/bin", "LANG=C.UTF-8"};
  request.descriptors = {null.number(), pipe->write.number(), null.number()};
  request.drop_root = ::geteuid() == 0;
  auto child = spawn(request);
  if (!child)
    return {};
  pipe->write.close();
  auto line = first_output(pipe->read);
  // Whoever has told its version has nothing left to do.
  ::kill(child->id, SIGKILL);
  while (::waitpid(child->id, nullptr, 0) < 0 && errno == EINTR) {
    // Once more.
  }
  return line;
}

/// "bubblewrap 0.8.0 (/usr/bin/bwrap)"; empty where it is not on PATH.
std::string version_of(std::string_view program) {
  auto path = find_on_path(program);
  if (!path)
    return {};
  auto line = version_line(*path);
  if (!line.starts_with(program) && !line.starts_with("bubblewrap"))
    line = std::string{program} + (line.empty() ? "" : " ") + line;
  return line + " (" + path->string() + ")";
}

layer_report bubblewrap() {
  auto version = version_of("bwrap");
  auto is_there = !version.empty();
  return layer("bubblewrap", is_there,
               is_there ? std::move(version) : "bwrap is not on PATH",
               "apt install bubblewrap");
}

/// artel-shim leaves the first version alone: it forbids to move files.
constexpr long landlock_version_used = 2;

/// Zero or less where there is none.
long landlock_version() {
  return ::syscall(SYS_landlock_create_ruleset, nullptr, 0,
                   LANDLOCK_CREATE_RULESET_VERSION);
}

layer_report landlock() {
  auto version = landlock_version();
  layer_report report{.name = "Landlock", .advice = {}};
  if (version >= landlock_version_used) {
    report.state = layer_state::active;
    report.found = "version " + std::to_string(version)
                   + ", a second fence behind read-only mounts";
    return report;
  }
  report.found = version > 0
                   ? "version 1, which is not used: it forbids to move files"
                   : "the kernel has none; read-only mounts hold alone";
  report.advice = version > 0 ? "Linux 5.19 or later"
                              : "Linux 5.19 or later, with landlock in lsm=";
  return report;
}

layer_report control_group_layer(const process_sandbox& sandbox) {
  layer_report report{.name = "control groups", .advice = {}};
  if (const auto* groups = sandbox.groups()) {
    report.state = layer_state::active;
    report.found = groups->describe();
    return report;
  }
  report.state = layer_state::weaker;
  report.found = "memory is watched every 50 ms instead: approximate ("
                 + sandbox.why_no_groups() + ")";
  return report;
}

// -- other kinds of code
// ------------------------------------------------------

layer_report kind_layer(local_executor& executor, std::string name,
                        const sandbox_terms& terms, std::string version) {
  layer_report report{.name = std::move(name), .advice = {}};
  auto usable = executor.check(terms, {});
  report.state = usable ? layer_state::active : layer_state::absent;
  report.found = usable ? std::move(version) : usable.error().message;
  return report;
}

std::string joined_versions(std::initializer_list<std::string_view> programs) {
  std::string all;
  for (auto program : programs)
    if (auto version = version_of(program); !version.empty())
      append_name(all, version);
  return all;
}

std::string interpreter_place() {
  auto found = find_helper("artel-wasm");
  return found ? found->string() : std::string{};
}

void add_kinds(local_executor& executor, std::vector<layer_report>& layers) {
  layers.push_back(kind_layer(executor, "WebAssembly interpreter",
                              {sandbox_kind::wasm, wasm_tier::interpreted, {}},
                              interpreter_place()));
  layers.push_back(kind_layer(executor, "WebAssembly compiler",
                              {sandbox_kind::wasm, wasm_tier::compiled, {}},
                              joined_versions({"wasm2c", "gcc"})));
  layers.push_back(kind_layer(executor, "container runtime",
                              {sandbox_kind::container, {}, {}},
                              joined_versions({"runc", "crun"})));
}

// -- the trial run
// ------------------------------------------------------------

run_request probe_request() {
  code_bundle bundle;
  bundle.main = "probe.sh";
  bundle.files.push_back({bundle.main, true, to_bytes(probe_script)});
  run_request request;
  request.bundle = std::make_shared<const code_bundle>(std::move(bundle));
  request.limits.open_files = probe_open_files;
  request.limits.file_bytes = probe_file_bytes;
  return request;
}

layer_report trial_layer(const run_result& trial) {
  auto completed = trial.outcome == run_outcome::completed;
  auto found = completed
                 ? "a script ran inside in "
                     + std::to_string(trial.wall_time_used.count()) + " ms"
                 : trial.detail;
  return layer(std::string{first_layer}, completed, std::move(found));
}

} // namespace

std::string_view to_string(layer_state state) noexcept {
  switch (state) {
    case layer_state::active: return "active";
    case layer_state::weaker: return "weaker";
    case layer_state::absent: return "absent";
  }
  return "unknown";
}

std::string_view to_string(isolation_verdict verdict) noexcept {
  switch (verdict) {
    case isolation_verdict::full: return "full";
    case isolation_verdict::reduced: return "reduced";
    case isolation_verdict::none: return "none";
  }
  return "unknown";
}

probe_facts parse_facts(std::string_view text) {
  probe_facts facts;
  while (!text.empty()) {
    auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    auto blank = std::min(line.find(' '), line.size());
    auto value = line.substr(std::min(blank + 1, line.size()));
    if (blank > 0)
      facts[std::string{line.substr(0, blank)}] = std::string{value};
  }
  return facts;
}

std::vector<layer_report> judge(const probe_facts& outside,
                                const probe_facts& inside) {
  return {user_namespace(outside, inside),
          namespaces(outside, inside),
          filter(outside, inside),
          privileges(inside),
          capabilities(inside),
          user(outside, inside),
          read_only_files(inside),
          network(outside, inside),
          resource_limits(inside)};
}

std::vector<layer_report> check_layers(local_executor& executor) {
  auto trial = executor.execute(probe_request(), {});
  std::vector<layer_report> layers{trial_layer(trial), bubblewrap()};
  // Without a run nothing is known, and one reason for all is enough.
  if (trial.outcome == run_outcome::completed) {
    auto seen = judge(facts_outside(), parse_facts(as_text(trial.output)));
    layers.insert(layers.end(), seen.begin(), seen.end());
  }
  layers.push_back(landlock());
  if (auto sandbox = executor.processes())
    layers.push_back(control_group_layer(**sandbox));
  add_kinds(executor, layers);
  return layers;
}

isolation_verdict verdict_of(const std::vector<layer_report>& layers) {
  auto verdict = isolation_verdict::full;
  for (const auto& one : layers) {
    if (!one.required || one.state == layer_state::active)
      continue;
    if (one.name == first_layer)
      return isolation_verdict::none;
    verdict = isolation_verdict::reduced;
  }
  return layers.empty() ? isolation_verdict::none : verdict;
}

std::string verdict_text(const std::vector<layer_report>& layers) {
  auto verdict = verdict_of(layers);
  if (verdict == isolation_verdict::full)
    return "full isolation";
  std::string missing;
  for (const auto& one : layers)
    if (one.required && one.state != layer_state::active) {
      if (one.name == first_layer)
        return "no sandbox: " + one.found;
      append_name(missing, one.name);
    }
  return verdict == isolation_verdict::none
           ? "no sandbox: nothing was tried"
           : "reduced isolation: without " + missing;
}

std::string isolation_text(local_executor& executor, isolation_level level,
                           sandbox_kind kind) {
  auto sandbox = executor.processes();
  if (!sandbox)
    return "none: " + sandbox.error().message;
  auto is_full = level == isolation_level::full;
  std::string text = is_full
                       ? "full: own namespaces, read-only files, no network, "
                       : "reduced: no namespaces; ";
  text += "system call filter, no privileges, limits";
  if (auto version = landlock_version(); version >= landlock_version_used)
    text += ", Landlock " + std::to_string(version);
  if ((*sandbox)->groups())
    text += ", control group";
  if (kind != sandbox_kind::process)
    text += "; around " + std::string{to_string(kind)};
  return text;
}

std::string memory_watch_text(local_executor& executor) {
  auto sandbox = executor.processes();
  if (!sandbox)
    return "not at all";
  if (const auto* groups = (*sandbox)->groups())
    return "by its control group (" + groups->describe() + ")";
  return "every 50 ms, approximately (no control group: "
         + (*sandbox)->why_no_groups() + ")";
}

} // namespace artel::sandbox
