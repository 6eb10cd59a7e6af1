#include "protocol/economy/pricing.hpp"

#include "protocol/core/random.hpp"

#include <doctest/doctest.h>

#include <limits>

namespace {

using namespace artel;

constexpr std::uint64_t gigabyte = 1u << 30;

std::int64_t rate(const price_request& request) {
  return rate_per_minute(request).value().micro;
}

std::int64_t price(const price_request& request, std::uint64_t jobs) {
  return price_per_job(request, jobs).value().micro;
}

} // namespace

TEST_CASE("each resource adds its own rate") {
  price_request request;
  request.cpu_permille = 0;
  CHECK(rate(request) == 0);
  request.cpu_permille = 1'000;
  CHECK(rate(request) == 1'000'000);
  request.gpu_permille = 500;
  CHECK(rate(request) == 3'500'000);
  request.ram_bytes = 2 * gigabyte;
  CHECK(rate(request) == 3'540'000);
  request.disk_bytes = 10 * gigabyte;
  CHECK(rate(request) == 3'590'000);
}

TEST_CASE(
  "urgency, the requester's reputation and the market multiply a rate") {
  price_request request;
  auto with = [&](urgency_level urgency, reputation_level level,
                  std::int32_t market) {
    request.urgency = urgency;
    request.requester = level;
    request.market = {market};
    return rate(request);
  };
  using enum urgency_level;
  using level = reputation_level;
  CHECK(with(low, level::average, ppm_one) == 800'000);
  CHECK(with(high, level::average, ppm_one) == 1'500'000);
  CHECK(with(critical, level::average, ppm_one) == 2'000'000);
  CHECK(with(normal, level::terrible, ppm_one) == 1'500'000);
  CHECK(with(normal, level::poor, ppm_one) == 1'200'000);
  CHECK(with(normal, level::good, ppm_one) == 900'000);
  CHECK(with(normal, level::excellent, ppm_one) == 800'000);
  CHECK(with(normal, level::average, 500'000) == 500'000);
  CHECK(with(normal, level::average, 2'000'000) == 2'000'000);
  CHECK(with(critical, level::excellent, 1'250'000) == 2'000'000);
}

TEST_CASE("a rate is rounded up once, after everything is multiplied") {
  price_request request;
  request.cpu_permille = 1;
  request.ram_bytes = 1;
  // 1,000 micro-credits and a little for the byte.
  CHECK(rate(request) == 1'001);
  request.ram_bytes = 0;
  request.urgency = urgency_level::low;
  request.requester = reputation_level::good;
  request.market = {999'999};
  // 1,000 x 0.8 x 0.9 x 0.999999 = 719.99928
  CHECK(rate(request) == 720);
}

TEST_CASE("a job costs rate times estimate, rounded up") {
  price_request request;
  CHECK(price(request, 1'000'000) == 16'667);
  request.estimate = milliseconds{60'000};
  CHECK(price(request, 1'000'000) == 1'000'000);
  request.estimate = milliseconds{1};
  CHECK(price(request, 1'000'000) == 17);
  request.estimate = milliseconds{2};
  CHECK(price(request, 1'000'000) == 34);
  request.cpu_permille = 1;
  CHECK(price(request, 1'000'000) == 1);
}

TEST_CASE("a task's jobs cost at least 0.01 credit together") {
  price_request request;
  request.cpu_permille = 1;
  request.estimate = milliseconds{1};
  CHECK(price(request, 1) == 10'000);
  CHECK(price(request, 2) == 5'000);
  CHECK(price(request, 3) == 3'334);
  CHECK(price(request, 10'000) == 1);
  CHECK(price(request, 10'001) == 1);
  CHECK(price(request, std::numeric_limits<std::uint64_t>::max()) == 1);
  request.cpu_permille = 0;
  CHECK(price(request, 10'000'000) == 1);
}

TEST_CASE("no job costs less than its network's price floor") {
  price_request request;
  request.cpu_permille = 1'000;
  request.estimate = milliseconds{60'000};
  CHECK(price(request, 1'000) == 1'000'000);
  request.price_floor = microcredits(999'999);
  CHECK(price(request, 1'000) == 1'000'000);
  request.price_floor = microcredits(1'000'001);
  CHECK(price(request, 1'000) == 1'000'001);
  // Whoever asks, and however many there are.
  request.requester = reputation_level::excellent;
  CHECK(price(request, 1) == 1'000'001);
  CHECK(price(request, std::numeric_limits<std::uint64_t>::max()) == 1'000'001);
  // The rate is what the formula says.
  CHECK(rate(request) == 800'000);
}

TEST_CASE("the price of a task covers every verdict of every job") {
  verification_policy policy{.replicas = 1, .replicas_max = 1};
  CHECK(price_of_task(microcredits(17), 100, policy).value()
        == microcredits(1'700));
  policy = {};
  CHECK(price_of_task(microcredits(17), 100, policy).value()
        == microcredits(6'800));
}

TEST_CASE("what can't be priced is refused") {
  price_request request;
  CHECK(price_per_job(request, 0).error().code == errc::out_of_range);
  request.estimate = milliseconds{0};
  CHECK(price_per_job(request, 1).error().code == errc::out_of_range);
  request.estimate = milliseconds{-1};
  CHECK(price_per_job(request, 1).error().code == errc::out_of_range);
  request.estimate = milliseconds::max();
  CHECK(price_per_job(request, 1).error().code == errc::overflow);
  request.market = {499'999};
  CHECK(rate_per_minute(request).error().code == errc::out_of_range);
  request.market = {2'000'001};
  CHECK(price_per_job(request, 1).error().code == errc::out_of_range);
  request.market = {ppm_one};
  request.urgency = static_cast<urgency_level>(0);
  CHECK(rate_per_minute(request).error().code == errc::invalid_argument);
  request.urgency = urgency_level::normal;
  request.requester = static_cast<reputation_level>(6);
  CHECK(rate_per_minute(request).error().code == errc::invalid_argument);
}

TEST_CASE("a task that can't be priced is refused") {
  verification_policy policy;
  auto code = [&](std::int64_t per_job, std::uint64_t jobs) {
    return price_of_task(microcredits(per_job), jobs, policy).error().code;
  };
  constexpr auto largest = std::numeric_limits<std::int64_t>::max();
  CHECK(code(0, 1) == errc::out_of_range);
  CHECK(code(-1, 1) == errc::out_of_range);
  CHECK(code(1, 0) == errc::out_of_range);
  CHECK(code(largest / 4 + 1, 1) == errc::overflow);
  CHECK(price_of_task(microcredits(largest / 4), 1, policy));
  CHECK(code(1, std::numeric_limits<std::uint64_t>::max()) == errc::overflow);
  policy.agreement = {500'000};
  CHECK(code(1, 1) == errc::out_of_range);
  policy = {.replicas = 0};
  CHECK(code(1, 1) == errc::out_of_range);
  policy = {.replicas_max = 65};
  CHECK(code(1, 1) == errc::out_of_range);
}

TEST_CASE("the largest request has a price or an overflow, never a wrong one") {
  price_request request;
  request.cpu_permille = std::numeric_limits<std::uint32_t>::max();
  request.gpu_permille = std::numeric_limits<std::uint32_t>::max();
  request.ram_bytes = std::numeric_limits<std::uint64_t>::max();
  request.disk_bytes = std::numeric_limits<std::uint64_t>::max();
  request.urgency = urgency_level::critical;
  request.requester = reputation_level::terrible;
  request.market = market_max;
  // 6 x (4,294,967,295 x 6,000 + (2^64 - 1) / 2^30 x 25,000), rounded up.
  CHECK(rate(request) == 154'618'822'620'000 + 2'576'980'377'600'000);
}

TEST_CASE("more of a resource, urgency or market never costs less") {
  auto random = random_generator::from_number(7);
  for (int i = 0; i < 3'000; ++i) {
    price_request request;
    request.cpu_permille = static_cast<std::uint32_t>(random.below(100'000));
    request.gpu_permille = static_cast<std::uint32_t>(random.below(100'000));
    request.ram_bytes = random.next() >> (4 + random.below(60));
    request.disk_bytes = random.next() >> (4 + random.below(60));
    request.urgency = static_cast<urgency_level>(1 + random.below(3));
    request.requester = static_cast<reputation_level>(2 + random.below(4));
    request.market = {500'000
                      + static_cast<std::int32_t>(random.below(1'000'000))};
    request.estimate = milliseconds{1 + random.below(600'000)};
    auto jobs = 1 + random.below(100'000);
    auto more = request;
    switch (random.below(7)) {
      case 0: more.cpu_permille += 1; break;
      case 1: more.gpu_permille += 1; break;
      case 2: more.ram_bytes += more.ram_bytes / 2; break;
      case 3: more.disk_bytes += more.disk_bytes / 2; break;
      case 4:
        more.urgency =
          static_cast<urgency_level>(static_cast<int>(more.urgency) + 1);
        break;
      case 5:
        more.requester =
          static_cast<reputation_level>(static_cast<int>(more.requester) - 1);
        break;
      default: more.market.value += 500'000;
    }
    auto before = price_per_job(request, jobs);
    REQUIRE(before);
    auto after = price_per_job(more, jobs);
    if (after)
      CHECK(*after >= *before);
    else
      CHECK(after.error().code == errc::overflow);
    CHECK(before->micro >= static_cast<std::int64_t>((9'999 + jobs) / jobs));
  }
}

TEST_CASE("the market moves a tenth of the excess, within its bounds") {
  auto moved = [](std::int32_t from, std::uint64_t demand,
                  std::uint64_t supply) {
    return adjust_market({from}, demand, supply).value;
  };
  CHECK(moved(ppm_one, 5, 5) == ppm_one);
  CHECK(moved(ppm_one, 0, 0) == ppm_one);
  CHECK(moved(ppm_one, 2, 1) == 1'050'000);
  CHECK(moved(ppm_one, 1, 2) == 950'000);
  CHECK(moved(ppm_one, 1, 0) == 1'100'000);
  CHECK(moved(ppm_one, 0, 1) == 900'000);
  CHECK(moved(1'950'000, 1, 0) == 2'000'000);
  CHECK(moved(510'000, 0, 1) == 500'000);
  CHECK(moved(0, 5, 5) == 500'000);
  CHECK(moved(std::numeric_limits<std::int32_t>::max(), 5, 5) == 2'000'000);
  constexpr auto most = std::numeric_limits<std::uint64_t>::max();
  CHECK(moved(ppm_one, most, 0) == 1'100'000);
  CHECK(moved(ppm_one, 0, most) == 900'000);
}

TEST_CASE("a market in balance stays, out of balance it reaches its bound") {
  ppm market{ppm_one};
  int steps = 0;
  for (; market < market_max && steps < 100; ++steps)
    market = adjust_market(market, 3, 1);
  CHECK(steps == 11);
  for (steps = 0; market > market_min && steps < 100; ++steps)
    market = adjust_market(market, 1, 3);
  CHECK(market == market_min);
  CHECK(steps < 30);
}
