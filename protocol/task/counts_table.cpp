#include "protocol/task/counts_table.hpp"

#include "protocol/task/message_text.hpp"

#include <algorithm>
#include <charconv>
#include <system_error>

namespace artel {

namespace {

bool is_blank(char c) noexcept {
  return c == ' ' || c == '\t';
}

failure bad_line(std::uint64_t number, std::string_view line,
                 std::string_view expected) {
  return {errc::invalid_argument, "line " + std::to_string(number) + ", "
                                    + quoted(line) + ", is not a count and a"
                                    + " key: " + std::string{expected}};
}

failure too_many(std::string_view key) {
  return {errc::overflow,
          "the counts of " + quoted(key) + " add up to more than 64 bits hold"};
}

result<counts_table::entry> read_line(std::uint64_t number,
                                      std::string_view line) {
  auto digits = line;
  while (is_blank(digits.front()))
    digits.remove_prefix(1);
  std::uint64_t count = 0;
  auto* end = digits.data() + digits.size();
  auto [rest, code] = std::from_chars(digits.data(), end, count);
  if (code == std::errc::result_out_of_range)
    return {errc::overflow, "line " + std::to_string(number) + ", "
                              + quoted(line)
                              + ", counts more than 64 bits hold"};
  if (code != std::errc{})
    return bad_line(number, line, "it doesn't start with a number");
  if (rest == end || !is_blank(*rest))
    return bad_line(number, line, "no blank follows the number");
  return counts_table::entry{{rest + 1, end}, count};
}

/// Sums equal keys; the first key whose sum leaves 64 bits is an error.
result<void> sum_by_key(counts_table::entries& lines) {
  std::sort(lines.begin(), lines.end(),
            [](const auto& a, const auto& b) { return a.key < b.key; });
  std::size_t kept = 0;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (kept == 0 || lines[kept - 1].key != lines[i].key) {
      lines[kept++] = lines[i];
      continue;
    }
    auto& sum = lines[kept - 1].count;
    if (__builtin_add_overflow(sum, lines[i].count, &sum))
      return too_many(lines[i].key);
  }
  lines.resize(kept);
  return {};
}

} // namespace

result<counts_table::entries> counts_table::read(std::string_view text) const {
  entries lines;
  for (std::uint64_t number = 1; !text.empty(); ++number) {
    auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (std::all_of(line.begin(), line.end(), is_blank))
      continue;
    auto one = read_line(number, line);
    if (!one)
      return one.error();
    lines.push_back(*one);
  }
  if (auto summed = sum_by_key(lines); !summed)
    return summed.error();
  auto needed = bytes_;
  for (const auto& [key, count] : lines) {
    auto known = counts_.find(key);
    if (known == counts_.end())
      needed += key.size() + bytes_per_key;
    else if (count > UINT64_MAX - known->second)
      return too_many(key);
  }
  if (needed > bytes_max)
    return {errc::limit_exceeded,
            "the different keys need " + byte_count_text(needed)
              + " of memory; " + byte_count_text(bytes_max) + " are allowed"};
  return lines;
}

void counts_table::merge(const entries& added) {
  for (const auto& [key, count] : added) {
    auto known = counts_.find(key);
    if (known == counts_.end()) {
      counts_.emplace(key, count);
      bytes_ += key.size() + bytes_per_key;
    } else {
      known->second += count;
    }
  }
}

bytes counts_table::print() const {
  std::vector<decltype(counts_)::const_iterator> order;
  order.reserve(counts_.size());
  for (auto i = counts_.begin(); i != counts_.end(); ++i)
    order.push_back(i);
  // Stable: equal counts stay in the order of the map, which is by key.
  std::stable_sort(order.begin(), order.end(),
                   [](auto a, auto b) { return a->second > b->second; });
  std::string text;
  for (auto one : order) {
    text += std::to_string(one->second);
    text += ' ';
    text += one->first;
    text += '\n';
  }
  return to_bytes(text);
}

} // namespace artel
