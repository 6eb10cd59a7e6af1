#include "sandbox/kernels/kernels.hpp"

#include "protocol/core/limits.hpp"
#include "protocol/core/random.hpp"
#include "sandbox/kernels/prime_sieve.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

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

sandbox::run_request over_range(const std::string& kernel, std::uint64_t first,
                                std::uint64_t last) {
  auto request = primes(first, last);
  request.kernel = kernel;
  return request;
}

sandbox::run_request over_data(const std::string& kernel,
                               std::string_view text) {
  sandbox::run_request request;
  request.kernel = kernel;
  request.input.kind = input_kind::data;
  request.input.name = "numbers.txt";
  request.input.data = to_bytes(text);
  return request;
}

/// Of a run that is to succeed.
std::string output_of(const sandbox::run_request& request) {
  auto result = run(request);
  CHECK_MESSAGE(result.outcome == run_outcome::completed, result.detail);
  return std::string{as_text(result.output)};
}

/// Of a run that is to be refused.
std::string refusal_of(const sandbox::run_request& request) {
  auto result = run(request);
  CHECK(result.outcome == run_outcome::exec_failed);
  CHECK(result.output.empty());
  return result.detail;
}

std::string sum_of(const std::vector<std::string>& coefficients,
                   std::uint64_t first, std::uint64_t last) {
  auto request = over_range("sum_polynomial", first, last);
  request.kernel_arguments = coefficients;
  return output_of(request);
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
  std::vector<std::string_view> names;
  for (const auto& one : all) {
    names.push_back(one.name);
    CHECK(!one.description.empty());
    CHECK(sandbox::is_kernel(one.name));
  }
  CHECK(names
        == std::vector<std::string_view>{"count_primes", "max", "min", "noop",
                                         "sum", "sum_polynomial"});
  CHECK(!sandbox::is_kernel(""));
  CHECK(!sandbox::is_kernel("NOOP"));
}

TEST_CASE("kernels tell which input they accept") {
  auto accepted = [](std::string_view name) {
    const auto& all = sandbox::kernels();
    auto found = std::find_if(all.begin(), all.end(), [name](const auto& one) {
      return one.name == name;
    });
    REQUIRE(found != all.end());
    std::string kinds;
    for (auto kind : {input_kind::none, input_kind::range, input_kind::data})
      kinds += found->accepts(kind) ? '1' : '0';
    return kinds;
  };
  CHECK(accepted("count_primes") == "010");
  CHECK(accepted("noop") == "111");
  CHECK(accepted("sum_polynomial") == "010");
  for (const auto* name : {"max", "min", "sum"})
    CHECK(accepted(name) == "011");
}

TEST_CASE("noop outputs 0 for any input") {
  sandbox::run_request request;
  request.kernel = "noop";
  CHECK(output_of(request) == "0");
  CHECK(run(request).detail.empty());
  CHECK(output_of(over_range("noop", 10, 9)) == "0");
  CHECK(output_of(over_data("noop", "no number")) == "0");
}

TEST_CASE("sum, min and max of a range are exact") {
  struct example {
    std::uint64_t first;
    std::uint64_t last;
    const char* sum;
  };
  constexpr auto largest = std::numeric_limits<std::uint64_t>::max();
  for (const auto& one :
       {example{0, 0, "0"}, example{7, 7, "7"}, example{1, 100, "5050"},
        example{1, 1'000'000'000'000'000'000,
                "500000000000000000500000000000000000"},
        example{1, limits::range_value_max,
                "42535295865117307928310139910543638528"},
        example{largest, largest, "18446744073709551615"},
        example{0, largest, "170141183460469231722463931679029329920"}}) {
    CAPTURE(one.last);
    CHECK(output_of(over_range("sum", one.first, one.last)) == one.sum);
    CHECK(output_of(over_range("min", one.first, one.last))
          == std::to_string(one.first));
    CHECK(output_of(over_range("max", one.first, one.last))
          == std::to_string(one.last));
  }
}

TEST_CASE("sum, min and max of data are exact") {
  struct example {
    std::string data;
    std::string sum;
    std::string least;
    std::string greatest;
  };
  const std::string large = "1" + std::string(999, '0');
  for (const auto& one : {
         example{"5", "5", "5", "5"},
         example{"5\n", "5", "5", "5"},
         example{"3\n-8\n+12\n", "7", "-8", "12"},
         example{"\n\n 3 \r\n\t\n-4\r\n\n\n", "-1", "-4", "3"},
         example{"-0\n+0\n000\n", "0", "0", "0"},
         example{"0012\n-0003\n", "9", "-3", "12"},
         example{"-1\n-2\n-3", "-6", "-3", "-1"},
         // At the bounds of machine words, and past them.
         example{"9223372036854775807\n1\n", "9223372036854775808", "1",
                 "9223372036854775807"},
         example{"999999999999999999\n1000000000000000000\n",
                 "1999999999999999999", "999999999999999999",
                 "1000000000000000000"},
         example{"-18446744073709551616\n1\n", "-18446744073709551615",
                 "-18446744073709551616", "1"},
         example{"340282366920938463463374607431768211456\n-1\n",
                 "340282366920938463463374607431768211455", "-1",
                 "340282366920938463463374607431768211456"},
         example{large + "\n-" + large + "\n7\n", "7", "-" + large, large},
         example{large + "\n-3\n10000000000000000000000000000000000000000\n17",
                 "1" + std::string(958, '0') + "1" + std::string(38, '0')
                   + "14",
                 "-3", large},
       }) {
    CAPTURE(one.data);
    CHECK(output_of(over_data("sum", one.data)) == one.sum);
    CHECK(output_of(over_data("min", one.data)) == one.least);
    CHECK(output_of(over_data("max", one.data)) == one.greatest);
  }
}

TEST_CASE("many numbers add up to what their range adds up to") {
  std::string data;
  for (auto number = 1; number <= 100'000; ++number)
    data += std::to_string(number) + "\n";
  CHECK(output_of(over_data("sum", data)) == "5000050000");
  CHECK(output_of(over_data("max", data)) == "100000");
  CHECK(output_of(over_data("min", data)) == "1");
}

TEST_CASE("data without a number has a sum, but no least and no greatest") {
  for (const auto* data : {"", "\n", "\n \r\n\t"}) {
    CHECK(output_of(over_data("sum", data)) == "0");
    for (const auto* name : {"min", "max"})
      CHECK(refusal_of(over_data(name, data))
            == std::string{name}
                 + ": there is no number in the data; expected at least one");
  }
}

TEST_CASE("a line that is no whole number is named and shown") {
  struct example {
    std::string data;
    std::string message;
  };
  for (const auto& one : {
         example{"1\n2\nthree\n4\n",
                 "line 3 of 'numbers.txt': 'three' is not a whole number;"
                 " expected one like 42 or -5"},
         example{"3.5", "line 1 of 'numbers.txt': '3.5' is not"},
         example{"\n\n1 2\n", "line 3 of 'numbers.txt': '1 2' is not"},
         example{"1e3", "'1e3' is not"},
         example{"0x10", "'0x10' is not"},
         example{"-", "'-' is not"},
         example{"+-1", "'+-1' is not"},
         example{"--1", "'--1' is not"},
         example{"1-", "'1-' is not"},
         example{"- 1", "'- 1' is not"},
         example{"1,000", "'1,000' is not"},
         example{std::string{"1\0", 2}, "'1\\x00' is not"},
         example{"\xd9\xa3", "'\\xd9\\xa3' is not"},
         example{"\x1b[2J", "'\\x1b[2J' is not"},
         example{std::string(5'000, 'x'),
                 "'" + std::string(40, 'x') + "...' is not"},
         example{std::string(1'001, '1'), "has 1001 digits; expected at most"
                                          " 1000"},
         example{"-" + std::string(5'000'000, '1'), "has 5000000 digits"},
       }) {
    CAPTURE(one.message);
    for (const auto* name : {"sum", "min", "max"}) {
      auto told = refusal_of(over_data(name, one.data));
      CAPTURE(told);
      CHECK(told.starts_with(std::string{name} + ": line "));
      CHECK(told.find(one.message) != std::string::npos);
      CHECK(told.size() < 300);
    }
  }
  auto nameless = over_data("sum", "x");
  nameless.input.name.clear();
  CHECK(refusal_of(nameless).starts_with("sum: line 1: 'x'"));
}

TEST_CASE("a polynomial's sum is the known one") {
  constexpr auto largest = std::numeric_limits<std::uint64_t>::max();
  constexpr std::uint64_t quintillion = 1'000'000'000'000'000'000;
  CHECK(sum_of({"3", "0", "-1"}, 1, 10) == "-355");
  CHECK(sum_of({"0"}, 0, largest) == "0");
  CHECK(sum_of({"1"}, 0, largest) == "18446744073709551616");
  CHECK(sum_of({"-5"}, 9, 9) == "-5");
  CHECK(sum_of({"0", "1"}, 0, largest)
        == "170141183460469231722463931679029329920");
  // Trailing zeros change nothing, nor do signs and leading zeros.
  CHECK(sum_of({"+5", "-03", "2", "0", "-0"}, 1, quintillion)
        == "666666666666666666166666666666666670500000000000000000");
  // Those below were computed by Faulhaber's formula, with Bernoulli numbers.
  std::vector<std::string> power(17, "0");
  power.back() = "1";
  CHECK(sum_of(power, 1, quintillion)
        == "588235294117647063823529411764705895686274509803921568627450980392"
           "156816078431372549019607843137254901960957647058823529411764705882"
           "352941175993921568627450980392156862745098040082352941176470588235"
           "294117647058822608078431372549019607843137254901961250980392156862"
           "74509803921568627450973300000000000000000");
  CHECK(sum_of(std::vector<std::string>(17, "7"), 123'456'789'012'345'678,
               limits::range_value_max)
        == "104177630378762818185660447772508481377254294444544614223342898799"
           "281058821414430588456767434769153834014910992149882694930251359873"
           "566828070956020969055473500803711614725086849465554879143925251782"
           "181175116257761804602838726251939502892514533407640428003494091656"
           "81720529146092767008533092526704052220049751516611655534972");
  // The largest of all: 17 coefficients of 64 digits, alternating in sign.
  std::vector<std::string> largest_ones;
  for (auto i = 0; i < 17; ++i)
    largest_ones.push_back((i % 2 == 0 ? "" : "-") + std::string(62, '9')
                           + std::to_string(99 - i));
  CHECK(sum_of(largest_ones, largest - 999, largest)
        == "179769313486231512722710601776331006267740825802453683843590567372"
           "595402338566531818201618616130160616798132363355648883809761800806"
           "972943617089877723530198106885292273032720046233515481217785908227"
           "385419745530291632132390960277906021265477840382888267117440081153"
           "669415285621085268064611578931261742072694970974350808986926654213"
           "3857146691716646723845479167049746069509589800");
}

TEST_CASE("a polynomial's sum is that of its values") {
  auto random = random_generator::from_number(13);
  for (auto round = 0; round < 300; ++round) {
    std::vector<std::int64_t> coefficients(1 + random.below(7));
    std::vector<std::string> arguments;
    for (auto& one : coefficients) {
      one = static_cast<std::int64_t>(random.below(2'001)) - 1'000;
      arguments.push_back(std::to_string(one));
    }
    auto first = random.below(200);
    auto last = first + random.below(100);
    std::int64_t expected = 0;
    for (auto x = first; x <= last; ++x) {
      std::int64_t value = 0;
      for (auto i = coefficients.size(); i > 0; --i)
        value = value * static_cast<std::int64_t>(x) + coefficients[i - 1];
      expected += value;
    }
    CAPTURE(first);
    CAPTURE(last);
    CHECK(sum_of(arguments, first, last) == std::to_string(expected));
  }
}

TEST_CASE("arguments are judged before a run, and again by it") {
  struct example {
    const char* kernel;
    std::vector<std::string> arguments;
    errc code;
    std::string message;
  };
  const std::string digits(64, '9');
  for (const auto& one : {
         example{"count_primes",
                 {"x"},
                 errc::invalid_argument,
                 "count_primes takes no arguments; 'x' given"},
         example{"noop", {""}, errc::invalid_argument, "takes no arguments"},
         example{"sum",
                 {"1", "2"},
                 errc::invalid_argument,
                 "takes no arguments; '1' given"},
         example{"no_such",
                 {},
                 errc::not_found,
                 "no kernel named 'no_such'; there are count_primes, max, min,"
                 " noop, sum, sum_polynomial"},
         example{"sum_polynomial",
                 {},
                 errc::invalid_argument,
                 "sum_polynomial: no coefficients given"},
         example{"sum_polynomial",
                 {"1", "x"},
                 errc::invalid_argument,
                 "sum_polynomial: argument 2: 'x' is not a whole number"},
         example{"sum_polynomial",
                 {"-1/1"},
                 errc::invalid_argument,
                 "argument 1: '-1/1' is not a whole number"},
         example{"sum_polynomial",
                 {""},
                 errc::invalid_argument,
                 "argument 1: '' is not"},
         example{"sum_polynomial",
                 {" 1"},
                 errc::invalid_argument,
                 "argument 1: ' 1' is not"},
         example{
           "sum_polynomial", {"1.5"}, errc::invalid_argument, "'1.5' is not"},
         example{"sum_polynomial",
                 {"-" + digits + "0"},
                 errc::limit_exceeded,
                 "has 65 digits; expected at most 64"},
         example{"sum_polynomial", std::vector<std::string>(18, "1"),
                 errc::limit_exceeded,
                 "18 coefficients given; expected at"
                 " most 17, for degree 16"},
       }) {
    CAPTURE(one.message);
    auto judged = sandbox::check_kernel_arguments(one.kernel, one.arguments);
    REQUIRE(!judged.ok());
    CHECK(judged.error().code == one.code);
    CHECK(judged.error().message.find(one.message) != std::string::npos);
    auto request = over_range(one.kernel, 1, 2);
    request.kernel_arguments = one.arguments;
    CHECK(refusal_of(request) == judged.error().message);
  }
  for (const auto* name : {"count_primes", "max", "min", "noop", "sum"})
    CHECK(sandbox::check_kernel_arguments(name, {}).ok());
  CHECK(sandbox::check_kernel_arguments("sum_polynomial",
                                        std::vector<std::string>(17, digits))
          .ok());
}

TEST_CASE("input that a kernel does not accept is told") {
  CHECK(refusal_of(over_data("count_primes", "1\n"))
        == "count_primes computes over a range, but the job has data");
  sandbox::run_request request;
  request.kernel = "sum";
  CHECK(refusal_of(request)
        == "sum computes over a range or over numbers in data, but the job has"
           " none");
  auto polynomial = over_data("sum_polynomial", "1\n");
  polynomial.kernel_arguments = {"1"};
  CHECK(refusal_of(polynomial)
        == "sum_polynomial computes over a range, but the job has data");
  for (const auto* name : {"count_primes", "sum", "min", "max"})
    CHECK(refusal_of(over_range(name, 10, 9))
          == std::string{name}
               + ": the range starts at 10 and ends before, at 9");
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

TEST_CASE("kernels over numbers keep to their limits") {
  std::string data;
  for (auto number = 0; number < 2'000'000; ++number)
    data += "7\n";
  for (const auto* name : {"sum", "min", "max"}) {
    auto request = over_data(name, data);
    request.limits.wall_time = milliseconds{1};
    CHECK(run(request).outcome == run_outcome::timeout);
    request.limits = {};
    request.limits.cpu_time = milliseconds{1};
    CHECK(run(request).outcome == run_outcome::cpu_limit);
    std::stop_source source;
    source.request_stop();
    CHECK(run(request, source.get_token()).outcome == run_outcome::cancelled);
  }
  auto request = over_range("sum_polynomial", 1, 1'000);
  request.kernel_arguments = {"0", "0", "0", "1"};
  request.limits.stdout_bytes = 11;
  auto result = run(request);
  CHECK(result.outcome == run_outcome::output_limit);
  CHECK(as_text(result.output) == "25050025000");
  request.limits.stdout_bytes = 12;
  CHECK(output_of(request) == "250500250000");
  request.limits.wall_time = milliseconds{0};
  CHECK(run(request).outcome == run_outcome::timeout);
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
