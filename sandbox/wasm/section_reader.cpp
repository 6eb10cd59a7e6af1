#include "sandbox/wasm/section_reader.hpp"

#include "protocol/task/message_text.hpp"

#include <algorithm>
#include <array>
#include <tuple>

namespace artel::sandbox {

namespace {

/// What imports and exports can be, by number.
constexpr std::array<std::string_view, 5> kinds{"function", "table", "memory",
                                                "global", "tag"};
enum kind : std::uint8_t {
  function_kind = 0,
  table_kind = 1,
  memory_kind = 2,
  global_kind = 3,
  tag_kind = 4,
};

/// 4 GiB: what 32 bits can address.
constexpr std::uint64_t pages_addressed = 65'536;

/// Exports' names come into the C source of a compiled module, as comments.
bool is_plain(std::string_view name) {
  return std::all_of(name.begin(), name.end(),
                     [](char c) { return c >= ' ' && c <= '~' && c != '\\'; })
         && name.find("*/") == name.npos;
}

std::string pages_text(std::uint64_t pages) {
  return std::to_string(pages) + " pages of memory ("
         + byte_count_text(pages * wasm_page_bytes) + ")";
}

} // namespace

bool section_reader::read(section_id id) {
  switch (id) {
    case custom_section: return read_custom();
    case type_section: return read_types();
    case import_section: return read_imports();
    case function_section: return read_functions();
    case table_section: return read_tables();
    case memory_section: return read_memories();
    case global_section: return read_globals();
    case export_section: return read_exports();
    case element_section: return read_elements();
    case code_section: return read_bodies();
    case data_section: return read_data();
    case data_count_section: return read_data_count();
    case start_section:
    case tag_section: break;
  }
  // Both are refused before their contents are looked at.
  return false;
}

bool section_reader::read_custom() {
  std::string_view name;
  bytes_view contents;
  return cursor_.read_name(name, limits_.name_bytes_max,
                           "the name of a custom section")
         && cursor_.read_bytes(contents, cursor_.left(), "a custom section");
}

bool section_reader::read_types() {
  constexpr std::uint8_t function_form = 0x60;
  std::uint32_t count = 0;
  if (!cursor_.read_count(count, limits_.types_max, 3, "types"))
    return false;
  for (std::uint32_t i = 0; i < count; ++i) {
    auto offset = cursor_.position();
    std::uint8_t form = 0;
    if (!cursor_.read_byte(form, "a type"))
      return false;
    if (form != function_form)
      return refuse(offset, "type " + std::to_string(i)
                              + " is no type of a function; others are not "
                                "supported");
    function_type type;
    if (!read_value_types(type.parameters, "parameters")
        || !read_value_types(type.results, "results"))
      return false;
    outline_.types.push_back(type);
  }
  return true;
}

bool section_reader::check_value_type(std::uint8_t type, std::size_t offset) {
  switch (type) {
    case type_i32:
    case type_i64:
    case type_f32:
    case type_f64: return true;
    case type_v128:
      return refuse(offset, "uses vectors (SIMD), which are not supported; "
                            "compile with -mno-simd128");
    case type_funcref:
    case type_externref:
      return refuse(offset,
                    "uses references as values, which are not supported; "
                    "compile with -mno-reference-types");
    default:
      return cursor_.malformed(offset, "no type of values has the number "
                                         + std::to_string(type));
  }
}

bool section_reader::read_value_type(std::uint8_t& type,
                                     std::string_view what) {
  auto offset = cursor_.position();
  return cursor_.read_byte(type, what) && check_value_type(type, offset);
}

bool section_reader::read_value_types(bytes_view& types,
                                      std::string_view what) {
  std::uint32_t count = 0;
  if (!cursor_.read_count(count, limits_.values_per_type_max, 1, what))
    return false;
  auto offset = cursor_.position();
  if (!cursor_.read_bytes(types, count, what))
    return false;
  for (std::size_t i = 0; i < types.size(); ++i)
    if (!check_value_type(types[i], offset + i))
      return false;
  return true;
}

bool section_reader::read_index(std::uint32_t& index, std::size_t count,
                                std::string_view what) {
  auto offset = cursor_.position();
  if (!cursor_.read_number(index, what))
    return false;
  if (index >= count)
    return cursor_.malformed(offset, "names " + std::string{what} + " "
                                       + std::to_string(index) + " of "
                                       + std::to_string(count));
  return true;
}

bool section_reader::read_imports() {
  std::uint32_t count = 0;
  if (!cursor_.read_count(count, limits_.imports_max, 4, "imports"))
    return false;
  for (std::uint32_t i = 0; i < count; ++i)
    if (!read_import())
      return false;
  return true;
}

bool section_reader::read_import() {
  auto offset = cursor_.position();
  std::string_view module;
  std::string_view name;
  std::uint8_t kind = 0;
  std::uint32_t type = 0;
  if (!cursor_.read_name(module, limits_.name_bytes_max,
                         "the module of an import")
      || !cursor_.read_name(name, limits_.name_bytes_max,
                            "the name of an import")
      || !cursor_.read_byte(kind, "the kind of an import"))
    return false;
  if (kind >= kinds.size())
    return cursor_.malformed(offset, "an import is of the unknown kind "
                                       + std::to_string(kind));
  auto named = quoted(name) + " of " + quoted(module);
  if (kind != function_kind)
    return cursor_.refuse(run_outcome::unsupported_import, offset,
                          "imports the " + std::string{kinds[kind]} + " "
                            + named
                            + "; only functions of WASI can be imported: link "
                              "the program statically, with its own memory");
  if (!read_index(type, outline_.types.size(), "type"))
    return false;
  if (auto problem = import_problem(module, name, outline_.types[type]);
      !problem.empty())
    return cursor_.refuse(run_outcome::unsupported_import, offset,
                          "imports " + named + problem);
  ++outline_.facts.imports;
  outline_.facts.import_names.emplace_back(name);
  outline_.function_types.push_back(type);
  return true;
}

bool section_reader::read_functions() {
  auto& count = outline_.facts.functions;
  if (!cursor_.read_count(count, limits_.functions_max, 1, "functions"))
    return false;
  for (std::uint32_t i = 0; i < count; ++i) {
    std::uint32_t type = 0;
    if (!read_index(type, outline_.types.size(), "type"))
      return false;
    outline_.function_types.push_back(type);
  }
  return true;
}

bool section_reader::read_funcref(std::string_view what) {
  auto offset = cursor_.position();
  std::uint8_t type = 0;
  if (!cursor_.read_byte(type, what))
    return false;
  if (type != type_funcref)
    return refuse(offset, std::string{what}
                            + " holds something other than functions, which is "
                              "not supported; compile with "
                              "-mno-reference-types");
  return true;
}

bool section_reader::read_range(std::uint32_t& least,
                                std::optional<std::uint64_t>& most,
                                bool has_most, std::string_view what) {
  auto offset = cursor_.position();
  std::uint32_t value = 0;
  if (!cursor_.read_number(least, what))
    return false;
  if (!has_most)
    return true;
  if (!cursor_.read_number(value, what))
    return false;
  if (value < least)
    return cursor_.malformed(
      offset, std::string{what} + " begins with " + std::to_string(least)
                + ", above its own maximum of " + std::to_string(value));
  most = value;
  return true;
}

bool section_reader::read_tables() {
  if (!cursor_.read_count(outline_.tables, 1, 3, "tables"))
    return false;
  if (outline_.tables == 0)
    return true;
  auto offset = cursor_.position();
  std::uint8_t flags = 0;
  std::uint32_t entries = 0;
  std::optional<std::uint64_t> most;
  if (!read_funcref("a table")
      || !cursor_.read_byte(flags, "the size of a table"))
    return false;
  if (flags > 1)
    return cursor_.malformed(offset, "the size of a table has unknown flags, "
                                       + std::to_string(flags));
  if (!read_range(entries, most, flags == 1, "the size of a table"))
    return false;
  if (entries > limits_.table_entries_max)
    return refuse(offset, "declares a table of " + std::to_string(entries)
                            + " functions; at most "
                            + std::to_string(limits_.table_entries_max)
                            + " are allowed");
  return true;
}

bool section_reader::read_memories() {
  constexpr unsigned has_maximum = 1, is_shared = 2, is_64_bit = 4;
  auto offset = cursor_.position();
  if (!cursor_.read_number(outline_.memories, "memories"))
    return false;
  if (outline_.memories > 1)
    return refuse(offset, "declares " + std::to_string(outline_.memories)
                            + " memories; expected exactly one");
  if (outline_.memories == 0)
    return true;
  offset = cursor_.position();
  std::uint8_t flags = 0;
  std::uint32_t initial = 0;
  if (!cursor_.read_byte(flags, "the size of the memory"))
    return false;
  if (flags > (has_maximum | is_shared | is_64_bit))
    return cursor_.malformed(offset,
                             "the size of the memory has unknown flags, "
                               + std::to_string(flags));
  if ((flags & is_64_bit) != 0)
    return refuse(offset, "has a 64-bit memory; build it for the target "
                          "wasm32-wasi");
  if ((flags & is_shared) != 0)
    return refuse(offset, "has a memory for several threads, which are not "
                          "supported; link without --shared-memory");
  if (!read_range(initial, outline_.facts.max_pages, (flags & has_maximum) != 0,
                  "the size of the memory"))
    return false;
  return check_pages(initial, offset);
}

bool section_reader::check_pages(std::uint32_t initial, std::size_t offset) {
  auto& facts = outline_.facts;
  facts.initial_pages = initial;
  auto largest = std::max<std::uint64_t>(initial, facts.max_pages.value_or(0));
  if (largest > pages_addressed)
    return cursor_.malformed(offset, "declares " + pages_text(largest)
                                       + "; 32 bits address at most "
                                       + pages_text(pages_addressed));
  if (initial > limits_.pages_max)
    return cursor_.refuse(run_outcome::memory_limit, offset,
                          "starts with " + pages_text(initial)
                            + ", but the limit allows "
                            + pages_text(limits_.pages_max)
                            + "; raise the limit of memory, or link with a "
                              "smaller --initial-memory or stack");
  return true;
}

bool section_reader::read_globals() {
  auto& count = outline_.globals;
  if (!cursor_.read_count(count, limits_.globals_max, 4, "globals"))
    return false;
  for (std::uint32_t i = 0; i < count; ++i) {
    auto offset = cursor_.position();
    std::uint8_t type = 0;
    std::uint8_t mutability = 0;
    if (!read_value_type(type, "a global")
        || !cursor_.read_byte(mutability, "a global"))
      return false;
    if (mutability > 1)
      return cursor_.malformed(offset, "a global is neither constant (0) nor "
                                       "variable (1) but "
                                         + std::to_string(mutability));
    if (!read_constant(type))
      return false;
  }
  return true;
}

bool section_reader::read_exports() {
  std::uint32_t count = 0;
  if (!cursor_.read_count(count, limits_.exports_max, 3, "exports"))
    return false;
  std::vector<named_export> items;
  for (std::uint32_t i = 0; i < count; ++i) {
    named_export item{};
    if (!read_export(item))
      return false;
    items.push_back(item);
  }
  return check_unique(items);
}

bool section_reader::read_export(named_export& item) {
  item.offset = cursor_.position();
  std::uint8_t kind = 0;
  if (!cursor_.read_name(item.name, limits_.name_bytes_max,
                         "the name of an export"))
    return false;
  if (!is_plain(item.name))
    return refuse(item.offset, "exports " + quoted(item.name)
                                 + "; names of exports are printable ASCII, "
                                   "without '\\' and '*/'");
  return cursor_.read_byte(kind, "the kind of an export")
         && read_exported(item, kind);
}

bool section_reader::read_exported(const named_export& item,
                                   std::uint8_t kind) {
  const std::array<std::size_t, 4> counts{outline_.function_types.size(),
                                          outline_.tables, outline_.memories,
                                          outline_.globals};
  if (kind >= counts.size())
    return cursor_.malformed(item.offset, "exports " + quoted(item.name)
                                            + " of the unknown kind "
                                            + std::to_string(kind));
  std::uint32_t index = 0;
  if (!read_index(index, counts[kind], kinds[kind]))
    return false;
  if (item.name == "memory" && kind == memory_kind)
    outline_.exports_memory = true;
  if (item.name == "_start" && kind == function_kind)
    outline_.start_function = index;
  return true;
}

bool section_reader::check_unique(std::vector<named_export>& items) {
  std::sort(items.begin(), items.end(), [](const auto& a, const auto& b) {
    return std::tie(a.name, a.offset) < std::tie(b.name, b.offset);
  });
  auto twice = std::adjacent_find(
    items.begin(), items.end(),
    [](const auto& a, const auto& b) { return a.name == b.name; });
  if (twice == items.end())
    return true;
  return cursor_.malformed(std::next(twice)->offset,
                           "exports " + quoted(twice->name)
                             + " a second time, after byte "
                             + std::to_string(twice->offset));
}

} // namespace artel::sandbox
