// What a network's config demands: a price for jobs, at workers and at those
// who pay, and a bound on messages.
#include "tests/actors/checks.hpp"
#include "tests/actors/stranger.hpp"
#include "tests/actors/world.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <utility>

using namespace artel;
using namespace artel::testing;

namespace {

/// A client and workers whose network has a root key and a price floor.
struct floored_world {
  explicit floored_world(std::uint64_t seed)
    : net(seed),
      random(random_generator::from_number(seed)),
      root(key_pair::generate(random)) {}

  network_config config(std::uint64_t version, credits floor) {
    network_config item;
    item.network = network_name;
    item.version = version;
    item.issued = net.calendar();
    item.price_floor = floor;
    sign_config(item, root);
    return item;
  }

  /// Each has the config from the start.
  void add_worker(std::string name, const network_config& known,
                  script runs = honest) {
    node_setup worker;
    worker.name = std::move(name);
    worker.slots = 2;
    worker.runs = std::move(runs);
    worker.root = root.owner();
    worker.view.config = known;
    net.add_node(std::move(worker));
  }

  void add_client(const owner_id& known_root, const network_config& known) {
    node_setup client;
    client.name = "client";
    client.role = wire::node_role::client;
    client.grant = whole_credits(1'000);
    client.root = known_root;
    client.view.config = known;
    net.add_node(std::move(client));
  }

  void add_workers(const network_config& known, script runs = honest) {
    for (auto name : {"worker-1", "worker-2", "worker-3"})
      add_worker(name, known, runs);
  }

  network_answer update(std::size_t node, const network_config& item) {
    return net.ask<network_answer>(net.nodes[node].actor, update_network{item});
  }

  world net;
  random_generator random;
  key_pair root;
};

constexpr credits floor_price = microcredits(1'250'000);

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

const candidate_status& status_of(const task_explanation& told,
                                  const std::string& name) {
  auto found =
    std::find_if(told.candidates.begin(), told.candidates.end(),
                 [&name](const auto& one) { return one.display_name == name; });
  REQUIRE(found != told.candidates.end());
  return *found;
}

} // namespace

TEST_CASE("no worker bids below its network's price floor") {
  floored_world one{1};
  auto config = one.config(1, floor_price);
  one.add_client(one.root.owner(), config);
  one.add_workers(config);
  one.net.connect();
  auto task = one.net.submit(primes_task(1'000, 5));
  REQUIRE(one.net.await(task));
  CHECK(task->report->state == task_state::completed);
  CHECK(task->plan->price_floor == floor_price);
  CHECK(task->plan->price_per_job == floor_price);
  REQUIRE(task->plan->candidates.size() == 3);
  for (const auto& candidate : task->plan->candidates)
    CHECK(candidate.offer.price_per_job == floor_price);
  CHECK(task->report->paid.micro == 15 * floor_price.micro);
  check_settled(one.net, *task);
}

TEST_CASE("a price floor that comes or goes holds for the next bids") {
  floored_world one{2};
  one.add_client(one.root.owner(), {});
  one.add_workers({});
  one.net.connect();
  auto planned_price = [&one] {
    auto task = one.net.submit(primes_task(1'000, 5), {}, {}, true);
    REQUIRE(one.net.run_until([&task] { return task->plan.has_value(); },
                              milliseconds{5'000}));
    REQUIRE(task->plan->candidates.size() == 3);
    return task->plan->price_per_job;
  };
  auto usual = planned_price();
  CHECK(usual < floor_price);
  CHECK_FALSE(one.update(1, one.config(1, floor_price)).problem);
  one.net.run_for(milliseconds{100});
  CHECK(planned_price() == floor_price);
  CHECK_FALSE(one.update(1, one.config(2, {})).problem);
  one.net.run_for(milliseconds{100});
  CHECK(planned_price() == usual);
  // A floor below what a job costs anyway changes nothing.
  CHECK_FALSE(
    one.update(1, one.config(3, microcredits(usual.micro - 1))).problem);
  one.net.run_for(milliseconds{100});
  CHECK(planned_price() == usual);
}

TEST_CASE("a task that can't pay the price floor is told of it") {
  floored_world one{3};
  auto config = one.config(1, floor_price);
  auto refused = [&one](task_spec spec, errc code) {
    auto report = one.net.run(std::move(spec));
    CHECK(report.state == task_state::failed);
    CHECK(report.problem.code == code);
    CHECK(report.held.micro == 0);
    return report.problem.message;
  };
  auto spec = primes_task(1'000, 5);
  SUBCASE("its budget is too small") {
    one.add_client(one.root.owner(), config);
    one.add_workers(config);
    one.net.connect();
    spec.budget = whole_credits(2);
    CHECK(has(refused(spec, errc::budget_exceeded),
              "no worker of this network takes less than 1.25 credits a job"));
  }
  SUBCASE("its account is too small") {
    config = one.config(1, whole_credits(500));
    one.add_client(one.root.owner(), config);
    one.add_workers(config);
    one.net.connect();
    CHECK(has(refused(spec, errc::insufficient_credits),
              "no worker of this network takes less than 500 credits a job"));
  }
  SUBCASE("its node knows no root, and so no price floor") {
    one.add_client({}, {});
    one.add_workers(config);
    one.net.connect();
    auto message = refused(spec, errc::no_workers);
    CAPTURE(message);
    CHECK(has(message, "worker-"));
    CHECK(has(message, "asks 1.25 credits a job"));
    CHECK(has(message, "known to nodes that are given its root key"));
  }
}

TEST_CASE("a price floor that rises while a task runs leaves its bids alone") {
  floored_world one{4};
  one.add_client(one.root.owner(), {});
  one.add_workers({}, [](const sandbox::run_request& request) {
    auto run = honest(request);
    run.duration = milliseconds{2'000};
    return run;
  });
  one.net.connect();
  auto task = one.net.submit(primes_task(1'000, 10));
  REQUIRE(one.net.run_until([&] { return task->plan.has_value(); },
                            milliseconds{5'000}));
  one.net.run_for(milliseconds{500});
  auto price = task->plan->price_per_job;
  auto config = one.config(1, floor_price);
  CHECK_FALSE(one.update(0, config).problem);
  one.add_worker("late", config);
  one.net.settle();
  one.net.dial(0, "late");
  one.net.run_for(milliseconds{1'500});
  auto told =
    one.net.ask<task_explanation>(task->accepted->coordinator, explain_task{});
  CHECK(status_of(told, "late").state == candidate_state::declined);
  CHECK(status_of(told, "late").reason
        == "asks 1.25 credits a job, the task pays " + to_string(price)
             + ", and the network's price floor is now 1.25");
  CHECK(status_of(told, "worker-1").state != candidate_state::declined);
  REQUIRE(one.net.await(task));
  CHECK(task->report->state == task_state::completed);
  CHECK(task->report->paid.micro == 30 * price.micro);
  check_settled(one.net, *task);
}

TEST_CASE("a rate that a newer config sets holds for links that are up") {
  floored_world one{5};
  auto config = one.config(1, {});
  one.add_client(one.root.owner(), config);
  stranger other{one.net};
  other.shake_hands();
  auto throttled_of = [&](std::uint64_t pings) {
    auto before =
      one.net.ask<peer_status>(other.proxy(), query_peer{}).counters.throttled;
    for (std::uint64_t i = 0; i < pings; ++i)
      other.post(wire::ping{i});
    return one.net.ask<peer_status>(other.proxy(), query_peer{})
             .counters.throttled
           - before;
  };
  CHECK(throttled_of(1'000) == 0);
  config.version = 2;
  config.messages_per_second_max = 100;
  sign_config(config, one.root);
  CHECK_FALSE(one.update(0, config).problem);
  one.net.run_for(milliseconds{10});
  CHECK(throttled_of(1'000) >= 700);
}
