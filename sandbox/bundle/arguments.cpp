#include "sandbox/bundle/arguments.hpp"

#include <cstddef>
#include <string_view>

namespace artel::sandbox {

namespace {

result<std::string> value_of(std::string_view placeholder, std::uint64_t index,
                             const job_input& input) {
  if (placeholder == "index")
    return std::to_string(index);
  if (placeholder == "first" || placeholder == "last") {
    if (input.kind != input_kind::range)
      return {errc::invalid_argument,
              "{" + std::string{placeholder}
                + "} stands for a bound of the job's range, but the job has no"
                  " range"};
    return std::to_string(placeholder == "first" ? input.first : input.last);
  }
  if (placeholder == "file") {
    if (input.kind != input_kind::data)
      return {errc::invalid_argument,
              "{file} stands for a file with the job's data, but the job has no"
              " data"};
    return std::string{input_directory} + "/" + input.name;
  }
  return {errc::invalid_argument,
          "'{" + std::string{placeholder}
            + "}' is no placeholder; expected {first}, {last}, {file} or"
              " {index}, or '{{' for a brace"};
}

result<std::string> render(std::string_view text, std::uint64_t index,
                           const job_input& input) {
  std::string rendered;
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto character = text[i];
    if (character != '{' && character != '}') {
      rendered += character;
      continue;
    }
    if (i + 1 < text.size() && text[i + 1] == character) {
      rendered += character;
      ++i;
      continue;
    }
    auto end = text.find('}', i);
    if (character == '}' || end == text.npos)
      return {errc::invalid_argument,
              "a single '" + std::string{character} + "' at position "
                + std::to_string(i) + "; expected a placeholder, or '"
                + std::string(2, character) + "' for a brace"};
    auto value = value_of(text.substr(i + 1, end - i - 1), index, input);
    if (!value)
      return value;
    rendered += *value;
    i = end;
  }
  return rendered;
}

} // namespace

result<std::vector<std::string>> render_arguments(const code_bundle& bundle,
                                                  std::uint64_t index,
                                                  const job_input& input) {
  std::vector<std::string> rendered;
  rendered.reserve(bundle.arguments.size());
  for (std::size_t i = 0; i < bundle.arguments.size(); ++i) {
    auto argument = render(bundle.arguments[i], index, input);
    if (!argument)
      return {argument.error().code, "arguments[" + std::to_string(i)
                                       + "]: " + argument.error().message};
    rendered.push_back(std::move(*argument));
  }
  return rendered;
}

} // namespace artel::sandbox
