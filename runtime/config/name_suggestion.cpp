#include "runtime/config/name_suggestion.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace artel::runtime {

namespace {

/// No name of ours is longer, so nothing longer comes close to one.
constexpr std::size_t length_max = 40;

std::string folded(std::string_view text) {
  std::string result{text};
  for (auto& c : result) {
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c - 'A' + 'a');
    else if (c == '-')
      c = '_';
  }
  return result;
}

/// Optimal string alignment distance: Levenshtein's, and two neighbours that
/// changed places count once.
std::size_t distance(const std::string& a, const std::string& b) {
  std::vector<std::vector<std::size_t>> table(
    a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i)
    table[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j)
    table[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      auto changed = table[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      table[i][j] =
        std::min({changed, table[i - 1][j] + 1, table[i][j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        table[i][j] = std::min(table[i][j], table[i - 2][j - 2] + 1);
    }
  }
  return table[a.size()][b.size()];
}

} // namespace

std::string_view nearest_name(std::string_view given,
                              std::span<const std::string_view> names) {
  if (given.empty() || given.size() > length_max)
    return {};
  auto wanted = folded(given);
  std::string_view best;
  auto best_distance = wanted.size();
  for (auto name : names) {
    auto candidate = folded(name);
    // The start of a name is close to it, and one letter in three may differ.
    auto is_start = wanted.size() >= 3 && candidate.starts_with(wanted);
    auto steps = is_start ? 1 : distance(wanted, candidate);
    auto allowed = std::max<std::size_t>(1, candidate.size() / 3);
    if (steps <= allowed && steps < best_distance) {
      best = name;
      best_distance = steps;
    }
  }
  return best;
}

std::string did_you_mean(std::string_view given,
                         std::span<const std::string_view> names) {
  auto name = nearest_name(given, names);
  if (name.empty())
    return {};
  return "; did you mean '" + std::string{name} + "'?";
}

} // namespace artel::runtime
