#include "tools/artel/shell/expression.hpp"

#include "protocol/task/message_text.hpp"
#include "runtime/config/name_suggestion.hpp"
#include "runtime/sim/world.hpp"
#include "tools/artel/shell/expression_parser.hpp"
#include "tools/artel/shell/world_names.hpp"

#include <utility>

namespace artel::tools {

namespace {

using node = expression::node;
using node_kind = expression::node::kind_type;

/// Finds the subject, and which of its figures is meant.
class binder {
public:
  explicit binder(sim::world& world) : world_(world) {}

  std::optional<line_mistake> bind(node& one);

private:
  std::optional<line_mistake> bind(figure_reference& reference);
  std::optional<line_mistake> bind_observer(figure_reference& reference);
  line_mistake unknown_subject(const figure_reference& reference) const;

  sim::world& world_;
};

std::optional<line_mistake> binder::bind(node& one) {
  for (auto& part : one.parts)
    if (auto mistake = bind(part))
      return mistake;
  if (one.kind == node_kind::figure)
    return bind(one.reference);
  return std::nullopt;
}

/// "'alice' has no figure 'retries'", with what there is.
line_mistake unknown_figure(const figure_reference& reference,
                            figure_subject subject) {
  auto names = figure_names(subject);
  return {reference.offset,
          "'" + reference.subject + "' is a "
            + (subject == figure_subject::task ? "task" : "node")
            + " and has no figure '" + reference.figure + "'"
            + runtime::did_you_mean(reference.figure, names) + "; expected "
            + list_text(names)};
}

std::optional<line_mistake> binder::bind(figure_reference& reference) {
  if (auto fixed = fixed_subject(reference.subject)) {
    reference.info = find_figure(*fixed, reference.figure);
    return std::nullopt;
  }
  auto of_node = world_.find_node(reference.subject);
  auto of_task = world_.find_task(reference.subject);
  auto subject = of_node ? figure_subject::node : figure_subject::task;
  if (!of_node && !of_task)
    return unknown_subject(reference);
  reference.info = find_figure(subject, reference.figure);
  if (reference.info == nullptr)
    return unknown_figure(reference, subject);
  reference.index = of_node ? *of_node : *of_task;
  return bind_observer(reference);
}

std::optional<line_mistake> binder::bind_observer(figure_reference& reference) {
  if (reference.observer.empty())
    return std::nullopt;
  auto found = world_.find_node(reference.observer);
  if (!found)
    return line_mistake{reference.offset,
                        unknown_node(world_, reference.observer)};
  reference.observer_index = *found;
  return std::nullopt;
}

line_mistake binder::unknown_subject(const figure_reference& reference) const {
  auto names = node_names(world_);
  for (auto name : task_names(world_))
    names.push_back(name);
  for (auto name : {"credits", "links", "clock", "world"})
    names.emplace_back(name);
  return {reference.offset, "there is no node or task "
                              + artel::quoted(reference.subject)
                              + runtime::did_you_mean(reference.subject, names)
                              + "; expected " + list_text(names)};
}

figure_value read(const figure_reference& reference, sim::world& world) {
  if (!reference.observer.empty())
    return percent_value(
      world.reputation(static_cast<sim::node_index>(reference.observer_index),
                       static_cast<sim::node_index>(reference.index)));
  return reference.info->read(world, reference.index);
}

figure_value evaluate(const node& one, sim::world& world) {
  switch (one.kind) {
    case node_kind::literal: return one.value;
    case node_kind::figure: return read(one.reference, world);
    case node_kind::comparison:
      return truth_value(compare(evaluate(one.parts[0], world), one.how,
                                 evaluate(one.parts[1], world)));
    case node_kind::negation:
      return truth_value(!evaluate(one.parts[0], world).truth);
    case node_kind::all_of:
      for (const auto& part : one.parts)
        if (!evaluate(part, world).truth)
          return truth_value(false);
      return truth_value(true);
    case node_kind::any_of:
      for (const auto& part : one.parts)
        if (evaluate(part, world).truth)
          return truth_value(true);
      return truth_value(false);
  }
  return truth_value(false);
}

void collect(const node& one, std::vector<const node*>& figures) {
  if (one.kind == node_kind::figure)
    figures.push_back(&one);
  for (const auto& part : one.parts)
    collect(part, figures);
}

} // namespace

std::string figure_reference::text() const {
  auto is_plain = subject.find_first_not_of(
                    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                    "0123456789_-")
                  == std::string::npos;
  return (is_plain ? subject : '"' + subject + '"') + "." + figure
         + (observer.empty() ? "" : "." + observer);
}

std::variant<expression, line_mistake>
expression::parse(std::string_view line, std::size_t offset, std::size_t& end) {
  auto parsed = parse_expression(line, offset, end);
  if (auto* mistake = std::get_if<line_mistake>(&parsed))
    return std::move(*mistake);
  expression made;
  auto text = line.substr(offset, end - offset);
  while (text.ends_with(' ') || text.ends_with('\t'))
    text.remove_suffix(1);
  made.text_ =
    text.substr(std::min(text.find_first_not_of(" \t"), text.size()));
  made.root_ = std::make_shared<node>(std::move(std::get<node>(parsed)));
  return made;
}

figure_kind expression::kind() const {
  return root_->value_kind();
}

bool expression::is_condition() const {
  return kind() == figure_kind::truth;
}

std::optional<line_mistake> expression::bind(sim::world& world) {
  return binder{world}.bind(*root_);
}

figure_value expression::evaluate(sim::world& world) const {
  return tools::evaluate(*root_, world);
}

std::string expression::values_text(sim::world& world) const {
  std::vector<const node*> figures;
  collect(*root_, figures);
  if (figures.empty())
    return {};
  auto value_of = [&world](const node& one) {
    return to_string(read(one.reference, world));
  };
  // "worker-3.reputation < 0.4", but not "0.4 > worker-3.reputation".
  if (figures.size() == 1
      && (root_->kind == node_kind::figure
          || (root_->kind == node_kind::comparison
              && root_->parts[0].kind == node_kind::figure)))
    return ", and it is " + value_of(*figures.front());
  std::string text;
  for (const auto* one : figures) {
    auto said = one->reference.text() + " is " + value_of(*one);
    if (text.find(said) == std::string::npos)
      text += (text.empty() ? ", and " : ", ") + said;
  }
  return text;
}

} // namespace artel::tools
