#include "tests/sandbox/hostile/attack.hpp"

#include <utility>

namespace artel::hostile {

namespace {

constexpr std::uint64_t megabyte = 1u << 20;

attack file_attack(std::string name, std::vector<std::string> arguments,
                   std::vector<std::string> says = {}, ending expected = {}) {
  return {.group = "files",
          .name = std::move(name),
          .program = "files",
          .arguments = std::move(arguments),
          .expected = expected,
          .says = std::move(says)};
}

void with_output(execution_limits& limits) {
  limits.output_files_bytes = megabyte;
}

/// The names of a run's files, sorted as they come.
std::string names_of(const sandbox::run_result& result) {
  std::string names;
  for (const auto& file : result.files)
    names += (names.empty() ? "" : " ") + file.name;
  return names;
}

auto has_only(std::string names) {
  return [names = std::move(names)](const sandbox::run_result& result) {
    auto found = names_of(result);
    return found == names ? std::string{} : "collected '" + found + "'";
  };
}

/// What a link leads to would have content; the attacks' own files have none.
std::string is_empty(const sandbox::run_result& result) {
  for (const auto& file : result.files)
    if (!file.data.empty())
      return "'" + file.name + "' was read through";
  return {};
}

void add_reading(std::vector<attack>& all) {
  all.push_back(file_attack(
    "../", {"dot_dot", "@canary"},
    {"../../../../../../etc/shadow: ENOENT", "/job/../etc/passwd: ENOENT"}));
  all.push_back(file_attack(
    "paths of the host", {"absolute", "@canary", "@directory"},
    {"/etc/shadow: ENOENT", "/root: ENOENT", "/sys: ENOENT", "/run: ENOENT"}));
  all.push_back(
    file_attack("symbolic links", {"symlinks", "@canary"},
                {"shadow: ENOENT", "canary: ENOENT", "first/etc: EACCES"}));
  all.push_back(file_attack("hard links", {"hard_links"}));
  all.push_back(
    file_attack("symbolic link race", {"symlink_race", "@canary"}, {"raced"}));
  all.push_back(
    file_attack("/proc/self", {"own_proc", "@secret"},
                {"/proc/self/mem: EROFS", "/proc/self/exe: EACCES",
                 "/proc/self/oom_score_adj: EROFS", "environ read"}));
  all.push_back(
    file_attack("/proc/1", {"first_process"},
                {"/proc/1/root/etc: EACCES", "/proc/1/mem: EACCES",
                 "/proc/1/environ: EACCES", "/proc/1/fd/3: EACCES"}));
  all.push_back(file_attack("processes of the host",
                            {"other_processes", "@pid"},
                            {"kill: ESRCH", "others 0"}));
  all.push_back(
    file_attack("mounts' sources", {"mount_sources"}, {"tried some"}));
  all.push_back(file_attack("inherited descriptors and environment",
                            {"inherited", "@secret"}, {"inherited 0"}));
}

void add_system(std::vector<attack>& all) {
  all.push_back(
    file_attack("devices", {"device_files"},
                {"/dev/mem: ENOENT", "/dev/kvm: ENOENT", "/dev/fuse: ENOENT",
                 "/dev/vda: ENOENT", "create in /dev: EROFS",
                 "create in /dev/shm: EROFS"}));
  all.push_back(file_attack("setuid", {"setuid_programs"},
                            {"no_new_privs 1", "still the same user"}));
  all.push_back(file_attack("settings of the host", {"host_settings"},
                            {"/proc/kmsg: EACCES", "/sys/fs/cgroup: ENOENT"}));
  all.push_back(file_attack("addresses of the kernel", {"kernel_addresses"},
                            {"no addresses"}));
  all.push_back(
    file_attack("writes outside the work directory", {"writes"},
                {"/artel-escaped: EROFS", "/usr/artel-escaped: EROFS",
                 "/dev/shm/artel-escaped: EROFS", "/job/artel-escaped: EROFS",
                 "/artel-shim: EACCES"}));
}

void add_names(std::vector<attack>& all) {
  all.push_back(file_attack("evil names", {"evil_names", "/work"}, {"made"}));
  all.push_back(file_attack("a tree of 10,000 levels",
                            {"deep_tree", "/work", "10000"}, {"levels 10000"}));
  all.back().ends_within = milliseconds{5'000};
}

void add_outputs(std::vector<attack>& all) {
  auto add = [&all](attack one) -> attack& {
    one.limits = with_output;
    all.push_back(std::move(one));
    return all.back();
  };
  const ending refused{run_outcome::output_limit};
  // Only control characters are refused; the rest are names like others.
  add(file_attack("output: evil names", {"evil_names", "/output"}, {"made"},
                  refused))
    .verify = has_only("");
  add(file_attack("output: a tree of 10,000 levels",
                  {"deep_tree", "/output", "10000"}, {"levels 10000"}, refused))
    .ends_within = milliseconds{5'000};
  add(file_attack("output: links, fifos, sockets, devices",
                  {"odd_outputs", "@canary"}, {"made 8"}))
    .verify = has_only("directory/real real");
  add(file_attack("output: changed while it is collected",
                  {"output_race", "@canary"}, {"racing"}))
    .verify = is_empty;
  add(file_attack("output: 1025 files", {"many_outputs", "1025"}, {"made 1025"},
                  refused))
    .verify = has_only("");
  add(file_attack("output: as much as fits", {"big_output"}, {"write: ENOSPC"}))
    .verify = has_only("big");
  add(file_attack("output: sparse file", {"sparse_output"}, {"ftruncate 0"},
                  refused));
  all.back().limits = [](execution_limits& limits) {
    limits.output_files_bytes = megabyte;
    limits.file_bytes = std::uint64_t{2} << 30;
  };
  add(file_attack("output: one file by many names", {"linked_output"}, {},
                  refused));
}

} // namespace

std::vector<attack> file_attacks() {
  std::vector<attack> all;
  add_reading(all);
  add_system(all);
  add_names(all);
  add_outputs(all);
  return all;
}

} // namespace artel::hostile
