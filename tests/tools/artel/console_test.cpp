#include "tools/artel/console.hpp"

#include <doctest/doctest.h>

using namespace artel::tools;

TEST_CASE("what others wrote cannot steer a terminal") {
  CHECK(printable("plain \xe2\x82\xac\ttext\n")
        == "plain \xe2\x82\xac\ttext\n");
  CHECK(printable("\x1b[2Jred\x1b[31m") == "\\x1b[2Jred\\x1b[31m");
  CHECK(printable("a\rb\x7f") == "a\\x0db\\x7f");
  CHECK(printable(std::string_view{"\0", 1}) == "\\x00");
  CHECK(printable("\xff\xc3") == "\\xff\\xc3");
  // U+009B, which some terminals take for an escape sequence's start.
  CHECK(printable("\xc2\x9b") == "\\xc2\\x9b");
}
