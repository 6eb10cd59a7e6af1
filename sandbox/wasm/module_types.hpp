// Types of functions in WebAssembly modules, and which of them WASI's functions
// have.
#pragma once

#include "protocol/core/bytes.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace artel::sandbox {

/// As the binary format has them.
enum value_type : std::uint8_t {
  type_i32 = 0x7f,
  type_i64 = 0x7e,
  type_f32 = 0x7d,
  type_f64 = 0x7c,
  type_v128 = 0x7b,
  type_funcref = 0x70,
  type_externref = 0x6f,
};

/// "i32"; "?" for a number that names no type.
std::string_view name_of(std::uint8_t type) noexcept;

/// Views of the module that the type stands in: a byte each.
struct function_type {
  bytes_view parameters;
  bytes_view results;
};

/// "(i32, i64) -> (i32)".
std::string describe(const function_type& type);

/// Why a module can't import that function, as the end of a sentence that names
/// it; empty where it can.
std::string import_problem(std::string_view module, std::string_view name,
                           const function_type& type);

} // namespace artel::sandbox
