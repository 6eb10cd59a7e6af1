#include "tools/artel/wire/schema_text.hpp"

#include "tests/protocol/wire/message_list.hpp"

#include <doctest/doctest.h>

#include <set>
#include <sstream>
#include <string>
#include <tuple>
#include <vector>

using namespace artel;

namespace {

/// The lines that don't lie within another's block.
std::vector<std::string> headings() {
  std::vector<std::string> found;
  std::istringstream text{tools::wire_schema_text()};
  for (std::string line; std::getline(text, line);)
    if (!line.empty() && !line.starts_with(' '))
      found.push_back(line);
  return found;
}

template <class... Messages>
std::set<std::string> names(const std::tuple<Messages...>*) {
  return {std::string{Messages::type_name}...};
}

} // namespace

TEST_CASE("everything with an encoding is listed once") {
  auto expected =
    names(static_cast<const std::tuple<ARTEL_TEST_MESSAGES>*>(nullptr));
  std::set<std::string> found;
  for (const auto& heading : headings()) {
    if (heading.ends_with(", one of"))
      continue;
    CAPTURE(heading);
    CHECK(found.insert(heading).second);
  }
  CHECK(found == expected);
}

TEST_CASE("a field stands with its kind and its limit") {
  auto text = tools::wire_schema_text();
  CHECK(text.starts_with("envelope\n  version                 u32\n"));
  CHECK(text.find("\n  holders                 array 64 of id 32\n")
        != std::string::npos);
  CHECK(text.find("\n  sources                 array 8 of text 4096\n")
        != std::string::npos);
  CHECK(text.find("\ntraffic_class, one of\n  1 control\n  2 results\n")
        != std::string::npos);
}
