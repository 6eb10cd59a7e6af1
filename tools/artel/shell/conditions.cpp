#include "tools/artel/shell/conditions.hpp"

#include "runtime/sim/world.hpp"
#include "tools/artel/shell/option_values.hpp"
#include "tools/artel/shell/session.hpp"

#include <utility>
#include <variant>

namespace artel::tools {

namespace {

/// What stands behind `within`, which the expression ended before.
std::optional<microseconds> read_within(session& in, std::size_t offset,
                                        exit_code& code) {
  const auto& words = in.words();
  std::size_t word = 0;
  while (word < words.size() && words[word].offset < offset)
    ++word;
  auto refuse_at = [&](std::size_t where, const std::string& message) {
    code = in.refuse_at(where, exit_code::invalid_input, message);
    return std::nullopt;
  };
  if (word + 1 >= words.size())
    return refuse_at(in.line().text.size(),
                     "expected a time behind 'within', such as 60s");
  auto span = parse_span(words[word + 1].text);
  if (!span)
    return refuse_at(words[word + 1].offset, span.error().message);
  if (word + 2 < words.size())
    return refuse_at(words[word + 2].offset,
                     "expected the end of the line behind 'within "
                       + words[word + 1].text + "'");
  return *span;
}

} // namespace

std::optional<waited_condition> read_condition(session& in, exit_code& code) {
  const auto& text = in.line().text;
  auto start = in.first_argument() < in.words().size()
                 ? in.words()[in.first_argument()].offset
                 : text.size();
  std::size_t end = start;
  auto parsed = expression::parse(text, start, end);
  if (const auto* mistake = std::get_if<line_mistake>(&parsed)) {
    code =
      in.refuse_at(mistake->offset, exit_code::invalid_input, mistake->message);
    return std::nullopt;
  }
  waited_condition read{std::move(std::get<expression>(parsed)), {}};
  if (!read.what.is_condition()) {
    code = in.refuse_at(
      start, exit_code::invalid_input,
      "expected something that is true or false, such as primes.done or"
      " alice.credits > 0, and this is "
        + std::string{name_of(read.what.kind())});
    return std::nullopt;
  }
  if (text.find_first_not_of(" \t", end) == std::string::npos)
    return read;
  read.within = read_within(in, end, code);
  if (!read.within)
    return std::nullopt;
  if (in.is_scheduled()) {
    code = in.refuse_at(end, exit_code::invalid_input,
                        "a command that is put off can't wait; expected no"
                        " 'within'");
    return std::nullopt;
  }
  return read;
}

exit_code wait_for(session& in, waited_condition& condition,
                   exit_code otherwise) {
  auto& world = in.need_world();
  auto& what = condition.what;
  if (auto mistake = what.bind(world))
    return in.refuse_at(mistake->offset, exit_code::invalid_input,
                        mistake->message);
  std::string span;
  if (condition.within) {
    auto code = in.drive(*condition.within, [&] { return what.holds(world); });
    if (code != exit_code::timed_out)
      return code;
    span = " within " + span_text(*condition.within);
  } else if (what.holds(world)) {
    return exit_code::done;
  }
  return in.refuse_with(otherwise, "expected " + what.text() + span
                                     + what.values_text(world) + " at "
                                     + span_text(world.elapsed()));
}

} // namespace artel::tools
