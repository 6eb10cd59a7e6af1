#include "runtime/sim/checks/monitor.hpp"

#include "actors/escrow.hpp"
#include "actors/ledger.hpp"
#include "protocol/core/random.hpp"
#include "tests/runtime/sim/worlds.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <string_view>

using namespace artel;
using namespace artel::sim;
using namespace artel::sim::testing;
using namespace std::chrono_literals;

namespace {

/// The production ledger and an escrow on a stage of their own, watched.
struct bench {
  bench() {
    floor.before_step = [this](caf::scheduled_actor& actor, node_index node) {
      watch.before_step(actor, node);
    };
    floor.after_step = [this](caf::scheduled_actor& actor, node_index node) {
      watch.after_step(actor, node);
    };
    auto random = random_generator::from_number(3);
    payer = random.id<owner_id>();
    worker = random.id<owner_id>();
    task = random.id<task_id>();
    ledger = floor.system().spawn(
      make_ledger, ledger_config{[](instant) { return wall_time{}; }});
    tell(open_account{payer, whole_credits(100)});
    tell(open_account{worker, credits{}});
  }

  template <class Message>
  void tell(Message message) {
    caf::anon_send(ledger, std::move(message));
    run();
  }

  void run() {
    while (floor.step() || floor.advance(floor.elapsed() + 100ms)) {
    }
  }

  /// The rules that were broken, in order.
  std::string broken() const {
    std::string all;
    for (const auto& one : watch.violations())
      all += one.rule + "; ";
    return all;
  }

  stage floor{1};
  monitor watch{floor};
  owner_id payer;
  owner_id worker;
  task_id task;
  ledger_actor ledger;
};

receipt_recorded signed_receipt_of(const key_pair& key) {
  receipt_recorded recorded;
  recorded.item.body.worker = key.node();
  std::vector<hash256> leaves{receipt_leaf(recorded.item.body)};
  recorded.item.proof = make_proofs(leaves, sign_batch(key, leaves)).front();
  return recorded;
}

std::string violations_of(const world& where) {
  std::string all;
  for (const auto& one : where.violations())
    all += to_string(one) + "\n";
  return all;
}

/// Runs a task in a world of so many workers, and what follows it.
void run_task(world& net, std::uint64_t last, std::uint64_t jobs) {
  auto number = net.submit(0, primes_task(last, jobs));
  REQUIRE(number.ok());
  auto over = [&net, number] { return net.task(*number).is_over(); };
  auto ended = net.run_until(over, 120s);
  CAPTURE(violations_of(net));
  REQUIRE(ended == drive_end::reached);
}

} // namespace

TEST_CASE("a violation reads as one line") {
  violation one{2'340'567us, 5'121, "hold resolved once", "task 3f was"};
  CHECK(to_string(one)
        == "at 2.340 s, step 5121: hold resolved once: task 3f was");
  one.when = 7us;
  CHECK(to_string(one)
        == "at 0.000 s, step 5121: hold resolved once: task 3f was");
}

TEST_CASE("the monitor sees what the ledger is told, before it acts") {
  bench one;
  one.tell(ledger_hold{one.payer, one.task, whole_credits(10)});
  CHECK(one.watch.open_holds() == std::vector<task_id>{one.task});
  one.tell(ledger_release{one.task});
  CHECK(one.watch.open_holds().empty());
  CHECK(one.broken() == "");
  CHECK(one.watch.checked().ledger_steps == 4);
  one.tell(ledger_release{one.task});
  CHECK(one.broken() == "hold resolved once; ");
}

TEST_CASE("messages that wait together are seen one by one") {
  bench one;
  caf::anon_send(one.ledger,
                 ledger_hold{one.payer, one.task, whole_credits(10)});
  caf::anon_send<caf::message_priority::high>(one.ledger, query_totals{});
  caf::anon_send(one.ledger, ledger_release{one.task});
  one.run();
  CHECK(one.broken() == "");
  CHECK(one.watch.checked().ledger_steps == 4);
  CHECK(one.watch.open_holds().empty());
}

TEST_CASE("a payment that no verdict bears is found at the escrow") {
  bench one;
  auto escrow = one.floor.system().spawn(
    make_escrow, escrow_config{one.ledger, one.payer, one.task});
  one.floor.system().spawn(
    [&one, escrow](caf::event_based_actor* self, int) {
      self->request(escrow, caf::infinite, hold_credits{whole_credits(10)})
        .then([](const ledger_answer&) {});
    },
    0);
  one.run();
  CHECK(one.broken() == "");
  caf::anon_send(escrow, settle_job{0, {{one.worker, whole_credits(1)}}});
  one.run();
  CHECK(one.broken() == "unverified result paid; ");
  CHECK(one.watch.checked().settlements == 1);
  // The second is ignored, by production and by the monitor.
  caf::anon_send(escrow, settle_job{0, {{one.worker, whole_credits(1)}}});
  one.run();
  CHECK(one.broken() == "unverified result paid; ");
  caf::anon_send_exit(escrow, caf::exit_reason::kill);
  one.run();
}

TEST_CASE("a crashed node's hold is no longer waited for") {
  bench one;
  auto escrow = one.floor.as_node(4, [&one] {
    return one.floor.system().spawn(
      make_escrow, escrow_config{one.ledger, one.payer, one.task});
  });
  one.floor.system().spawn(
    [escrow](caf::event_based_actor* self, int) {
      self->request(escrow, caf::infinite, hold_credits{whole_credits(10)})
        .then([](const ledger_answer&) {});
    },
    0);
  one.run();
  CHECK(one.watch.open_holds().size() == 1);
  one.watch.on_crash(3);
  CHECK(one.watch.open_holds().size() == 1);
  one.watch.on_crash(4);
  CHECK(one.watch.open_holds().empty());
  one.floor.kill(4);
}

TEST_CASE("signatures of receipts and verdicts are checked") {
  stage floor{1};
  monitor watch{floor};
  auto random = random_generator::from_number(5);
  auto key = key_pair::generate(random);
  auto good = signed_receipt_of(key);
  watch.on_event(0, good);
  CHECK(watch.violations().empty());
  CHECK(watch.checked().receipts == 1);
  auto changed = good;
  changed.item.body.price = whole_credits(1);
  watch.on_event(0, changed);
  REQUIRE(watch.violations().size() == 1);
  CHECK(watch.violations()[0].rule == "receipt does not verify");
  watch.on_event(0, verdict_recorded{});
  REQUIRE(watch.violations().size() == 2);
  CHECK(watch.violations()[1].rule == "receipt does not verify");
  CHECK(watch.jobs_failed() == 1);
}

TEST_CASE("errors in the log are violations, warnings are not") {
  stage floor{1};
  monitor watch{floor};
  watch.on_event(0, node_logged{log_level::warning, "alice", "hm"});
  CHECK(watch.violations().empty());
  watch.on_event(0, node_logged{log_level::error, "alice", "an actor died"});
  REQUIRE(watch.violations().size() == 1);
  CHECK(watch.violations()[0].rule == "log error");
  CHECK(watch.violations()[0].detail == "alice: an actor died");
}

TEST_CASE("only the first violations are kept") {
  stage floor{1};
  monitor watch{floor};
  for (int i = 0; i < 50; ++i)
    watch.report("liveness", std::to_string(i));
  CHECK(watch.violations().size() == monitor::violations_max);
  CHECK(watch.violations().back().detail == "19");
  CHECK(watch.violations_seen() == 50);
}

TEST_CASE("a task in an honest world breaks no rule, and all is looked at") {
  world net{{}};
  populate(net, 5);
  net.run_for(3s);
  run_task(net, 1'000, 20);
  CHECK(net.settle(60s) == drive_end::reached);
  CHECK(violations_of(net) == "");
  const auto& checks = net.checks();
  CHECK(checks.jobs_completed() == 20);
  CHECK(checks.jobs_failed() == 0);
  CHECK(checks.open_holds().empty());
  const auto& checked = checks.checked();
  CHECK(checked.settlements == 20);
  CHECK(checked.verdicts == 20);
  CHECK(checked.jobs_ended == 20);
  CHECK(checked.attempts >= 60);
  CHECK(checked.receipts >= 60);
  // Six accounts, a hold, a release and at least one payment.
  CHECK(checked.ledger_steps >= 9);
  CHECK(checked.machines > 100);
}

TEST_CASE("liars, losses and crashes break no rule") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    CAPTURE(seed);
    world_options options;
    options.seed = seed;
    options.crypto = signature_kind::modelled;
    options.links.loss = ppm{100'000};
    options.links.duplication = ppm{100'000};
    options.links.reordering = ppm{100'000};
    world net{options};
    populate(net, 7);
    behaviour liar;
    liar.lies = lie_kind::sometimes;
    net.set_behaviour(1, liar);
    liar.lies = lie_kind::always;
    net.set_behaviour(2, liar);
    net.run_for(5s);
    net.after(2s,
              [&net] { static_cast<void>(net.kill(3, crash_kind::power)); });
    net.after(3s, [&net] { static_cast<void>(net.pause(4)); });
    net.after(6s, [&net] { static_cast<void>(net.resume(4)); });
    run_task(net, 2'000, 40);
    CHECK(violations_of(net) == "");
    CHECK(net.checks().checked().settlements > 0);
  }
}
