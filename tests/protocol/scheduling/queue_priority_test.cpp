#include "protocol/scheduling/queue_priority.hpp"

#include "protocol/core/random.hpp"

#include <doctest/doctest.h>

#include <limits>

namespace {

using namespace artel;

std::int32_t priority(std::int64_t balance, std::int64_t reward,
                      urgency_level urgency, std::int32_t reputation) {
  return queue_priority({.balance = microcredits(balance),
                         .reward = microcredits(reward),
                         .urgency = urgency,
                         .requester_reputation = {reputation}})
    .value;
}

} // namespace

TEST_CASE("balance, reward, urgency and reputation weigh 4, 3, 2 and 1") {
  using enum urgency_level;
  CHECK(priority(0, 0, low, 0) == 0);
  CHECK(priority(10'000'000'000, 0, low, 0) == 400'000);
  CHECK(priority(0, 1'000'000, low, 0) == 300'000);
  CHECK(priority(0, 0, critical, 0) == 200'000);
  CHECK(priority(0, 0, low, 1'000'000) == 100'000);
  CHECK(priority(10'000'000'000, 1'000'000, critical, 1'000'000) == 1'000'000);
}

TEST_CASE("a newcomer's normal task lies where its parts put it") {
  // 100 credits: 0.004; a 0.01 reward: 0.003; normal: 0.0667; average: 0.05.
  CHECK(priority(100'000'000, 10'000, urgency_level::normal, 500'000)
        == 123'666);
}

TEST_CASE("what is out of range counts as its nearest end") {
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  constexpr auto least = std::numeric_limits<std::int64_t>::min();
  CHECK(priority(most, most, static_cast<urgency_level>(255),
                 std::numeric_limits<std::int32_t>::max())
        == 1'000'000);
  CHECK(priority(least, least, static_cast<urgency_level>(0),
                 std::numeric_limits<std::int32_t>::min())
        == 0);
}

TEST_CASE("more of anything never lowers a priority") {
  auto random = random_generator::from_number(5);
  for (int i = 0; i < 2'000; ++i) {
    auto balance = static_cast<std::int64_t>(random.below(12'000'000'000));
    auto reward = static_cast<std::int64_t>(random.below(1'200'000));
    auto level = static_cast<int>(1 + random.below(3));
    auto reputation = static_cast<std::int32_t>(random.below(1'000'000));
    auto urgency = static_cast<urgency_level>(level);
    auto base = priority(balance, reward, urgency, reputation);
    auto more = static_cast<std::int64_t>(random.below(1'000'000'000));
    CHECK(priority(balance + more, reward, urgency, reputation) >= base);
    CHECK(priority(balance, reward + more, urgency, reputation) >= base);
    CHECK(priority(balance, reward, static_cast<urgency_level>(level + 1),
                   reputation)
          > base);
    CHECK(priority(balance, reward, urgency, 1'000'000) >= base);
    CHECK(base >= 0);
    CHECK(base <= 1'000'000);
  }
}
