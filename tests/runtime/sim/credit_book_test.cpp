#include "runtime/sim/checks/credit_book.hpp"

#include "protocol/core/random.hpp"

#include <doctest/doctest.h>

#include <string_view>
#include <vector>

using namespace artel;
using namespace artel::sim;

namespace {

/// The rule that did not hold; empty where all held.
std::string_view rule_of(const verdict_of_book& said) {
  return said ? said->rule : std::string_view{};
}

/// A book beside the ledger that it watches: the same is told to both.
struct bench {
  bench() {
    auto random = random_generator::from_number(7);
    payer = random.id<owner_id>();
    worker = random.id<owner_id>();
    task = random.id<task_id>();
    open(payer, whole_credits(100));
    open(worker, credits{});
  }

  void open(const owner_id& owner, credits grant) {
    book.on_open(owner, grant);
    static_cast<void>(ledger.open(owner, grant, {}));
  }

  verdict_of_book hold(std::int64_t amount) {
    static_cast<void>(ledger.hold(payer, task, whole_credits(amount), {}));
    return book.on_hold(payer, task, whole_credits(amount));
  }

  std::vector<payment> payments(std::int64_t amount) const {
    return {{worker, whole_credits(amount)}};
  }

  void settle(std::int64_t amount) { book.on_settled(task, payments(amount)); }

  verdict_of_book pay(std::int64_t amount) {
    static_cast<void>(ledger.pay(task, payments(amount), {}));
    return book.on_pay(task, payments(amount));
  }

  verdict_of_book release() {
    static_cast<void>(ledger.release(task, {}));
    return book.on_release(task);
  }

  owner_id payer;
  owner_id worker;
  task_id task;
  account_table ledger;
  credit_book book;
};

} // namespace

TEST_CASE("the credit book agrees with a ledger that does what it is told") {
  bench one;
  CHECK_FALSE(one.book.compare(one.ledger));
  CHECK_FALSE(one.hold(50));
  CHECK_FALSE(one.book.compare(one.ledger));
  CHECK(one.book.is_open(one.task));
  one.settle(10);
  one.settle(5);
  CHECK_FALSE(one.pay(15));
  CHECK_FALSE(one.book.compare(one.ledger));
  CHECK(one.book.paid_by(one.task) == whole_credits(15));
  CHECK_FALSE(one.release());
  CHECK_FALSE(one.book.compare(one.ledger));
  CHECK_FALSE(one.book.is_open(one.task));
  CHECK(one.ledger.account(one.payer)->available == whole_credits(85));
}

TEST_CASE("the credit book agrees with a ledger that refuses") {
  bench one;
  one.open(one.payer, whole_credits(5));
  CHECK_FALSE(one.book.compare(one.ledger));
  auto other = owner_id{};
  other.value[0] = 1;
  one.open(other, whole_credits(1'000'000));
  CHECK_FALSE(one.book.compare(one.ledger));
  CHECK_FALSE(one.hold(101));
  CHECK_FALSE(one.book.compare(one.ledger));
  CHECK_FALSE(one.book.is_open(one.task));
  // The escrow of a task that was refused is closed like any other.
  CHECK_FALSE(one.release());
  CHECK_FALSE(one.book.compare(one.ledger));
}

TEST_CASE("a second hold of a task is found") {
  bench one;
  CHECK_FALSE(one.hold(10));
  CHECK(rule_of(one.hold(10)) == rules::hold_resolved_once);
  CHECK_FALSE(one.book.compare(one.ledger));
}

TEST_CASE("a second release of a hold is found") {
  bench one;
  CHECK_FALSE(one.hold(10));
  CHECK_FALSE(one.release());
  CHECK(rule_of(one.release()) == rules::hold_resolved_once);
}

TEST_CASE("a release of a hold that never was is found") {
  bench one;
  CHECK(rule_of(one.release()) == rules::hold_resolved_once);
}

TEST_CASE("payments beyond a hold, after it and without it are found") {
  bench one;
  CHECK(rule_of(one.pay(1)) == rules::hold_resolved_once);
  CHECK_FALSE(one.hold(10));
  one.settle(20);
  CHECK_FALSE(one.pay(8));
  CHECK(rule_of(one.pay(3)) == rules::hold_resolved_once);
  CHECK_FALSE(one.pay(2));
  CHECK_FALSE(one.book.compare(one.ledger));
  CHECK(rule_of(one.release()) == rules::verified_unpaid);
  CHECK(rule_of(one.pay(1)) == rules::hold_resolved_once);
}

TEST_CASE("more than verdicts grant is found") {
  bench one;
  CHECK_FALSE(one.hold(50));
  one.settle(10);
  CHECK_FALSE(one.pay(10));
  CHECK(rule_of(one.pay(10)) == rules::unverified_paid);
  // The ledger did what it was told.
  CHECK_FALSE(one.book.compare(one.ledger));
}

TEST_CASE("a hold given back with verified work unpaid is found") {
  bench one;
  CHECK_FALSE(one.hold(50));
  one.settle(10);
  CHECK(rule_of(one.release()) == rules::verified_unpaid);
}

TEST_CASE("a ledger whose figures differ is found") {
  SUBCASE("credits from nowhere") {
    bench one;
    auto other = owner_id{};
    other.value[0] = 1;
    static_cast<void>(one.ledger.open(other, whole_credits(1), {}));
    CHECK(rule_of(one.book.compare(one.ledger)) == rules::credits_conserved);
  }
  SUBCASE("a payment that nobody asked for") {
    bench one;
    CHECK_FALSE(one.hold(50));
    one.settle(10);
    CHECK_FALSE(one.pay(10));
    static_cast<void>(one.ledger.pay(one.task, one.payments(1), {}));
    CHECK(rule_of(one.book.compare(one.ledger)) == rules::credits_conserved);
  }
  SUBCASE("a hold that was not made") {
    bench one;
    CHECK_FALSE(one.book.on_hold(one.payer, one.task, whole_credits(10)));
    CHECK(rule_of(one.book.compare(one.ledger)) == rules::credits_conserved);
  }
}

TEST_CASE("an open hold is listed until it resolves or its node crashed") {
  bench one;
  CHECK(one.book.open_holds().empty());
  CHECK_FALSE(one.hold(50));
  CHECK(one.book.open_holds() == std::vector<task_id>{one.task});
  SUBCASE("released") {
    CHECK_FALSE(one.release());
    CHECK(one.book.open_holds().empty());
  }
  SUBCASE("orphaned") {
    one.book.on_orphaned(one.task);
    CHECK(one.book.open_holds().empty());
    CHECK(one.book.is_open(one.task));
  }
}
