#include "runtime/config/setting_value.hpp"

#include "protocol/task/message_text.hpp"
#include "runtime/config/name_suggestion.hpp"
#include "runtime/config/units_text.hpp"

#include <algorithm>
#include <limits>
#include <span>
#include <utility>

namespace artel::runtime {

namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  auto first = text.find_first_not_of(blanks);
  if (first == text.npos)
    return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

result<setting_value> boolean_from_text(std::string_view text) {
  for (std::string_view word : {"true", "yes", "on", "1"})
    if (text == word)
      return setting_value{true};
  for (std::string_view word : {"false", "no", "off", "0"})
    if (text == word)
      return setting_value{false};
  return {errc::malformed,
          artel::quoted(text) + " given; expected true or false"};
}

std::vector<std::string> items_of(std::string_view text) {
  std::vector<std::string> items;
  if (trimmed(text).empty())
    return items;
  while (true) {
    auto comma = text.find(',');
    items.emplace_back(trimmed(text.substr(0, comma)));
    if (comma == text.npos)
      return items;
    text.remove_prefix(comma + 1);
  }
}

result<void> check_bounds(std::uint64_t value, const setting_bounds& bounds,
                          std::string (*show)(std::uint64_t)) {
  if (value < bounds.least || value > bounds.most)
    return {errc::out_of_range, show(value) + " given; expected "
                                  + show(bounds.least) + " to "
                                  + show(bounds.most)};
  return {};
}

std::string whole_text(std::uint64_t value) {
  return std::to_string(value);
}

std::string milliseconds_text(std::uint64_t value) {
  return time_text(milliseconds{static_cast<std::int64_t>(value)});
}

template <class Number>
result<void> read_whole(const setting_value& given,
                        const setting_bounds& bounds, Number& target) {
  auto value = std::get<std::uint64_t>(given);
  auto most =
    std::min<std::uint64_t>(bounds.most, std::numeric_limits<Number>::max());
  if (auto within = check_bounds(value, {bounds.least, most}, whole_text);
      !within)
    return within;
  target = static_cast<Number>(value);
  return {};
}

template <class Id>
result<void> read_id(const std::string& text, Id& target) {
  auto id = parse_id<Id>(text);
  if (!id)
    return {errc::malformed,
            artel::quoted(text) + " is no id; expected 64 hexadecimal digits"};
  if (id->is_zero())
    return {errc::invalid_argument, "an id of zeros is nobody's"};
  target = *id;
  return {};
}

std::string list_text(const std::vector<std::string>& items) {
  std::string text = "[";
  for (const auto& item : items)
    text += (&item == items.data() ? "" : ", ") + toml_quoted(item);
  return text + "]";
}

} // namespace

result<setting_value> setting_from_text(setting_kind kind,
                                        std::string_view text) {
  switch (kind) {
    case setting_kind::boolean: return boolean_from_text(trimmed(text));
    case setting_kind::whole: {
      auto value = parse_whole_number(text);
      if (!value)
        return value.error();
      return setting_value{*value};
    }
    case setting_kind::list: return setting_value{items_of(text)};
    case setting_kind::size:
    case setting_kind::duration:
    case setting_kind::text:
    case setting_kind::path:
    case setting_kind::choice: break;
  }
  return setting_value{std::string{text}};
}

std::string toml_quoted(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string quoted = "\"";
  for (auto c : text) {
    auto byte = static_cast<std::uint8_t>(c);
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      quoted += "\\u00";
      quoted += digits[byte >> 4];
      quoted += digits[byte & 0xf];
    } else {
      quoted += c;
    }
  }
  return quoted + "\"";
}

std::string toml_text(const setting_value& value) {
  struct writer {
    std::string operator()(bool one) { return one ? "true" : "false"; }
    std::string operator()(std::uint64_t one) { return std::to_string(one); }
    std::string operator()(const std::string& one) { return toml_quoted(one); }
    std::string operator()(const std::vector<std::string>& all) {
      return list_text(all);
    }
  };
  return std::visit(writer{}, value);
}

bool is_blank(const setting_value& value) {
  if (const auto* text = std::get_if<std::string>(&value))
    return text->empty();
  return false;
}

result<void> setting_codec<bool>::read(const setting_value& given,
                                       const setting_bounds&, bool& target) {
  target = std::get<bool>(given);
  return {};
}

result<void> setting_codec<std::uint32_t>::read(const setting_value& given,
                                                const setting_bounds& bounds,
                                                std::uint32_t& target) {
  return read_whole(given, bounds, target);
}

result<void> setting_codec<std::uint16_t>::read(const setting_value& given,
                                                const setting_bounds& bounds,
                                                std::uint16_t& target) {
  return read_whole(given, bounds, target);
}

result<void>
setting_codec<std::optional<int>>::read(const setting_value& given,
                                        const setting_bounds& bounds,
                                        std::optional<int>& target) {
  int number = 0;
  auto taken = read_whole(given, bounds, number);
  if (taken)
    target = number;
  return taken;
}

setting_value
setting_codec<std::optional<int>>::show(const std::optional<int>& value) {
  if (!value)
    return std::string{};
  return static_cast<std::uint64_t>(*value);
}

result<void> setting_codec<std::uint64_t>::read(const setting_value& given,
                                                const setting_bounds& bounds,
                                                std::uint64_t& target) {
  std::uint64_t value = 0;
  if (const auto* number = std::get_if<std::uint64_t>(&given)) {
    value = *number;
  } else {
    auto parsed = parse_bytes(std::get<std::string>(given));
    if (!parsed)
      return parsed.error();
    value = *parsed;
  }
  if (auto within = check_bounds(value, bounds, bytes_text); !within)
    return within;
  target = value;
  return {};
}

setting_value setting_codec<std::uint64_t>::show(std::uint64_t value) {
  auto text = bytes_text(value);
  if (text.find_first_not_of("0123456789") == text.npos)
    return value;
  return text;
}

result<void> setting_codec<milliseconds>::read(const setting_value& given,
                                               const setting_bounds& bounds,
                                               milliseconds& target) {
  auto parsed = parse_duration(std::get<std::string>(given));
  if (!parsed)
    return parsed.error();
  auto count = static_cast<std::uint64_t>(parsed->count());
  if (auto within = check_bounds(count, bounds, milliseconds_text); !within)
    return within;
  target = *parsed;
  return {};
}

setting_value setting_codec<milliseconds>::show(milliseconds value) {
  return time_text(value);
}

result<void> setting_codec<std::string>::read(const setting_value& given,
                                              const setting_bounds& bounds,
                                              std::string& target) {
  const auto& text = std::get<std::string>(given);
  if (text.size() > bounds.most)
    return {errc::limit_exceeded, std::to_string(text.size())
                                    + " bytes given; expected at most "
                                    + std::to_string(bounds.most)};
  auto is_control = [](char c) {
    return static_cast<std::uint8_t>(c) < 0x20 || c == 0x7f;
  };
  if (std::any_of(text.begin(), text.end(), is_control))
    return {errc::invalid_argument,
            artel::quoted(text)
              + " has control characters; expected plain text"};
  target = text;
  return {};
}

result<void>
setting_codec<std::filesystem::path>::read(const setting_value& given,
                                           const setting_bounds&,
                                           std::filesystem::path& target) {
  const auto& text = std::get<std::string>(given);
  if (text.find('\0') != text.npos)
    return {errc::invalid_argument, artel::quoted(text) + " is no path"};
  if (text == "~" || text.starts_with("~/"))
    return {errc::invalid_argument,
            artel::quoted(text)
              + ": '~' is not replaced here; expected a full path,"
                " or one relative to the file's directory"};
  target = text;
  return {};
}

result<void> setting_codec<std::optional<node_address>>::read(
  const setting_value& given, const setting_bounds&,
  std::optional<node_address>& target) {
  const auto& text = std::get<std::string>(given);
  if (text.empty()) {
    target.reset();
    return {};
  }
  auto parsed = parse_address(text);
  if (!parsed)
    return parsed.error();
  target = *parsed;
  return {};
}

setting_value setting_codec<std::optional<node_address>>::show(
  const std::optional<node_address>& value) {
  return value ? to_string(*value) : std::string{};
}

result<void>
setting_codec<std::optional<owner_id>>::read(const setting_value& given,
                                             const setting_bounds&,
                                             std::optional<owner_id>& target) {
  const auto& text = std::get<std::string>(given);
  if (text.empty()) {
    target.reset();
    return {};
  }
  owner_id id;
  if (auto taken = read_id(text, id); !taken)
    return taken;
  target = id;
  return {};
}

setting_value setting_codec<std::optional<owner_id>>::show(
  const std::optional<owner_id>& value) {
  return value ? to_string(*value) : std::string{};
}

result<void> read_item(const std::string& text, std::string& target) {
  if (text.empty())
    return {errc::invalid_argument, "an empty item given"};
  target = text;
  return {};
}

result<void> read_item(const std::string& text, node_address& target) {
  // Whether 0 will do depends on what it is for: the schema's reader says.
  auto parsed = parse_address(text, port_zero::any_free);
  if (!parsed)
    return parsed.error();
  target = *parsed;
  return {};
}

result<void> read_item(const std::string& text, node_id& target) {
  return read_id(text, target);
}

result<void> read_item(const std::string& text, owner_id& target) {
  return read_id(text, target);
}

result<void> read_item(const std::string& text, sandbox_kind& target) {
  auto parsed = parse_sandbox_kind(text);
  if (!parsed)
    return parsed.error();
  target = *parsed;
  return {};
}

std::string item_text(const std::string& value) {
  return value;
}

std::string item_text(const node_address& value) {
  return to_string(value);
}

std::string item_text(const node_id& value) {
  return to_string(value);
}

std::string item_text(const owner_id& value) {
  return to_string(value);
}

std::string item_text(sandbox_kind value) {
  return std::string{to_string(value)};
}

result<std::size_t> find_word(const setting_value& given,
                              const std::vector<std::string_view>& words) {
  auto word = std::get<std::string>(given);
  std::replace(word.begin(), word.end(), '-', '_');
  auto found = std::find(words.begin(), words.end(), word);
  if (found != words.end())
    return static_cast<std::size_t>(found - words.begin());
  auto message = artel::quoted(word) + " given";
  auto meant = did_you_mean(word, words);
  if (!meant.empty())
    return {errc::invalid_argument, message + meant};
  message += "; expected";
  for (const auto& one : words)
    message += (&one == words.data()    ? " "
                : &one == &words.back() ? " or "
                                        : ", ")
               + std::string{one};
  return {errc::invalid_argument, message};
}

} // namespace artel::runtime
