#include "protocol/task/task_spec.hpp"

#include "protocol/task/message_text.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <utility>

namespace artel {

namespace {

template <class Enum>
using named = std::pair<std::string_view, Enum>;

constexpr std::array<named<task_type>, 4> task_types{{
  {"range_reduce", task_type::range_reduce},
  {"map", task_type::map},
  {"map_reduce", task_type::map_reduce},
  {"run", task_type::run},
}};

constexpr std::array<named<reduce_operation>, 8> reduce_operations{{
  {"none", reduce_operation::none},
  {"sum", reduce_operation::sum},
  {"min", reduce_operation::min},
  {"max", reduce_operation::max},
  {"count", reduce_operation::count},
  {"concatenate", reduce_operation::concatenate},
  {"merge_counts", reduce_operation::merge_counts},
  {"program", reduce_operation::program},
}};

constexpr std::array<named<urgency_level>, 4> urgency_levels{{
  {"low", urgency_level::low},
  {"normal", urgency_level::normal},
  {"high", urgency_level::high},
  {"critical", urgency_level::critical},
}};

constexpr std::array<named<placement_strategy>, 4> placement_strategies{{
  {"least_loaded", placement_strategy::least_loaded},
  {"cheapest", placement_strategy::cheapest},
  {"most_trusted", placement_strategy::most_trusted},
  {"balanced", placement_strategy::balanced},
}};

template <class Enum, std::size_t Size>
std::string_view name_of(const std::array<named<Enum>, Size>& names,
                         Enum value) noexcept {
  for (const auto& [name, candidate] : names)
    if (candidate == value)
      return name;
  return "unknown";
}

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

template <class Enum, std::size_t Size>
result<Enum> parse_name(const std::array<named<Enum>, Size>& names,
                        std::string_view text, std::string_view what) {
  for (const auto& [name, value] : names)
    if (name == text)
      return value;
  std::array<std::string_view, Size> possible;
  std::transform(names.begin(), names.end(), possible.begin(),
                 [](const auto& one) { return one.first; });
  auto message = quoted(text).append(" is not ").append(what);
  if (auto meant = closest(text, possible); !meant.empty())
    message.append("; did you mean '").append(meant).append("'?");
  message += "; possible are ";
  for (std::size_t i = 0; i < Size; ++i)
    message.append(i == 0 ? "" : ", ").append(possible[i]);
  return {errc::invalid_argument, std::move(message)};
}

} // namespace

std::string_view to_string(task_type type) noexcept {
  return name_of(task_types, type);
}

std::string_view to_string(reduce_operation operation) noexcept {
  return name_of(reduce_operations, operation);
}

std::string_view to_string(urgency_level level) noexcept {
  return name_of(urgency_levels, level);
}

std::string_view to_string(placement_strategy strategy) noexcept {
  return name_of(placement_strategies, strategy);
}

result<task_type> parse_task_type(std::string_view text) {
  return parse_name(task_types, text, "a task type");
}

result<reduce_operation> parse_reduce_operation(std::string_view text) {
  return parse_name(reduce_operations, text, "a reduce operation");
}

result<urgency_level> parse_urgency(std::string_view text) {
  return parse_name(urgency_levels, text, "an urgency");
}

result<placement_strategy> parse_strategy(std::string_view text) {
  return parse_name(placement_strategies, text, "a placement strategy");
}

} // namespace artel
