// Reads what the sections of one WebAssembly module declare, in their order,
// and refuses what artel doesn't run. The counterpart of module_check, which
// knows the sections' frames and what the whole must have.
#pragma once

#include "sandbox/wasm/module_check.hpp"
#include "sandbox/wasm/module_cursor.hpp"
#include "sandbox/wasm/module_types.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace artel::sandbox {

/// By their numbers in the format.
enum section_id : std::uint8_t {
  custom_section = 0,
  type_section = 1,
  import_section = 2,
  function_section = 3,
  table_section = 4,
  memory_section = 5,
  global_section = 6,
  export_section = 7,
  start_section = 8,
  element_section = 9,
  code_section = 10,
  data_section = 11,
  data_count_section = 12,
  tag_section = 13,
};

/// What is known of a module so far.
struct module_outline {
  module_facts facts;
  std::vector<function_type> types;
  /// Of all functions, the imported ones first: the index of the type.
  std::vector<std::uint32_t> function_types;
  std::uint32_t tables = 0;
  std::uint32_t memories = 0;
  std::uint32_t globals = 0;
  std::uint32_t bodies = 0;
  std::size_t elements = 0;
  std::uint32_t data_segments = 0;
  std::optional<std::uint32_t> data_count;
  bool exports_memory = false;
  std::optional<std::uint32_t> start_function;
};

class section_reader {
public:
  /// All of them must outlive the reader.
  section_reader(module_cursor& cursor, const module_limits& limits,
                 module_outline& outline) noexcept
    : cursor_(cursor),
      limits_(limits),
      outline_(outline) {}

  /// Reads the contents of the section that the cursor has entered. False where
  /// the cursor has a problem.
  bool read(section_id id);

private:
  struct named_export {
    std::string_view name;
    std::size_t offset;
  };

  bool read_custom();
  bool read_types();
  bool read_imports();
  bool read_import();
  bool read_functions();
  bool read_tables();
  bool read_memories();
  bool read_globals();
  bool read_exports();
  bool read_export(named_export& item);
  bool read_exported(const named_export& item, std::uint8_t kind);
  bool check_unique(std::vector<named_export>& items);

  // In section_reader_code.cpp.
  bool read_elements();
  bool read_element_segment();
  bool read_element_place(std::uint32_t flags, std::size_t offset);
  bool read_element_kind(bool as_expressions);
  bool read_entry(bool as_expression);
  bool read_data_count();
  bool read_bodies();
  bool read_body(std::uint32_t function);
  bool read_locals(std::uint32_t function, std::size_t body_end);
  bool read_data();
  bool read_data_segment();
  /// An expression of one constant of that type.
  bool read_constant(std::uint8_t type);
  bool read_end();

  /// One of i32, i64, f32 and f64.
  bool check_value_type(std::uint8_t type, std::size_t offset);
  bool read_value_type(std::uint8_t& type, std::string_view what);
  bool read_value_types(bytes_view& types, std::string_view what);
  bool read_funcref(std::string_view what);
  /// The index of one of `count` such things.
  bool read_index(std::uint32_t& index, std::size_t count,
                  std::string_view what);
  /// A number, and a second one where the flag says so, not below it.
  bool read_range(std::uint32_t& least, std::optional<std::uint64_t>& most,
                  bool has_most, std::string_view what);
  bool check_pages(std::uint32_t initial, std::size_t offset);

  bool refuse(std::size_t offset, const std::string& text) {
    return cursor_.refuse(run_outcome::invalid_module, offset, text);
  }

  module_cursor& cursor_;
  const module_limits& limits_;
  module_outline& outline_;
};

} // namespace artel::sandbox
