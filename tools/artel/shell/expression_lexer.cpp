#include "tools/artel/shell/expression_lexer.hpp"

#include "protocol/task/message_text.hpp"

#include <array>

namespace artel::tools {

namespace {

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

bool is_letter(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'
         || static_cast<unsigned char>(c) >= 0x80;
}

class lexer {
public:
  lexer(std::string_view text, std::size_t offset) : text_(text), at_(offset) {}

  std::optional<line_mistake> next(token& target);

private:
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  void take_name(token& target);
  void take_number(token& target);
  std::optional<line_mistake> take_quoted(token& target);
  std::optional<line_mistake> take_operator(token& target);

  std::string_view text_;
  std::size_t at_;
};

void lexer::take_name(token& target) {
  // Names of nodes contain '-'; a last one belongs to nothing, and is an error.
  auto start = at_;
  while (is_letter(peek()) || is_digit(peek()) || peek() == '-')
    ++at_;
  target.kind = token_kind::name;
  target.text = text_.substr(start, at_ - start);
}

void lexer::take_number(token& target) {
  auto start = at_;
  if (peek() == '-')
    ++at_;
  while (is_letter(peek()) || is_digit(peek()) || peek() == '%' || peek() == '^'
         || (peek() == '.' && is_digit(peek(1))))
    ++at_;
  target.kind = token_kind::number;
  target.text = text_.substr(start, at_ - start);
}

std::optional<line_mistake> lexer::take_quoted(token& target) {
  auto start = at_;
  auto value = read_quoted(text_, at_);
  if (!value)
    return line_mistake{start, "this quote is not closed"};
  target.kind = token_kind::quoted;
  target.text = std::move(*value);
  return std::nullopt;
}

std::optional<line_mistake> lexer::take_operator(token& target) {
  constexpr std::array<std::string_view, 6> operators{
    "==", "!=", "<=", ">=", "<", ">"};
  auto rest = text_.substr(at_);
  for (auto one : operators)
    if (rest.starts_with(one)) {
      target.kind = token_kind::comparison;
      target.text = one;
      at_ += one.size();
      return std::nullopt;
    }
  auto message =
    artel::quoted(rest.substr(0, 1))
    + " means nothing in an expression; operators are == != < <= > >= and or"
      " not";
  if (rest.starts_with('='))
    message = "'=' means nothing in an expression; did you mean '=='?";
  else if (rest.starts_with('&'))
    message = "'&' means nothing in an expression; did you mean 'and'?";
  else if (rest.starts_with('|'))
    message = "'|' means nothing in an expression; did you mean 'or'?";
  else if (rest.starts_with('!'))
    message = "'!' means nothing in an expression; did you mean 'not'?";
  return line_mistake{at_, std::move(message)};
}

std::optional<line_mistake> lexer::next(token& target) {
  while (peek() == ' ' || peek() == '\t')
    ++at_;
  target = {};
  target.offset = at_;
  std::optional<line_mistake> mistake;
  auto c = peek();
  if (at_ >= text_.size()) {
    target.kind = token_kind::end;
  } else if (is_digit(c) || (c == '-' && is_digit(peek(1)))) {
    take_number(target);
  } else if (is_letter(c)) {
    take_name(target);
  } else if (c == '"' || c == '\'') {
    mistake = take_quoted(target);
  } else if (c == '.' || c == '(' || c == ')') {
    target.kind = c == '.'   ? token_kind::dot
                  : c == '(' ? token_kind::open
                             : token_kind::close;
    target.text = c;
    ++at_;
  } else {
    mistake = take_operator(target);
  }
  target.end = at_;
  return mistake;
}

} // namespace

std::optional<line_mistake> split_tokens(std::string_view text,
                                         std::size_t offset,
                                         std::vector<token>& tokens) {
  lexer from{text, offset};
  do {
    token one;
    if (auto mistake = from.next(one))
      return mistake;
    tokens.push_back(std::move(one));
  } while (tokens.back().kind != token_kind::end);
  return std::nullopt;
}

} // namespace artel::tools
