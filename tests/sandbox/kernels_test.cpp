#include "sandbox/kernels.hpp"

#include "protocol/core/random.hpp"
#include "sandbox/prime_sieve.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <limits>
#include <string>
#include <thread>

using namespace artel;
using sandbox::count_primes;

namespace {

bool always() {
  return true;
}

bool is_prime(std::uint64_t number) {
  if (number < 2)
    return false;
  for (std::uint64_t divisor = 2; divisor * divisor <= number; ++divisor)
    if (number % divisor == 0)
      return false;
  return true;
}

sandbox::run_request primes(std::uint64_t first, std::uint64_t last) {
  sandbox::run_request request;
  request.kernel = "count_primes";
  request.input.kind = input_kind::range;
  request.input.first = first;
  request.input.last = last;
  return request;
}

sandbox::run_result run(const sandbox::run_request& request,
                        std::stop_token stop = {}) {
  return sandbox::kernel_executor{}.execute(request, std::move(stop));
}

} // namespace

TEST_CASE("prime counts are the known ones") {
  CHECK(count_primes(0, 0, always) == 0);
  CHECK(count_primes(0, 2, always) == 1);
  CHECK(count_primes(1, 100, always) == 25);
  CHECK(count_primes(1, 1'000'000, always) == 78'498);
  CHECK(count_primes(1, 10'000'000, always) == 664'579);
  // Between 10^12 and 10^12 + 10^6, and below the largest end.
  CHECK(count_primes(1'000'000'000'000, 1'000'001'000'000, always) == 36'249);
  CHECK(count_primes(999'999'999'999'989, 999'999'999'999'989, always) == 1);
}

TEST_CASE("short ranges count as by trial division") {
  for (std::uint64_t first = 0; first <= 60; ++first) {
    std::uint64_t expected = 0;
    for (auto last = first; last <= 400; ++last) {
      expected += is_prime(last);
      if (count_primes(first, last, always) != expected)
        FAIL(first << ".." << last);
    }
  }
  auto random = random_generator::from_number(11);
  for (auto round = 0; round < 200; ++round) {
    auto first = random.below(5'000'000);
    auto last = first + random.below(300);
    std::uint64_t expected = 0;
    for (auto number = first; number <= last; ++number)
      expected += is_prime(number);
    CAPTURE(first);
    CAPTURE(last);
    CHECK(count_primes(first, last, always) == expected);
  }
}

TEST_CASE("parts of a range add up to the whole") {
  auto random = random_generator::from_number(12);
  for (auto round = 0; round < 20; ++round) {
    auto first = random.below(1u << 30);
    auto middle = first + random.below(400'000);
    auto last = middle + 1 + random.below(400'000);
    CAPTURE(first);
    CHECK(*count_primes(first, middle, always)
            + *count_primes(middle + 1, last, always)
          == *count_primes(first, last, always));
  }
}

TEST_CASE("kernels are listed by name, and known by it") {
  const auto& all = sandbox::kernels();
  REQUIRE(all.size() == 2);
  CHECK(all[0].name == "count_primes");
  CHECK(all[1].name == "noop");
  CHECK(sandbox::is_kernel("noop"));
  CHECK(!sandbox::is_kernel(""));
  CHECK(!sandbox::is_kernel("NOOP"));
}

TEST_CASE("noop outputs 0 for any input") {
  sandbox::run_request request;
  request.kernel = "noop";
  auto result = run(request);
  CHECK(result.outcome == run_outcome::completed);
  CHECK(as_text(result.output) == "0");
  CHECK(result.detail.empty());
}

TEST_CASE("a chunk's count comes out as a decimal number") {
  auto result = run(primes(999'000'001, 1'000'000'000));
  CHECK(result.outcome == run_outcome::completed);
  CHECK(as_text(result.output)
        == std::to_string(*count_primes(999'000'001, 1'000'000'000, always)));
  CHECK(result.memory_peak_bytes > 0);
}

TEST_CASE("kernels refuse what they can't compute") {
  CHECK(run({}).outcome == run_outcome::exec_failed);
  auto request = primes(1, 10);
  request.kernel = "no_such_kernel";
  CHECK(run(request).detail.find("no_such_kernel") != std::string::npos);
  request = primes(1, 10);
  request.input.kind = input_kind::none;
  CHECK(run(request).outcome == run_outcome::exec_failed);
  CHECK(run(primes(10, 9)).outcome == run_outcome::exec_failed);
  for (auto last : {sandbox::prime_sieve_last_max + 1,
                    std::numeric_limits<std::uint64_t>::max()}) {
    auto result = run(primes(last, last));
    CHECK(result.outcome == run_outcome::exec_failed);
    CHECK(result.detail.find("10000000000000000") != std::string::npos);
  }
}

TEST_CASE("kernels keep to their limits") {
  auto request = primes(0, sandbox::prime_sieve_last_max);
  request.limits.memory_bytes = 16u << 20;
  CHECK(run(request).outcome == run_outcome::memory_limit);

  request = primes(0, 1'000'000'000'000);
  request.limits.wall_time = milliseconds{100};
  auto result = run(request);
  CHECK(result.outcome == run_outcome::timeout);
  CHECK(result.wall_time_used < milliseconds{3'000});
  CHECK(result.output.empty());

  request.limits = {};
  request.limits.cpu_time = milliseconds{100};
  CHECK(run(request).outcome == run_outcome::cpu_limit);

  request = primes(1, 1'000'000);
  request.limits.stdout_bytes = 4;
  CHECK(run(request).outcome == run_outcome::output_limit);
  request.limits.stdout_bytes = 5;
  CHECK(run(request).outcome == run_outcome::completed);
}

TEST_CASE("a stop request ends a kernel") {
  std::stop_source source;
  std::jthread stopper{[&source] {
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
    source.request_stop();
  }};
  auto result = run(primes(0, 1'000'000'000'000), source.get_token());
  CHECK(result.outcome == run_outcome::cancelled);
  CHECK(result.wall_time_used < milliseconds{3'000});
}
