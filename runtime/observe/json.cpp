#include "runtime/observe/json.hpp"

#include "protocol/core/limits.hpp"
#include "runtime/config/utf8_text.hpp"

#include <array>
#include <optional>
#include <utility>
#include <vector>

#include <sodium.h>

namespace artel::runtime {

namespace {

constexpr std::array<source_kind, 4> source_kinds{
  source_kind::none, source_kind::range, source_kind::files,
  source_kind::lines};

constexpr int base64_variant = sodium_base64_VARIANT_ORIGINAL;

std::string to_base64(bytes_view data) {
  // Counts a zero at the end.
  std::string text(sodium_base64_encoded_len(data.size(), base64_variant),
                   '\0');
  sodium_bin2base64(text.data(), text.size(), data.data(), data.size(),
                    base64_variant);
  text.pop_back();
  return text;
}

std::optional<bytes> from_base64(const std::string& text) {
  bytes data(text.size() / 4 * 3 + 3);
  std::size_t length = 0;
  if (sodium_base642bin(data.data(), data.size(), text.data(), text.size(),
                        nullptr, &length, nullptr, base64_variant)
      != 0)
    return std::nullopt;
  data.resize(length);
  return data;
}

result<void> read_data(const json& from, bytes& into) {
  if (from.is_string()) {
    into = to_bytes(from.get_ref<const std::string&>());
    return {};
  }
  auto fail = result<void>{errc::malformed, "expected text or base64"};
  if (!from.is_object() || from.size() != 1 || !from.contains("base64")
      || !from["base64"].is_string())
    return fail;
  auto data = from_base64(from["base64"].get_ref<const std::string&>());
  if (!data)
    return fail;
  into = std::move(*data);
  return {};
}

/// The value of an enum with this name, out of 1..last.
template <class Enum>
result<void> read_name(const json& from, std::uint8_t last, Enum& into) {
  if (from.is_string()) {
    const auto& text = from.get_ref<const std::string&>();
    for (std::uint8_t number = 1; number <= last; ++number) {
      if (to_string(static_cast<Enum>(number)) == text) {
        into = static_cast<Enum>(number);
        return {};
      }
    }
  }
  return {errc::malformed, "expected one of the known names"};
}

failure too_much(std::string_view what, std::size_t maximum) {
  return {errc::malformed, "more than " + std::to_string(maximum) + " "
                             + std::string{what} + " in a JSON text"};
}

/// Before anything is made of it: nested values and long objects would cost far
/// more than their text. Whether it is JSON at all is for the parser to say.
result<void> check_shape(std::string_view text, const json_bounds& bounds) {
  // Of every array and object that is open.
  std::vector<std::size_t> fields;
  std::size_t values = 1;
  auto quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto byte = text[i];
    if (quoted) {
      // Whatever stands after it ends no text.
      i += byte == '\\';
      quoted = byte != '"';
      continue;
    }
    if (byte == '[' || byte == '{')
      fields.push_back(0);
    else if ((byte == ']' || byte == '}') && !fields.empty())
      fields.pop_back();
    else if (byte == ':' && !fields.empty())
      ++fields.back();
    quoted = byte == '"';
    values += byte == ',' || byte == '[' || byte == '{';
    if (fields.size() > bounds.depth_max)
      return too_much("values within each other", bounds.depth_max);
    if (!fields.empty() && fields.back() > bounds.fields_max)
      return too_much("fields of an object", bounds.fields_max);
    if (values > bounds.values_max)
      return too_much("values", bounds.values_max);
  }
  return {};
}

/// What the parser read last may be as long as the text, and of any bytes.
std::string brief(std::string_view message) {
  constexpr std::size_t bytes_max = 200;
  std::string text;
  for (auto c : message.substr(0, bytes_max))
    text += c >= ' ' && c <= '~' ? c : '?';
  return message.size() > bytes_max ? text + "..." : text;
}

} // namespace

json json_of(std::string_view text) {
  if (is_utf8(text))
    return std::string{text};
  return json{{"base64", to_base64(as_bytes(text))}};
}

json json_of(bytes_view data) {
  return json_of(as_text(data));
}

json json_of(credits amount) {
  return to_string(amount);
}

result<void> read_json(const json& from, std::string& into) {
  bytes data;
  auto taken = read_data(from, data);
  into = as_text(data);
  return taken;
}

result<void> read_json(const json& from, bytes& into) {
  return read_data(from, into);
}

result<void> read_json(const json& from, credits& into) {
  if (!from.is_string())
    return {errc::malformed, "expected an amount of credits as text"};
  const auto& text = from.get_ref<const std::string&>();
  auto is_negative = text.starts_with('-');
  auto parsed = parse_credits(std::string_view{text}.substr(is_negative));
  if (!parsed)
    return parsed.error();
  auto amount = credits{is_negative ? -parsed->micro : parsed->micro};
  // "1.50" and "-0" are amounts, but not as we write them.
  if (to_string(amount) != text)
    return {errc::malformed, "expected the shortest form of the amount"};
  into = amount;
  return {};
}

result<void> read_json(const json& from, bool& into) {
  if (!from.is_boolean())
    return {errc::malformed, "expected true or false"};
  into = from.get<bool>();
  return {};
}

result<void> read_json(const json& from, milliseconds& into) {
  std::int64_t count = 0;
  auto taken =
    read_signed(from, -limits::time_ms_max, limits::time_ms_max, count);
  into = milliseconds{count};
  return taken;
}

result<void> read_json(const json& from, wall_time& into) {
  milliseconds since_epoch{0};
  auto taken = read_json(from, since_epoch);
  into = wall_time{since_epoch};
  return taken;
}

result<void> read_json(const json& from, run_outcome& into) {
  return read_name(from, static_cast<std::uint8_t>(run_outcome::trap), into);
}

result<void> read_json(const json& from, task_state& into) {
  return read_name(from, static_cast<std::uint8_t>(task_state::expired), into);
}

result<void> read_json(const json& from, source_kind& into) {
  return read_name(from, static_cast<std::uint8_t>(source_kind::lines), into);
}

result<void> read_json(const json& from, errc& into) {
  return read_name(from, static_cast<std::uint8_t>(errc::revoked), into);
}

result<void> read_json(const json& from, certificate_scope& into) {
  return read_name(from, static_cast<std::uint8_t>(certificate_scope::submit),
                   into);
}

result<void> read_json(const json& from, admission_rule& into) {
  return read_name(from, static_cast<std::uint8_t>(admission_rule::certificate),
                   into);
}

result<void> read_unsigned(const json& from, std::uint64_t maximum,
                           std::uint64_t& into) {
  auto is_negative = !from.is_number_unsigned() && from.is_number_integer()
                     && from.get<std::int64_t>() < 0;
  if (!from.is_number_integer() || is_negative
      || from.get<std::uint64_t>() > maximum)
    return {errc::malformed,
            "expected a whole number up to " + std::to_string(maximum)};
  into = from.get<std::uint64_t>();
  return {};
}

result<void> read_signed(const json& from, std::int64_t minimum,
                         std::int64_t maximum, std::int64_t& into) {
  auto fail = result<void>{errc::malformed, "expected a whole number from "
                                              + std::to_string(minimum) + " to "
                                              + std::to_string(maximum)};
  // Positive numbers are parsed as unsigned ones.
  if (from.is_number_unsigned()
      && from.get<std::uint64_t>()
           > std::uint64_t(std::numeric_limits<std::int64_t>::max()))
    return fail;
  if (!from.is_number_integer() || from.get<std::int64_t>() < minimum
      || from.get<std::int64_t>() > maximum)
    return fail;
  into = from.get<std::int64_t>();
  return {};
}

std::string_view to_string(source_kind kind) noexcept {
  constexpr std::array<std::string_view, 4> names{"none", "range", "files",
                                                  "lines"};
  for (std::size_t i = 0; i < source_kinds.size(); ++i)
    if (source_kinds[i] == kind)
      return names[i];
  return "unknown";
}

std::string line_of(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string document_of(const json& value) {
  return value.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

result<json> parse_json(std::string_view text, const json_bounds& bounds) {
  if (auto sound = check_shape(text, bounds); !sound)
    return sound.error();
  try {
    return json::parse(text);
  } catch (const json::exception& error) {
    return {errc::malformed, brief(error.what())};
  }
}

} // namespace artel::runtime
