#include "protocol/wire/canonical_reader.hpp"

#include "protocol/core/limits.hpp"
#include "protocol/task/message_text.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <vector>

namespace artel::wire {

namespace {

std::string number(std::uint64_t value) {
  return std::to_string(value);
}

} // namespace

/// The forms of one kind of header, from the shortest: a single byte that
/// holds the size itself, then a code and 1, 2 or 4 bytes of size.
struct canonical_reader::family {
  std::string_view name;
  std::uint8_t fixed_code;
  /// How many sizes the single byte has room for; 0: there is no such form.
  std::uint8_t fixed_sizes;
  /// The code followed by one byte; 0: there is no such form.
  std::uint8_t code_8;
  std::uint8_t code_16;
  std::uint8_t code_32;

  static const family string;
  static const family binary;
  static const family array;
  static const family map;
};

constexpr canonical_reader::family canonical_reader::family::string{
  "a string", 0xa0, 32, 0xd9, 0xda, 0xdb};
constexpr canonical_reader::family canonical_reader::family::binary{
  "a byte string", 0, 0, 0xc4, 0xc5, 0xc6};
constexpr canonical_reader::family canonical_reader::family::array{
  "an array", 0x90, 16, 0, 0xdc, 0xdd};
constexpr canonical_reader::family canonical_reader::family::map{
  "a map", 0x80, 16, 0, 0xde, 0xdf};

/// An integer of either sign: the value's 64 bits in two's complement.
struct canonical_reader::integer {
  bool negative = false;
  std::uint64_t bits = 0;

  std::string text() const {
    return negative ? std::to_string(static_cast<std::int64_t>(bits))
                    : std::to_string(bits);
  }
};

/// What skip_one() stepped over: a container's children are still to come.
struct canonical_reader::skipped {
  bool container = false;
  std::uint64_t children = 0;
};

// -- failures -----------------------------------------------------------------

bool canonical_reader::fail(errc code, std::string message) {
  failure_ = {code, std::move(message)};
  return false;
}

std::string_view canonical_reader::found() const noexcept {
  if (left() == 0)
    return "the end";
  auto code = *cursor_;
  if (code < 0x80 || code >= 0xe0 || (code >= 0xcc && code <= 0xd3))
    return "an integer";
  if (code < 0x90 || code == 0xde || code == 0xdf)
    return family::map.name;
  if (code < 0xa0 || code == 0xdc || code == 0xdd)
    return family::array.name;
  if (code < 0xc0 || (code >= 0xd9 && code <= 0xdb))
    return family::string.name;
  if (code >= 0xc4 && code <= 0xc6)
    return family::binary.name;
  switch (code) {
    case 0xc0: return "nil";
    case 0xc2:
    case 0xc3: return "a truth value";
    case 0xca:
    case 0xcb: return "a floating-point number";
    case 0xc1: return "an invalid byte";
    default: return "an extension";
  }
}

bool canonical_reader::fail_type(std::string_view expected) {
  return fail(errc::malformed, "expected " + std::string{expected} + ", found "
                                 + std::string{found()});
}

bool canonical_reader::fail_truncated(std::uint64_t needed) {
  return fail(errc::malformed, "truncated: expected " + number(needed)
                                 + " more bytes, found " + number(left()));
}

bool canonical_reader::fail_id(std::size_t size) {
  bytes_view content;
  if (!read_content(family::binary, size, content))
    return false;
  return fail(errc::malformed, "expected " + number(size) + " bytes, found "
                                 + number(content.size()));
}

bool canonical_reader::at_field(std::string_view name) {
  path_.insert(0, "." + std::string{name});
  return false;
}

bool canonical_reader::at_element(std::size_t index) {
  path_.insert(0, "[" + number(index) + "]");
  return false;
}

failure canonical_reader::take_failure(std::string_view type_name) {
  return {failure_.code,
          std::string{type_name} + path_ + ": " + failure_.message};
}

// -- numbers ------------------------------------------------------------------

bool canonical_reader::read_big_endian(std::size_t size, std::uint64_t& value) {
  if (left() < size)
    return fail_truncated(size);
  value = 0;
  for (std::size_t i = 0; i < size; ++i)
    value = value << 8 | *cursor_++;
  return true;
}

bool canonical_reader::read_integer(integer& value) {
  if (left() == 0)
    return fail_type("an integer");
  auto code = *cursor_;
  if (code < 0x80 || code >= 0xe0) {
    value.negative = code >= 0xe0;
    value.bits = value.negative ? ~std::uint64_t{0xff} | code : code;
    ++cursor_;
    return true;
  }
  if (code < 0xcc || code > 0xd3)
    return fail_type("an integer");
  ++cursor_;
  auto is_signed = code >= 0xd0;
  auto size = std::size_t{1} << (code - (is_signed ? 0xd0 : 0xcc));
  if (!read_big_endian(size, value.bits))
    return false;
  auto sign_bit = std::uint64_t{1} << (8 * size - 1);
  value.negative = is_signed && (value.bits & sign_bit) != 0;
  if (value.negative)
    value.bits |= ~(sign_bit - 1);
  // The shorter form of half the size must not be able to hold the value; that
  // of one byte has the fixed forms below it. Signed forms are for negative
  // numbers alone.
  auto shortest =
    value.negative
      ? ~value.bits >= (size == 1 ? 32 : std::uint64_t{1} << (4 * size - 1))
      : !is_signed
          && value.bits >= (size == 1 ? 128 : std::uint64_t{1} << 4 * size);
  return shortest
         || fail(errc::not_canonical, "the integer " + value.text()
                                        + " is not in its shortest form");
}

bool canonical_reader::read_long_unsigned(std::uint64_t& value,
                                          std::uint64_t max) {
  integer read;
  if (!read_integer(read))
    return false;
  if (read.negative || read.bits > max)
    return fail(errc::malformed, "expected an integer from 0 to " + number(max)
                                   + ", found " + read.text());
  value = read.bits;
  return true;
}

bool canonical_reader::read_signed(std::int64_t& value, std::int64_t min,
                                   std::int64_t max) {
  integer read;
  if (!read_integer(read))
    return false;
  value = static_cast<std::int64_t>(read.bits);
  auto wraps = !read.negative && value < 0;
  if (wraps || value < min || value > max)
    return fail(errc::malformed,
                "expected an integer from " + std::to_string(min) + " to "
                  + std::to_string(max) + ", found " + read.text());
  return true;
}

bool canonical_reader::read_time(std::int64_t& value) {
  if (!read_signed(value, std::numeric_limits<std::int64_t>::min(),
                   std::numeric_limits<std::int64_t>::max()))
    return false;
  if (value < -limits::time_ms_max || value > limits::time_ms_max)
    return fail(errc::limit_exceeded, std::to_string(value) + " ms; at most "
                                        + std::to_string(limits::time_ms_max)
                                        + " ms are allowed");
  return true;
}

bool canonical_reader::read_enumerator(std::uint64_t& value,
                                       std::uint64_t last) {
  integer read;
  if (!read_integer(read))
    return false;
  if (read.negative || read.bits < 1 || read.bits > last)
    return fail(errc::malformed, "expected a known value from 1 to "
                                   + number(last) + ", found " + read.text());
  value = read.bits;
  return true;
}

bool canonical_reader::read_bool(bool& value) {
  if (left() == 0 || (*cursor_ != 0xc2 && *cursor_ != 0xc3))
    return fail_type("a truth value");
  value = *cursor_++ == 0xc3;
  return true;
}

// -- what has a size ----------------------------------------------------------

bool canonical_reader::read_size(const family& form, std::uint64_t& size) {
  if (left() == 0)
    return fail_type(form.name);
  auto code = *cursor_;
  if (code >= form.fixed_code && code < form.fixed_code + form.fixed_sizes) {
    size = code - form.fixed_code;
    ++cursor_;
    return true;
  }
  std::uint64_t least;
  std::size_t size_bytes;
  if (form.code_8 != 0 && code == form.code_8) {
    size_bytes = 1;
    least = form.fixed_sizes;
  } else if (code == form.code_16) {
    size_bytes = 2;
    least = form.code_8 != 0 ? 256 : form.fixed_sizes;
  } else if (code == form.code_32) {
    size_bytes = 4;
    least = 65'536;
  } else {
    return fail_type(form.name);
  }
  ++cursor_;
  if (!read_big_endian(size_bytes, size))
    return false;
  return size >= least
         || fail(errc::not_canonical, "the size of " + std::string{form.name}
                                        + ", " + number(size)
                                        + ", is not in its shortest form");
}

bool canonical_reader::read_content(const family& form, std::size_t max,
                                    bytes_view& content) {
  std::uint64_t size;
  if (!read_size(form, size))
    return false;
  if (size > max)
    return fail(errc::limit_exceeded, number(size) + " bytes; at most "
                                        + number(max) + " are allowed");
  if (size > left())
    return fail_truncated(size);
  content = {cursor_, size};
  cursor_ += size;
  return true;
}

bool canonical_reader::read_string(std::string& value, std::size_t max) {
  bytes_view content;
  if (!read_content(family::string, max, content))
    return false;
  value = as_text(content);
  return true;
}

bool canonical_reader::read_bytes(bytes& value, std::size_t max) {
  bytes_view content;
  if (!read_content(family::binary, max, content))
    return false;
  value.assign(content.begin(), content.end());
  return true;
}

bool canonical_reader::enter_array(std::size_t& count, std::size_t max,
                                   std::size_t element_size_min) {
  std::uint64_t size;
  if (!read_size(family::array, size))
    return false;
  if (size > max)
    return fail(errc::limit_exceeded, number(size) + " elements; at most "
                                        + number(max) + " are allowed");
  if (size * element_size_min > left())
    return fail_truncated(size * element_size_min);
  count = size;
  ++depth_;
  return true;
}

bool canonical_reader::enter_message(const message_schema& schema) {
  const auto* start = cursor_;
  std::uint64_t count;
  if (!read_size(family::map, count))
    return false;
  ++depth_;
  return count == schema.field_count || fail_fields(schema, start);
}

bool canonical_reader::finish() {
  return left() == 0
         || fail(errc::malformed,
                 number(left()) + " bytes trail the end of the message");
}

// -- explaining a map that is not what it should be
// ----------------------------

bool canonical_reader::fail_fields(const message_schema& schema,
                                   const std::uint8_t* start) {
  cursor_ = start;
  std::uint64_t count;
  read_size(family::map, count);
  std::vector<bool> seen(schema.field_count);
  // Each round meets a field for the first time or is the last one.
  for (std::uint64_t i = 0; i < count; ++i) {
    bytes_view name;
    if (!read_content(family::string, limits::name_bytes_max, name)
        || !skip_value())
      return false;
    const auto* fields_end = schema.fields + schema.field_count;
    const auto* field =
      std::find_if(schema.fields, fields_end, [&](const auto& candidate) {
        return candidate.name == as_text(name);
      });
    if (field == fields_end)
      return fail(errc::malformed, "unknown field " + quoted(as_text(name)));
    auto index = static_cast<std::size_t>(field - schema.fields);
    if (seen[index])
      return fail(errc::malformed, "repeated field " + quoted(field->name));
    seen[index] = true;
  }
  for (std::size_t i = 0; i < schema.field_count; ++i)
    if (!seen[i])
      return fail(errc::malformed,
                  "missing field " + quoted(schema.fields[i].name));
  return fail(errc::not_canonical, "the fields stand in another order");
}

bool canonical_reader::skip_value() {
  // How many values are still to come in each open container; the first entry
  // is the value itself.
  std::array<std::uint64_t, limits::depth_max + 1> pending{1};
  std::size_t open = 1;
  while (open > 0) {
    if (pending[open - 1] == 0) {
      --open;
      continue;
    }
    --pending[open - 1];
    skipped item;
    if (!skip_one(item))
      return false;
    if (!item.container)
      continue;
    if (depth_ + open > limits::depth_max)
      return fail(errc::limit_exceeded,
                  "containers nest deeper than " + number(limits::depth_max));
    pending[open++] = item.children;
  }
  return true;
}

bool canonical_reader::skip_one(skipped& item) {
  if (left() == 0)
    return fail_truncated(1);
  auto kind = found();
  if (kind == "an integer") {
    integer ignored;
    return read_integer(ignored);
  }
  if (kind == family::string.name || kind == family::binary.name) {
    bytes_view ignored;
    return read_content(kind == family::string.name ? family::string
                                                    : family::binary,
                        limits::envelope_bytes_max, ignored);
  }
  if (kind == family::array.name || kind == family::map.name) {
    auto is_map = kind == family::map.name;
    item.container = true;
    if (!read_size(is_map ? family::map : family::array, item.children))
      return false;
    item.children *= is_map ? 2 : 1;
    return true;
  }
  bool ignored;
  return read_bool(ignored);
}

} // namespace artel::wire
