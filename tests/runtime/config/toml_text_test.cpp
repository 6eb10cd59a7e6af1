#include "runtime/config/toml_text.hpp"

#include "protocol/core/random.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <vector>

using namespace artel;
using namespace artel::runtime;

namespace {

std::string key_of(std::size_t parts, const std::string& between = ".",
                   const std::string& part = "a") {
  auto key = part;
  for (std::size_t n = 1; n < parts; ++n)
    key += between + part;
  return key;
}

/// Where it is refused for a long key; nothing where it is not.
std::optional<toml::source_position> place_of_long_key(std::string_view text) {
  try {
    parse_toml(text);
    return std::nullopt;
  } catch (const toml::parse_error& error) {
    if (error.description() == "a key of more than 16 parts")
      return error.source().begin;
    return std::nullopt;
  }
}

bool is_read(std::string_view text) {
  try {
    parse_toml(text);
    return true;
  } catch (const toml::parse_error&) {
    return false;
  }
}

} // namespace

TEST_CASE("a key has sixteen parts at most, wherever and however it stands") {
  for (const auto& between : {".", " . ", "\t."})
    for (const auto& part : {"a", "\"a\"", "'.'", "\"\\\".\"", "0"}) {
      CAPTURE(between);
      CAPTURE(part);
      for (std::size_t parts : {1, 2, 16, 17, 1'000}) {
        auto key = key_of(parts, between, part);
        for (const auto& text :
             {key + " = 1\n", "[" + key + "]\n", "[[" + key + "]]\n",
              "x = {" + key + " = 1}\n", "x = [1, {" + key + " = 1}]\n",
              "x = [[{b = 1, " + key + " = 1}]]\n"}) {
          CAPTURE(text.substr(0, 80));
          CHECK(is_read(text) == (parts <= 16));
          CHECK(place_of_long_key(text).has_value() == (parts > 16));
        }
      }
    }
}

TEST_CASE("a very long key is refused before it could harm anybody") {
  for (const auto& text :
       {key_of(4'000'000) + " = 1\n", "[" + key_of(4'000'000) + "]\n",
        "x = {" + key_of(1'000'000) + " = 1}\n", key_of(1'000'000),
        key_of(1'000'000) + "\x01", std::string(8u << 20, '.'),
        "x = \"\"\"\"\"\"\"\"\n" + key_of(1'000'000) + " = 1\n"})
    CHECK_FALSE(is_read(text));
}

TEST_CASE("a long key behind a text is seen, however the text ends") {
  for (const auto* text :
       {R"("")",        R"('')",         R"("a")",          R"('a')",
        R"("\"")",      R"("\\")",       R"('\')",          R"('"')",
        R"("'")",       R"("#")",        R"(""" """)",      R"(""" """")",
        R"(""" """"")", R"(""" "" """)", R"(""" \""" """)", R"(''' ''')",
        R"(''' '''')",  R"(''' ''''')",  R"(''' \''')",     "\"\"\"\n\"\"\"",
        "'''\n'''"}) {
    CAPTURE(text);
    auto line = [text](std::size_t parts) {
      return "x = [" + std::string{text} + ", {" + key_of(parts) + " = 1}]";
    };
    CHECK(is_read(line(16)));
    CHECK_FALSE(is_read(line(17)));
  }
}

TEST_CASE("the place of a long key is told") {
  auto place =
    place_of_long_key("# one\nx = \"\"\"\n\n\"\"\"\n  b = {" + key_of(17));
  REQUIRE(place);
  CHECK(place->line == 5);
  CHECK(place->column == 8);
}

TEST_CASE("dots in texts, numbers and comments are no parts of keys") {
  const std::string dots(100, '.');
  for (const std::string& text :
       {"x = \"" + dots + "\"\n", "x = '" + dots + "'\n",
        "x = \"\"\"\n" + dots + "\n\\\"\"\" " + dots + "\"\"\"\"\"\n",
        "x = '''" + dots + "'' " + dots + "'''''\n",
        "# " + dots + "\nx = 1.5 # \" " + dots + "\ny = '#' # " + dots,
        std::string{
          "x = [1.5, 2.5,\n3.5, 4.5, 5.5, 6.5, 7.5, 8.5, 9.5, 1.5, 1.5, 1.5,"
          " 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5]\n"},
        "x = \"\\\\\"\ny = \"\\\"" + dots + "\"\n",
        "\"" + dots + "\".a = 1\n"}) {
    CAPTURE(text);
    CHECK(is_read(text));
  }
}

namespace {

/// Lines of a file that is right but for keys that may be too long.
struct random_file {
  explicit random_file(std::uint64_t seed)
    : random(random_generator::from_number(seed)) {}

  std::string one_of(const std::vector<std::string>& all) {
    return all[static_cast<std::size_t>(random.below(all.size()))];
  }

  std::string noise() {
    std::string text;
    for (auto left = random.below(30); left > 0; --left)
      text += one_of({".", ".a", "=", "[", "]", "{", "}", ",", "#", " ", "a"});
    return text;
  }

  std::string value() {
    switch (random.below(9)) {
      case 0: return "1.5";
      case 1: return "\"" + noise() + one_of({"", "\\\"", "\\\\", "'"}) + "\"";
      case 2: return "'" + noise() + one_of({"", "\"", "\\", "\"\"\""}) + "'";
      case 3:
        return "\"\"\"" + noise() + one_of({"", "\n", "\"a", "\"\"a", "\\\""})
               + noise() + one_of({"\"\"\"", "\"\"\"\"", "\"\"\"\"\""});
      case 4:
        return "'''" + noise() + one_of({"", "\n", "'a", "''a", "\\"}) + noise()
               + one_of({"'''", "''''", "'''''"});
      case 5: return "\"\"";
      case 6: return "[" + value() + ", " + value() + "]";
      case 7: return "{" + key() + " = " + value() + "}";
      default: return "''";
    }
  }

  /// Another than all before.
  std::string key() {
    auto parts = static_cast<std::size_t>(
      random.below(40) == 0 ? 17 + random.below(3) : 1 + random.below(16));
    is_long = is_long || parts > 16;
    return "k" + std::to_string(++keys) + (parts > 1 ? "." : "")
           + (parts > 1 ? key_of(
                parts - 1, one_of({".", " . "}),
                one_of({"b", "\"" + noise() + "\"", "'" + noise() + "'"}))
                        : "");
  }

  std::string line() {
    switch (random.below(6)) {
      case 0: return "# " + noise() + one_of({"\"", "'", "\"\"\"", ""}) + "\n";
      case 1: return "[" + key() + "] # " + noise() + "\n";
      default: return key() + " = " + value() + " # " + noise() + "\n";
    }
  }

  random_generator random;
  std::size_t keys = 0;
  bool is_long = false;
};

} // namespace

TEST_CASE("random files are refused for their long keys and nothing else") {
  std::size_t refused = 0;
  for (std::uint64_t seed = 1; seed <= 3'000; ++seed) {
    random_file file{seed};
    std::string text;
    for (auto left = 1 + file.random.below(8); left > 0; --left)
      text += file.line();
    refused += file.is_long;
    if (is_read(text) == file.is_long
        || place_of_long_key(text).has_value() != file.is_long)
      FAIL("seed " << seed << ":\n" << text);
  }
  CHECK(refused > 100);
  CHECK(refused < 2'000);
}
