// JSON for people and for files that are read back: from any struct with a
// field list, and the exact inverse. Ids are hexadecimal, amounts of credits
// decimal text ("0.0167"), moments milliseconds since 1970, durations
// milliseconds, bytes text where they are UTF-8 and {"base64": "..."} where
// not, enums their names.
#pragma once

#include "protocol/core/bytes.hpp"
#include "protocol/core/ids.hpp"
#include "protocol/core/time.hpp"
#include "protocol/core/units.hpp"
#include "protocol/governance/network_config.hpp"
#include "protocol/identity/certificates.hpp"
#include "protocol/task/task_machine.hpp"
#include "protocol/task/task_spec.hpp"
#include "protocol/verification/receipt.hpp"
#include "protocol/wire/fields.hpp"

#include <concepts>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <nlohmann/json.hpp>

namespace artel::runtime {

/// Keeps fields in their order.
using json = nlohmann::ordered_json;

std::string_view to_string(source_kind kind) noexcept;

// -- out ----------------------------------------------------------------------

json json_of(std::string_view text);
json json_of(bytes_view data);
json json_of(credits amount);

inline json json_of(const std::string& text) {
  return json_of(std::string_view{text});
}

inline json json_of(const bytes& data) {
  return json_of(bytes_view{data});
}

inline json json_of(bool value) {
  return value;
}

template <std::integral T>
json json_of(T value) {
  return value;
}

template <class Tag, std::size_t N>
json json_of(const byte_id<Tag, N>& id) {
  return to_string(id);
}

inline json json_of(milliseconds duration) {
  return duration.count();
}

inline json json_of(wall_time moment) {
  return moment.time_since_epoch().count();
}

template <class Enum>
requires std::is_enum_v<Enum> json json_of(Enum value) {
  return std::string{to_string(value)};
}

template <wire::has_fields T>
json json_of(const T& value);

template <class T>
json json_of(const std::vector<T>& values) {
  auto array = json::array();
  for (const auto& one : values)
    array.push_back(json_of(one));
  return array;
}

template <wire::has_fields T>
json json_of(const T& value) {
  auto object = json::object();
  wire::for_each_field(value,
                       [&object](std::string_view name, const auto& one) {
                         object[std::string{name}] = json_of(one);
                       });
  return object;
}

// -- in -----------------------------------------------------------------------
// Each says what was expected; malformed unless it is exactly that.

result<void> read_json(const json& from, std::string& into);
result<void> read_json(const json& from, bytes& into);
result<void> read_json(const json& from, credits& into);
result<void> read_json(const json& from, bool& into);
result<void> read_json(const json& from, milliseconds& into);
result<void> read_json(const json& from, wall_time& into);
result<void> read_json(const json& from, run_outcome& into);
result<void> read_json(const json& from, task_state& into);
result<void> read_json(const json& from, source_kind& into);
result<void> read_json(const json& from, errc& into);
result<void> read_json(const json& from, certificate_scope& into);
result<void> read_json(const json& from, admission_rule& into);
result<void> read_unsigned(const json& from, std::uint64_t maximum,
                           std::uint64_t& into);
result<void> read_signed(const json& from, std::int64_t minimum,
                         std::int64_t maximum, std::int64_t& into);

template <std::unsigned_integral T>
result<void> read_json(const json& from, T& into) {
  std::uint64_t value = 0;
  auto taken = read_unsigned(from, std::numeric_limits<T>::max(), value);
  into = static_cast<T>(value);
  return taken;
}

template <std::signed_integral T>
result<void> read_json(const json& from, T& into) {
  std::int64_t value = 0;
  auto taken = read_signed(from, std::numeric_limits<T>::min(),
                           std::numeric_limits<T>::max(), value);
  into = static_cast<T>(value);
  return taken;
}

template <class Tag, std::size_t N>
result<void> read_json(const json& from, byte_id<Tag, N>& into) {
  if (!from.is_string())
    return {errc::malformed, "expected hexadecimal digits"};
  const auto& text = from.get_ref<const std::string&>();
  auto parsed = parse_id<byte_id<Tag, N>>(text);
  if (!parsed)
    return parsed.error();
  // Upper case would read as the same id: one id, one text.
  if (to_string(*parsed) != text)
    return {errc::malformed, "expected lower-case hexadecimal digits"};
  into = *parsed;
  return {};
}

template <wire::has_fields T>
result<void> read_json(const json& from, T& into);

template <class T>
result<void> read_json(const json& from, std::vector<T>& into) {
  if (!from.is_array())
    return {errc::malformed, "expected an array"};
  into.clear();
  for (const auto& one : from) {
    T value{};
    if (auto taken = read_json(one, value); !taken)
      return taken;
    into.push_back(std::move(value));
  }
  return {};
}

/// One field of an object; the error names it.
template <class T>
result<void> read_field(const json& object, std::string_view name, T& into) {
  auto found = object.find(std::string{name});
  if (found == object.end())
    return {errc::malformed, "no field '" + std::string{name} + "'"};
  auto taken = read_json(*found, into);
  if (!taken)
    return {taken.error().code,
            std::string{name} + ": " + taken.error().message};
  return {};
}

/// Malformed unless the object has exactly the struct's fields.
template <wire::has_fields T>
result<void> read_json(const json& from, T& into) {
  if (!from.is_object())
    return {errc::malformed, "expected an object"};
  result<void> outcome;
  std::size_t fields = 0;
  wire::for_each_field(into, [&](std::string_view name, auto& member) {
    ++fields;
    if (outcome)
      outcome = read_field(from, name, member);
  });
  if (outcome && from.size() != fields)
    return {errc::malformed, std::to_string(from.size()) + " fields; expected "
                               + std::to_string(fields)};
  return outcome;
}

/// One line, without a newline at the end. Never throws for values made here.
std::string line_of(const json& value);

/// Several lines, for people; ends with a newline.
std::string document_of(const json& value);

/// What a text may be, however few bytes it has: no object of ours is deep, or
/// has many fields, and looking a field up takes time for each.
inline constexpr auto json_values_any = std::numeric_limits<std::size_t>::max();
struct json_bounds {
  std::size_t depth_max = 64;
  std::size_t fields_max = 256;
  std::size_t values_max = json_values_any;
};

/// Parses one value; malformed says, in a few words, where it broke off, or
/// which bound it passes.
result<json> parse_json(std::string_view text, const json_bounds& bounds = {});

} // namespace artel::runtime
