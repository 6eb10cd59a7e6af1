#include "sandbox/self_test.hpp"

#include "tests/sandbox/scripts.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace artel;
using namespace artel::sandbox;

namespace {

probe_facts outside_facts() {
  return {
    {"Uid", "0"},          {"Seccomp", "0"},      {"ns/user", "user:[1]"},
    {"ns/pid", "pid:[1]"}, {"ns/net", "net:[1]"}, {"ns/ipc", "ipc:[1]"},
    {"ns/uts", "uts:[1]"}, {"ns/mnt", "mnt:[1]"}, {"ns/cgroup", "cgroup:[1]"}};
}

/// What a full sandbox shows.
probe_facts inside_facts() {
  return {{"Uid", "1000"},
          {"usr_owner", "65534"},
          {"CapInh", "0000000000000000"},
          {"CapPrm", "0000000000000000"},
          {"CapEff", "0000000000000000"},
          {"CapBnd", "0000000000000000"},
          {"CapAmb", "0000000000000000"},
          {"NoNewPrivs", "1"},
          {"Seccomp", "2"},
          {"ns/user", "user:[2]"},
          {"ns/pid", "pid:[2]"},
          {"ns/net", "net:[2]"},
          {"ns/ipc", "ipc:[2]"},
          {"ns/uts", "uts:[2]"},
          {"ns/mnt", "mnt:[2]"},
          {"ns/cgroup", "cgroup:[2]"},
          {"interfaces", "lo"},
          {"writable", ""},
          {"limit/open_files", "123"},
          {"limit/file_blocks", "8192"},
          {"limit/core_size", "0"}};
}

/// Names of the layers that are not active.
std::vector<std::string> missing(const std::vector<layer_report>& layers) {
  std::vector<std::string> names;
  for (const auto& one : layers)
    if (one.state != layer_state::active)
      names.push_back(one.name);
  return names;
}

const layer_report& find(const std::vector<layer_report>& layers,
                         const std::string& name) {
  for (const auto& one : layers)
    if (one.name == name)
      return one;
  FAIL("no layer " << name);
  return layers.front();
}

std::string described(const std::vector<layer_report>& layers) {
  std::string text;
  for (const auto& one : layers)
    text += one.name + ": " + std::string{to_string(one.state)} + ": "
            + one.found + "\n";
  return text;
}

} // namespace

TEST_CASE("lines become facts, and the last of a name counts") {
  auto facts = parse_facts("a 1\nns/pid pid:[7]\nempty \nbare\n\na 2 3");
  CHECK(facts
        == probe_facts{
          {"a", "2 3"}, {"ns/pid", "pid:[7]"}, {"empty", ""}, {"bare", ""}});
  CHECK(parse_facts("").empty());
}

TEST_CASE("a sandbox with everything is judged to have everything") {
  auto layers = judge(outside_facts(), inside_facts());
  INFO(described(layers));
  CHECK(missing(layers).empty());
  CHECK(verdict_of(layers) == isolation_verdict::full);
  CHECK(verdict_text(layers) == "full isolation");
}

TEST_CASE("each single flaw is found, and told by its layer alone") {
  struct flaw {
    const char* fact;
    const char* value;
    std::vector<std::string> layers;
  };
  for (const auto& one : std::vector<flaw>{
         {"ns/user", "user:[1]", {"user namespace"}},
         {"ns/pid", "pid:[1]", {"namespaces"}},
         {"ns/ipc", "ipc:[1]", {"namespaces"}},
         {"ns/uts", "", {"namespaces"}},
         {"ns/mnt", "mnt:[1]", {"namespaces"}},
         {"ns/net", "net:[1]", {"namespaces", "no network"}},
         {"interfaces", "lo,eth0", {"no network"}},
         {"Seccomp", "0", {"system call filter"}},
         {"Seccomp", "1", {"system call filter"}},
         {"NoNewPrivs", "0", {"no new privileges"}},
         {"CapEff", "0000000000000001", {"capabilities"}},
         {"CapBnd", "000001ffffffffff", {"capabilities"}},
         {"usr_owner", "1000", {"root given up"}},
         {"writable", "/usr", {"read-only files"}},
         {"limit/open_files", "1024", {"resource limits"}},
         {"limit/core_size", "unlimited", {"resource limits"}},
       }) {
    CAPTURE(one.fact);
    CAPTURE(one.value);
    auto inside = inside_facts();
    inside[one.fact] = one.value;
    auto layers = judge(outside_facts(), inside);
    CHECK(missing(layers) == one.layers);
    CHECK(verdict_of(layers) == isolation_verdict::reduced);
  }
}

TEST_CASE("what was not told is not taken for granted") {
  auto layers = judge(outside_facts(), {});
  CHECK(missing(layers).size() == layers.size());
  for (const auto& [name, value] : inside_facts()) {
    // Nobody needs that one.
    if (name == "ns/cgroup")
      continue;
    CAPTURE(name);
    auto inside = inside_facts();
    inside.erase(name);
    CHECK_FALSE(missing(judge(outside_facts(), inside)).empty());
  }
}

TEST_CASE("where /proc can't be read inside, what was tried tells") {
  auto inside = inside_facts();
  inside.erase("Seccomp");
  inside["personality"] = "forbidden";
  CHECK(missing(judge(outside_facts(), inside)).empty());
  // Who is filtered itself learns nothing from that.
  auto outside = outside_facts();
  outside["Seccomp"] = "2";
  CHECK(missing(judge(outside, inside))
        == std::vector<std::string>{"system call filter"});
}

TEST_CASE("reduced isolation is told as what it is") {
  local_config config;
  config.policy.isolation = isolation_level::reduced;
  local_executor executor{config};
  auto layers = check_layers(executor);
  INFO(described(layers));
  CHECK(verdict_of(layers) == isolation_verdict::reduced);
  CHECK(verdict_text(layers).starts_with(
    "reduced isolation: without user namespace, namespaces, "));
  for (const auto* name :
       {"trial run", "system call filter", "no new privileges", "root given up",
        "read-only files", "resource limits"}) {
    CAPTURE(name);
    CHECK(find(layers, name).state == layer_state::active);
  }
  CHECK(find(layers, "no network").state == layer_state::absent);
}

TEST_CASE("this machine's own view is no isolation at all") {
  auto host = outside_facts();
  host.insert({{"usr_owner", "0"},
               {"CapInh", "0000000000000000"},
               {"CapEff", "000001ffffffffff"},
               {"NoNewPrivs", "0"},
               {"interfaces", "lo,eth0"},
               {"writable", "/,/usr,/etc"},
               {"limit/open_files", "1024"}});
  auto layers = judge(host, host);
  CHECK(missing(layers).size() == layers.size());
  CHECK(verdict_text(layers).starts_with(
    "reduced isolation: without user namespace, namespaces, system call"));
}

TEST_CASE("who is not root has no root to give up") {
  auto outside = outside_facts();
  outside["Uid"] = "1001";
  auto layers = judge(outside, inside_facts());
  CHECK(missing(layers).empty());
  CHECK(find(layers, "root given up").found
        == "artel is not root: user 1001, inside 1000");
}

TEST_CASE("a kernel without cgroup namespaces is no flaw") {
  auto inside = inside_facts();
  inside["ns/cgroup"] = "";
  CHECK(missing(judge(outside_facts(), inside)).empty());
}

TEST_CASE("this machine isolates programs fully, and nothing is left of it") {
  test::scratch_directory scratch;
  local_config config;
  config.process.work_root = scratch.path / "runs";
  {
    local_executor executor{config};
    auto layers = check_layers(executor);
    INFO(described(layers));
    CHECK(verdict_text(layers) == "full isolation");
    for (const auto& one : layers)
      if (one.required)
        CHECK(one.state == layer_state::active);
    CHECK(find(layers, "bubblewrap").found.find("(/") != std::string::npos);
    CHECK(isolation_text(executor, isolation_level::full, sandbox_kind::process)
            .starts_with("full: own namespaces"));
  }
  CHECK(test::count_entries(scratch.path / "runs") == 0);
}

TEST_CASE("without control groups isolation is full, but memory approximate") {
  local_config config;
  config.process.control_groups = false;
  local_executor executor{config};
  auto layers = check_layers(executor);
  const auto& groups = find(layers, "control groups");
  CHECK(groups.state == layer_state::weaker);
  CHECK(groups.found.find("approximate (switched off)") != std::string::npos);
  CHECK(verdict_of(layers) == isolation_verdict::full);
  CHECK(memory_watch_text(executor)
        == "every 50 ms, approximately (no control group: switched off)");
}

TEST_CASE("where no program can be run, the reason is the verdict") {
  local_config config;
  config.process.bubblewrap = "/nonexistent/bwrap";
  local_executor executor{config};
  auto layers = check_layers(executor);
  CHECK(verdict_of(layers) == isolation_verdict::none);
  auto text = verdict_text(layers);
  INFO(text);
  CHECK(text.starts_with("no sandbox: "));
  CHECK(text.find("'/nonexistent/bwrap'") != std::string::npos);
  CHECK(memory_watch_text(executor) == "not at all");
  CHECK(isolation_text(executor, isolation_level::full, sandbox_kind::process)
          .starts_with("none: "));
}

TEST_CASE("a policy that forbids processes is a reason, too") {
  local_config config;
  config.policy.kinds = {sandbox_kind::wasm};
  local_executor executor{config};
  auto layers = check_layers(executor);
  CHECK(verdict_of(layers) == isolation_verdict::none);
  CHECK(verdict_text(layers).find("runs no code in the sandbox process")
        != std::string::npos);
}

TEST_CASE("no layers are no isolation") {
  CHECK(verdict_of({}) == isolation_verdict::none);
  CHECK(verdict_text({}) == "no sandbox: nothing was tried");
}
