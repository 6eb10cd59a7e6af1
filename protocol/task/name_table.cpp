#include "protocol/task/name_table.hpp"

#include "protocol/task/message_text.hpp"

#include <algorithm>
#include <vector>

namespace artel {

namespace {

/// Letters in lower case and '-' as '_': how people most often miss a name.
std::string folded(std::string_view text) {
  std::string result{text};
  for (auto& c : result) {
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c - 'A' + 'a');
    else if (c == '-' || c == ' ')
      c = '_';
  }
  return result;
}

/// How many letters must be put in, left out or changed (Levenshtein, 1966).
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j < row.size(); ++j)
    row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    auto diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j < row.size(); ++j) {
      auto changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({changed, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

/// The likeliest name meant; empty where nothing is close.
std::string_view closest(std::string_view text,
                         std::span<const std::string_view> names) {
  // No name is longer than twenty letters, so nothing longer comes close.
  if (text.empty() || text.size() > 40)
    return {};
  auto given = folded(text);
  std::string_view best;
  auto best_distance = given.size();
  for (auto name : names) {
    // Half a word typed is a start of it; else one letter in three may differ.
    auto is_start = given.size() >= 3 && name.starts_with(given);
    auto distance = is_start ? 1 : edit_distance(given, name);
    auto allowed = std::max<std::size_t>(1, name.size() / 3);
    if (distance <= allowed && distance < best_distance) {
      best = name;
      best_distance = distance;
    }
  }
  return best;
}

} // namespace

std::string unknown_name_text(std::string_view text, std::string_view what,
                              std::span<const std::string_view> possible) {
  auto message = quoted(text).append(" is not ").append(what);
  if (auto meant = closest(text, possible); !meant.empty())
    message.append("; did you mean '").append(meant).append("'?");
  message += "; possible are ";
  for (const auto& name : possible)
    message.append(&name == possible.data() ? "" : ", ").append(name);
  return message;
}

} // namespace artel
