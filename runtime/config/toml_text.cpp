#include "runtime/config/toml_text.hpp"

#include <algorithm>
#include <string>

namespace artel::runtime {

namespace {

/// Where the text or comment ends that begins at `at`; strictly as the library
/// sees it, up to where it would find a fault.
std::size_t end_of_string(std::string_view text, std::size_t at) {
  auto quote = text[at];
  auto is_long = text.substr(at, 3) == std::string(3, quote);
  for (at += is_long ? 3 : 1; at < text.size();) {
    auto byte = text[at];
    if (byte == '\\' && quote == '"') {
      at += 2;
    } else if (byte == quote) {
      // The last two of five belong to the text.
      auto run = std::min(text.find_first_not_of(quote, at), text.size()) - at;
      run = std::min<std::size_t>(run, is_long ? 5 : 1);
      at += run;
      if (!is_long || run >= 3)
        return at;
    } else if (byte == '\n' && !is_long) {
      return at;
    } else {
      ++at;
    }
  }
  return text.size();
}

/// Where a key begins that has too many parts; the text's size: nowhere.
std::size_t find_long_key(std::string_view text) {
  std::size_t begin = 0;
  std::size_t parts = 1;
  for (std::size_t at = 0; at < text.size();) {
    auto byte = text[at];
    if (byte == '"' || byte == '\'') {
      at = end_of_string(text, at);
      continue;
    }
    if (byte == '#') {
      at = std::min(text.find('\n', at), text.size());
      continue;
    }
    ++at;
    // Only what no key has within it: the rest may stand between its parts.
    if (std::string_view{"=,[]{}\n"}.find(byte) != std::string_view::npos) {
      begin = at;
      parts = 1;
    } else if (byte == '.' && ++parts > toml_key_parts_max) {
      return begin;
    }
  }
  return text.size();
}

} // namespace

toml::table parse_toml(std::string_view text) {
  if (auto at = find_long_key(text); at < text.size()) {
    auto before = text.substr(0, at);
    toml::source_region where;
    where.begin.line = static_cast<toml::source_index>(
      1 + std::count(before.begin(), before.end(), '\n'));
    // npos + 1 is 0.
    where.begin.column =
      static_cast<toml::source_index>(at - (before.rfind('\n') + 1) + 1);
    static_assert(toml_key_parts_max == 16);
    throw toml::parse_error{"a key of more than 16 parts", where};
  }
  return toml::parse(text);
}

} // namespace artel::runtime
