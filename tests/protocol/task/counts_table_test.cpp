#include "protocol/task/counts_table.hpp"

#include "protocol/core/random.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

using namespace artel;

namespace {

void merge(counts_table& table, std::string_view text) {
  auto lines = table.read(text);
  REQUIRE(lines.ok());
  table.merge(*lines);
}

std::string merged(std::string_view text) {
  counts_table table;
  merge(table, text);
  return std::string{as_text(table.print())};
}

} // namespace

TEST_CASE("Lines as uniq -c prints them are added up by key") {
  counts_table table;
  merge(table, "      3 apple\n      1 pear\n");
  merge(table, "      2 pear\n     10 fig\n");
  CHECK(as_text(table.print()) == "10 fig\n3 apple\n3 pear\n");
}

TEST_CASE("The largest count comes first, equal ones bytewise by key") {
  CHECK(merged("1 b\n1 a\n2 z\n1 \xff\n1 B\n1 ab\n")
        == "2 z\n1 B\n1 a\n1 ab\n1 b\n1 \xff\n");
}

TEST_CASE("A key is all that follows one blank, even nothing") {
  CHECK(merged("  1   two  words \n2 \n3\ttab\n")
        == "3 tab\n2 \n1   two  words \n");
  CHECK(merged("1 \n2 \n") == "3 \n");
  CHECK(merged("1 a\r\n1 a\n") == "1 a\n1 a\r\n");
}

TEST_CASE("Empty outputs, blank lines and a missing last newline are fine") {
  CHECK(merged("") == "");
  CHECK(merged("\n  \n\t\n") == "");
  CHECK(merged("\n1 a\n\n2 a") == "3 a\n");
  CHECK(merged("0 none\n") == "0 none\n");
}

TEST_CASE("A line that is no count and key is refused with its number") {
  counts_table table;
  CHECK(table.read("1 a\nb 2\n").error()
        == failure{errc::invalid_argument,
                   "line 2, 'b 2', is not a count and a key: it doesn't start"
                   " with a number"});
  CHECK(table.read("\n7\n").error()
        == failure{errc::invalid_argument,
                   "line 2, '7', is not a count and a key: no blank follows"
                   " the number"});
  for (std::string text : {"-1 a", "+1 a", "1.5 a", "1a", "0x1 a", "1\ra"}) {
    CAPTURE(text);
    CHECK(table.read(text).error().code == errc::invalid_argument);
  }
  auto endless = table.read(std::string(1'000'000, 'x'));
  CHECK(endless.error().message.size() < 200);
}

TEST_CASE("Counts are exact up to 64 bits, and refused beyond") {
  constexpr std::string_view most = "18446744073709551615 a\n";
  CHECK(merged(most) == most);
  counts_table table;
  CHECK(table.read("18446744073709551616 a").error().code == errc::overflow);
  CHECK(table.read(std::string{most} + "1 a\n").error().code == errc::overflow);
  merge(table, "18446744073709551614 a\n");
  CHECK(table.read("2 a").error().code == errc::overflow);
  merge(table, "1 a\n");
  CHECK(table.read("1 a").error().code == errc::overflow);
  CHECK(as_text(table.print()) == most);
}

TEST_CASE("The keys of a table take a limited amount of memory") {
  counts_table table;
  auto text = "1 " + std::string(counts_table::bytes_max / 4, 'a');
  for (char c : {'b', 'c', 'd'}) {
    text.back() = c;
    merge(table, text);
  }
  // A key that is known takes nothing more; a fourth one passes the limit.
  CHECK(table.read(text).ok());
  text.back() = 'e';
  CHECK(table.read(text).error().code == errc::limit_exceeded);
  // What each key takes on top counts as well, to the byte.
  text.resize(text.size() - 4 * counts_table::bytes_per_key + 1);
  CHECK(table.read(text).error().code == errc::limit_exceeded);
  text.pop_back();
  CHECK(table.read(text).ok());
}

TEST_CASE("Merged counts equal those of adding up one by one, in any parts") {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    CAPTURE(seed);
    auto random = random_generator::from_number(seed);
    std::map<std::string, std::uint64_t> expected;
    counts_table table;
    counts_table of_parts;
    for (std::uint64_t part = 0; part < 6; ++part) {
      std::string text;
      for (auto lines = random.below(30); lines > 0; --lines) {
        std::string key(random.below(3), 'a');
        for (auto& c : key)
          c = static_cast<char>('a' + random.below(3));
        auto count = random.next() >> (8 + random.below(56));
        expected[key] += count;
        text += std::string(random.below(8), ' ') + std::to_string(count) + " "
                + key + "\n";
      }
      merge(table, text);
      // What a table prints can be merged again: counts of counts.
      merge(of_parts, merged(text));
    }
    std::vector<std::pair<std::string, std::uint64_t>> order{expected.begin(),
                                                             expected.end()};
    std::sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
      return a.second != b.second ? a.second > b.second : a.first < b.first;
    });
    std::string printed;
    for (const auto& [key, count] : order)
      printed += std::to_string(count) + " " + key + "\n";
    REQUIRE(as_text(table.print()) == printed);
    REQUIRE(of_parts.print() == table.print());
  }
}
