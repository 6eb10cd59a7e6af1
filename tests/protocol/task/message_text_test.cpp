#include "protocol/task/message_text.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace artel;

TEST_CASE("Quoted text is escaped, and cut after forty bytes") {
  CHECK(quoted("abc") == "'abc'");
  CHECK(quoted("") == "''");
  CHECK(quoted("a'b\\c") == "'a\\'b\\\\c'");
  CHECK(quoted("\n\r\t") == "'\\n\\r\\t'");
  CHECK(quoted(std::string_view{"\0\x1b\x7f\xff", 4})
        == "'\\x00\\x1b\\x7f\\xff'");
  CHECK(quoted(std::string(40, 'x')) == "'" + std::string(40, 'x') + "'");
  CHECK(quoted(std::string(41, 'x')) == "'" + std::string(40, 'x') + "...'");
}

TEST_CASE("Byte counts use the largest unit in which they are whole") {
  CHECK(byte_count_text(0) == "0 bytes");
  CHECK(byte_count_text(1) == "1 byte");
  CHECK(byte_count_text(1023) == "1023 bytes");
  CHECK(byte_count_text(1024) == "1 KiB");
  CHECK(byte_count_text(1536) == "1536 bytes");
  CHECK(byte_count_text(64u << 20) == "64 MiB");
  CHECK(byte_count_text(std::uint64_t{1} << 50) == "1 PiB");
  CHECK(byte_count_text(UINT64_MAX) == "18446744073709551615 bytes");
}

TEST_CASE("Durations are told in seconds where they are whole") {
  CHECK(duration_text(milliseconds{0}) == "0 ms");
  CHECK(duration_text(milliseconds{999}) == "999 ms");
  CHECK(duration_text(milliseconds{10'000}) == "10 s");
  CHECK(duration_text(milliseconds{-5}) == "-5 ms");
}
