// Counts by key, from lines "COUNT KEY" as `uniq -c` prints them.
#pragma once

#include "protocol/core/bytes.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace artel {

class counts_table {
public:
  /// What the keys of one table may take in all, and what a key takes on top
  /// of its letters: about a tree node.
  static constexpr std::uint64_t bytes_max = 256u << 20;
  static constexpr std::uint64_t bytes_per_key = 64;

  /// Lines summed by key, keys ascending; they view the text they came from.
  struct entry {
    std::string_view key;
    std::uint64_t count = 0;
  };
  using entries = std::vector<entry>;

  /// Reads lines of blanks, digits, one blank and the key, which is the rest
  /// of the line as it stands (other blanks and all). Lines of blanks alone
  /// are skipped. invalid_argument on any other line, overflow where a key's
  /// counts leave 64 bits, limit_exceeded past bytes_max; the table itself is
  /// not changed.
  result<entries> read(std::string_view text) const;

  /// Takes what read() of this very table gave.
  void merge(const entries& added);

  /// "COUNT KEY\n" a key, the largest count first, equal ones by key, bytewise.
  bytes print() const;

private:
  std::map<std::string, std::uint64_t, std::less<>> counts_;
  std::uint64_t bytes_ = 0;
};

} // namespace artel
