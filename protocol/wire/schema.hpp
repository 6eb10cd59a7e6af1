// What the codec knows of a message before any is there: the names of its
// fields, what each may hold, and the least it takes on the wire. All of it is
// computed by the compiler from the field list.
#pragma once

#include "protocol/core/bytes.hpp"
#include "protocol/core/ids.hpp"
#include "protocol/wire/bounds.hpp"
#include "protocol/wire/fields.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace artel::wire {

struct field_schema {
  std::string_view name;
  std::size_t max = 0;
  std::size_t element_max = 0;
};

/// Names and, for error messages, all that needs no type.
struct message_schema {
  std::string_view name;
  const field_schema* fields = nullptr;
  std::size_t field_count = 0;
  /// Containers inside each other, this one included.
  std::size_t depth = 0;
};

namespace detail {

#ifdef __clang__
#  pragma clang diagnostic push
#  pragma clang diagnostic ignored "-Wundefined-var-template"
#endif

/// Never defined: only its members' addresses are taken, by the compiler, to
/// walk a field list without an object.
template <class T>
extern T prototype;

template <class T>
inline constexpr bool is_vector = false;
template <class T>
inline constexpr bool is_vector<std::vector<T>> = true;

template <class T>
inline constexpr std::size_t id_size = 0;
template <class Tag, std::size_t N>
inline constexpr std::size_t id_size<byte_id<Tag, N>> = N;

struct field_counter {
  std::size_t count = 0;

  template <class T>
  constexpr void operator()(std::string_view, T&) noexcept {
    ++count;
  }
};

template <class T>
consteval std::size_t count_fields() noexcept {
  field_counter counter;
  T::fields(prototype<T>, counter);
  return counter.count;
}

template <std::size_t N>
struct field_collector {
  std::string_view message;
  std::array<field_schema, N> fields{};
  std::size_t used = 0;
  bool sound = true;

  template <class T>
  constexpr void operator()(std::string_view name, T&) noexcept {
    constexpr bool has_size =
      std::is_same_v<T, std::string> || is_vector<T>; // bytes is a vector
    const auto row = find_bound(message, name);
    fields[used] = {name, limits::name_bytes_max, limits::name_bytes_max};
    if (row)
      fields[used] = {name, row->max, row->element_max};
    // Names of 1 to 31 bytes have a one-byte header.
    sound = sound && !name.empty() && name.size() < 32
            && (row ? has_size : !is_vector<T>);
    ++used;
  }
};

template <class T>
consteval auto collect_fields() noexcept {
  field_collector<count_fields<T>()> collector{T::type_name};
  T::fields(prototype<T>, collector);
  return collector;
}

template <class T>
consteval std::size_t least_size() noexcept;

struct size_counter {
  std::size_t size = 0;

  template <class T>
  constexpr void operator()(std::string_view name, T&) noexcept {
    size += 1 + name.size() + least_size<T>();
  }
};

template <class T>
consteval std::size_t least_size() noexcept {
  if constexpr (has_fields<T>) {
    size_counter counter;
    T::fields(prototype<T>, counter);
    return counter.size + (count_fields<T>() < 16 ? 1 : 3);
  } else if constexpr (id_size<T> != 0) {
    return 2 + id_size<T>;
  } else if constexpr (std::is_same_v<T, bytes>) {
    return 2;
  } else {
    return 1;
  }
}

template <class T>
consteval std::size_t nesting() noexcept;

struct nesting_measure {
  std::size_t deepest = 0;

  template <class T>
  constexpr void operator()(std::string_view, T&) noexcept {
    deepest = std::max(deepest, nesting<T>());
  }
};

template <class T>
consteval std::size_t nesting() noexcept {
  if constexpr (has_fields<T>) {
    nesting_measure measure;
    T::fields(prototype<T>, measure);
    return measure.deepest + 1;
  } else if constexpr (is_vector<T> && !std::is_same_v<T, bytes>) {
    return nesting<typename T::value_type>() + 1;
  } else {
    return 0;
  }
}

#ifdef __clang__
#  pragma clang diagnostic pop
#endif

} // namespace detail

template <has_fields T>
struct schema {
  static constexpr auto collected = detail::collect_fields<T>();
  static_assert(collected.sound,
                "a field's name is too long, an array or byte string has no "
                "row in bounds.hpp, or a row there names a field without size");

  static constexpr message_schema message{T::type_name, collected.fields.data(),
                                          collected.fields.size(),
                                          detail::nesting<T>()};
};

/// The fewest bytes that a T takes: so many entries can't be in less.
template <class T>
inline constexpr std::size_t encoded_size_min = detail::least_size<T>();

} // namespace artel::wire
