#include "tools/artel/console.hpp"

#include "runtime/config/utf8_text.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include <sys/ioctl.h>
#include <unistd.h>

namespace artel::tools {

namespace {

void append_escaped(std::string& target, char c) {
  constexpr std::string_view digits = "0123456789abcdef";
  auto byte = static_cast<std::uint8_t>(c);
  target += "\\x";
  target += digits[byte >> 4];
  target += digits[byte & 0xf];
}

/// Bytes that the character at the start takes; 0 where it is to be escaped.
std::size_t printable_length(std::string_view text) {
  auto byte = static_cast<std::uint8_t>(text.front());
  if (byte < 0x80)
    return (byte >= 0x20 && byte != 0x7f) || byte == '\n' || byte == '\t';
  // U+0080 to U+009F are control characters too.
  if (byte == 0xc2 && text.size() > 1
      && static_cast<std::uint8_t>(text[1]) < 0xa0)
    return 0;
  for (std::size_t length = 2; length <= 4 && length <= text.size(); ++length)
    if (runtime::is_utf8(text.substr(0, length)))
      return length;
  return 0;
}

} // namespace

std::string printable(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    auto length = printable_length(text);
    if (length == 0)
      append_escaped(result, text.front());
    else
      result += text.substr(0, length);
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return result;
}

void write_error(std::string_view text) {
  // fwrite() must not be given the null pointer of an empty view.
  if (!text.empty())
    std::fwrite(text.data(), 1, text.size(), stderr);
}

void tell(std::string_view message) {
  write_error("artel: " + printable(message) + "\n");
}

exit_code refuse(const failure& problem) {
  tell(problem.message);
  return exit_code_of(problem.code);
}

bool write_output(std::string_view text) {
  return text.empty()
         || std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
}

exit_code finish_output(exit_code otherwise) {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0)
    return otherwise;
  tell("the result could not be written to standard output");
  return otherwise == exit_code::done ? exit_code::failure : otherwise;
}

std::optional<std::size_t> terminal_columns() {
  const char* kind = std::getenv("TERM");
  if (::isatty(STDERR_FILENO) == 0 || kind == nullptr
      || std::string_view{kind} == "dumb")
    return std::nullopt;
  winsize size{};
  constexpr std::size_t columns_default = 80;
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
    return columns_default;
  return size.ws_col;
}

} // namespace artel::tools
