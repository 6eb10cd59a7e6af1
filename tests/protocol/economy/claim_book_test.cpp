#include "protocol/economy/claim_book.hpp"

#include "protocol/core/random.hpp"
#include "protocol/identity/keys.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

using namespace artel;

namespace {

instant at(std::int64_t ms) {
  return instant{milliseconds{ms}};
}

template <class Id>
Id id(std::uint8_t number) {
  Id one;
  one.value[0] = number;
  return one;
}

task_id task(std::uint8_t number) {
  return id<task_id>(number);
}

owner_id owner(std::uint8_t number) {
  return id<owner_id>(number);
}

node_id node(std::uint8_t number) {
  return id<node_id>(number);
}

/// A payer with a key, and claims that it signs.
struct payer {
  explicit payer(std::uint64_t seed)
    : random(random_generator::from_number(seed)),
      key(key_pair::generate(random)) {}

  payment_claim claim(const task_id& task, const owner_id& payee,
                      std::int64_t amount) const {
    payment_claim one;
    one.network = "test";
    one.task = task;
    one.payer_owner = key.owner();
    one.payee = payee;
    one.amount = credits{amount};
    one.jobs = 1;
    sign_claim(one, key);
    return one;
  }

  // Before the key is made.
  bool ready = (initialize_crypto(), true);
  random_generator random;
  key_pair key;
};

} // namespace

TEST_CASE("a claim is due at once, again after 500 ms, and ever more rarely") {
  promised_claims book;
  book.owe(task(1), owner(1), node(1), credits{5}, 1, at(0));
  REQUIRE(book.due(at(0)).size() == 1);
  CHECK(book.due(at(0)).empty());
  CHECK(book.due(at(499)).empty());
  auto again = book.due(at(500));
  REQUIRE(again.size() == 1);
  CHECK(again[0].amount == credits{5});
  CHECK(again[0].nodes == std::vector<node_id>{node(1)});
  CHECK(book.due(at(1'499)).empty());
  CHECK(book.due(at(1'500)).size() == 1);
  CHECK(book.due(at(3'499)).empty());
  CHECK(book.due(at(3'500)).size() == 1);
  book.check_invariants();
}

TEST_CASE("what is acknowledged is not sent again") {
  promised_claims book;
  book.owe(task(1), owner(1), node(1), credits{5}, 1, at(0));
  CHECK(book.due(at(0)).size() == 1);
  book.on_acknowledged(node(1), task(1), credits{5});
  CHECK(book.is_idle());
  CHECK(book.due(at(60'000)).empty());
  CHECK(book.of(task(1)) == promised_claims::tally{1, 1});
  // More is owed: the whole amount goes out.
  book.owe(task(1), owner(1), node(1), credits{9}, 2, at(60'000));
  CHECK(book.of(task(1)) == promised_claims::tally{1, 0});
  auto more = book.due(at(60'000));
  REQUIRE(more.size() == 1);
  CHECK(more[0].amount == credits{9});
  CHECK(more[0].jobs == 2);
  // A late copy of the first acknowledgement.
  book.on_acknowledged(node(1), task(1), credits{5});
  CHECK_FALSE(book.is_idle());
  book.on_acknowledged(node(1), task(1), credits{9});
  CHECK(book.is_idle());
}

TEST_CASE("only who was told can acknowledge, and no more than it was told") {
  promised_claims book;
  book.owe(task(1), owner(1), node(1), credits{5}, 1, at(0));
  book.owe(task(1), owner(2), node(2), credits{7}, 1, at(0));
  // Before anything was sent.
  book.on_acknowledged(node(1), task(1), credits{5});
  CHECK(book.of(task(1)) == promised_claims::tally{2, 0});
  CHECK(book.due(at(0)).size() == 2);
  book.on_acknowledged(node(3), task(1), credits{5});
  book.on_acknowledged(node(1), task(2), credits{5});
  book.on_acknowledged(node(1), task(1), credits{1'000});
  CHECK(book.of(task(1)) == promised_claims::tally{2, 0});
  book.on_acknowledged(node(1), task(1), credits{5});
  CHECK(book.of(task(1)) == promised_claims::tally{2, 1});
  book.check_invariants();
}

TEST_CASE("an owner knows once one of its nodes does") {
  promised_claims book;
  book.owe(task(1), owner(1), node(1), credits{5}, 1, at(0));
  book.owe(task(1), owner(1), node(2), credits{5}, 1, at(0));
  auto sent = book.due(at(0));
  REQUIRE(sent.size() == 1);
  CHECK(sent[0].nodes.size() == 2);
  book.on_acknowledged(node(2), task(1), credits{5});
  CHECK(book.of(task(1)) == promised_claims::tally{1, 1});
  CHECK(book.due(at(10'000)).empty());
}

TEST_CASE("a payee that is silent is given up after 30 s") {
  promised_claims book;
  book.owe(task(1), owner(1), node(1), credits{5}, 1, at(0));
  std::vector<std::int64_t> times;
  for (std::int64_t now = 0; now <= 120'000; now += 100)
    for (const auto& one : book.due(at(now))) {
      CHECK(one.amount == credits{5});
      times.push_back(now);
    }
  CHECK(
    times
    == std::vector<std::int64_t>{0, 500, 1'500, 3'500, 7'500, 15'500, 25'500});
  CHECK(book.is_idle());
  CHECK(book.of(task(1)) == promised_claims::tally{1, 0});
}

TEST_CASE("a payee that comes back is told at once") {
  promised_claims book;
  book.owe(task(1), owner(1), node(1), credits{5}, 1, at(0));
  book.due(at(0));
  book.due(at(500));
  book.due(at(1'500));
  book.on_reachable(node(2), at(2'000));
  CHECK(book.due(at(2'000)).empty());
  book.on_reachable(node(1), at(2'000));
  CHECK(book.due(at(2'000)).size() == 1);
}

TEST_CASE("a closed task is forgotten once nothing of it is open") {
  promised_claims book;
  book.owe(task(1), owner(1), node(1), credits{5}, 1, at(0));
  book.owe(task(2), owner(1), node(1), credits{5}, 1, at(0));
  book.due(at(0));
  book.on_acknowledged(node(1), task(1), credits{5});
  CHECK(book.of(task(1)).payees == 1);
  book.close(task(1));
  CHECK(book.of(task(1)).payees == 0);
  book.close(task(2));
  CHECK(book.of(task(2)).payees == 1);
  // Still sent after its end, then given up.
  CHECK(book.due(at(500)).size() == 1);
  book.due(at(40'000));
  CHECK(book.empty());
  book.close(task(3));
  CHECK(book.empty());
}

TEST_CASE("a payee keeps the largest claim of a task and answers with it") {
  payer one{1};
  received_claims book;
  auto take = [&](std::int64_t amount) {
    return book.take(one.claim(task(1), owner(9), amount), one.key.node(),
                     one.key.owner(), owner(9), "test");
  };
  CHECK(take(5).value() == credits{5});
  CHECK(take(3).value() == credits{5});
  CHECK(take(5).value() == credits{5});
  CHECK(take(8).value() == credits{8});
  REQUIRE(book.claims().size() == 1);
  CHECK(book.claims()[0].amount == credits{8});
  book.check_invariants();
}

TEST_CASE("claims that are not the sender's own, or for others, are refused") {
  payer one{1};
  payer other{2};
  received_claims book;
  auto code = [&](const payment_claim& claim, const payer& from) {
    auto taken =
      book.take(claim, from.key.node(), from.key.owner(), owner(9), "test");
    return taken ? errc{} : taken.error().code;
  };
  auto good = one.claim(task(1), owner(9), 5);
  CHECK(code(good, other) == errc::invalid_argument);
  CHECK(code(one.claim(task(1), owner(8), 5), one) == errc::invalid_argument);
  CHECK(code(one.claim(task(1), owner(9), -5), one) == errc::invalid_argument);
  auto raised = good;
  raised.amount = credits{6};
  CHECK(code(raised, one) == errc::bad_signature);
  auto borrowed = good;
  borrowed.payer_owner = other.key.owner();
  CHECK(code(borrowed, one) == errc::invalid_argument);
  auto elsewhere = good;
  elsewhere.network = "elsewhere";
  sign_claim(elsewhere, one.key);
  CHECK(code(elsewhere, one) == errc::network_mismatch);
  CHECK(book.size() == 0);
  CHECK(code(good, one) == errc{});
  CHECK(book.size() == 1);
}

TEST_CASE("one payer's many claims don't push out another's") {
  payer honest{1};
  payer flood{2};
  received_claims book;
  book.restore(honest.claim(task(1), owner(9), 1));
  payment_claim claim;
  claim.payer_owner = flood.key.owner();
  for (std::uint32_t i = 0; i < received_claims::kept_max + 100; ++i) {
    claim.task.value[0] = static_cast<std::uint8_t>(i);
    claim.task.value[1] = static_cast<std::uint8_t>(i >> 8);
    claim.task.value[2] = static_cast<std::uint8_t>(i >> 16);
    claim.amount = credits{std::int64_t{i} + 1'000'000};
    book.restore(claim);
  }
  book.check_invariants();
  CHECK(book.size() == received_claims::kept_max);
  auto kept = book.claims();
  CHECK(std::count_if(kept.begin(), kept.end(),
                      [&](const auto& one) {
                        return one.payer_owner == honest.key.owner();
                      })
        == 1);
}

TEST_CASE("whatever is lost, copied or overtaken, nobody is owed twice") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    CAPTURE(seed);
    payer from{seed};
    auto& random = from.random;
    promised_claims promised;
    // Two payees with two nodes each share an owner's book.
    std::map<owner_id, received_claims> received;
    std::map<std::pair<task_id, owner_id>, std::int64_t> truth;
    std::vector<payment_claim> claims_under_way;
    struct acknowledgement {
      node_id node;
      task_id task;
      credits amount;
    };
    std::vector<acknowledgement> answers_under_way;
    std::int64_t now = 0;
    auto node_of = [](const owner_id& payee, std::uint64_t which) {
      return node(static_cast<std::uint8_t>(payee.value[0] * 10 + which));
    };
    auto step = [&](bool growing) {
      now += static_cast<std::int64_t>(random.below(400));
      if (growing && random.chance(300'000)) {
        auto payee = owner(static_cast<std::uint8_t>(1 + random.below(2)));
        auto of = task(static_cast<std::uint8_t>(1 + random.below(3)));
        auto& sum = truth[{of, payee}];
        sum += 1 + static_cast<std::int64_t>(random.below(50));
        promised.owe(of, payee, node_of(payee, random.below(2)), credits{sum},
                     1, at(now));
        // A copy of it, and what it was before.
        promised.owe(of, payee, node_of(payee, 0), credits{sum}, 1, at(now));
        promised.owe(of, payee, node_of(payee, 0), credits{sum - 1}, 1,
                     at(now));
      }
      for (const auto& due : promised.due(at(now)))
        claims_under_way.push_back(
          from.claim(due.task, due.payee, due.amount.micro));
      // Any claim on the way arrives, or is lost, or arrives and stays.
      if (!claims_under_way.empty()) {
        auto which = random.below(claims_under_way.size());
        auto claim = claims_under_way[which];
        if (random.chance(600'000))
          claims_under_way.erase(claims_under_way.begin()
                                 + static_cast<std::ptrdiff_t>(which));
        if (random.chance(700'000)) {
          auto taken = received[claim.payee].take(
            claim, from.key.node(), from.key.owner(), claim.payee, "test");
          REQUIRE(taken);
          answers_under_way.push_back(
            {node_of(claim.payee, random.below(2)), claim.task, *taken});
        }
      }
      if (!answers_under_way.empty()) {
        auto which = random.below(answers_under_way.size());
        auto answer = answers_under_way[which];
        if (random.chance(600'000))
          answers_under_way.erase(answers_under_way.begin()
                                  + static_cast<std::ptrdiff_t>(which));
        if (random.chance(700'000))
          promised.on_acknowledged(answer.node, answer.task, answer.amount);
      }
      promised.check_invariants();
      for (auto& [payee, book] : received) {
        book.check_invariants();
        for (const auto& claim : book.claims())
          REQUIRE(claim.amount.micro <= truth[{claim.task, payee}]);
      }
    };
    for (int i = 0; i < 300; ++i)
      step(true);
    // It is sent until it is known, or given up: whatever counts as known is.
    for (int i = 0; i < 2'000 && !promised.is_idle(); ++i)
      step(false);
    for (std::uint8_t of = 1; of <= 3; ++of) {
      std::uint64_t known = 0;
      for (auto& [payee, book] : received)
        for (const auto& claim : book.claims())
          known += claim.task == task(of)
                   && claim.amount.micro == truth[{claim.task, payee}];
      CHECK(promised.of(task(of)).acknowledged <= known);
    }
  }
}
