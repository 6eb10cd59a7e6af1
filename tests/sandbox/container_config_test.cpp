#include "sandbox/container/oci_config.hpp"

#include "sandbox/process/spawn.hpp"
#include "sandbox/process/system_call_filter.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cerrno>
#include <set>
#include <string>
#include <vector>

#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <nlohmann/json.hpp>

using namespace artel;
using nlohmann::json;
using sandbox::call_action;
using sandbox::container_privilege;

namespace {

sandbox::container_plan plan_of(container_privilege privilege) {
  sandbox::container_plan plan;
  plan.sandbox.shim = "/host/shim";
  plan.sandbox.bundle = "/host/bundle";
  plan.sandbox.bundle_names = {"job.sh", "data"};
  plan.sandbox.program = "/job/job.sh";
  plan.sandbox.arguments = {"--", "a \"quoted\" one"};
  plan.rootfs = "/host/rootfs";
  plan.system = {{"/usr", "/usr"}};
  plan.privilege = privilege;
  plan.user = 4711;
  plan.group = 4712;
  return plan;
}

json config_of(const sandbox::container_plan& plan) {
  return json::parse(sandbox::container_config(plan));
}

json mount_at(const json& config, const std::string& destination) {
  for (const auto& one : config["mounts"])
    if (one["destination"] == destination)
      return one;
  return nullptr;
}

bool has_option(const json& mount, const std::string& option) {
  return mount.is_object()
         && std::count(mount["options"].begin(), mount["options"].end(),
                       json(option))
              == 1;
}

std::set<std::string> namespaces_of(const json& config) {
  std::set<std::string> types;
  for (const auto& one : config["linux"]["namespaces"]) {
    // With a path it would be another's.
    CHECK(one.size() == 1);
    types.insert(one["type"].get<std::string>());
  }
  return types;
}

/// What the rules say about one call.
call_action const* action_for(const std::string& call,
                              const std::vector<std::uint64_t>& arguments) {
  for (const auto& rule : sandbox::filter_rules()) {
    if (call != rule.call)
      continue;
    if (!rule.test
        || (arguments.at(rule.test->argument) & rule.test->mask)
             == rule.test->value)
      return &rule.action;
  }
  return nullptr;
}

bool allows(const std::string& call,
            const std::vector<std::uint64_t>& arguments) {
  const auto* action = action_for(call, arguments);
  return action && *action == call_action::allow;
}

} // namespace

TEST_CASE("a container has a read-only root and no rights") {
  auto config = config_of(plan_of(container_privilege::rootless));
  CHECK(config["root"] == json{{"path", "/host/rootfs"}, {"readonly", true}});
  const auto& process = config["process"];
  CHECK(process["noNewPrivileges"] == true);
  CHECK(process["terminal"] == false);
  CHECK(process["cwd"] == "/work");
  CHECK(process["capabilities"].size() == 5);
  for (const auto& set : process["capabilities"])
    CHECK(set == json::array());
  CHECK(config["hostname"] == "sandbox");
  CHECK(config["linux"]["readonlyPaths"] == json::array({"/proc"}));
}

TEST_CASE("process 1 is artel-shim, with the limits and the bundle's links") {
  auto plan = plan_of(container_privilege::rootless);
  auto config = config_of(plan);
  auto arguments = config["process"]["args"].get<std::vector<std::string>>();
  CHECK(arguments
        == sandbox::shim_command(plan.sandbox, plan.sandbox.bundle_names));
  CHECK(arguments.front() == "/artel-shim");
  CHECK(arguments.back() == "a \"quoted\" one");
  CHECK(std::count(arguments.begin(), arguments.end(), "--link") == 2);
  CHECK(config["process"]["env"].get<std::vector<std::string>>()
        == sandbox::sandbox_environment(plan.sandbox.limits));
}

TEST_CASE("what a container shows of the machine is read-only") {
  auto plan = plan_of(container_privilege::rootless);
  plan.sandbox.shown = {{"/host/module", "/module"}};
  plan.sandbox.input = "/host/input";
  plan.sandbox.limits.output_files_bytes = 5 << 20;
  auto config = config_of(plan);
  std::set<std::string> bound;
  for (const auto& one : config["mounts"]) {
    CHECK(has_option(one, "nosuid"));
    if (one["type"] != "bind")
      continue;
    bound.insert(one["destination"].get<std::string>());
    CHECK(has_option(one, "ro"));
    CHECK(has_option(one, "nodev"));
  }
  CHECK(bound
        == std::set<std::string>{"/usr", "/artel-shim", "/job", "/module",
                                 "/input"});
  CHECK(mount_at(config, "/job")["source"] == "/host/bundle");
  CHECK(has_option(mount_at(config, "/dev"), "ro"));
  auto output = mount_at(config, "/output");
  CHECK(output["type"] == "tmpfs");
  CHECK(has_option(output, "size=5242880"));
}

TEST_CASE("the work directory is as large as allowed, in bytes and files") {
  auto plan = plan_of(container_privilege::rootless);
  auto work = mount_at(config_of(plan), "/work");
  CHECK(work["type"] == "tmpfs");
  CHECK(has_option(work, "size=16777216"));
  CHECK(has_option(work, "nr_inodes=4096"));
  CHECK(has_option(work, "nodev"));
  // Zero would be no limit at all.
  plan.sandbox.limits.work_directory_bytes = 0;
  work = mount_at(config_of(plan), "/work");
  CHECK(has_option(work, "size=4096"));
  CHECK(has_option(work, "nr_inodes=1024"));
  CHECK(has_option(mount_at(config_of(plan), "/output"), "ro"));
  CHECK(has_option(mount_at(config_of(plan), "/output"), "nr_inodes=1"));
  CHECK(mount_at(config_of(plan), "/input").is_null());
}

TEST_CASE("without root there is a user namespace, and no resources") {
  auto config = config_of(plan_of(container_privilege::rootless));
  CHECK(namespaces_of(config)
        == std::set<std::string>{"cgroup", "ipc", "mount", "network", "pid",
                                 "user", "uts"});
  const auto& part = config["linux"];
  CHECK(part["uidMappings"]
        == json::array({{{"containerID", 0}, {"hostID", 4711}, {"size", 1}}}));
  CHECK(part["gidMappings"]
        == json::array({{{"containerID", 0}, {"hostID", 4712}, {"size", 1}}}));
  CHECK_FALSE(part.contains("resources"));
  CHECK(config["process"]["user"] == json{{"uid", 0}, {"gid", 0}});
}

TEST_CASE("as root the program is another user, with resources") {
  auto plan = plan_of(container_privilege::root);
  plan.sandbox.limits.memory_bytes = 100 << 20;
  plan.sandbox.limits.work_directory_bytes = 10 << 20;
  auto config = config_of(plan);
  CHECK(namespaces_of(config)
        == std::set<std::string>{"cgroup", "ipc", "mount", "network", "pid",
                                 "uts"});
  const auto& part = config["linux"];
  CHECK_FALSE(part.contains("uidMappings"));
  CHECK(part["resources"]["memory"]["limit"] == 110 << 20);
  CHECK(part["resources"]["pids"]["limit"] == 64 + 32);
  CHECK(part["resources"]["devices"]
        == json::array({{{"allow", false}, {"access", "rwm"}}}));
  CHECK(
    config["process"]["user"]
    == json{{"uid", sandbox::sandbox_user}, {"gid", sandbox::sandbox_group}});
  CHECK(has_option(mount_at(config, "/work"), "uid=65533"));
}

TEST_CASE("the system calls are those of the process sandbox") {
  auto config = config_of(plan_of(container_privilege::rootless));
  const auto& filter = config["linux"]["seccomp"];
  CHECK(filter["defaultAction"] == "SCMP_ACT_ERRNO");
  CHECK(filter["defaultErrnoRet"] == ENOSYS);
  std::size_t rules = 0;
  for (const auto& one : filter["syscalls"]) {
    auto action = one["action"] == "SCMP_ACT_ALLOW" ? call_action::allow
                                                    : call_action::kill;
    for (const auto& name : one["names"]) {
      ++rules;
      auto same = [&](const sandbox::filter_rule& rule) {
        if (name != rule.call || action != rule.action
            || one.contains("args") != rule.test.has_value())
          return false;
        return !rule.test
               || one["args"]
                    == json::array({{{"index", rule.test->argument},
                                     {"op", "SCMP_CMP_MASKED_EQ"},
                                     {"value", rule.test->mask},
                                     {"valueTwo", rule.test->value}}});
      };
      INFO(name);
      CHECK(std::count_if(sandbox::filter_rules().begin(),
                          sandbox::filter_rules().end(), same)
            == 1);
    }
  }
  CHECK(rules == sandbox::filter_rules().size());
}

TEST_CASE("the rules let no attack through by its arguments") {
  constexpr std::uint64_t high = std::uint64_t{1} << 32;
  for (std::uint64_t request : {TIOCSTI, TIOCLINUX, TIOCSETD}) {
    CHECK_FALSE(allows("ioctl", {0, request}));
    // The kernel looks at 32 bits.
    CHECK_FALSE(allows("ioctl", {0, request | high}));
    CHECK_FALSE(allows("ioctl", {0, request | ~(high - 1)}));
    CHECK(allows("ioctl", {0, request + 1}));
    CHECK(allows("ioctl", {0, request ^ 0x80000000}));
  }
  for (std::uint64_t request : {TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO})
    CHECK(allows("ioctl", {0, request}));
  // With its sign extended, as C libraries do.
  CHECK(allows("ioctl", {0, 0xffffffff80045430}));
  CHECK(allows("clone", {SIGCHLD}));
  CHECK(allows("clone", {CLONE_VM | CLONE_THREAD | CLONE_SIGHAND}));
  for (std::uint64_t flag :
       {CLONE_NEWUSER, CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWNET, CLONE_NEWIPC,
        CLONE_NEWUTS, CLONE_NEWCGROUP})
    CHECK_FALSE(allows("clone", {flag | SIGCHLD}));
  for (const auto* call : {"socket", "socketpair"}) {
    CHECK(allows(call, {AF_UNIX}));
    for (std::uint64_t family :
         {AF_INET, AF_INET6, AF_NETLINK, AF_PACKET, AF_VSOCK, AF_ALG, AF_TIPC})
      CHECK_FALSE(allows(call, {family}));
  }
  CHECK(allows("personality", {0xffffffff}));
  CHECK_FALSE(allows("personality", {0x0040000}));
}

TEST_CASE("no rule allows what computing never needs") {
  for (const auto* call :
       {"io_uring_setup",  "io_uring_enter",  "io_uring_register",
        "userfaultfd",     "perf_event_open", "clone3",
        "chroot",          "mknod",           "mknodat",
        "seccomp",         "pidfd_getfd",     "kcmp",
        "process_madvise", "quotactl",        "name_to_handle_at",
        "modify_ldt",      "syslog",          "vhangup",
        "lookup_dcookie",  "migrate_pages",   "move_pages"}) {
    INFO(call);
    CHECK(action_for(call, {0, 0, 0, 0, 0, 0}) == nullptr);
  }
  for (const auto* call :
       {"mount", "unshare", "setns", "ptrace", "bpf", "keyctl", "add_key",
        "process_vm_readv", "open_by_handle_at", "init_module", "pivot_root"}) {
    INFO(call);
    const auto* action = action_for(call, {0, 0, 0, 0, 0, 0});
    REQUIRE(action);
    CHECK(*action == call_action::kill);
  }
}
