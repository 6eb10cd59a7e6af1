// Admission of WebAssembly modules: what a module declares, read from its bytes
// before anything is sent, compiled or run. Bodies of functions are left to the
// runner, which validates them inside the sandbox.
#pragma once

#include "protocol/core/bytes.hpp"
#include "protocol/verification/receipt.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace artel::sandbox {

inline constexpr std::uint64_t wasm_page_bytes = 65'536;

/// The counts are those of browsers' engines, or below them.
struct module_limits {
  std::size_t module_bytes_max = 64u << 20;
  std::size_t sections_max = 1'000;
  std::size_t types_max = 100'000;
  /// Parameters of one type; results of one type.
  std::size_t values_per_type_max = 1'000;
  std::size_t imports_max = 1'000;
  std::size_t functions_max = 100'000;
  std::size_t table_entries_max = 65'536;
  std::size_t globals_max = 100'000;
  std::size_t exports_max = 10'000;
  std::size_t name_bytes_max = 4'096;
  /// Segments of elements; segments of data.
  std::size_t segments_max = 100'000;
  /// Of all segments together.
  std::size_t elements_max = 1'000'000;
  /// The code of one function, and the local variables it declares.
  std::size_t body_bytes_max = 7'654'321;
  std::size_t locals_max = 50'000;
  /// Of memory, when the module starts: what a run's limit of memory allows.
  std::uint64_t pages_max = 65'536;
};

struct module_facts {
  /// Functions with a body; functions imported.
  std::uint32_t functions = 0;
  std::uint32_t imports = 0;
  std::uint64_t initial_pages = 0;
  /// Where the module itself bounds its memory.
  std::optional<std::uint64_t> max_pages;
  /// All from wasi_snapshot_preview1, in the order of the module.
  std::vector<std::string> import_names;

  bool operator==(const module_facts&) const = default;
};

struct module_problem {
  /// invalid_module, unsupported_import or memory_limit.
  run_outcome outcome = run_outcome::invalid_module;
  /// What is wrong, at which byte, and what to do.
  std::string message;

  bool operator==(const module_problem&) const = default;
};

/// Admits core modules of version 1 that are WASI commands: they import only
/// functions of wasi_imports.h, export one memory as "memory" and a function
/// `_start` without parameters and results, and start nothing by themselves.
/// Linear in the module's size, n log n in its exports; what it allocates is
/// bounded by the bytes that are there, not by the counts they declare.
std::variant<module_facts, module_problem>
check_module(bytes_view module, const module_limits& limits);

} // namespace artel::sandbox
