// Runs a module instruction by instruction, with exact fuel and bounded memory,
// tables and calls.
#pragma once

#include "sandbox/wasm/host/module_end.h"

#include <cstdint>
#include <string>
#include <vector>

#include <wabt/interp/interp.h>

namespace artel::wasm {

struct run_bounds {
  /// Instructions of wabt's interpreter; 0: as many as it takes.
  std::uint64_t fuel = 0;
  /// Of linear memory, 64 KiB each.
  std::uint32_t pages = artel_pages_default;
  /// Nested calls, _start and imported functions among them.
  std::uint32_t calls = artel_calls_default;
};

struct run_end {
  artel_module_end end;
  std::int32_t value = 0;
  std::uint64_t fuel_used = 0;
  std::string text;
};

/// The module has been checked and bounded. The first argument is its name.
run_end interpret(wabt::interp::ModuleDesc module,
                  const std::vector<const char*>& arguments,
                  const run_bounds& bounds);

} // namespace artel::wasm
