#include "protocol/reputation/reputation_book.hpp"

#include "protocol/core/random.hpp"

#include <doctest/doctest.h>

#include <cstdlib>

namespace {

using namespace artel;

owner_id owner(std::uint8_t number) {
  owner_id id;
  id.value[0] = number;
  return id;
}

wall_time day(std::int64_t number) {
  return wall_time{std::chrono::days{number}};
}

/// The score after so many equal outcomes at one moment.
std::int32_t score_after(outcome_kind outcome, int times) {
  reputation_book book;
  for (int i = 0; i < times; ++i)
    book.record(owner(1), outcome, day(0));
  book.check_invariants();
  return book.score(owner(1), day(0)).value;
}

reputation_book::entry entry_after(outcome_kind outcome) {
  reputation_book book;
  book.record(owner(1), outcome, day(0));
  return book.entries().at(0);
}

} // namespace

TEST_CASE("a stranger is average") {
  reputation_book book;
  CHECK(book.score(owner(1), day(5)).value == 500'000);
  CHECK(book.level(owner(1), day(5)) == reputation_level::average);
  CHECK(book.entries().empty());
}

TEST_CASE("ten verified answers make a newcomer good, and nine do not") {
  CHECK(level_of({score_after(outcome_kind::verified, 9)})
        == reputation_level::average);
  CHECK(level_of({score_after(outcome_kind::verified, 10)})
        == reputation_level::good);
}

TEST_CASE("four wrong answers make a newcomer poor, and three do not") {
  CHECK(level_of({score_after(outcome_kind::dissented, 3)})
        == reputation_level::average);
  CHECK(level_of({score_after(outcome_kind::dissented, 4)})
        == reputation_level::poor);
}

TEST_CASE("a liar that was trusted is poor after ten wrong answers") {
  reputation_book book;
  for (int i = 0; i < 1'000; ++i)
    book.record(owner(1), outcome_kind::verified, day(0));
  CHECK(book.level(owner(1), day(0)) == reputation_level::excellent);
  int lies = 0;
  while (book.level(owner(1), day(0)) > reputation_level::average
         && lies < 100) {
    book.record(owner(1), outcome_kind::dissented, day(0));
    ++lies;
  }
  CHECK(lies == 10);
}

TEST_CASE("who is wrong one time in three never becomes good") {
  for (int lie : {0, 1, 2}) {
    reputation_book book;
    for (int i = 0; i < 3'000; ++i) {
      book.record(owner(1),
                  i % 3 == lie ? outcome_kind::dissented
                               : outcome_kind::verified,
                  day(0));
      CHECK(book.level(owner(1), day(0)) <= reputation_level::average);
    }
  }
}

TEST_CASE("each outcome moves the parts that it tells about, and no others") {
  auto good = entry_after(outcome_kind::verified);
  CHECK(good.success.value == 512'000);
  CHECK(good.quality.value == 512'000);
  CHECK(good.consistency.value == 512'000);
  CHECK(good.cooperation.value == 512'000);
  CHECK(good.outcomes == 1);
  auto wrong = entry_after(outcome_kind::dissented);
  CHECK(wrong.success.value == 462'500);
  CHECK(wrong.quality.value == 462'500);
  CHECK(wrong.consistency.value == 462'500);
  CHECK(wrong.cooperation.value == 500'000);
  auto failed = entry_after(outcome_kind::failed);
  CHECK(failed.success.value == 485'000);
  CHECK(failed.quality.value == 500'000);
  CHECK(failed.consistency.value == 500'000);
  CHECK(failed.cooperation.value == 500'000);
  auto lost = entry_after(outcome_kind::lost);
  CHECK(lost.success.value == 485'000);
  CHECK(lost.quality.value == 500'000);
  CHECK(lost.consistency.value == 500'000);
  CHECK(lost.cooperation.value == 485'000);
  auto refused = entry_after(outcome_kind::refused);
  CHECK(refused.success.value == 500'000);
  CHECK(refused.quality.value == 500'000);
  CHECK(refused.consistency.value == 500'000);
  CHECK(refused.cooperation.value == 485'000);
}

TEST_CASE("the parts weigh 0.3, 0.25, 0.2 and 0.25") {
  CHECK(score_after(outcome_kind::verified, 1) == 512'000);
  // 37,500 lost in success, quality and consistency: three quarters.
  CHECK(score_after(outcome_kind::dissented, 1) == 500'000 - 28'125);
  CHECK(score_after(outcome_kind::failed, 1) == 500'000 - 4'500);
  CHECK(score_after(outcome_kind::lost, 1) == 500'000 - 4'500 - 3'750);
  CHECK(score_after(outcome_kind::refused, 1) == 500'000 - 3'750);
}

TEST_CASE("untouched, a score fades to average by a hundredth a day") {
  reputation_book book;
  for (int i = 0; i < 50; ++i)
    book.record(owner(1), outcome_kind::verified, day(0));
  for (int i = 0; i < 50; ++i)
    book.record(owner(2), outcome_kind::dissented, day(0));
  auto distance = [&](std::uint8_t who, wall_time when) {
    return std::abs(book.score(owner(who), when).value - 500'000);
  };
  for (std::uint8_t who : {1, 2}) {
    auto first = distance(who, day(0));
    CHECK(distance(who, day(1) - milliseconds{1}) == first);
    CHECK(distance(who, day(1)) == doctest::Approx(first * 0.99).epsilon(1e-4));
    // 0.99^69 = 0.4998
    CHECK(distance(who, day(69))
          == doctest::Approx(first * 0.4998).epsilon(1e-3));
    CHECK(distance(who, day(5'000)) == 0);
    CHECK(distance(who, day(1'000'000)) == 0);
  }
}

TEST_CASE("fading does not depend on how often the book is used") {
  auto random = random_generator::from_number(3);
  for (int round = 0; round < 200; ++round) {
    reputation_book book;
    auto outcome = static_cast<outcome_kind>(1 + random.below(5));
    for (int i = 0; i < 20; ++i)
      book.record(owner(1), outcome, day(0));
    // Asked at any moments between, and then at one.
    auto asked = book;
    auto now = day(0);
    for (int i = 0; i < 10; ++i) {
      now += milliseconds{random.below(200'000'000)};
      static_cast<void>(asked.score(owner(1), now));
    }
    CHECK(asked.score(owner(1), now) == book.score(owner(1), now));
    // An outcome that moves nothing more of success splits the fading in two.
    auto split = book;
    auto middle = day(0) + (now - day(0)) / 2;
    split.record(owner(1), outcome_kind::refused, middle);
    split.record(owner(1), outcome_kind::refused, now);
    book.record(owner(1), outcome_kind::refused, now);
    CHECK(split.entries().at(0).success == book.entries().at(0).success);
    CHECK(split.entries().at(0).quality == book.entries().at(0).quality);
    CHECK(split.entries().at(0).updated == book.entries().at(0).updated);
    CHECK(now - book.entries().at(0).updated < std::chrono::days{1});
  }
}

TEST_CASE("a clock that goes backwards fades nothing") {
  reputation_book book;
  book.record(owner(1), outcome_kind::verified, day(10));
  auto before = book.score(owner(1), day(10));
  CHECK(book.score(owner(1), day(0)) == before);
  book.record(owner(1), outcome_kind::verified, day(0));
  CHECK(book.score(owner(1), day(10)) > before);
  CHECK(book.entries().at(0).updated == day(10));
}

TEST_CASE("owners are judged apart and listed in order") {
  reputation_book book;
  book.record(owner(2), outcome_kind::dissented, day(0));
  book.record(owner(1), outcome_kind::verified, day(0));
  CHECK(book.score(owner(1), day(0)).value == 512'000);
  CHECK(book.score(owner(2), day(0)).value == 471'875);
  auto all = book.entries();
  REQUIRE(all.size() == 2);
  CHECK(all[0].owner == owner(1));
  CHECK(all[1].owner == owner(2));
}

TEST_CASE("any outcomes leave scores in range, and the same give the same") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    reputation_book books[2];
    for (auto& book : books) {
      auto random = random_generator::from_number(seed);
      auto now = day(0);
      for (int step = 0; step < 2'000; ++step) {
        now += milliseconds{random.below(50'000'000)};
        auto who = owner(static_cast<std::uint8_t>(random.below(4)));
        auto outcome = static_cast<outcome_kind>(1 + random.below(5));
        auto before = book.score(who, now);
        book.record(who, outcome, now);
        auto after = book.score(who, now);
        if (outcome == outcome_kind::verified)
          CHECK(after >= before);
        else
          CHECK(after <= before);
        book.check_invariants();
      }
    }
    for (std::uint8_t i = 0; i < 4; ++i)
      CHECK(books[0].score(owner(i), day(30))
            == books[1].score(owner(i), day(30)));
  }
}
