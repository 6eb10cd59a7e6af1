// From text to the tree of an expression: syntax, names of figures, and kinds
// of what is compared. Private to expression.cpp.
#pragma once

#include "tools/artel/shell/expression.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

namespace artel::tools {

struct expression::node {
  enum class kind_type : std::uint8_t {
    literal = 1,
    figure,
    comparison,
    negation,
    all_of,
    any_of,
  };

  kind_type kind = kind_type::literal;
  std::size_t offset = 0;
  figure_value value;
  figure_reference reference;
  comparison how = comparison::equal;
  std::vector<node> parts;

  figure_kind value_kind() const {
    if (kind == kind_type::literal)
      return value.kind;
    return kind == kind_type::figure ? reference.kind : figure_kind::truth;
  }
};

std::variant<expression::node, line_mistake>
parse_expression(std::string_view line, std::size_t offset, std::size_t& end);

} // namespace artel::tools
