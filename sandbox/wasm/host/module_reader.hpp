// Reads a WebAssembly module and refuses what artel doesn't run: features that
// it leaves out, foreign imports, start functions. The same checks for both
// ways to run a module.
#pragma once

#include "sandbox/wasm/host/module_end.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <wabt/feature.h>
#include <wabt/interp/interp.h>

namespace artel::wasm {

using module_bytes = std::vector<std::uint8_t>;

/// Why a module is not run.
struct refusal {
  artel_module_end end;
  std::string text;
};

/// MVP and what compilers use by default: sign extension, saturating
/// conversions, mutable globals, multi-value, bulk memory.
wabt::Features enabled_features();

/// Parses and validates; the text names the offset.
std::optional<refusal> read_module(const module_bytes& bytes,
                                   wabt::interp::ModuleDesc& module);

/// Imports, exports and what else a sound module may not have here.
std::optional<refusal> check_module(const wabt::interp::ModuleDesc& module);

/// Lowers the maximum of memory and table to what is allowed; refuses a module
/// that starts with more.
std::optional<refusal> bound_module(wabt::interp::ModuleDesc& module,
                                    std::uint32_t pages_max);

} // namespace artel::wasm
