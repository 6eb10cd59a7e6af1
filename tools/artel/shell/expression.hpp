// Expressions of scripts: figures of a world and literals, compared and joined.
//
//   primes.done and not (worker-3.reputation >= 0.4 or clock.now > 30s)
//   condition := all { "or" all }        all := one { "and" one }
//   one := "not" one | "(" condition ")" | value [ OP value ]
//   value := SUBJECT "." FIGURE | number | duration | percentage | text
//
// Syntax, figures and kinds are checked once, without a world; names are looked
// up once, in one; evaluating then can't fail.
#pragma once

#include "tools/artel/shell/figures.hpp"
#include "tools/artel/shell/script_line.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace artel::tools {

/// "primes.status" as it stands in an expression.
struct figure_reference {
  std::size_t offset = 0;
  std::string subject;
  std::string figure;
  /// Of a node's reputation: in whose eyes. Empty: on average.
  std::string observer;
  figure_kind kind{};
  /// Of the subject in the world, once it was looked up.
  std::size_t index = 0;
  std::size_t observer_index = 0;
  const figure_info* info = nullptr;

  std::string text() const;
};

class expression {
public:
  /// A condition or a value. Reads from the offset to the end of the line or to
  /// `within`; `end` is where it stopped.
  static std::variant<expression, line_mistake>
  parse(std::string_view line, std::size_t offset, std::size_t& end);

  /// A value that is true or false.
  bool is_condition() const;
  figure_kind kind() const;

  /// Looks its names up. What is wrong is told with what is possible.
  std::optional<line_mistake> bind(sim::world& world);

  /// After bind(), with the same world.
  figure_value evaluate(sim::world& world) const;
  bool holds(sim::world& world) const { return evaluate(world).truth; }

  /// The text that was parsed.
  const std::string& text() const { return text_; }

  /// After "expected EXPRESSION": ", and it is 0.52"; every figure with its
  /// value where it has several.
  std::string values_text(sim::world& world) const;

  struct node;

private:
  std::string text_;
  std::shared_ptr<node> root_;
};

} // namespace artel::tools
