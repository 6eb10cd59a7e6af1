#include "protocol/task/aggregator.hpp"

#include "protocol/core/random.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

using namespace artel;

namespace {

__extension__ typedef __int128 wide;

constexpr reduce_operation operations[]{
  reduce_operation::none,        reduce_operation::sum,
  reduce_operation::min,         reduce_operation::max,
  reduce_operation::count,       reduce_operation::concatenate,
  reduce_operation::merge_counts};

using outputs = std::vector<std::pair<std::uint64_t, std::string>>;

std::string aggregate(reduce_operation operation, const outputs& all) {
  auto total = make_aggregator(operation);
  for (const auto& [index, output] : all) {
    auto added = total->add(index, as_bytes(output));
    CAPTURE(output);
    REQUIRE(added.ok());
  }
  return std::string{as_text(total->finish())};
}

outputs numbered(const std::vector<std::string>& texts) {
  outputs all;
  for (const auto& text : texts)
    all.emplace_back(all.size(), text);
  return all;
}

template <class T>
void shuffle(std::vector<T>& items, random_generator& random) {
  for (auto i = items.size(); i > 1; --i)
    std::swap(items[i - 1], items[random.below(i)]);
}

/// A number in billionths, as a program might print it.
std::string printed(wide billionths, random_generator& random) {
  auto negative = billionths < 0;
  std::string digits;
  for (auto rest = negative ? -billionths : billionths; rest != 0; rest /= 10)
    digits += static_cast<char>('0' + static_cast<int>(rest % 10));
  while (digits.size() < 10)
    digits += '0';
  digits.insert(9, ".");
  std::reverse(digits.begin(), digits.end());
  return (negative ? "-" : "") + digits + (random.chance(500'000) ? "\n" : "");
}

/// An output for any operation, often one that does not fit.
std::string random_output(random_generator& random) {
  switch (random.below(8)) {
    case 0: return std::to_string(random.below(1000));
    case 1: return "-" + std::to_string(random.next()) + ".5\n";
    case 2: return "  3 apple\n 18446744073709551615 pear\n";
    case 3: return std::to_string(random.below(9)) + " fig\n";
    case 4: return "not a number";
    case 5: return "";
    // Two of these leave 128 bits, as do two counts of pears 64.
    case 6: return "160000000000000000000000000000";
    default: return std::string(random.below(20), '\xfe');
  }
}

} // namespace

TEST_CASE("Each operation puts outputs together as its name says") {
  auto numbers = numbered({"3\n", " -5 ", "1.25", "3"});
  CHECK(aggregate(reduce_operation::sum, numbers) == "2.25");
  CHECK(aggregate(reduce_operation::min, numbers) == "-5");
  CHECK(aggregate(reduce_operation::max, numbers) == "3");
  CHECK(aggregate(reduce_operation::count, numbers) == "4");
  CHECK(aggregate(reduce_operation::concatenate, numbers) == "3\n -5 1.253");
  CHECK(aggregate(reduce_operation::none, numbers) == "");
  CHECK(aggregate(reduce_operation::merge_counts,
                  numbered({"  2 a\n  1 b\n", "  4 b\n", ""}))
        == "5 b\n2 a\n");
}

TEST_CASE("Of nothing, sum and count are zero and the others empty") {
  for (auto operation : operations) {
    CAPTURE(to_string(operation));
    auto zero = operation == reduce_operation::sum
                || operation == reduce_operation::count;
    CHECK(aggregate(operation, {}) == (zero ? "0" : ""));
  }
}

TEST_CASE("The least and greatest of negative numbers are negative") {
  CHECK(aggregate(reduce_operation::max, numbered({"-7", "-0.5"})) == "-0.5");
  CHECK(aggregate(reduce_operation::min, numbered({"7", "0.5"})) == "0.5");
}

TEST_CASE("Outputs are concatenated by index, also where some are missing") {
  CHECK(aggregate(reduce_operation::concatenate,
                  {{7, "d"}, {3, "c"}, {0, "a"}, {1, "b"}, {9, "e"}})
        == "abcde");
  CHECK(aggregate(reduce_operation::concatenate,
                  {{2, std::string{"\0x", 2}}, {1, ""}})
        == std::string_view{"\0x", 2});
}

TEST_CASE("A second output of one index is refused and changes nothing") {
  for (auto operation : operations) {
    CAPTURE(to_string(operation));
    auto total = make_aggregator(operation);
    auto output = operation == reduce_operation::merge_counts ? "1 a" : "1";
    REQUIRE(total->add(5, as_bytes(output)).ok());
    auto before = total->finish();
    CHECK(
      total->add(5, as_bytes(output)).error()
      == failure{errc::already_exists, "the output of job 5 was added before"});
    CHECK(total->finish() == before);
  }
}

TEST_CASE("An index whose output was refused may give another") {
  auto total = make_aggregator(reduce_operation::sum);
  CHECK(total->add(0, as_bytes("abc")).error().message
        == "'abc' is not a number; expected one like 42 or -3.25");
  CHECK(total->add(0, as_bytes("4")).ok());
  CHECK(as_text(total->finish()) == "4");
}

TEST_CASE("A sum that leaves 128 bits is refused, not wrapped around") {
  auto total = make_aggregator(reduce_operation::sum);
  REQUIRE(total->add(0, as_bytes("160000000000000000000000000000")).ok());
  CHECK(total->add(1, as_bytes("160000000000000000000000000000")).error().code
        == errc::overflow);
  CHECK(total->add(1, as_bytes("-160000000000000000000000000000")).ok());
  CHECK(as_text(total->finish()) == "0");
}

TEST_CASE("Concatenating holds a limited amount of memory") {
  auto total = make_aggregator(reduce_operation::concatenate);
  constexpr auto quarter = concatenated_bytes_max / 4;
  bytes buffer(quarter + 1, 'x');
  auto output = bytes_view{buffer}.first(quarter);
  // Waiting outputs count as those in order do.
  for (std::uint64_t index : {0, 3, 2})
    REQUIRE(total->add(index, output).ok());
  CHECK(total->add(1, buffer).error().code == errc::limit_exceeded);
  CHECK(total->add(1, as_bytes("y")).ok());
  auto all = total->finish();
  CHECK(all.size() == 3 * quarter + 1);
  CHECK(all[quarter] == 'y');
}

TEST_CASE("Sums, least and greatest are exact in 128 bits") {
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    CAPTURE(seed);
    auto random = random_generator::from_number(seed);
    wide sum = 0;
    std::vector<wide> values;
    outputs all;
    for (auto left = 1 + random.below(50); left > 0; --left) {
      auto value = wide{static_cast<std::int64_t>(random.next())}
                   * static_cast<std::int64_t>(1 + random.below(1u << 30));
      value >>= random.below(94);
      values.push_back(value);
      sum += value;
      all.emplace_back(all.size(), printed(value, random));
    }
    auto value_of = [&](reduce_operation operation) {
      return aggregate(operation, all);
    };
    auto shown = [&](wide value) {
      return aggregate(reduce_operation::sum, {{0, printed(value, random)}});
    };
    REQUIRE(value_of(reduce_operation::sum) == shown(sum));
    REQUIRE(value_of(reduce_operation::min)
            == shown(*std::min_element(values.begin(), values.end())));
    REQUIRE(value_of(reduce_operation::max)
            == shown(*std::max_element(values.begin(), values.end())));
  }
}

TEST_CASE("An aggregate does not depend on the order of arrival") {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    CAPTURE(seed);
    auto random = random_generator::from_number(seed);
    outputs numbers;
    outputs counts;
    for (auto left = 1 + random.below(40); left > 0; --left) {
      auto value = static_cast<std::int64_t>(random.next());
      numbers.emplace_back(numbers.size(), printed(value, random));
      counts.emplace_back(counts.size(),
                          std::to_string(random.below(9)) + " key"
                            + std::to_string(random.below(5)) + "\n");
    }
    for (auto operation : operations) {
      CAPTURE(to_string(operation));
      auto& given =
        operation == reduce_operation::merge_counts ? counts : numbers;
      auto in_order = aggregate(operation, given);
      auto shuffled = given;
      for (int i = 0; i < 3; ++i) {
        shuffle(shuffled, random);
        REQUIRE(aggregate(operation, shuffled) == in_order);
      }
    }
  }
}

TEST_CASE("An output that is refused leaves the aggregate as it was") {
  int refused = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    CAPTURE(seed);
    auto random = random_generator::from_number(seed);
    for (auto operation : operations) {
      CAPTURE(to_string(operation));
      auto total = make_aggregator(operation);
      for (std::uint64_t index = 0; index < 20; ++index) {
        auto output = random_output(random);
        auto before = total->finish();
        auto added = total->add(index, as_bytes(output));
        if (added)
          continue;
        ++refused;
        REQUIRE(total->finish() == before);
      }
    }
  }
  CHECK(refused > 1000);
}
