#include "protocol/task/task_spec.hpp"

#include "protocol/task/name_table.hpp"

#include <array>

namespace artel {

namespace {

constexpr name_table<task_type, 4> task_types{{
  {"range_reduce", task_type::range_reduce},
  {"map", task_type::map},
  {"map_reduce", task_type::map_reduce},
  {"run", task_type::run},
}};

constexpr name_table<reduce_operation, 8> reduce_operations{{
  {"none", reduce_operation::none},
  {"sum", reduce_operation::sum},
  {"min", reduce_operation::min},
  {"max", reduce_operation::max},
  {"count", reduce_operation::count},
  {"concatenate", reduce_operation::concatenate},
  {"merge_counts", reduce_operation::merge_counts},
  {"program", reduce_operation::program},
}};

constexpr name_table<urgency_level, 4> urgency_levels{{
  {"low", urgency_level::low},
  {"normal", urgency_level::normal},
  {"high", urgency_level::high},
  {"critical", urgency_level::critical},
}};

constexpr name_table<placement_strategy, 4> placement_strategies{{
  {"least_loaded", placement_strategy::least_loaded},
  {"cheapest", placement_strategy::cheapest},
  {"most_trusted", placement_strategy::most_trusted},
  {"balanced", placement_strategy::balanced},
}};

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
