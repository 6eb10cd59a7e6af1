#include "tools/artel/wire/schema_text.hpp"

#include "protocol/overlay/lan_announcement.hpp"
#include "protocol/task/code_bundle.hpp"
#include "protocol/verification/receipt.hpp"
#include "protocol/wire/envelope.hpp"
#include "protocol/wire/known_values.hpp"
#include "protocol/wire/schema.hpp"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <set>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace artel::tools {

namespace {

using wire::detail::id_size;
using wire::detail::is_vector;

/// Columns of "  name  type".
constexpr std::size_t name_width = 26;

/// An enumeration without a row here can't be shown: it does not compile.
template <class Enum>
inline constexpr std::string_view enumeration_name = Enum::no_name_is_declared;
template <>
inline constexpr std::string_view enumeration_name<errc> = "error";
template <>
inline constexpr std::string_view enumeration_name<admission_rule> =
  "admission_rule";
template <>
inline constexpr std::string_view enumeration_name<certificate_scope> =
  "certificate_scope";
template <>
inline constexpr std::string_view enumeration_name<input_kind> = "input_kind";
template <>
inline constexpr std::string_view enumeration_name<nan_policy> = "nan_policy";
template <>
inline constexpr std::string_view enumeration_name<wire::node_role> =
  "node_role";
template <>
inline constexpr std::string_view enumeration_name<run_outcome> = "run_outcome";
template <>
inline constexpr std::string_view enumeration_name<sandbox_kind> =
  "sandbox_kind";
template <>
inline constexpr std::string_view enumeration_name<wire::traffic_class> =
  "traffic_class";
template <>
inline constexpr std::string_view enumeration_name<urgency_level> = "urgency";
template <>
inline constexpr std::string_view enumeration_name<wasm_tier> = "wasm_tier";

std::string number(std::uint64_t value) {
  return std::to_string(value);
}

class schema_writer {
public:
  template <wire::has_fields T>
  void message();

  std::string take() && { return std::move(text_); }

private:
  template <class T>
  std::string type_text(const wire::field_schema& field);
  template <class Enum>
  void enumeration();

  std::string text_;
  std::set<std::string_view> written_;
  /// What the message being written has and is not written yet.
  std::vector<void (*)(schema_writer&)> wanted_;
};

template <class T>
std::string schema_writer::type_text(const wire::field_schema& field) {
  if constexpr (wire::has_fields<T>) {
    wanted_.push_back([](schema_writer& self) { self.message<T>(); });
    return std::string{T::type_name};
  } else if constexpr (std::is_enum_v<T>) {
    wanted_.push_back([](schema_writer& self) { self.enumeration<T>(); });
    return std::string{enumeration_name<T>};
  } else if constexpr (std::same_as<T, bool>) {
    return "bool";
  } else if constexpr (std::unsigned_integral<T>) {
    return "u" + number(std::numeric_limits<T>::digits);
  } else if constexpr (std::signed_integral<T>) {
    return "i" + number(std::numeric_limits<T>::digits + 1);
  } else if constexpr (std::same_as<T, credits>) {
    return "credits";
  } else if constexpr (std::same_as<T, wall_time>) {
    return "time";
  } else if constexpr (std::same_as<T, milliseconds>) {
    return "duration";
  } else if constexpr (std::same_as<T, std::string>) {
    return "text " + number(field.max);
  } else if constexpr (std::same_as<T, bytes>) {
    return "bytes " + number(field.max);
  } else if constexpr (is_vector<T>) {
    return "array " + number(field.max) + " of "
           + type_text<typename T::value_type>(
             {field.name, field.element_max, 0});
  } else {
    return "id " + number(id_size<T>);
  }
}

template <wire::has_fields T>
void schema_writer::message() {
  if (!written_.insert(T::type_name).second)
    return;
  text_ += std::string{T::type_name} + "\n";
  auto outer = std::exchange(wanted_, {});
  std::size_t index = 0;
  wire::for_each_field(
    T{}, [&]<class Member>(std::string_view name, const Member&) {
      const auto& field = wire::schema<T>::collected.fields[index++];
      std::string line{"  "};
      line += name;
      line.resize(name_width, ' ');
      text_ += line + type_text<Member>(field) + "\n";
    });
  text_ += "\n";
  auto own = std::exchange(wanted_, std::move(outer));
  for (auto write : own)
    write(*this);
}

template <class Enum>
void schema_writer::enumeration() {
  auto name = enumeration_name<Enum>;
  if (!written_.insert(name).second)
    return;
  text_ += std::string{name} + ", one of\n";
  auto last = static_cast<unsigned>(wire::last_value<Enum>);
  for (unsigned value = 1; value <= last; ++value) {
    text_ += "  " + number(value) + " ";
    text_ += to_string(static_cast<Enum>(value));
    text_ += "\n";
  }
  text_ += "\n";
}

template <std::size_t... Index>
void write_payloads(schema_writer& writer, std::index_sequence<Index...>) {
  (writer.message<std::variant_alternative_t<Index, wire::payload>>(), ...);
}

} // namespace

std::string wire_schema_text() {
  schema_writer writer;
  writer.message<wire::envelope>();
  write_payloads(
    writer, std::make_index_sequence<std::variant_size_v<wire::payload>>{});
  writer.message<wire::run_output>();
  writer.message<code_bundle>();
  writer.message<signed_receipt>();
  writer.message<signed_verdict>();
  writer.message<lan_announcement>();
  auto text = std::move(writer).take();
  // Each ends with an empty line, the last one too.
  text.pop_back();
  return text;
}

} // namespace artel::tools
