// How a bundle is run: which sandbox, and how WebAssembly is executed there.
// The same on every worker, so that honest results agree.
#pragma once

#include "protocol/core/result.hpp"
#include "protocol/wire/fields.hpp"

#include <cstdint>
#include <string_view>

namespace artel {

enum class sandbox_kind : std::uint8_t {
  /// A native program or script, behind namespaces and a system call filter.
  process = 1,
  /// A WebAssembly module for WASI, inside a process sandbox.
  wasm = 2,
  /// A native program on a root file system of its own, by an OCI runtime.
  container = 3,
};

enum class wasm_tier : std::uint8_t {
  /// Compiled where the worker can and no fuel limit is set, else interpreted.
  automatic = 1,
  /// Counts instructions exactly, and is slow.
  interpreted = 2,
  /// Translated to C and to machine code: fast; clocks bound it, not fuel.
  compiled = 3,
};

/// The bits of a NaN are the one thing that WebAssembly leaves to the machine.
enum class nan_policy : std::uint8_t {
  /// Every arithmetic NaN gets the same bits: costs time in float code.
  canonical = 1,
  /// As the machine makes them; outputs that show them may differ.
  as_is = 2,
};

std::string_view to_string(sandbox_kind kind) noexcept;
std::string_view to_string(wasm_tier tier) noexcept;
std::string_view to_string(nan_policy policy) noexcept;

/// The inverses; invalid_argument lists what is possible.
result<sandbox_kind> parse_sandbox_kind(std::string_view text);
result<wasm_tier> parse_wasm_tier(std::string_view text);
result<nan_policy> parse_nan_policy(std::string_view text);

struct sandbox_terms {
  static constexpr std::string_view type_name = "sandbox_terms";

  sandbox_kind kind = sandbox_kind::process;
  /// Both mean something for WebAssembly alone.
  wasm_tier tier = wasm_tier::automatic;
  nan_policy nan = nan_policy::canonical;

  bool operator==(const sandbox_terms&) const = default;

  template <class Self, class Visitor>
  static constexpr void fields(Self& self, Visitor&& visit) {
    visit("kind", self.kind);
    visit("tier", self.tier);
    visit("nan", self.nan);
  }
};

} // namespace artel
