#include "runtime/sim/byzantine/altered_output.hpp"

#include <algorithm>
#include <string>

namespace artel::sim {

namespace {

/// Digits whose number, and the sum with a small one, fit 64 bits.
constexpr std::size_t digits_max = 18;

bool is_digit(std::uint8_t byte) {
  return byte >= '0' && byte <= '9';
}

} // namespace

bytes altered_output(bytes_view honest, std::uint64_t by) {
  auto end = honest.size();
  while (end > 0 && !is_digit(honest[end - 1]))
    --end;
  auto begin = end;
  while (begin > 0 && end - begin < digits_max && is_digit(honest[begin - 1]))
    --begin;
  // Before the line's end, where there is one.
  if (begin == end) {
    end = honest.size();
    if (end > 0 && honest[end - 1] == '\n')
      --end;
    begin = end;
  }
  std::uint64_t value = 0;
  for (auto digit : honest.subspan(begin, end - begin))
    value = value * 10 + (digit - std::uint64_t{'0'});
  auto text = std::to_string(value + by);
  // As wide as it was: "007" becomes "009".
  text.insert(0, end - begin - std::min(end - begin, text.size()), '0');
  bytes altered{honest.begin(),
                honest.begin() + static_cast<std::ptrdiff_t>(begin)};
  altered.insert(altered.end(), text.begin(), text.end());
  altered.insert(altered.end(),
                 honest.begin() + static_cast<std::ptrdiff_t>(end),
                 honest.end());
  return altered;
}

} // namespace artel::sim
