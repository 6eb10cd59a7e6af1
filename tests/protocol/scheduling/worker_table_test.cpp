#include "protocol/scheduling/worker_table.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <set>

namespace {

using namespace artel;
using enum placement_strategy;

constexpr placement_strategy strategies[] = {least_loaded, cheapest,
                                             most_trusted, balanced};

node_id node(std::size_t number) {
  node_id id;
  id.value[0] = static_cast<std::uint8_t>(number >> 8);
  id.value[1] = static_cast<std::uint8_t>(number);
  return id;
}

owner_id owner(std::size_t number) {
  owner_id id;
  id.value[0] = static_cast<std::uint8_t>(number >> 8);
  id.value[2] = static_cast<std::uint8_t>(number);
  return id;
}

/// A worker of an owner of its own.
worker_view worker(std::size_t number, std::uint32_t slots = 4) {
  worker_view view;
  view.node = node(number);
  view.owner = owner(number);
  view.slots = slots;
  view.price_per_job = microcredits(1'000);
  return view;
}

std::int64_t score(const worker_view& view, placement_strategy strategy) {
  return worker_score(view, strategy, microcredits(1'000));
}

} // namespace

TEST_CASE("capacity is two a slot before anything is known") {
  CHECK(capacity_of(worker(1, 4)) == 8);
  CHECK(capacity_of(worker(1, 0)) == 0);
}

TEST_CASE("short jobs are sent ahead in dozens, long ones singly") {
  auto view = worker(1, 4);
  auto with = [&](std::int64_t run_time_us) {
    view.mean_run_time = microseconds{run_time_us};
    return capacity_of(view);
  };
  CHECK(with(5'000) == 4 * 41);
  CHECK(with(100'000) == 4 * 3);
  CHECK(with(200'000) == 4 * 2);
  CHECK(with(200'001) == 4);
  CHECK(with(60'000'000) == 4);
  CHECK(with(1) == 4 * 512);
  CHECK(with(std::numeric_limits<std::int64_t>::max()) == 4);
  view.slots = std::numeric_limits<std::uint32_t>::max();
  CHECK(with(1) == std::numeric_limits<std::uint32_t>::max());
}

TEST_CASE("reputation, energy, nearness and cached code raise a score") {
  for (auto strategy : strategies) {
    auto base = worker(1);
    base.latency = microseconds{50'000};
    base.energy = {500'000};
    auto before = score(base, strategy);
    auto other = base;
    other.reputation = {600'000};
    CHECK(score(other, strategy) > before);
    other = base;
    other.energy = {ppm_one};
    CHECK(score(other, strategy) > before);
    other = base;
    other.latency = microseconds{1'000};
    CHECK(score(other, strategy) > before);
    other = base;
    other.has_bundle = true;
    CHECK(score(other, strategy) > before);
    other = base;
    other.in_flight = 1;
    CHECK(score(other, strategy) < before);
    other = base;
    other.price_per_job = microcredits(2'000);
    CHECK((score(other, strategy) < before)
          == (strategy == cheapest || strategy == balanced));
  }
}

TEST_CASE("a score is the weighted sum that is documented") {
  auto view = worker(1);
  view.reputation = {800'000};
  view.energy = {500'000};
  view.latency = microseconds{50'000};
  view.has_bundle = true;
  view.price_per_job = microcredits(4'000);
  view.in_flight = 2;
  CHECK(score(view, least_loaded)
        == 80'000 + 25'000 + 25'000 + 100'000 - 175'000);
  CHECK(score(view, cheapest)
        == 80'000 + 25'000 + 25'000 + 50'000 + 162'500 - 25'000);
  CHECK(score(view, most_trusted)
        == 560'000 + 25'000 + 25'000 + 50'000 - 37'500);
  CHECK(score(view, balanced)
        == 200'000 + 75'000 + 75'000 + 150'000 + 37'500 - 37'500);
}

TEST_CASE("what a worker claims beyond all bounds counts as the bound") {
  auto view = worker(1);
  auto best = score(view, balanced);
  view.energy = {std::numeric_limits<std::int32_t>::max()};
  view.latency = microseconds{-5};
  view.price_per_job = microcredits(-5);
  CHECK(score(view, balanced) == best);
  view.energy = {-1};
  view.latency = microseconds::max();
  view.price_per_job = microcredits(std::numeric_limits<std::int64_t>::max());
  CHECK(score(view, balanced) == 125'000);
}

TEST_CASE("the strategies choose whom their names say") {
  auto chosen = [](placement_strategy strategy) {
    worker_table table{strategy};
    auto loaded = worker(1);
    loaded.in_flight = 4;
    loaded.reputation = {900'000};
    auto cheap = worker(2);
    cheap.price_per_job = microcredits(200);
    cheap.in_flight = 2;
    auto idle = worker(3);
    table.put(loaded);
    table.put(cheap);
    table.put(idle);
    auto random = random_generator::from_number(1);
    return table.place({}, random)->node;
  };
  CHECK(chosen(most_trusted) == node(1));
  CHECK(chosen(cheapest) == node(2));
  CHECK(chosen(least_loaded) == node(3));
}

TEST_CASE("only equals are drawn for, and each gets its share") {
  auto random = random_generator::from_number(1);
  std::size_t count[4] = {};
  for (int i = 0; i < 3'000; ++i) {
    worker_table table{least_loaded};
    for (std::size_t w = 0; w < 3; ++w)
      table.put(worker(w));
    auto worse = worker(3);
    worse.latency = microseconds{100};
    table.put(worse);
    auto id = table.place({}, random)->node;
    ++count[id.value[1]];
  }
  for (std::size_t w = 0; w < 3; ++w) {
    CHECK(count[w] > 850);
    CHECK(count[w] < 1'150);
  }
  CHECK(count[3] == 0);
}

TEST_CASE("a table of one best worker draws no random number") {
  worker_table table{least_loaded};
  table.put(worker(1));
  auto random = random_generator::from_number(1);
  auto untouched = random;
  REQUIRE(table.place({}, random) != nullptr);
  CHECK(random.next() == untouched.next());
}

TEST_CASE("a full, dead or excluded worker gets nothing") {
  worker_table table{balanced};
  auto random = random_generator::from_number(1);
  CHECK(table.place({}, random) == nullptr);
  table.put(worker(1, 1));
  CHECK(table.room() == 2);
  std::vector<owner_id> excluded{owner(1)};
  CHECK(table.place(excluded, random) == nullptr);
  CHECK_FALSE(table.any_other_owner(excluded));
  CHECK(table.any_other_owner({}));

  table.set_reachable(node(1), false);
  CHECK(table.place({}, random) == nullptr);
  CHECK_FALSE(table.any_other_owner({}));
  CHECK(table.room() == 0);
  CHECK(table.owner_count() == 0);

  table.set_reachable(node(1), true);
  CHECK(table.place({}, random) != nullptr);
  CHECK(table.place({}, random) != nullptr);
  CHECK(table.place({}, random) == nullptr);
  CHECK(table.find(node(1))->in_flight == 2);
  // Busy is not gone.
  CHECK(table.any_other_owner({}));
  table.on_ended(node(1), microseconds{0});
  CHECK(table.place({}, random) != nullptr);
  table.check_invariants();
}

TEST_CASE("the mean run time moves by an eighth of the difference") {
  worker_table table{least_loaded};
  table.put(worker(1));
  auto random = random_generator::from_number(1);
  auto mean_after = [&](std::int64_t run_time_us) {
    REQUIRE(table.place({}, random) != nullptr);
    table.on_ended(node(1), microseconds{run_time_us});
    return table.find(node(1))->mean_run_time.count();
  };
  CHECK(mean_after(0) == 0);
  CHECK(mean_after(8'000) == 8'000);
  CHECK(mean_after(16'000) == 9'000);
  CHECK(mean_after(0) == 9'000);
  CHECK(mean_after(1'000) == 8'000);
  CHECK(table.find(node(1))->in_flight == 0);
  table.check_invariants();
}

TEST_CASE("an end that nothing is in flight for is ignored") {
  worker_table table{least_loaded};
  table.put(worker(1));
  table.on_ended(node(1), microseconds{5'000});
  table.on_ended(node(2), microseconds{5'000});
  CHECK(table.find(node(1))->in_flight == 0);
  CHECK(table.find(node(1))->mean_run_time.count() == 0);
}

TEST_CASE("replacing a worker keeps what the table counted") {
  worker_table table{least_loaded};
  auto random = random_generator::from_number(1);
  table.put(worker(1));
  REQUIRE(table.place({}, random) != nullptr);
  REQUIRE(table.place({}, random) != nullptr);
  table.on_ended(node(1), microseconds{7'000});
  auto changed = worker(1, 8);
  changed.owner = owner(5);
  table.put(changed);
  const auto* found = table.find(node(1));
  CHECK(found->in_flight == 1);
  CHECK(found->mean_run_time.count() == 7'000);
  CHECK(found->slots == 8);
  std::vector<owner_id> excluded{owner(1)};
  CHECK(table.any_other_owner(excluded));
  CHECK(table.workers().size() == 1);
  table.check_invariants();
}

TEST_CASE("an opinion of an owner is one of all its nodes") {
  worker_table table{most_trusted};
  for (std::size_t i = 1; i <= 3; ++i) {
    auto view = worker(i);
    view.owner = owner(i == 3 ? 2 : 1);
    table.put(view);
  }
  table.set_reputation(owner(1), {100'000});
  table.set_reputation(owner(9), {0});
  CHECK(table.find(node(1))->reputation.value == 100'000);
  CHECK(table.find(node(2))->reputation.value == 100'000);
  CHECK(table.find(node(3))->reputation.value == 500'000);
  CHECK(table.owner_count() == 2);
  auto random = random_generator::from_number(1);
  CHECK(table.place({}, random)->node == node(3));
  table.check_invariants();
}

TEST_CASE("prices count against the cheapest that is there now") {
  worker_table table{cheapest};
  auto dear = worker(1);
  dear.price_per_job = microcredits(2'000);
  dear.reputation = {ppm_one};
  auto cheap = worker(2);
  cheap.reputation = {0};
  table.put(dear);
  table.put(cheap);
  auto random = random_generator::from_number(1);
  CHECK(table.place({}, random)->node == node(2));
  table.remove(node(2));
  table.check_invariants();
  CHECK(table.place({}, random)->node == node(1));
  CHECK(table.find(node(2)) == nullptr);
  table.remove(node(2));
  CHECK(table.workers().size() == 1);
}

TEST_CASE("least loaded keeps equal workers level, whatever their size") {
  worker_table table{least_loaded};
  for (std::size_t i = 0; i < 10; ++i)
    table.put(worker(i, i < 5 ? 2 : 8));
  auto random = random_generator::from_number(4);
  // Half of the capacity of 100: each is half full.
  for (int i = 0; i < 50; ++i)
    REQUIRE(table.place({}, random) != nullptr);
  for (const auto& view : table.workers())
    CHECK(view.in_flight * 2 == capacity_of(view));
  // Two that became idle get what comes next.
  for (int i = 0; i < 8; ++i) {
    table.on_ended(node(8), microseconds{0});
    table.on_ended(node(9), microseconds{0});
  }
  for (int i = 0; i < 8; ++i)
    REQUIRE(table.place({}, random) != nullptr);
  CHECK(table.find(node(8))->in_flight == 4);
  CHECK(table.find(node(9))->in_flight == 4);
}

TEST_CASE("the replicas of a job go to distinct owners until none is left") {
  for (auto strategy : strategies) {
    worker_table table{strategy};
    for (std::size_t i = 0; i < 12; ++i) {
      auto view = worker(i);
      view.owner = owner(i / 3);
      table.put(view);
    }
    auto random = random_generator::from_number(2);
    std::vector<owner_id> used;
    while (const auto* view = table.place(used, random)) {
      CHECK(std::find(used.begin(), used.end(), view->owner) == used.end());
      used.push_back(view->owner);
    }
    CHECK(used.size() == 4);
    CHECK_FALSE(table.any_other_owner(used));
  }
}

TEST_CASE("one seed places alike") {
  auto run = [](std::uint64_t seed) {
    worker_table table{balanced};
    for (std::size_t i = 0; i < 8; ++i)
      table.put(worker(i));
    auto random = random_generator::from_number(seed);
    std::vector<node_id> placed;
    for (int i = 0; i < 40; ++i)
      placed.push_back(table.place({}, random)->node);
    return placed;
  };
  CHECK(run(1) == run(1));
  CHECK(run(1) != run(2));
}

TEST_CASE("no order of changes places on the full, the dead or the excluded") {
  for (std::uint64_t seed = 1; seed <= 24; ++seed) {
    auto random = random_generator::from_number(seed);
    worker_table table{strategies[seed % 4]};
    for (int step = 0; step < 1'500; ++step) {
      CAPTURE(seed);
      CAPTURE(step);
      auto id = node(random.below(20));
      switch (random.below(10)) {
        case 0: {
          auto view = worker(0, static_cast<std::uint32_t>(random.below(4)));
          view.node = id;
          view.owner = owner(random.below(8));
          view.price_per_job = microcredits(1 + std::int64_t(random.below(9)));
          view.latency = microseconds{random.below(90'000)};
          view.has_bundle = random.chance(500'000);
          table.put(view);
          break;
        }
        case 1: table.remove(id); break;
        case 2: table.set_reachable(id, random.chance(700'000)); break;
        case 3:
          table.set_reputation(
            owner(random.below(8)),
            {static_cast<std::int32_t>(random.below(ppm_one))});
          break;
        case 4:
        case 5: table.on_ended(id, microseconds{random.below(400'000)}); break;
        default: {
          std::vector<owner_id> excluded;
          for (auto i = random.below(5); i > 0; --i)
            excluded.push_back(owner(random.below(8)));
          auto is_open = [&](const worker_view& view) {
            return view.reachable && view.in_flight < capacity_of(view)
                   && std::find(excluded.begin(), excluded.end(), view.owner)
                        == excluded.end();
          };
          auto before = table.workers();
          auto least = std::min_element(
            before.begin(), before.end(), [](const auto& a, const auto& b) {
              return a.price_per_job < b.price_per_job;
            });
          const auto* chosen = table.place(excluded, random);
          auto any = std::any_of(before.begin(), before.end(), is_open);
          REQUIRE((chosen != nullptr) == any);
          if (chosen == nullptr)
            break;
          auto was = std::find_if(
            before.begin(), before.end(),
            [&](const worker_view& view) { return view.node == chosen->node; });
          REQUIRE(is_open(*was));
          CHECK(chosen->in_flight == was->in_flight + 1);
          auto score_of = [&](const worker_view& view) {
            return worker_score(view, strategies[seed % 4],
                                least->price_per_job);
          };
          for (const auto& view : before)
            CHECK((!is_open(view) || score_of(view) <= score_of(*was)));
        }
      }
      table.check_invariants();
      std::uint64_t room = 0;
      std::set<owner_id> owners;
      for (const auto& view : table.workers()) {
        if (!view.reachable)
          continue;
        owners.insert(view.owner);
        room += capacity_of(view) - std::min(capacity_of(view), view.in_flight);
      }
      CHECK(table.room() == room);
      CHECK(table.owner_count() == owners.size());
      std::vector<owner_id> all(owners.begin(), owners.end());
      CHECK_FALSE(table.any_other_owner(all));
      if (!all.empty()) {
        all.pop_back();
        CHECK(table.any_other_owner(all));
      }
    }
  }
}
