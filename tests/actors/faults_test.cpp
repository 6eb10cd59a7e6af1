// Tasks over links that fail, with workers that vanish and actors that die.
#include "actors/defaults.hpp"
#include "protocol/wire/envelope.hpp"
#include "tests/actors/checks.hpp"
#include "tests/actors/world.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

#include <doctest/doctest.h>

#include <map>
#include <set>

using namespace artel;
using namespace artel::testing;

namespace {

link_faults bad_links() {
  link_faults faults;
  faults.loss = 300'000;
  faults.duplication = 100'000;
  faults.delay_min = milliseconds{1};
  faults.delay_max = milliseconds{60};
  return faults;
}

/// One task over bad links; what it leaves behind, as one number.
std::uint64_t run_over_bad_links(std::uint64_t seed) {
  CAPTURE(seed);
  world net{seed};
  net.add_client();
  net.add_workers(6);
  net.connect();
  net.links->faults = bad_links();
  net.links->faults.loss =
    static_cast<std::int32_t>(50'000 + seed * 250'000 / 40);
  auto task = net.submit(primes_task(1'000, 15));
  REQUIRE(net.await(task));
  CHECK(task->report->state == task_state::completed);
  CHECK(as_text(task->report->result) == "168");
  CHECK(task->verdicts().size() == 15);
  check_settled(net, *task);
  check_idle(net);
  return net.fingerprint();
}

void kill(caf::scheduled_actor& victim) {
  caf::anon_send_exit(caf::actor_cast<caf::actor>(&victim),
                      caf::exit_reason::kill);
}

/// Kills so many actors of this name, each as it is about to do something.
void kill_some(world& net, std::string name, std::size_t count) {
  auto random =
    std::make_shared<random_generator>(random_generator::from_number(99));
  auto killed = std::make_shared<std::set<caf::actor_id>>();
  net.before_step = [=](caf::scheduled_actor& next) {
    if (killed->size() < count && name == next.name() && random->chance(100'000)
        && killed->insert(next.id()).second)
      kill(next);
  };
}

} // namespace

TEST_CASE("loss, duplication and reordering change neither result nor pay") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed)
    run_over_bad_links(seed);
}

TEST_CASE("one seed gives one trace, twice in one process") {
  auto first = run_over_bad_links(17);
  CHECK(run_over_bad_links(17) == first);
  CHECK(run_over_bad_links(18) != first);
}

TEST_CASE("the jobs of a worker that is cut off run elsewhere within 1.1 s") {
  world net{21};
  net.add_client();
  net.add_workers(5, [](const sandbox::run_request&) {
    return answer("1", milliseconds{400});
  });
  net.connect();
  auto task = net.submit(primes_task(1'000, 4));
  auto& silent = net.nodes[1];
  REQUIRE(net.run_until([&] { return silent.log->running() > 0; },
                        milliseconds{5'000}));
  net.links->cut_off.insert(silent.setup.name);
  auto cut = net.elapsed();
  std::uint64_t before = 0;
  for (const auto& node : net.nodes)
    before += node.log->started;
  REQUIRE(net.await(task));
  CHECK(task->report->state == task_state::completed);
  CHECK(as_text(task->report->result) == "4");
  CHECK(task->report->retries > 0);
  std::uint64_t lost = 0;
  for (const auto& node : task->report->nodes)
    if (node.node == silent.environment->id()) {
      lost = node.lost;
      CHECK(node.earned.micro == 0);
    }
  CHECK(lost > 0);
  // Found dead, at most one backoff of 100 ms, then two more rounds of work.
  CHECK(net.elapsed() - cut < milliseconds{1'100} + milliseconds{100}
                                + milliseconds{2 * 400 + 100});

  // Its results come late, and are acknowledged and forgotten.
  auto client = net.account(net.nodes[0].environment->owner);
  auto events = task->events.size();
  net.links->cut_off.clear();
  net.run_for(milliseconds{3'000});
  CHECK(net.account(net.nodes[0].environment->owner).available
        == client.available);
  CHECK(task->events.size() == events);
  check_settled(net, *task);
  check_idle(net);
}

TEST_CASE("a worker that was cut off is used again once it is back") {
  world net{22};
  net.add_client();
  net.add_workers(3, [](const sandbox::run_request&) {
    return answer("1", milliseconds{50});
  });
  net.connect();
  auto task = net.submit(primes_task(1'000, 100));
  net.run_for(milliseconds{200});
  net.links->cut_off.insert("worker-1");
  net.run_for(milliseconds{500});
  net.links->cut_off.clear();
  // Three owners are needed for every verdict: without it nothing would end.
  REQUIRE(net.await(task));
  CHECK(task->report->state == task_state::completed);
  CHECK(as_text(task->report->result) == "100");
  check_settled(net, *task);
}

TEST_CASE("a worker that fell silent gets nothing until it bids again") {
  world net{24};
  net.add_client();
  net.add_workers(5, [](const sandbox::run_request&) {
    return answer("1", milliseconds{50});
  });
  net.connect();
  auto task = net.submit(primes_task(1'000, 300));
  net.run_for(milliseconds{200});
  std::uint64_t assigned = 0;
  std::uint64_t asked = 0;
  net.links->tap = [&](const std::string&, const std::string& to,
                       const bytes& frame) {
    auto envelopes = wire::decode_frame(frame);
    REQUIRE(envelopes.ok());
    for (const auto& one : *envelopes) {
      assigned += to == "worker-1" && one.type == "job_assign";
      asked += to == "worker-1" && one.type == "bid_request";
    }
    return true;
  };
  net.links->cut_off.insert("worker-1");
  net.run_for(milliseconds{1'500});
  CHECK(task->report == std::nullopt);
  assigned = 0;
  asked = 0;
  net.run_for(milliseconds{1'000});
  CHECK(task->report == std::nullopt);
  CHECK(assigned == 0);
  // Once a heartbeat.
  CHECK(asked > 5);
  CHECK(asked < 15);
  net.links->cut_off.clear();
  net.run_for(milliseconds{1'000});
  CHECK(assigned > 0);
  REQUIRE(net.await(task));
  CHECK(task->report->state == task_state::completed);
  check_settled(net, *task);
}

TEST_CASE("the jobs of a worker whose link breaks move at once") {
  world net{23};
  net.add_client();
  net.add_workers(5, [](const sandbox::run_request&) {
    return answer("1", milliseconds{400});
  });
  net.connect();
  auto task = net.submit(primes_task(1'000, 4));
  auto& leaving = net.nodes[1];
  REQUIRE(net.run_until([&] { return leaving.log->running() > 0; },
                        milliseconds{5'000}));
  auto others = [&] {
    std::uint64_t sum = 0;
    for (std::size_t i = 2; i < net.nodes.size(); ++i)
      sum += net.nodes[i].log->started;
    return sum;
  };
  net.links->break_links(leaving.setup.name);
  net.run_for(milliseconds{10});
  // Its own runs stop too: their owner is gone.
  CHECK(leaving.log->running() == 0);
  CHECK(net.has_log("is gone"));
  auto before = others();
  // A backoff of up to 100 ms, no lease that has to run out.
  net.run_for(milliseconds{500});
  CHECK(others() > before);
  REQUIRE(net.await(task));
  CHECK(task->report->state == task_state::completed);
  CHECK(as_text(task->report->result) == "4");
  check_settled(net, *task);
}

TEST_CASE("a task fails where too few owners are left to agree") {
  world net{24};
  net.add_client();
  net.add_workers(3, [](const sandbox::run_request&) {
    return answer("1", milliseconds{400});
  });
  net.connect();
  auto task = net.submit(primes_task(1'000, 4));
  REQUIRE(net.run_until([&] { return net.nodes[1].log->running() > 0; },
                        milliseconds{5'000}));
  net.links->break_links("worker-1");
  REQUIRE(net.await(task, milliseconds{15'000}));
  CHECK(task->report->state == task_state::failed);
  CHECK(task->report->refunded == task->report->held);
  check_settled(net, *task);
  check_idle(net);
}

TEST_CASE("a worker that joins late takes part") {
  world net{25};
  net.add_client();
  net.add_workers(3, [](const sandbox::run_request&) {
    return answer("1", milliseconds{50});
  });
  net.connect();
  auto task = net.submit(primes_task(1'000, 60));
  net.run_for(milliseconds{100});
  net.add_workers(1, [](const sandbox::run_request&) {
    return answer("1", milliseconds{50});
  });
  net.settle();
  net.dial(0, "worker-4");
  REQUIRE(net.await(task));
  CHECK(task->report->state == task_state::completed);
  CHECK(net.nodes[4].log->started > 0);
  check_settled(net, *task);
}

TEST_CASE("a replica actor that dies costs one attempt, not the task") {
  world net{26};
  net.add_client();
  net.add_workers(5);
  net.connect();
  kill_some(net, "replica", 5);
  auto task = net.submit(primes_task(1'000, 30));
  REQUIRE(net.await(task));
  CHECK(task->report->state == task_state::completed);
  CHECK(as_text(task->report->result) == "168");
  CHECK(task->report->retries == 5);
  check_settled(net, *task);
  check_idle(net);
}

TEST_CASE("an executor that dies is replaced, and its runs go elsewhere") {
  world net{27};
  net.add_client();
  net.add_workers(5);
  net.connect();
  kill_some(net, "executor", 4);
  auto task = net.submit(primes_task(1'000, 30));
  REQUIRE(net.await(task));
  CHECK(task->report->state == task_state::completed);
  CHECK(as_text(task->report->result) == "168");
  CHECK(net.has_log("an executor ended"));
  std::size_t started = 0;
  for (const auto& node : net.nodes)
    started += node.executors.size();
  CHECK(started == 5 * 2 + 4);
  check_settled(net, *task);
}

TEST_CASE("a job actor that dies fails its job, and the others go on") {
  world net{28};
  net.add_client();
  net.add_workers(5);
  net.connect();
  kill_some(net, "job", 2);
  auto task = net.submit(primes_task(1'000, 30));
  REQUIRE(net.await(task));
  CHECK(task->report->state == task_state::failed);
  CHECK(task->report->problem.code == errc::system_failure);
  CHECK(task->report->jobs.failed == 2);
  CHECK(task->report->jobs.completed == 28);
  check_conserved(net);
  check_idle(net);
}
