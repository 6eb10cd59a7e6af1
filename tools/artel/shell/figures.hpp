// Every public figure of a simulated world, by name: what expressions reach,
// `help` lists and the prompt completes.
//
//   TASK.figure   NODE.figure   credits.figure   links.figure   clock.figure
//   world.figure
#pragma once

#include "protocol/core/result.hpp"
#include "tools/artel/shell/figure_value.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace artel::sim {
class world;
} // namespace artel::sim

namespace artel::tools {

enum class figure_subject : std::uint8_t {
  task = 1,
  node,
  credits,
  links,
  clock,
  world,
};

struct figure_info {
  figure_subject subject{};
  std::string_view name;
  figure_kind kind{};
  std::string_view help;
  /// `index`: of the task or node.
  figure_value (*read)(sim::world& of, std::size_t index) = nullptr;
  /// Of texts: all that are possible, where these are few.
  std::vector<std::string_view> values;
};

/// In the order of help. Equal names of different subjects are of one kind.
const std::vector<figure_info>& figures();

/// "credits", "links", "clock", "world": no node or task may be called so.
std::optional<figure_subject> fixed_subject(std::string_view name);

/// A name that expressions would read as something else.
bool is_reserved_name(std::string_view name);

/// Null where the subject has none of this name.
const figure_info* find_figure(figure_subject subject, std::string_view name);

std::vector<std::string_view> figure_names(figure_subject subject);

/// For help: a line a figure.
std::string figures_text();

} // namespace artel::tools
