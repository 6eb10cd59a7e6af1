#include "protocol/task/sandbox_terms.hpp"

#include "protocol/task/name_table.hpp"

namespace artel {

namespace {

constexpr name_table<sandbox_kind, 3> sandbox_kinds{{
  {"process", sandbox_kind::process},
  {"wasm", sandbox_kind::wasm},
  {"container", sandbox_kind::container},
}};

constexpr name_table<wasm_tier, 3> wasm_tiers{{
  {"auto", wasm_tier::automatic},
  {"interpreted", wasm_tier::interpreted},
  {"compiled", wasm_tier::compiled},
}};

constexpr name_table<nan_policy, 2> nan_policies{{
  {"canonical", nan_policy::canonical},
  {"as_is", nan_policy::as_is},
}};

} // namespace

std::string_view to_string(sandbox_kind kind) noexcept {
  return name_of(sandbox_kinds, kind);
}

std::string_view to_string(wasm_tier tier) noexcept {
  return name_of(wasm_tiers, tier);
}

std::string_view to_string(nan_policy policy) noexcept {
  return name_of(nan_policies, policy);
}

result<sandbox_kind> parse_sandbox_kind(std::string_view text) {
  return parse_name(sandbox_kinds, text, "a sandbox");
}

result<wasm_tier> parse_wasm_tier(std::string_view text) {
  return parse_name(wasm_tiers, text, "a tier of WebAssembly");
}

result<nan_policy> parse_nan_policy(std::string_view text) {
  return parse_name(nan_policies, text, "a treatment of NaNs");
}

} // namespace artel
