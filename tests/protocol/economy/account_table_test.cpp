#include "protocol/economy/account_table.hpp"

#include "protocol/core/random.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <map>
#include <string>

namespace {

using namespace artel;

wall_time at(std::int64_t ms) {
  return wall_time{milliseconds{ms}};
}

owner_id owner(std::uint8_t number) {
  owner_id id;
  id.value[0] = number;
  return id;
}

task_id task(std::uint32_t number) {
  task_id id;
  for (int i = 0; i < 4; ++i)
    id.value[i] = static_cast<std::uint8_t>(number >> (8 * i));
  id.value[15] = 1;
  return id;
}

account_state state_of(const account_table& table, std::uint8_t number) {
  return table.account(owner(number)).value();
}

/// A payer and two payees with 100 credits each.
account_table three_accounts() {
  account_table table;
  for (std::uint8_t i = 1; i <= 3; ++i)
    REQUIRE(table.open(owner(i), account_table::newcomer_grant, at(0)));
  return table;
}

/// Everything that can be seen of a table.
std::string picture(const account_table& table) {
  std::string all = to_string(table.granted()) + "/" + to_string(table.burned())
                    + "/" + to_string(table.in_circulation());
  for (const auto& id : table.owners()) {
    auto state = table.account(id).value();
    all += "\n" + to_string(state.available) + " " + to_string(state.held) + " "
           + to_string(state.earned) + " " + to_string(state.spent) + " "
           + std::to_string(state.entries);
  }
  for (std::uint32_t i = 0; i < 64; ++i)
    if (auto left = table.held_for(task(i)))
      all += "\n" + std::to_string(i) + ":" + to_string(*left);
  return all;
}

} // namespace

TEST_CASE("a hold pays its workers and returns the rest") {
  auto table = three_accounts();
  REQUIRE(table.hold(owner(1), task(1), whole_credits(10), at(1)));
  CHECK(state_of(table, 1).available == whole_credits(90));
  CHECK(state_of(table, 1).held == whole_credits(10));

  std::vector<payment> payments{{owner(2), whole_credits(3)},
                                {owner(3), microcredits(1)}};
  REQUIRE(table.pay(task(1), payments, at(2)));
  CHECK(table.held_for(task(1)).value() == microcredits(6'999'999));

  CHECK(table.release(task(1), at(3)).value() == microcredits(6'999'999));
  CHECK(state_of(table, 1).available == microcredits(96'999'999));
  CHECK(state_of(table, 1).held == credits{});
  CHECK(state_of(table, 1).spent == microcredits(3'000'001));
  CHECK(state_of(table, 2).available == whole_credits(103));
  CHECK(state_of(table, 2).earned == whole_credits(3));
  CHECK(table.in_circulation() == whole_credits(300));
  CHECK(table.granted() == whole_credits(300));
  CHECK(table.burned() == credits{});
  table.check_invariants();
}

TEST_CASE("a history tells kind, amount, other side, task, time and balance") {
  auto table = three_accounts();
  REQUIRE(table.transfer(owner(1), owner(2), whole_credits(5), at(1)));
  REQUIRE(table.hold(owner(1), task(7), whole_credits(10), at(2)));
  std::vector<payment> payments{{owner(2), whole_credits(4)}};
  REQUIRE(table.pay(task(7), payments, at(3)));
  REQUIRE(table.release(task(7), at(4)));

  auto payer = table.history(owner(1));
  REQUIRE(payer.size() == 4);
  CHECK(payer[0].kind == entry_kind::grant);
  CHECK(payer[0].counterpart.is_zero());
  CHECK(payer[1].kind == entry_kind::transfer);
  CHECK(payer[1].amount == whole_credits(-5));
  CHECK(payer[1].counterpart == owner(2));
  CHECK(payer[2].kind == entry_kind::hold);
  CHECK(payer[2].amount == whole_credits(-10));
  CHECK(payer[2].task == task(7));
  CHECK(payer[3].kind == entry_kind::refund);
  CHECK(payer[3].amount == whole_credits(6));
  CHECK(payer[3].balance_after == whole_credits(91));
  CHECK(payer[3].when == at(4));

  auto payee = table.history(owner(2));
  REQUIRE(payee.size() == 3);
  CHECK(payee[2].sequence == 3);
  CHECK(payee[2].kind == entry_kind::task_payment);
  CHECK(payee[2].counterpart == owner(1));
  CHECK(payee[2].task == task(7));
  CHECK(payee[2].balance_after == whole_credits(109));
  CHECK(table.history(owner(9)).empty());
}

TEST_CASE("payments of one batch to one payee are one line") {
  auto table = three_accounts();
  REQUIRE(table.hold(owner(1), task(1), whole_credits(50), at(1)));
  std::vector<payment> payments;
  for (int i = 0; i < 500; ++i)
    payments.push_back({owner(i % 5 == 0 ? 2 : 3), microcredits(1'000)});
  REQUIRE(table.pay(task(1), payments, at(2)));
  CHECK(state_of(table, 2).entries == 2);
  CHECK(state_of(table, 3).entries == 2);
  CHECK(state_of(table, 2).earned == microcredits(100'000));
  CHECK(state_of(table, 3).earned == microcredits(400'000));
  CHECK(state_of(table, 1).entries == 2);
  table.check_invariants();
}

TEST_CASE("opening is refused twice, below zero and above the balance limit") {
  account_table table;
  CHECK(table.open(owner(1), microcredits(-1), at(0)).error().code
        == errc::out_of_range);
  CHECK(table.open(owner(1), whole_credits(10'000), at(0)));
  CHECK(table.open(owner(1), credits{}, at(0)).error().code
        == errc::already_exists);
  CHECK(table.open(owner(2), microcredits(10'000'000'001), at(0)).error().code
        == errc::out_of_range);
  CHECK(table.open(owner(2), credits{}, at(0)));
  CHECK(table.owners() == std::vector{owner(1), owner(2)});
  CHECK(table.granted() == whole_credits(10'000));
  CHECK(table.account(owner(3)).error().code == errc::not_found);
  table.check_invariants();
}

TEST_CASE("a refused transfer says why and changes nothing") {
  auto table = three_accounts();
  REQUIRE(table.open(owner(4), microcredits(9'999'900'000), at(0)));
  auto before = picture(table);
  auto code = [&](std::uint8_t from, std::uint8_t to, credits amount) {
    return table.transfer(owner(from), owner(to), amount, at(1)).error().code;
  };
  CHECK(code(1, 2, microcredits(99'999)) == errc::out_of_range);
  CHECK(code(1, 2, whole_credits(-1)) == errc::out_of_range);
  CHECK(code(1, 1, whole_credits(1)) == errc::invalid_argument);
  CHECK(code(1, 9, whole_credits(1)) == errc::not_found);
  CHECK(code(9, 1, whole_credits(1)) == errc::not_found);
  CHECK(code(1, 2, microcredits(100'000'001)) == errc::insufficient_credits);
  CHECK(code(1, 4, microcredits(100'001)) == errc::out_of_range);
  CHECK(picture(table) == before);
  CHECK(table.transfer(owner(1), owner(4), microcredits(100'000), at(1)));
  CHECK(state_of(table, 4).available == account_table::balance_max);
}

TEST_CASE("credits that are held count toward the balance limit of transfers") {
  auto table = three_accounts();
  REQUIRE(table.open(owner(4), account_table::balance_max, at(0)));
  REQUIRE(table.hold(owner(4), task(1), whole_credits(500), at(1)));
  CHECK(table.transfer(owner(1), owner(4), whole_credits(1), at(2)).error().code
        == errc::out_of_range);
}

TEST_CASE("pay and refunds are never stopped by the balance limit") {
  auto table = three_accounts();
  REQUIRE(table.open(owner(4), account_table::balance_max, at(0)));
  REQUIRE(table.hold(owner(1), task(1), whole_credits(100), at(1)));
  std::vector<payment> payments{{owner(4), whole_credits(100)}};
  CHECK(table.pay(task(1), payments, at(2)));
  CHECK(state_of(table, 4).available == whole_credits(10'100));
  REQUIRE(table.hold(owner(4), task(2), whole_credits(10'100), at(3)));
  CHECK(table.release(task(2), at(4)).value() == whole_credits(10'100));
  table.check_invariants();
}

TEST_CASE("a hold needs an account, an amount, cover and a new task") {
  auto table = three_accounts();
  auto before = picture(table);
  auto refused = [&](std::uint8_t who, credits amount) {
    return table.hold(owner(who), task(1), amount, at(1)).error();
  };
  CHECK(refused(1, credits{}).code == errc::out_of_range);
  CHECK(refused(1, microcredits(-5)).code == errc::out_of_range);
  CHECK(refused(9, whole_credits(1)).code == errc::not_found);
  auto problem = refused(1, microcredits(100'500'000));
  CHECK(problem.code == errc::insufficient_credits);
  CHECK(problem.message.find("has 100 credits") != std::string::npos);
  CHECK(problem.message.find("needed are 100.5") != std::string::npos);
  CHECK(picture(table) == before);
  REQUIRE(table.hold(owner(1), task(1), whole_credits(1), at(1)));
  // Another owner can't take a task's name either.
  CHECK(refused(2, whole_credits(1)).code == errc::already_exists);
  CHECK(table.held_for(task(2)).error().code == errc::not_found);
}

TEST_CASE("a batch with one payment that can't be made pays nobody") {
  auto table = three_accounts();
  REQUIRE(table.hold(owner(1), task(1), whole_credits(10), at(1)));
  auto before = picture(table);
  auto code = [&](std::vector<payment> payments) {
    payments.insert(payments.begin(), {owner(2), whole_credits(1)});
    return table.pay(task(1), payments, at(2)).error().code;
  };
  CHECK(code({{owner(3), credits{}}}) == errc::out_of_range);
  CHECK(code({{owner(3), whole_credits(-1)}}) == errc::out_of_range);
  CHECK(code({{owner(3), microcredits(9'000'001)}}) == errc::out_of_range);
  CHECK(code({{owner(3), credits{std::numeric_limits<std::int64_t>::max()}}})
        == errc::out_of_range);
  CHECK(code({{owner(9), whole_credits(1)}}) == errc::not_found);
  CHECK(code({{owner(1), whole_credits(1)}}) == errc::invalid_argument);
  CHECK(picture(table) == before);
  CHECK(table.pay(task(1), {}, at(2)));
  CHECK(picture(table) == before);
  std::vector<payment> one{{owner(2), whole_credits(1)}};
  CHECK(table.pay(task(2), one, at(2)).error().code == errc::not_found);
  table.check_invariants();
}

TEST_CASE("a hold resolves once: what comes after its release is refused") {
  auto table = three_accounts();
  REQUIRE(table.hold(owner(1), task(1), whole_credits(10), at(1)));
  REQUIRE(table.release(task(1), at(2)));
  auto before = picture(table);
  std::vector<payment> one{{owner(2), whole_credits(1)}};
  CHECK(table.release(task(1), at(3)).error().code == errc::invalid_state);
  CHECK(table.pay(task(1), one, at(3)).error().code == errc::invalid_state);
  CHECK(table.hold(owner(1), task(1), whole_credits(1), at(3)).error().code
        == errc::already_exists);
  CHECK(table.held_for(task(1)).error().code == errc::not_found);
  CHECK(table.release(task(2), at(3)).error().code == errc::not_found);
  CHECK(picture(table) == before);
}

TEST_CASE("history is bounded, and its sequence numbers go on") {
  account_table table;
  REQUIRE(table.open(owner(1), whole_credits(1'000), at(0)));
  REQUIRE(table.open(owner(2), whole_credits(1'000), at(0)));
  for (int i = 0; i < 1'500; ++i)
    REQUIRE(table.transfer(owner(1), owner(2), microcredits(100'000), at(i)));
  auto lines = table.history(owner(1));
  REQUIRE(lines.size() == account_table::history_max);
  CHECK(lines.back().sequence == 1'501);
  CHECK(lines.front().sequence == 502);
  // 501 older lines: the grant, less 500 transfers.
  CHECK(lines.front().balance_after.micro - lines.front().amount.micro
        == whole_credits(950).micro);
  CHECK(state_of(table, 1).entries == 1'501);
  table.check_invariants();
}

TEST_CASE("the latest released holds are remembered, and no more") {
  auto table = three_accounts();
  for (std::uint32_t i = 0; i <= account_table::released_max; ++i) {
    REQUIRE(table.hold(owner(1), task(i), microcredits(1), at(i)));
    REQUIRE(table.release(task(i), at(i)));
  }
  CHECK(table.release(task(0), at(0)).error().code == errc::not_found);
  CHECK(table.release(task(1), at(0)).error().code == errc::invalid_state);
  CHECK(state_of(table, 1).available == whole_credits(100));
  table.check_invariants();
}

TEST_CASE("credits are conserved by any order of changes, refused or not") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    auto random = random_generator::from_number(seed);
    account_table table;
    struct hold_record {
      credits amount;
      credits paid;
    };
    std::map<std::uint32_t, hold_record> open;
    for (int step = 0; step < 600; ++step) {
      CAPTURE(seed);
      CAPTURE(step);
      auto who = owner(static_cast<std::uint8_t>(random.below(7)));
      auto other = owner(static_cast<std::uint8_t>(random.below(7)));
      auto name = static_cast<std::uint32_t>(random.below(64));
      credits amount{static_cast<std::int64_t>(random.below(60'000'000))
                     - 1'000'000};
      auto before = picture(table);
      bool done = false;
      switch (random.below(6)) {
        case 0: done = table.open(who, amount, at(step)).ok(); break;
        case 1: done = table.transfer(who, other, amount, at(step)).ok(); break;
        case 2:
          done = table.hold(who, task(name), amount, at(step)).ok();
          if (done)
            CHECK(open.try_emplace(name, hold_record{amount, {}}).second);
          break;
        case 3:
        case 4: {
          std::vector<payment> payments;
          credits sum;
          for (auto i = random.below(6); i > 0; --i) {
            credits part{static_cast<std::int64_t>(random.below(3'000'000))};
            auto payee = owner(static_cast<std::uint8_t>(random.below(7)));
            payments.push_back({payee, part});
            sum.micro += part.micro;
          }
          done = table.pay(task(name), payments, at(step)).ok();
          if (done)
            open.at(name).paid.micro += sum.micro;
          break;
        }
        default: {
          auto refund = table.release(task(name), at(step));
          done = refund.ok();
          if (done) {
            auto known = open.at(name);
            CHECK(refund->micro + known.paid.micro == known.amount.micro);
            open.erase(name);
          }
        }
      }
      table.check_invariants();
      CHECK(table.in_circulation().micro + table.burned().micro
            == table.granted().micro);
      if (!done)
        CHECK(picture(table) == before);
    }
  }
}
