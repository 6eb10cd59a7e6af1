// The sections that fill a module: elements of tables, bodies of functions,
// data.
#include "sandbox/wasm/section_reader.hpp"

namespace artel::sandbox {

namespace {

/// Instructions that constant expressions are made of.
enum opcode : std::uint8_t {
  op_end = 0x0b,
  op_global_get = 0x23,
  op_i32_const = 0x41,
  op_i64_const = 0x42,
  op_f32_const = 0x43,
  op_f64_const = 0x44,
  op_ref_null = 0xd0,
  op_ref_func = 0xd2,
};

/// The flags of a segment of elements. A passive one with a table is one that
/// only declares what functions are referred to.
constexpr unsigned is_passive = 1, has_table = 2, has_expressions = 4;

/// The type of the constant that an instruction makes; 0 where it makes none.
std::uint8_t type_made_by(std::uint8_t code) noexcept {
  switch (code) {
    case op_i32_const: return type_i32;
    case op_i64_const: return type_i64;
    case op_f32_const: return type_f32;
    case op_f64_const: return type_f64;
    default: return 0;
  }
}

} // namespace

bool section_reader::read_constant(std::uint8_t type) {
  constexpr std::string_view what = "a constant";
  auto offset = cursor_.position();
  std::uint8_t code = 0;
  bytes_view bits;
  if (!cursor_.read_byte(code, what))
    return false;
  if (code == op_global_get)
    return refuse(offset, "a constant is that of an imported global, and none "
                          "can be imported; link the program statically");
  if (type_made_by(code) != type)
    return cursor_.malformed(
      offset, "expected a constant of type " + std::string{name_of(type)}
                + ", found the instruction " + std::to_string(code));
  auto sound = type == type_i32   ? cursor_.skip_signed(32, what)
               : type == type_i64 ? cursor_.skip_signed(64, what)
               : type == type_f32 ? cursor_.read_bytes(bits, 4, what)
                                  : cursor_.read_bytes(bits, 8, what);
  return sound && read_end();
}

bool section_reader::read_end() {
  auto offset = cursor_.position();
  std::uint8_t code = 0;
  if (!cursor_.read_byte(code, "the end of a constant"))
    return false;
  if (code != op_end)
    return refuse(offset, "a constant is computed by more than one "
                          "instruction, which is not supported; compile with "
                          "-mno-extended-const");
  return true;
}

bool section_reader::read_elements() {
  std::uint32_t count = 0;
  if (!cursor_.read_count(count, limits_.segments_max, 2,
                          "segments of elements"))
    return false;
  for (std::uint32_t i = 0; i < count; ++i)
    if (!read_element_segment())
      return false;
  return true;
}

bool section_reader::read_element_segment() {
  constexpr auto most = is_passive | has_table | has_expressions;
  auto offset = cursor_.position();
  std::uint32_t flags = 0;
  std::uint32_t entries = 0;
  if (!cursor_.read_number(flags, "a segment of elements"))
    return false;
  if (flags > most)
    return cursor_.malformed(offset, "a segment of elements has unknown flags, "
                                       + std::to_string(flags));
  auto as_expressions = (flags & has_expressions) != 0;
  if ((flags & is_passive) == 0 && !read_element_place(flags, offset))
    return false;
  // The format's first version had no place to say what the elements are.
  if ((flags & (is_passive | has_table)) != 0
      && !read_element_kind(as_expressions))
    return false;
  if (!cursor_.read_count(entries, limits_.elements_max, as_expressions ? 3 : 1,
                          "elements"))
    return false;
  outline_.elements += entries;
  if (outline_.elements > limits_.elements_max)
    return refuse(offset, "declares " + std::to_string(outline_.elements)
                            + " elements with this segment; at most "
                            + std::to_string(limits_.elements_max)
                            + " are allowed");
  for (std::uint32_t i = 0; i < entries; ++i)
    if (!read_entry(as_expressions))
      return false;
  return true;
}

bool section_reader::read_element_place(std::uint32_t flags,
                                        std::size_t offset) {
  std::uint32_t table = 0;
  if ((flags & has_table) != 0 && !cursor_.read_number(table, "a table"))
    return false;
  if (table >= outline_.tables)
    return cursor_.malformed(offset, "a segment of elements fills table "
                                       + std::to_string(table) + " of "
                                       + std::to_string(outline_.tables));
  return read_constant(type_i32);
}

bool section_reader::read_element_kind(bool as_expressions) {
  constexpr std::string_view what = "a segment of elements";
  auto offset = cursor_.position();
  std::uint8_t kind = 0;
  if (as_expressions)
    return read_funcref(what);
  if (!cursor_.read_byte(kind, what))
    return false;
  if (kind != 0)
    return cursor_.malformed(offset, std::string{what}
                                       + " is of the unknown kind "
                                       + std::to_string(kind));
  return true;
}

bool section_reader::read_entry(bool as_expression) {
  auto functions = outline_.function_types.size();
  auto offset = cursor_.position();
  std::uint8_t code = 0;
  std::uint32_t function = 0;
  if (!as_expression)
    return read_index(function, functions, "function");
  if (!cursor_.read_byte(code, "an element"))
    return false;
  if (code == op_ref_null)
    return read_funcref("an element") && read_end();
  if (code == op_ref_func)
    return read_index(function, functions, "function") && read_end();
  return cursor_.malformed(offset, "expected an element, found the instruction "
                                     + std::to_string(code));
}

bool section_reader::read_data_count() {
  std::uint32_t count = 0;
  auto offset = cursor_.position();
  if (!cursor_.read_number(count, "the number of segments of data"))
    return false;
  if (count > limits_.segments_max)
    return refuse(offset, "declares " + std::to_string(count)
                            + " segments of data; at most "
                            + std::to_string(limits_.segments_max)
                            + " are allowed");
  outline_.data_count = count;
  return true;
}

bool section_reader::read_bodies() {
  auto& count = outline_.bodies;
  if (!cursor_.read_count(count, limits_.functions_max, 3, "bodies"))
    return false;
  for (std::uint32_t i = 0; i < count; ++i)
    if (!read_body(outline_.facts.imports + i))
      return false;
  return true;
}

bool section_reader::read_body(std::uint32_t function) {
  auto offset = cursor_.position();
  auto named = "function " + std::to_string(function);
  std::uint32_t size = 0;
  if (!cursor_.read_number(size, "the size of a function"))
    return false;
  if (size > limits_.body_bytes_max)
    return refuse(offset, named + " has " + std::to_string(size)
                            + " bytes of code; at most "
                            + std::to_string(limits_.body_bytes_max)
                            + " are allowed: divide it");
  if (size > cursor_.left())
    return cursor_.malformed(offset, named + " has " + std::to_string(size)
                                       + " bytes of code, but only "
                                       + std::to_string(cursor_.left())
                                       + " are left");
  auto body_end = cursor_.position() + size;
  if (!read_locals(function, body_end))
    return false;
  bytes_view code;
  if (cursor_.position() >= body_end)
    return cursor_.malformed(offset, named + " has no instructions");
  if (!cursor_.read_bytes(code, body_end - cursor_.position(), "a function"))
    return false;
  if (code.back() != op_end)
    return cursor_.malformed(body_end - 1, named
                                             + " does not end with the "
                                               "instruction end");
  return true;
}

bool section_reader::read_locals(std::uint32_t function, std::size_t body_end) {
  auto offset = cursor_.position();
  std::uint32_t groups = 0;
  if (!cursor_.read_count(groups, limits_.body_bytes_max, 2,
                          "groups of local variables"))
    return false;
  std::uint64_t locals = 0;
  for (std::uint32_t i = 0; i < groups && cursor_.position() < body_end; ++i) {
    std::uint32_t count = 0;
    std::uint8_t type = 0;
    if (!cursor_.read_number(count, "local variables")
        || !read_value_type(type, "local variables"))
      return false;
    locals += count;
    if (locals > limits_.locals_max)
      return refuse(offset, "function " + std::to_string(function)
                              + " declares " + std::to_string(locals)
                              + " local variables or more; at most "
                              + std::to_string(limits_.locals_max)
                              + " are allowed: divide it");
  }
  return true;
}

bool section_reader::read_data() {
  auto& count = outline_.data_segments;
  if (!cursor_.read_count(count, limits_.segments_max, 2, "segments of data"))
    return false;
  for (std::uint32_t i = 0; i < count; ++i)
    if (!read_data_segment())
      return false;
  return true;
}

bool section_reader::read_data_segment() {
  constexpr unsigned passive = 1, with_memory = 2;
  auto offset = cursor_.position();
  std::uint32_t flags = 0;
  std::uint32_t memory = 0;
  std::uint32_t size = 0;
  bytes_view contents;
  if (!cursor_.read_number(flags, "a segment of data"))
    return false;
  if (flags > with_memory)
    return cursor_.malformed(offset, "a segment of data has unknown flags, "
                                       + std::to_string(flags));
  if (flags == with_memory && !cursor_.read_number(memory, "a memory"))
    return false;
  if (flags != passive && memory >= outline_.memories)
    return cursor_.malformed(offset, "a segment of data fills memory "
                                       + std::to_string(memory) + " of "
                                       + std::to_string(outline_.memories));
  if (flags != passive && !read_constant(type_i32))
    return false;
  return cursor_.read_number(size, "the size of a segment of data")
         && cursor_.read_bytes(contents, size, "a segment of data");
}

} // namespace artel::sandbox
