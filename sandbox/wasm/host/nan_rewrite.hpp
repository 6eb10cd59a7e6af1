// Rewrites a module so that every NaN that arithmetic gives has one bit
// pattern: the payload is the one thing that WebAssembly leaves open in
// arithmetic.
#pragma once

#include <cstdint>
#include <vector>

namespace artel::wasm {

/// Whether NaNs are made canonical.
enum class nan_rule { canonical, as_is };

/// The module without its custom sections (they hold offsets into the code, and
/// names that nobody needs); where canonical is asked for, with a test of the
/// result after every instruction whose NaN has no certain bits. What it gives
/// is a valid module if, and only if, the given one is; it may be empty where
/// that is not. Linear in time and memory, whatever is nested.
std::vector<std::uint8_t> rewrite(const std::vector<std::uint8_t>& module,
                                  nan_rule rule);

} // namespace artel::wasm
