// Which numbers an enumeration of the wire has names for. Each such enumeration
// counts up from 1 without a gap, so its last enumerator says it all.
#pragma once

#include "protocol/core/errc.hpp"
#include "protocol/task/job_input.hpp"
#include "protocol/task/sandbox_terms.hpp"
#include "protocol/task/task_spec.hpp"
#include "protocol/verification/receipt.hpp"
#include "protocol/wire/envelope.hpp"
#include "protocol/wire/messages.hpp"

#include <type_traits>

namespace artel::wire {

/// An enumeration without a row here can't be a field: it does not compile.
template <class Enum>
inline constexpr Enum last_value = Enum::no_last_value_is_declared;

template <>
inline constexpr auto last_value<errc> = errc::revoked;
template <>
inline constexpr auto last_value<admission_rule> = admission_rule::certificate;
template <>
inline constexpr auto last_value<certificate_scope> = certificate_scope::submit;
template <>
inline constexpr auto last_value<input_kind> = input_kind::data;
template <>
inline constexpr auto last_value<nan_policy> = nan_policy::as_is;
template <>
inline constexpr auto last_value<node_role> = node_role::specialised;
template <>
inline constexpr auto last_value<run_outcome> = run_outcome::trap;
template <>
inline constexpr auto last_value<sandbox_kind> = sandbox_kind::container;
template <>
inline constexpr auto last_value<traffic_class> = traffic_class::bulk;
template <>
inline constexpr auto last_value<urgency_level> = urgency_level::critical;
template <>
inline constexpr auto last_value<wasm_tier> = wasm_tier::compiled;

/// Whether a value is one of its enumeration's own. A peer's number may be
/// none.
template <class Enum>
requires std::is_enum_v<Enum>
constexpr bool is_known(Enum value) noexcept {
  using number = std::underlying_type_t<Enum>;
  return static_cast<number>(value) >= 1
         && static_cast<number>(value) <= static_cast<number>(last_value<Enum>);
}

} // namespace artel::wire
