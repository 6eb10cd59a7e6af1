#include "tools/artel/shell/expression_parser.hpp"

#include "protocol/task/message_text.hpp"
#include "runtime/config/name_suggestion.hpp"
#include "tools/artel/shell/expression_lexer.hpp"
#include "tools/artel/shell/world_names.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace artel::tools {

namespace {

using node = expression::node;
using node_kind = expression::node::kind_type;
using parsed_node = std::variant<node, line_mistake>;

constexpr std::size_t depth_max = 64;

std::string name_of(const token& one) {
  return one.kind == token_kind::end ? "the end of the line"
                                     : artel::quoted(one.text);
}

bool is_keyword(const token& one) {
  return one.is("and") || one.is("or") || one.is("not") || one.is("within");
}

comparison comparison_of(std::string_view text) {
  using enum comparison;
  constexpr std::array<std::pair<std::string_view, comparison>, 6> all{
    {{"==", equal},
     {"!=", unequal},
     {"<", less},
     {"<=", less_or_equal},
     {">", greater},
     {">=", greater_or_equal}}};
  return std::find_if(all.begin(), all.end(),
                      [text](const auto& one) { return one.first == text; })
    ->second;
}

/// What a figure of this name may be of; the kind is the same for all.
const figure_info* any_figure(std::string_view name) {
  for (auto subject : {figure_subject::node, figure_subject::task})
    if (const auto* found = find_figure(subject, name))
      return found;
  return nullptr;
}

/// The possible values of a text figure: of the one subject that is named, or
/// of all that it may turn out to be.
std::vector<std::string_view> possible_values(const figure_reference& of) {
  std::vector<std::string_view> values;
  for (const auto& one : figures())
    if (one.name == of.figure && !fixed_subject(of.subject))
      values.insert(values.end(), one.values.begin(), one.values.end());
  return values;
}

class parser {
public:
  explicit parser(std::vector<token> tokens) : tokens_(std::move(tokens)) {}

  parsed_node condition();
  const token& peek() const { return tokens_[at_]; }
  bool at_end() const {
    return peek().kind == token_kind::end || peek().is("within");
  }

private:
  const token& take() { return tokens_[at_++]; }
  line_mistake wrong(const token& where, std::string message) const {
    return {where.offset, std::move(message)};
  }

  parsed_node joined(std::string_view word, node_kind kind,
                     parsed_node (parser::*part)());
  parsed_node all();
  parsed_node one();
  parsed_node comparison_or_value();
  parsed_node value();
  parsed_node named(const token& first);
  parsed_node figure(const token& subject);
  parsed_node observer_of(node made);

  std::vector<token> tokens_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
};

std::optional<line_mistake> not_a_condition(const node& one) {
  if (one.value_kind() == figure_kind::truth)
    return std::nullopt;
  return line_mistake{one.offset,
                      "expected something that is true or false here, such as"
                      " a comparison, and this is "
                        + std::string{name_of(one.value_kind())}};
}

parsed_node parser::joined(std::string_view word, node_kind kind,
                           parsed_node (parser::*part)()) {
  auto first = (this->*part)();
  if (std::holds_alternative<line_mistake>(first) || !peek().is(word))
    return first;
  node made;
  made.kind = kind;
  made.offset = std::get<node>(first).offset;
  made.parts.push_back(std::move(std::get<node>(first)));
  while (peek().is(word)) {
    take();
    auto next = (this->*part)();
    if (std::holds_alternative<line_mistake>(next))
      return next;
    made.parts.push_back(std::move(std::get<node>(next)));
  }
  for (const auto& one : made.parts)
    if (auto mistake = not_a_condition(one))
      return *mistake;
  return made;
}

parsed_node parser::condition() {
  return joined("or", node_kind::any_of, &parser::all);
}

parsed_node parser::all() {
  return joined("and", node_kind::all_of, &parser::one);
}

parsed_node parser::one() {
  if (depth_ >= depth_max)
    return wrong(peek(), "the expression is nested deeper than 64");
  ++depth_;
  parsed_node made;
  if (peek().is("not")) {
    node negation;
    negation.kind = node_kind::negation;
    negation.offset = take().offset;
    made = one();
    if (auto* part = std::get_if<node>(&made)) {
      if (auto mistake = not_a_condition(*part))
        return *mistake;
      negation.parts.push_back(std::move(*part));
      made = std::move(negation);
    }
  } else if (peek().kind == token_kind::open) {
    auto open = take();
    made = condition();
    if (std::holds_alternative<node>(made)) {
      if (peek().kind != token_kind::close)
        return wrong(peek(), "expected ')' and not " + name_of(peek())
                               + "; one '(' is open");
      take();
    }
  } else {
    made = comparison_or_value();
  }
  --depth_;
  return made;
}

/// A figure without a value of its own, for what is compared.
figure_value stand_in(const node& one) {
  return one.kind == node_kind::literal ? one.value
                                        : missing_value(one.value_kind());
}

/// "complete" where only "completed" and its like are possible.
std::optional<line_mistake> impossible_text(const node& figure,
                                            const node& text) {
  if (figure.kind != node_kind::figure || text.kind != node_kind::literal
      || text.value.kind != figure_kind::text)
    return std::nullopt;
  auto values = possible_values(figure.reference);
  if (values.empty()
      || std::find(values.begin(), values.end(), text.value.text)
           != values.end())
    return std::nullopt;
  return line_mistake{text.offset,
                      figure.reference.text() + " is never "
                        + artel::quoted(text.value.text)
                        + runtime::did_you_mean(text.value.text, values)
                        + "; expected " + list_text(values)};
}

std::optional<line_mistake> wrong_kinds(const node& made) {
  const auto& left = made.parts[0];
  const auto& right = made.parts[1];
  auto problem = unlike_kinds(stand_in(left), stand_in(right));
  if (!problem.empty())
    return line_mistake{right.offset, std::move(problem)};
  auto is_order =
    made.how != comparison::equal && made.how != comparison::unequal;
  for (const auto* side : {&left, &right})
    if (is_order
        && (side->value_kind() == figure_kind::truth
            || side->value_kind() == figure_kind::text))
      return line_mistake{side->offset,
                          std::string{name_of(side->value_kind())}
                            + " can be compared with == and != alone"};
  if (left.value.is_literal && right.value.is_literal)
    return line_mistake{left.offset,
                        "neither side can ever change; expected a figure such"
                        " as primes.status"};
  if (auto mistake = impossible_text(left, right))
    return mistake;
  return impossible_text(right, left);
}

parsed_node parser::comparison_or_value() {
  auto left = value();
  if (std::holds_alternative<line_mistake>(left)
      || peek().kind != token_kind::comparison)
    return left;
  node made;
  made.kind = node_kind::comparison;
  made.how = comparison_of(take().text);
  made.offset = std::get<node>(left).offset;
  auto right = value();
  if (std::holds_alternative<line_mistake>(right))
    return right;
  made.parts.push_back(std::move(std::get<node>(left)));
  made.parts.push_back(std::move(std::get<node>(right)));
  if (peek().kind == token_kind::comparison)
    return wrong(peek(), "comparisons can't be chained; expected 'and' or 'or'"
                         " between them");
  if (auto mistake = wrong_kinds(made))
    return *mistake;
  return made;
}

node literal(const token& where, figure_value value) {
  node made;
  made.offset = where.offset;
  made.value = std::move(value);
  made.value.is_literal = true;
  return made;
}

parsed_node parser::value() {
  if (peek().kind == token_kind::number) {
    const auto& word = take();
    auto number = parse_number_literal(word.text);
    if (!number)
      return wrong(word, number.error().message);
    return literal(word, *number);
  }
  if (peek().kind == token_kind::quoted
      || (peek().kind == token_kind::name && !is_keyword(peek())))
    return named(take());
  return wrong(peek(), "expected a figure such as primes.done, a number or a"
                       " text, and not "
                         + name_of(peek()));
}

parsed_node parser::named(const token& first) {
  if (peek().kind == token_kind::dot)
    return figure(first);
  if (first.kind == token_kind::name
      && (first.text == "true" || first.text == "false"))
    return literal(first, truth_value(first.text == "true"));
  if (first.kind == token_kind::name && fixed_subject(first.text))
    return wrong(first,
                 artel::quoted(first.text) + " alone has no value; expected "
                   + first.text + "."
                   + list_text(figure_names(*fixed_subject(first.text)), "or"));
  return literal(first, text_value(first.text));
}

/// "clok.now": no node or task has such a figure, but the clock.
std::string meant_subject(const token& subject, const token& name) {
  std::vector<std::string_view> names;
  for (std::string_view one : {"credits", "links", "clock", "world"})
    if (find_figure(*fixed_subject(one), name.text) != nullptr)
      names.push_back(one);
  auto nearest = runtime::nearest_name(subject.text, names);
  return nearest.empty()
           ? std::string{}
           : "; did you mean '" + std::string{nearest} + "." + name.text + "'?";
}

line_mistake unknown_figure(const token& subject, const token& name) {
  auto fixed = fixed_subject(subject.text);
  auto names = figure_names(fixed.value_or(figure_subject::node));
  if (!fixed)
    for (auto of_task : figure_names(figure_subject::task))
      if (std::find(names.begin(), names.end(), of_task) == names.end())
        names.push_back(of_task);
  auto meant = fixed ? std::string{} : meant_subject(subject, name);
  if (meant.empty())
    meant = runtime::did_you_mean(name.text, names);
  return {name.offset, "there is no figure '" + subject.text + "." + name.text
                         + "'" + meant + "; expected " + list_text(names)};
}

parsed_node parser::figure(const token& subject) {
  take();
  const auto& name = peek();
  if (name.kind != token_kind::name)
    return wrong(name, "expected a figure's name behind '" + subject.text
                         + ".', and not " + name_of(name));
  take();
  node made;
  made.kind = node_kind::figure;
  made.offset = subject.offset;
  made.reference.offset = subject.offset;
  made.reference.subject = subject.text;
  made.reference.figure = name.text;
  auto fixed = fixed_subject(subject.text);
  const auto* found =
    fixed ? find_figure(*fixed, name.text) : any_figure(name.text);
  if (found == nullptr)
    return unknown_figure(subject, name);
  made.reference.kind = found->kind;
  return observer_of(std::move(made));
}

/// "worker-3.reputation.alice"
parsed_node parser::observer_of(node made) {
  if (peek().kind != token_kind::dot)
    return made;
  const auto& dot = take();
  if (made.reference.figure != "reputation")
    return wrong(dot, "expected an operator, and not '.'; only a reputation can"
                      " be somebody's: worker-3.reputation.alice");
  if (peek().kind != token_kind::name && peek().kind != token_kind::quoted)
    return wrong(peek(), "expected a node's name behind '.', and not "
                           + name_of(peek()));
  made.reference.observer = take().text;
  return made;
}

} // namespace

std::variant<expression::node, line_mistake>
parse_expression(std::string_view line, std::size_t offset, std::size_t& end) {
  std::vector<token> tokens;
  if (auto mistake = split_tokens(line, offset, tokens))
    return *mistake;
  parser from{std::move(tokens)};
  auto made = from.condition();
  if (std::holds_alternative<line_mistake>(made))
    return made;
  if (!from.at_end())
    return line_mistake{from.peek().offset,
                        "expected an operator or the end of the line, and not "
                          + name_of(from.peek())};
  end = from.peek().offset;
  return made;
}

} // namespace artel::tools
