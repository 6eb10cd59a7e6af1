#include "runtime/config/section_reader.hpp"

#include "protocol/task/message_text.hpp"
#include "runtime/config/name_suggestion.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace artel::runtime {

namespace {

result<void> wrong_type(const toml::node& node, std::string_view expected) {
  return {errc::invalid_argument, std::string{type_text(node)} + " given"
                                    + "; expected " + std::string{expected}};
}

/// Numbers of any kind, for keys that take fractions.
std::optional<double> number_in(const toml::node& node) {
  if (auto value = node.value<double>(); value && !node.is_boolean())
    return value;
  return std::nullopt;
}

} // namespace

std::string_view type_text(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::table: return "a table";
    case toml::node_type::array: return "an array";
    case toml::node_type::string: return "a string";
    case toml::node_type::integer: return "a whole number";
    case toml::node_type::floating_point: return "a fraction";
    case toml::node_type::boolean: return "a boolean";
    case toml::node_type::date: return "a date";
    case toml::node_type::time: return "a time of day";
    case toml::node_type::date_time: return "a date and time";
    default: return "nothing";
  }
}

std::string reading::place_of(const toml::source_region& source) const {
  return task.file_name + ":" + std::to_string(source.begin.line) + ":"
         + std::to_string(source.begin.column);
}

void reading::add(const toml::source_region& source, errc code,
                  std::string message) {
  problems.emplace_back(
    source.begin, config_problem{place_of(source), code, std::move(message)});
}

section_reader::section_reader(const toml::table* table, std::string name,
                               reading& context)
  : table_(table),
    name_(std::move(name)),
    context_(context) {
  if (table_ != nullptr)
    context_.task.places.emplace(name_, context_.place_of(table_->source()));
}

bool section_reader::has(std::string_view key) const {
  return table_ != nullptr && table_->contains(key);
}

void section_reader::read(std::string_view key, const reader& take) {
  known_.push_back(key);
  const auto* node = table_ == nullptr ? nullptr : table_->get(key);
  if (node == nullptr)
    return;
  auto field = name_ + "." + std::string{key};
  context_.task.places[field] = context_.place_of(node->source());
  if (auto taken = take(*node); !taken) {
    context_.add(node->source(), taken.error().code,
                 field + ": " + taken.error().message);
    context_.task.unsound.insert(field);
  }
}

void section_reader::text(std::string_view key,
                          std::optional<std::string>& target) {
  read(key, [&](const toml::node& node) -> result<void> {
    if (!node.is_string())
      return wrong_type(node, "a string");
    target = node.value<std::string>();
    return {};
  });
}

void section_reader::texts(std::string_view key,
                           std::vector<std::string>& target) {
  read(key, [&](const toml::node& node) -> result<void> {
    const auto* array = node.as_array();
    if (array == nullptr)
      return wrong_type(node, "an array of strings, such as [\"a\", \"b\"]");
    std::vector<std::string> found;
    for (const auto& one : *array) {
      if (!one.is_string())
        return wrong_type(one, "only strings in the array");
      found.push_back(*one.value<std::string>());
    }
    target = std::move(found);
    return {};
  });
}

result<void> section_reader::read_whole(const toml::node& node,
                                        std::uint64_t maximum,
                                        std::uint64_t& target) const {
  if (!node.is_integer())
    return wrong_type(node, "a whole number");
  auto value = *node.value<std::int64_t>();
  if (value < 0 || static_cast<std::uint64_t>(value) > maximum)
    return {errc::out_of_range, std::to_string(value)
                                  + " given; expected a number from 0 to "
                                  + std::to_string(maximum)};
  target = static_cast<std::uint64_t>(value);
  return {};
}

void section_reader::whole(std::string_view key,
                           std::optional<std::uint64_t>& target) {
  read(key, [&](const toml::node& node) {
    std::uint64_t value = 0;
    auto taken =
      read_whole(node, std::numeric_limits<std::int64_t>::max(), value);
    if (taken)
      target = value;
    return taken;
  });
}

void section_reader::whole(std::string_view key, std::uint32_t& target) {
  read(key, [&](const toml::node& node) {
    std::uint64_t value = target;
    auto taken =
      read_whole(node, std::numeric_limits<std::uint32_t>::max(), value);
    target = static_cast<std::uint32_t>(value);
    return taken;
  });
}

void section_reader::whole(std::string_view key, std::uint64_t& target) {
  read(key, [&](const toml::node& node) {
    return read_whole(node, std::numeric_limits<std::int64_t>::max(), target);
  });
}

void section_reader::time(std::string_view key, milliseconds& target) {
  read(key, [&](const toml::node& node) -> result<void> {
    if (!node.is_string())
      return wrong_type(node, "a time with its unit, such as \"10s\"");
    auto parsed = parse_duration(*node.value<std::string>());
    if (!parsed)
      return parsed.error();
    target = *parsed;
    return {};
  });
}

void section_reader::size(std::string_view key, std::uint64_t& target) {
  read(key, [&](const toml::node& node) -> result<void> {
    if (node.is_integer())
      return read_whole(node, std::numeric_limits<std::int64_t>::max(), target);
    if (!node.is_string())
      return wrong_type(node, "a size, such as \"256MiB\"");
    auto parsed = parse_bytes(*node.value<std::string>());
    if (!parsed)
      return parsed.error();
    target = *parsed;
    return {};
  });
}

void section_reader::amount(std::string_view key,
                            std::optional<credits>& target) {
  read(key, [&](const toml::node& node) -> result<void> {
    if (node.is_string()) {
      auto parsed = parse_credits(*node.value<std::string>());
      if (!parsed)
        return parsed.error();
      target = *parsed;
      return {};
    }
    auto number = number_in(node);
    if (!number)
      return wrong_type(node, "an amount of credits, such as 12.5");
    // Beyond this a double no longer holds micro-credits exactly.
    constexpr double largest = 1e9;
    if (!(*number >= 0 && *number <= largest))
      return {errc::out_of_range,
              "expected an amount of credits from 0 to a billion"};
    target = credits{std::llround(*number * micro_per_credit)};
    return {};
  });
}

void section_reader::scaled(std::string_view key, double scale,
                            std::uint32_t& target) {
  read(key, [&](const toml::node& node) -> result<void> {
    auto number = number_in(node);
    if (!number)
      return wrong_type(node, "a number, such as 0.5");
    if (!(*number >= 0 && *number * scale <= 1e9))
      return {errc::out_of_range,
              "expected a number from 0 to "
                + std::to_string(std::llround(1e9 / scale))};
    target = static_cast<std::uint32_t>(std::llround(*number * scale));
    return {};
  });
}

result<std::string> section_reader::word_of(const toml::node& node) const {
  if (!node.is_string())
    return wrong_type(node, "a word in quotes").error();
  auto word = *node.value<std::string>();
  std::replace(word.begin(), word.end(), '-', '_');
  return word;
}

void section_reader::finish() {
  if (table_ == nullptr)
    return;
  for (const auto& [key, node] : *table_) {
    auto name = key.str();
    if (std::find(known_.begin(), known_.end(), name) != known_.end())
      continue;
    auto message = "unknown key '" + name_ + "." + std::string{name} + "'";
    auto meant = nearest_name(name, known_);
    if (!meant.empty()) {
      message += "; did you mean '" + std::string{meant} + "'?";
      context_.task.unsound.insert(name_ + "." + std::string{meant});
    } else {
      message += "; [" + name_ + "] takes";
      for (const auto& one : known_)
        message += (&one == known_.data() ? " " : ", ") + std::string{one};
    }
    context_.add(key.source(), errc::invalid_argument, std::move(message));
  }
}

} // namespace artel::runtime
