#include "protocol/task/relative_path.hpp"

#include "protocol/core/limits.hpp"
#include "protocol/task/message_text.hpp"

#include <algorithm>

namespace artel {

namespace {

bool is_control(char c) noexcept {
  return (c >= 0 && c < ' ') || c == '\x7f';
}

} // namespace

result<void> check_relative_path(const std::string& where,
                                 std::string_view path) {
  if (path.size() > limits::name_bytes_max)
    return {errc::limit_exceeded,
            where + ": " + std::to_string(path.size()) + " bytes; at most "
              + std::to_string(limits::name_bytes_max) + " are allowed"};
  if (std::any_of(path.begin(), path.end(), is_control))
    return {errc::invalid_argument, where + ": holds a control character"};
  for (std::size_t start = 0; start <= path.size();) {
    auto end = std::min(path.find('/', start), path.size());
    auto part = path.substr(start, end - start);
    if (part.empty() || part == "." || part == "..")
      return {errc::invalid_argument,
              where + ": " + quoted(path) + " has an empty, '.' or '..' part"};
    start = end + 1;
  }
  return {};
}

} // namespace artel
