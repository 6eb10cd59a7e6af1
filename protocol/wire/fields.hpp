// One field list a message. A struct that crosses the wire has
//
//   static constexpr std::string_view type_name = "job_ack";
//   template <class Self, class Visitor>
//   static constexpr void fields(Self& self, Visitor&& visit) {
//     visit("job", self.job);
//     ...
//   }
//
// and everything else (MessagePack, JSON for people, equality in tests) is
// derived from it. The order of the list is the canonical order on the wire.
#pragma once

#include <concepts>
#include <string_view>
#include <type_traits>

namespace artel::wire {

namespace detail {

struct any_visitor {
  template <class T>
  constexpr void operator()(std::string_view, T&) const noexcept {}
};

} // namespace detail

/// A struct with a field list.
template <class T>
concept has_fields = requires(T& value, const T& constant) {
  { T::type_name } -> std::convertible_to<std::string_view>;
  T::fields(value, detail::any_visitor{});
  T::fields(constant, detail::any_visitor{});
};

/// Calls visit(name, member) for each field of value, in canonical order.
template <has_fields T, class Visitor>
constexpr void for_each_field(T& value, Visitor&& visit) {
  std::remove_const_t<T>::fields(value, visit);
}

template <has_fields T, class Visitor>
constexpr void for_each_field(const T& value, Visitor&& visit) {
  T::fields(value, visit);
}

} // namespace artel::wire
