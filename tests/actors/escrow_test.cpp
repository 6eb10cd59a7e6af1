#include "actors/escrow.hpp"
#include "tests/actors/world.hpp"

#include <caf/send.hpp>

#include <doctest/doctest.h>

using namespace artel;
using namespace artel::testing;

namespace {

/// An escrow between two accounts of a ledger of their own.
struct bench {
  explicit bench(std::uint64_t seed) : net(seed) {
    auto random = random_generator::from_number(seed);
    payer = random.id<owner_id>();
    worker = random.id<owner_id>();
    task = random.id<task_id>();
    net.ask<ledger_answer>(net.ledger, open_account{payer, whole_credits(100)});
    net.ask<ledger_answer>(net.ledger, open_account{worker, credits{}});
    escrow =
      net.system().spawn(make_escrow, escrow_config{net.ledger, payer, task});
  }

  ledger_answer hold(std::int64_t amount) {
    return net.ask<ledger_answer>(escrow, hold_credits{whole_credits(amount)});
  }

  void settle(std::uint64_t job, std::int64_t amount) {
    caf::anon_send(escrow, settle_job{job, {{worker, whole_credits(amount)}}});
  }

  settlement close() { return net.ask<settlement>(escrow, close_escrow{}); }

  world net;
  owner_id payer;
  owner_id worker;
  task_id task;
  escrow_actor escrow;
};

} // namespace

TEST_CASE("an escrow pays what is settled and gives back the rest") {
  bench one{1};
  CHECK(one.hold(50).amount == whole_credits(50));
  CHECK(one.net.account(one.payer).available == whole_credits(50));
  one.settle(0, 10);
  one.settle(1, 5);
  auto settled = one.close();
  CHECK_FALSE(settled.problem);
  CHECK(settled.held == whole_credits(50));
  CHECK(settled.paid == whole_credits(15));
  CHECK(settled.refunded == whole_credits(35));
  CHECK(one.net.account(one.payer).available == whole_credits(85));
  CHECK(one.net.account(one.payer).held.micro == 0);
  CHECK(one.net.account(one.worker).available == whole_credits(15));
}

TEST_CASE("a second settlement of a job is ignored") {
  bench one{2};
  one.hold(50);
  one.settle(3, 10);
  one.settle(3, 10);
  one.net.settle();
  one.settle(3, 10);
  CHECK(one.close().paid == whole_credits(10));
  CHECK(one.net.account(one.worker).available == whole_credits(10));
}

TEST_CASE("many settlements reach the ledger in few payments") {
  bench one{3};
  one.hold(100);
  std::uint64_t payments = 0;
  auto before = one.net.account(one.worker).entries;
  for (std::uint64_t job = 0; job < 1'000; ++job)
    caf::anon_send(one.escrow,
                   settle_job{job, {{one.worker, microcredits(1'000)}}});
  CHECK(one.close().paid == whole_credits(1));
  payments = one.net.account(one.worker).entries - before;
  CHECK(payments >= 1);
  CHECK(payments <= 1'000 / 256 + 2);
}

TEST_CASE("an escrow that was closed is not closed again") {
  bench one{4};
  one.hold(50);
  std::vector<settlement> answers;
  one.net.act([&](caf::event_based_actor* self) {
    for (int i = 0; i < 2; ++i)
      self->request(one.escrow, caf::infinite, close_escrow{})
        .then([&](const settlement& given) { answers.push_back(given); },
              [](const caf::error&) {});
  });
  one.net.settle();
  REQUIRE(answers.size() == 2);
  CHECK(answers[0].problem.has_value() != answers[1].problem.has_value());
  const auto& refused = answers[0].problem ? answers[0] : answers[1];
  CHECK(refused.problem->code == errc::invalid_state);
  CHECK(one.net.account(one.payer).available == whole_credits(100));
}

TEST_CASE("what the ledger refuses reaches whoever asked the escrow") {
  bench one{5};
  SUBCASE("a hold above the balance") {
    auto answer = one.hold(101);
    REQUIRE(answer.problem);
    CHECK(answer.problem->code == errc::insufficient_credits);
    CHECK(one.close().problem->code == errc::not_found);
  }
  SUBCASE("payments above the hold") {
    one.hold(10);
    one.settle(0, 11);
    auto settled = one.close();
    REQUIRE(settled.problem);
    CHECK(settled.problem->code == errc::out_of_range);
    CHECK(settled.paid.micro == 0);
    CHECK(settled.refunded == whole_credits(10));
    CHECK(one.net.account(one.payer).available == whole_credits(100));
  }
}

TEST_CASE("an escrow whose ledger is gone says so") {
  bench one{6};
  caf::anon_send_exit(one.net.ledger, caf::exit_reason::kill);
  one.net.settle();
  auto answer = one.hold(10);
  REQUIRE(answer.problem);
  CHECK(answer.problem->code == errc::unreachable);
  CHECK(one.close().problem->code == errc::unreachable);
}

TEST_CASE("a ledger counts accounts once and knows no strangers") {
  world net{7};
  auto owner = random_generator::from_number(7).id<owner_id>();
  CHECK_FALSE(
    net.ask<ledger_answer>(net.ledger, open_account{owner, whole_credits(10)})
      .problem);
  auto again =
    net.ask<ledger_answer>(net.ledger, open_account{owner, whole_credits(10)});
  REQUIRE(again.problem);
  CHECK(again.problem->code == errc::already_exists);
  auto totals = net.totals();
  CHECK(totals.granted == whole_credits(10));
  CHECK(totals.in_circulation == whole_credits(10));
  auto stranger =
    net.ask<account_answer>(net.ledger, query_account{owner_id{}});
  REQUIRE(stranger.problem);
  CHECK(stranger.problem->code == errc::not_found);
}
