// Fills any message from its field list, for tests of the codec: with counted
// values, which a person can follow in a golden encoding, or with random ones,
// which prefer the edges of each encoding.
#pragma once

#include "protocol/core/random.hpp"
#include "protocol/core/time.hpp"
#include "protocol/core/units.hpp"
#include "protocol/wire/fields.hpp"
#include "protocol/wire/known_values.hpp"
#include "protocol/wire/schema.hpp"

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>

namespace artel::testing {

/// 1, 2, 3...: each value differs from the one before; one element an array.
class counted_values {
public:
  bool flag() { return ++count_ % 2 == 0; }
  std::uint64_t number(std::uint64_t max) {
    return ++count_ <= max ? count_ : count_ % max;
  }
  bool negative() { return ++count_ % 2 == 0; }
  std::size_t size(std::size_t) { return 1 + ++count_ % 3; }
  std::size_t elements(std::size_t) { return 1; }
  std::uint8_t byte() { return static_cast<std::uint8_t>('A' + ++count_ % 26); }

private:
  std::uint64_t count_ = 0;
};

/// Numbers of every width; sizes around each change of header.
class random_values {
public:
  explicit random_values(random_generator& random) : random_(random) {}

  bool flag() { return random_.below(2) == 0; }
  std::uint64_t number(std::uint64_t max) {
    auto width = random_.below(65);
    auto value = width == 0 ? 0 : random_.next() >> (64 - width);
    return value <= max ? value : max - random_.below(2);
  }
  bool negative() { return flag(); }
  std::size_t size(std::size_t max) {
    constexpr std::size_t edges[] = {0, 1, 31, 32, 255, 256, 65'535, 65'536};
    auto size =
      random_.below(20) == 0 ? edges[random_.below(8)] : random_.below(24);
    return std::min<std::size_t>(size, max);
  }
  std::size_t elements(std::size_t max) {
    constexpr std::size_t edges[] = {0, 15, 16, 17};
    auto count =
      random_.below(10) == 0 ? edges[random_.below(4)] : random_.below(4);
    return std::min<std::size_t>(count, max);
  }
  std::uint8_t byte() { return static_cast<std::uint8_t>(random_.below(256)); }

private:
  random_generator& random_;
};

template <class Values, class T>
void fill(Values& values, T& value, const wire::field_schema& field = {});

template <class Values, class Integer>
Integer any_integer(Values& values) {
  using limit = std::numeric_limits<Integer>;
  auto magnitude = static_cast<Integer>(
    values.number(static_cast<std::uint64_t>(limit::max())));
  if constexpr (std::signed_integral<Integer>)
    // Minus one, so that the least value is met as well.
    return values.negative() ? static_cast<Integer>(-magnitude - 1) : magnitude;
  else
    return magnitude;
}

template <class Values>
milliseconds any_time(Values& values) {
  auto count = static_cast<std::int64_t>(
    values.number(static_cast<std::uint64_t>(limits::time_ms_max)));
  return milliseconds{values.negative() ? -count : count};
}

template <class Values, class T>
void fill_fields(Values& values, T& value) {
  std::size_t index = 0;
  wire::for_each_field(value, [&](std::string_view, auto& member) {
    fill(values, member, wire::schema<T>::collected.fields[index++]);
  });
}

template <class Values, class T>
void fill(Values& values, T& value, const wire::field_schema& field) {
  if constexpr (wire::has_fields<T>) {
    fill_fields(values, value);
  } else if constexpr (std::same_as<T, bool>) {
    value = values.flag();
  } else if constexpr (std::integral<T>) {
    value = any_integer<Values, T>(values);
  } else if constexpr (std::is_enum_v<T>) {
    auto last = static_cast<std::uint64_t>(wire::last_value<T>);
    value = static_cast<T>(1 + values.number(last - 1));
  } else if constexpr (std::same_as<T, credits>) {
    value.micro = any_integer<Values, std::int64_t>(values);
  } else if constexpr (std::same_as<
                         T, wall_time> || std::same_as<T, milliseconds>) {
    value = T{any_time(values)};
  } else if constexpr (std::same_as<T, std::string> || std::same_as<T, bytes>) {
    value.resize(values.size(field.max));
    for (auto& unit : value)
      unit = static_cast<typename T::value_type>(values.byte());
  } else if constexpr (wire::detail::is_vector<T>) {
    value.resize(values.elements(field.max));
    for (auto& element : value)
      fill(values, element, {field.name, field.element_max, 0});
  } else {
    auto first = values.byte();
    for (auto& unit : value.value)
      unit = first++;
  }
}

template <class T>
T counted() {
  counted_values values;
  T message;
  fill(values, message);
  return message;
}

template <class T>
T random_message(random_generator& random) {
  random_values values{random};
  T message;
  fill(values, message);
  return message;
}

} // namespace artel::testing
