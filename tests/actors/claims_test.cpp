// Payments between nodes that share no ledger: signed claims, sent until they
// are acknowledged.
#include "actors/claim_sender.hpp"
#include "actors/defaults.hpp"
#include "actors/ledger.hpp"
#include "tests/actors/checks.hpp"
#include "tests/actors/world.hpp"

#include <caf/actor_cast.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

#include <doctest/doctest.h>

#include <map>
#include <memory>
#include <vector>

using namespace artel;
using namespace artel::testing;

namespace {

using claim_log = std::shared_ptr<std::vector<payment_claim>>;

/// Stands for a payee's node: of all that is asked of a node it hears claims.
caf::behavior listen(caf::event_based_actor* self, claim_log claims) {
  self->set_default_handler(caf::drop);
  return {[claims](const send_payload& m) {
    if (const auto* owed = std::get_if<wire::payment>(&m.payload))
      claims->push_back(owed->claim);
  }};
}

/// A sender and one payee.
struct bench {
  explicit bench(std::uint64_t seed) : net(seed) {
    auto random = random_generator::from_number(seed);
    auto environment = std::make_shared<node_environment>();
    environment->network = "test";
    environment->key =
      std::make_shared<const key_pair>(key_pair::generate(random));
    environment->owner = owner_of(environment->id(), {});
    environment->wall_clock = [](instant) {
      return wall_time{milliseconds{1'000}};
    };
    payee.node = random.id<node_id>();
    payee.owner = random.id<owner_id>();
    payee.port = caf::actor_cast<node_port>(net.system().spawn(listen, claims));
    task = random.id<task_id>();
    payer = environment;
    sender =
      net.system().spawn(make_claim_sender, claim_sender_config{environment});
  }

  ~bench() {
    caf::anon_send(sender, stop_actor{});
    caf::anon_send_exit(payee.port, caf::exit_reason::user_shutdown);
    sender = claim_sender_actor{};
    payee.port = node_port{};
    net.settle();
  }

  void arrive() { caf::anon_send(sender, peer_ready{payee}); }

  void leave() {
    peer_gone gone;
    gone.node = payee.node;
    gone.peer = payee.port.id();
    caf::anon_send(sender, gone);
  }

  void owe(std::int64_t amount) {
    caf::anon_send(
      sender, owe_payee{task, payee.owner, payee.node, credits{amount}, 1});
  }

  void acknowledge(std::int64_t amount) {
    caf::anon_send(
      sender, peer_message{payee, wire::payment_ack{task, credits{amount}}});
  }

  claims_settled settle() {
    return net.ask<claims_settled>(
      sender, settle_claims{task, defaults::claim_patience});
  }

  world net;
  environment_ptr payer;
  remote_node payee;
  task_id task;
  claim_log claims = std::make_shared<std::vector<payment_claim>>();
  claim_sender_actor sender;
};

void add_claimant(world& net, const std::string& name, std::uint32_t slots,
                  credits grant, script runs = honest) {
  node_setup setup;
  setup.runs = std::move(runs);
  setup.name = name;
  setup.slots = slots;
  setup.grant = grant;
  setup.own_ledger = true;
  if (slots == 0)
    setup.role = wire::node_role::client;
  net.add_node(std::move(setup));
}

/// A client and workers, each with a ledger of its own.
void add_claimants(world& net, std::size_t workers,
                   const script& runs = honest) {
  add_claimant(net, "client", 0, whole_credits(100));
  for (std::size_t i = 1; i <= workers; ++i)
    add_claimant(net, "worker-" + std::to_string(i), 2, credits{}, runs);
}

account_state account_in(world& net, const ledger_actor& ledger,
                         const owner_id& owner) {
  auto found = net.ask<account_answer>(ledger, query_account{owner});
  REQUIRE_FALSE(found.problem);
  return found.state;
}

std::vector<payment_claim> claims_at(world& net, std::size_t node) {
  return net.ask<node_status>(net.nodes[node].actor, query_node{}).claims;
}

/// What the payer's ledger, its report and the payees' claims say of a task.
void check_paid_by_claims(world& net, const task_report& report) {
  const auto& client = net.nodes[0];
  CHECK(report.paid_by_claims);
  CHECK(report.network_before == report.network_after);
  CHECK(report.held.micro == report.paid.micro + report.refunded.micro);
  CHECK(report.balance_before.micro - report.balance_after.micro
        == report.paid.micro);
  auto totals = net.ask<network_totals>(client.ledger, query_totals{});
  CHECK(totals.in_circulation == totals.granted);
  CHECK(totals.granted == whole_credits(100));
  std::int64_t sum = 0;
  for (const auto& node : report.nodes) {
    if (node.earned.micro == 0)
      continue;
    CHECK(account_in(net, client.ledger, node.owner).available == node.earned);
    sum += node.earned.micro;
  }
  CHECK(sum == report.paid.micro);
}

} // namespace

TEST_CASE("a claim is signed by the payer and names what is owed") {
  bench one{1};
  one.arrive();
  one.owe(250);
  one.net.settle();
  REQUIRE(one.claims->size() == 1);
  const auto& claim = one.claims->front();
  CHECK(check_claim(claim, "test"));
  CHECK(claim.payer == one.payer->id());
  CHECK(claim.payer_owner == one.payer->owner);
  CHECK(claim.payee == one.payee.owner);
  CHECK(claim.task == one.task);
  CHECK(claim.amount == credits{250});
}

TEST_CASE("a claim is sent again until it is acknowledged, and no more then") {
  bench one{2};
  one.arrive();
  one.owe(250);
  one.net.run_for(milliseconds{4'000});
  CHECK(one.claims->size() >= 4);
  CHECK(one.claims->size() <= 5);
  one.acknowledge(250);
  one.net.settle();
  auto sent = one.claims->size();
  one.net.run_for(milliseconds{60'000});
  CHECK(one.claims->size() == sent);
  CHECK(one.settle().acknowledged == 1);
}

TEST_CASE("a task's end waits for acknowledgements, but not for long") {
  bench one{3};
  one.arrive();
  one.owe(250);
  SUBCASE("acknowledged at once") {
    one.net.settle();
    one.acknowledge(250);
    auto settled = one.settle();
    CHECK(settled.sent == 1);
    CHECK(settled.acknowledged == 1);
  }
  SUBCASE("never") {
    auto settled = one.settle();
    CHECK(settled.sent == 1);
    CHECK(settled.acknowledged == 0);
    // It goes on being sent for a while.
    auto sent = one.claims->size();
    one.net.run_for(milliseconds{10'000});
    CHECK(one.claims->size() > sent);
    one.net.run_for(milliseconds{60'000});
    sent = one.claims->size();
    one.net.run_for(milliseconds{60'000});
    CHECK(one.claims->size() == sent);
  }
  SUBCASE("of less than it was told") {
    one.net.settle();
    one.acknowledge(249);
    CHECK(one.settle().acknowledged == 0);
  }
}

TEST_CASE("a task that owes nothing settles at once") {
  bench one{4};
  auto settled = one.settle();
  CHECK(settled.sent == 0);
  CHECK(settled.acknowledged == 0);
}

TEST_CASE("a payee that was away is told when it is back") {
  bench one{5};
  one.arrive();
  one.net.settle();
  one.leave();
  one.owe(250);
  one.net.run_for(milliseconds{3'000});
  CHECK(one.claims->empty());
  one.arrive();
  // Its timer was running: within an interval.
  one.net.run_for(defaults::heartbeat_interval * 2);
  CHECK(one.claims->size() == 1);
}

TEST_CASE("nobody but the payee's node can acknowledge") {
  bench one{6};
  one.arrive();
  one.owe(250);
  one.net.settle();
  auto stranger = one.payee;
  stranger.node.value[0] ^= 1;
  caf::anon_send(one.sender, peer_message{stranger, wire::payment_ack{
                                                      one.task, credits{250}}});
  CHECK(one.settle().acknowledged == 0);
}

TEST_CASE("a sender that is told to stop ends with claims unacknowledged") {
  bench one{7};
  one.arrive();
  one.owe(250);
  one.net.settle();
  auto before = one.net.living();
  caf::anon_send(one.sender, stop_actor{});
  one.net.settle();
  CHECK(one.net.living() == before - 1);
}

TEST_CASE("only a node's own ledger opens payees by what they are paid") {
  for (auto own : {true, false}) {
    CAPTURE(own);
    world net{8};
    auto random = random_generator::from_number(8);
    auto payer = random.id<owner_id>();
    auto payee = random.id<owner_id>();
    auto task = random.id<task_id>();
    auto ledger = net.system().spawn(
      make_ledger, ledger_config{[](instant) { return wall_time{}; }, own});
    auto ask = [&](auto message) {
      return net.ask<ledger_answer>(ledger, std::move(message));
    };
    CHECK_FALSE(ask(open_account{payer, whole_credits(10)}).problem);
    CHECK_FALSE(ask(ledger_hold{payer, task, whole_credits(5)}).problem);
    auto paid = ask(ledger_pay{task, {{payee, whole_credits(2)}}});
    if (own) {
      CHECK_FALSE(paid.problem);
      CHECK(account_in(net, ledger, payee).available == whole_credits(2));
    } else {
      REQUIRE(paid.problem);
      CHECK(paid.problem->code == errc::not_found);
    }
    // Beyond the hold nothing is paid, as ever.
    auto stranger = random.id<owner_id>();
    CHECK(ask(ledger_pay{task, {{stranger, whole_credits(6)}}}).problem);
    CHECK(ask(ledger_release{task}).amount == whole_credits(own ? 3 : 5));
    auto totals = net.ask<network_totals>(ledger, query_totals{});
    CHECK(totals.granted == whole_credits(10));
    CHECK(totals.in_circulation == whole_credits(10));
    caf::anon_send_exit(ledger, caf::exit_reason::kill);
  }
}

TEST_CASE("between ledgers workers are paid by claims that they acknowledge") {
  world net{9};
  add_claimants(net, 4);
  net.connect();
  auto report = net.run(primes_task(1'000, 20));
  CHECK(report.state == task_state::completed);
  CHECK(as_text(report.result) == "168");
  check_paid_by_claims(net, report);
  CHECK(report.claims_sent == 4);
  CHECK(report.claims_acknowledged == 4);
  std::int64_t sum = 0;
  for (std::size_t i = 1; i < net.nodes.size(); ++i) {
    auto claims = claims_at(net, i);
    REQUIRE(claims.size() == 1);
    CHECK(claims[0].payer_owner == net.nodes[0].environment->owner);
    CHECK(claims[0].payee == net.nodes[i].environment->owner);
    sum += claims[0].amount.micro;
  }
  CHECK(sum == report.paid.micro);
}

TEST_CASE("with one ledger for all nothing is claimed") {
  world net{10};
  net.add_client();
  net.add_workers(4);
  net.connect();
  auto report = net.run(primes_task(1'000, 20));
  CHECK_FALSE(report.paid_by_claims);
  CHECK(report.claims_sent == 0);
  for (std::size_t i = 1; i < net.nodes.size(); ++i)
    CHECK(claims_at(net, i).empty());
}

TEST_CASE("links that lose, copy and reorder pay nobody twice") {
  for (std::uint64_t seed = 20; seed < 28; ++seed) {
    CAPTURE(seed);
    world net{seed};
    add_claimants(net, 5);
    net.connect();
    net.links->faults = {100'000, 300'000, milliseconds{0}, milliseconds{30}};
    std::vector<task_report> reports;
    for (int i = 0; i < 2; ++i)
      reports.push_back(net.run(primes_task(500, 10)));
    // What a report had to leave open is acknowledged later.
    net.run_for(milliseconds{60'000});
    std::int64_t paid = 0;
    for (const auto& report : reports) {
      CHECK(report.state == task_state::completed);
      CHECK(report.claims_acknowledged <= report.claims_sent);
      paid += report.paid.micro;
    }
    std::int64_t claimed = 0;
    for (std::size_t i = 1; i < net.nodes.size(); ++i) {
      std::int64_t here = 0;
      for (const auto& claim : claims_at(net, i))
        here += claim.amount.micro;
      if (here > 0)
        CHECK(
          account_in(net, net.nodes[0].ledger, net.nodes[i].environment->owner)
            .available.micro
          == here);
      claimed += here;
    }
    CHECK(claimed == paid);
    auto totals = net.ask<network_totals>(net.nodes[0].ledger, query_totals{});
    CHECK(totals.in_circulation == totals.granted);
  }
}

TEST_CASE("a long task tells its payees what it owes before it ends") {
  world net{11};
  add_claimants(net, 3, [](const sandbox::run_request& request) {
    auto run = honest(request);
    run.duration = milliseconds{1'000};
    return run;
  });
  net.connect();
  auto task = net.submit(primes_task(1'000, 40));
  net.run_for(milliseconds{8'000});
  REQUIRE_FALSE(task->report);
  for (std::size_t i = 1; i < net.nodes.size(); ++i) {
    auto claims = claims_at(net, i);
    REQUIRE(claims.size() == 1);
    CHECK(claims[0].amount.micro > 0);
  }
  net.cancel(task);
  REQUIRE(net.await(task));
  check_paid_by_claims(net, *task->report);
}
