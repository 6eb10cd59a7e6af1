#include "tools/artel/shell/tables.hpp"

#include "tests/runtime/sim/worlds.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

using namespace artel;
using namespace artel::tools;
using namespace std::chrono_literals;

namespace {

sim::world_options cheap_world() {
  sim::world_options options;
  options.seed = 11;
  options.crypto = signature_kind::modelled;
  return options;
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  for (; !text.empty(); text.remove_prefix(text.find('\n') + 1))
    lines.emplace_back(text.substr(0, text.find('\n')));
  return lines;
}

/// The line that begins with the word, its blanks made single.
std::string line_about(std::string_view text, std::string_view word) {
  for (auto line : lines_of(text)) {
    if (!line.starts_with(std::string{word} + " ") && line != word)
      continue;
    auto twice = [](char a, char b) { return a == ' ' && b == ' '; };
    line.erase(std::unique(line.begin(), line.end(), twice), line.end());
    return line;
  }
  return "no line begins with '" + std::string{word} + "' in:\n"
         + std::string{text};
}

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

} // namespace

TEST_CASE("virtual time is short and keeps the hundredths where they matter") {
  CHECK(virtual_time_text(0us) == "0 s");
  CHECK(virtual_time_text(2'345'678us) == "2.34 s");
  CHECK(virtual_time_text(59'999'999us) == "59.99 s");
  CHECK(virtual_time_text(302'340ms) == "5 min 2.34 s");
  CHECK(virtual_time_text(3'902s) == "1 h 5 min 2 s");
}

TEST_CASE("an empty world says how it can be filled") {
  sim::world world{cheap_world()};
  CHECK(nodes_table(world) == "no nodes yet ('node add' adds some)\n");
  CHECK(jobs_table(world) == "no tasks yet ('job submit' starts one)\n");
  CHECK(has(reputation_table(world), "nobody has an opinion"));
  CHECK(links_table(world) == "no links\n");
  CHECK(has(credits_table(world), "0 granted = 0 in circulation + 0 burned\n"));
  auto summary = world_summary(world);
  CHECK(line_about(summary, "seed") == "seed 11");
  CHECK(line_about(summary, "nodes") == "nodes 0 nodes");
  CHECK(line_about(summary, "violations") == "violations none");
}

TEST_CASE("nodes show what they are, what became of them, and how they act") {
  sim::world world{cheap_world()};
  sim::testing::populate(world, 3, whole_credits(250));
  sim::behaviour liar;
  REQUIRE(set_trait(liar, "lies", "always"));
  world.set_behaviour(2, liar);
  world.run_for(2s);
  REQUIRE(world.kill(3, sim::crash_kind::process));
  world.run_for(1s);

  auto table = nodes_table(world);
  CHECK(lines_of(table).size() == 5);
  CHECK(line_about(table, "client")
        == "client client up honest 4 x 1.00 0 2 250 0.50");
  CHECK(line_about(table, "worker-1")
        == "worker-1 public up honest 2 x 1.00 0 2 100 0.50");
  CHECK(line_about(table, "worker-2")
        == "worker-2 public up lies always 2 x 1.00 0 2 100 0.50");
  CHECK(line_about(table, "worker-3")
        == "worker-3 public down honest 2 x 1.00 - - 100 0.50");

  CHECK(lines_of(nodes_table(world, "er-2")).size() == 2);
  CHECK(nodes_table(world, "nobody") == "no node with such a name\n");
  CHECK(line_about(world_summary(world), "nodes")
        == "nodes 4 nodes: 3 up, 1 down");
}

TEST_CASE("of a large world the first rows are shown, and how many there are") {
  auto options = cheap_world();
  options.links_per_node = 1;
  sim::world world{options};
  sim::testing::populate(world, 70);
  world.run_for(100ms);
  auto lines = lines_of(nodes_table(world));
  REQUIRE(lines.size() == 52);
  CHECK(lines[50].starts_with("worker-49 "));
  CHECK(lines[51].starts_with("... and 21 more ("));
  CHECK(has(credits_table(world), "... and 21 more ("));
  // worker-70 and worker-7.
  CHECK(lines_of(nodes_table(world, "er-7")).size() == 3);
}

TEST_CASE("a task shows in all tables, and its credits add up") {
  sim::world world{cheap_world()};
  sim::testing::populate(world, 4);
  // Until they know each other.
  world.run_for(1s);
  auto task = world.submit(0, sim::testing::primes_task(10'000, 6), "first");
  REQUIRE(task);
  world.run_for(10ms);
  CHECK(has(line_about(jobs_table(world), "first"), "first client "));

  auto end = world.run_until([&] { return world.task(*task).is_over(); }, 60s);
  REQUIRE((end == sim::drive_end::reached));
  world.run_for(1s);
  const auto& report = *world.task(*task).report;
  auto paid = to_string(report.paid);
  REQUIRE(report.paid > credits{});
  CHECK(line_about(jobs_table(world), "first")
          .starts_with("first client completed 6/6 0 "
                       + std::to_string(report.replicas_run) + " "
                       + std::to_string(report.retries) + " " + paid + " "));
  CHECK(jobs_table(world, "second") == "no task with such a name\n");
  CHECK(line_about(world_summary(world), "tasks")
        == "tasks 1 task: 1 completed");

  auto credits = credits_table(world);
  CHECK(line_about(credits, "client")
        == "client " + to_string(world.balance(0)) + " 0 0 " + paid);
  CHECK(line_about(credits, "worker-1")
        == "worker-1 " + to_string(world.balance(1)) + " 0 "
             + to_string(world.earned(1)) + " 0");
  CHECK(line_about(credits, "1400")
        == "1400 granted = 1400 in circulation + 0 burned");

  // Who worked well is thought of better than a stranger.
  auto opinions = reputation_table(world);
  CHECK(line_about(opinions, "client").starts_with("client worker-"));
  CHECK(has(opinions, " 0.5"));
  CHECK_FALSE(has(opinions, "client  client"));
}

TEST_CASE("nodes of one owner are one line of accounts") {
  sim::world world{cheap_world()};
  sim::testing::populate(world, 2);
  sim::node_options twin;
  twin.name = "twin";
  twin.same_owner_as = 1;
  sim::testing::add(world, twin);
  world.run_for(100ms);
  auto table = credits_table(world);
  CHECK(line_about(table, "worker-1").starts_with("worker-1 +1 "));
  CHECK(line_about(table, "twin").starts_with("no line"));
}

TEST_CASE("links show their paths, and faults what was done") {
  sim::world world{cheap_world()};
  sim::testing::populate(world, 2);
  world.run_for(2s);
  CHECK(line_about(faults_table(world), "crash").starts_with("no line"));
  CHECK(line_about(links_table(world), "worker-1")
          .starts_with("worker-1 client open 20ms 0% "));

  auto slow = world.net().standard();
  slow.latency = 1'500us;
  slow.loss = ppm{25'000};
  world.net().set_profile(1, 0, slow);
  // Nothing reaches worker-2; what it sends arrives.
  auto one_way = world.net().partition({0, 1}, {2}, true);
  CHECK(has(links_table(world, "worker-2"), "one way"));
  CHECK_FALSE(has(links_table(world, "worker-2"), "open"));
  world.net().heal(one_way);
  CHECK_FALSE(has(links_table(world), "one way"));
  world.net().partition({2}, {0, 1}, false);
  auto links = links_table(world, "worker-1");
  CHECK(has(links, "1500us"));
  CHECK(has(links, "2.5%"));
  CHECK(has(links, "blocked"));
  // Asks for bids on all its links.
  REQUIRE(world.submit(0, sim::testing::primes_task(1'000, 2)));
  world.run_for(10s);
  REQUIRE(world.kill(1, sim::crash_kind::power));
  auto faults = faults_table(world);
  CHECK(line_about(faults, "sent").starts_with("sent "));
  CHECK_FALSE(line_about(faults, "sent") == "sent 0");
  CHECK_FALSE(line_about(faults, "blocked by a partition")
              == "blocked by a partition 0");
  auto power_losses =
    std::string{to_string(sim::fault_kind::power_loss)} + " 1";
  CHECK(line_about(faults, to_string(sim::fault_kind::power_loss))
        == power_losses);
}
