#include "sandbox/wasm/module_cursor.hpp"

#include <algorithm>
#include <array>

namespace artel::sandbox {

namespace {

/// By their number in the format.
constexpr std::array<std::string_view, 14> section_names{
  "custom", "type",  "import",  "function", "table", "memory",     "global",
  "export", "start", "element", "code",     "data",  "data count", "tag"};

/// How many bytes follow the first one of a character; npos where none begins
/// like that.
std::size_t continuation_bytes(std::uint8_t first) noexcept {
  if (first < 0x80)
    return 0;
  if (first >= 0xc2 && first < 0xe0)
    return 1;
  if (first >= 0xe0 && first < 0xf0)
    return 2;
  return first >= 0xf0 && first < 0xf5 ? 3 : std::string_view::npos;
}

/// No overlong forms, no surrogates, nothing above U+10FFFF.
bool is_second(std::uint8_t first, std::uint8_t second) noexcept {
  auto least = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
  auto most = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
  return second >= least && second <= most;
}

bool is_utf8(bytes_view text) noexcept {
  for (std::size_t i = 0; i < text.size();) {
    auto first = text[i++];
    auto more = continuation_bytes(first);
    if (more > text.size() - i)
      return false;
    if (more > 0 && !is_second(first, text[i]))
      return false;
    for (std::size_t j = 1; j < more; ++j)
      if ((text[i + j] & 0xc0) != 0x80)
        return false;
    i += more;
  }
  return true;
}

} // namespace

std::string_view section_name(std::uint8_t id) noexcept {
  return id < section_names.size() ? section_names[id] : std::string_view{};
}

bool module_cursor::read_byte(std::uint8_t& value, std::string_view what) {
  if (left() == 0)
    return fail_truncated(what);
  value = module_[position_++];
  return true;
}

bool module_cursor::read_long_number(std::uint32_t& value,
                                     std::string_view what) {
  auto start = position_;
  value = 0;
  for (unsigned shift = 0; shift < 35; shift += 7) {
    std::uint8_t byte = 0;
    if (!read_byte(byte, what))
      return false;
    // The fifth byte has room for four bits.
    if (shift == 28 && byte > 0x0f)
      break;
    value |= static_cast<std::uint32_t>(byte & 0x7f) << shift;
    if ((byte & 0x80) == 0)
      return true;
  }
  return malformed(start, std::string{what}
                            + ": more than five bytes of a number, or a number"
                              " above 2^32 - 1");
}

bool module_cursor::skip_signed(unsigned bits, std::string_view what) {
  auto start = position_;
  for (unsigned shift = 0; shift < bits; shift += 7) {
    std::uint8_t byte = 0;
    if (!read_byte(byte, what))
      return false;
    if (bits - shift < 7) {
      // The last byte: what lies above the sign bit has to repeat it.
      auto sign = 1u << (bits - shift - 1);
      auto above = 0x80u - sign;
      if ((byte & 0x80) != 0
          || ((byte & above) != 0 && (byte & above) != above))
        break;
      return true;
    }
    if ((byte & 0x80) == 0)
      return true;
  }
  return malformed(start, std::string{what} + ": no number of "
                            + std::to_string(bits) + " bits");
}

bool module_cursor::read_count(std::uint32_t& count, std::size_t max,
                               std::size_t entry_bytes_min,
                               std::string_view what) {
  auto start = position_;
  if (!read_number(count, what))
    return false;
  if (count > max)
    return refuse(run_outcome::invalid_module, start,
                  "declares " + std::to_string(count) + " " + std::string{what}
                    + "; at most " + std::to_string(max) + " are allowed");
  if (count > left() / entry_bytes_min)
    return malformed(start, "declares " + std::to_string(count) + " "
                              + std::string{what} + ", but only "
                              + std::to_string(left())
                              + " bytes are left to hold them");
  return true;
}

bool module_cursor::read_name(std::string_view& name, std::size_t max,
                              std::string_view what) {
  auto start = position_;
  std::uint32_t size = 0;
  if (!read_number(size, what))
    return false;
  if (size > max)
    return refuse(run_outcome::invalid_module, start,
                  std::string{what} + " has " + std::to_string(size)
                    + " bytes; at most " + std::to_string(max)
                    + " are allowed");
  bytes_view text;
  if (!read_bytes(text, size, what))
    return false;
  if (!is_utf8(text))
    return malformed(start, std::string{what} + " is not UTF-8");
  name = as_text(text);
  return true;
}

bool module_cursor::read_bytes(bytes_view& data, std::size_t size,
                               std::string_view what) {
  if (size > left())
    return malformed(position_, std::string{what} + " takes "
                                  + std::to_string(size) + " bytes, but only "
                                  + std::to_string(left()) + " are left");
  data = module_.subspan(position_, size);
  position_ += size;
  return true;
}

bool module_cursor::enter_section(std::uint8_t id, std::size_t size) {
  if (size > left())
    return malformed(position_, "the " + std::string{section_name(id)}
                                  + " section has " + std::to_string(size)
                                  + " bytes, but only " + std::to_string(left())
                                  + " are left");
  section_ = section_name(id);
  end_ = position_ + size;
  return true;
}

bool module_cursor::leave_section() {
  if (left() != 0)
    return malformed(position_, std::to_string(left())
                                  + " bytes trail the end of the section's"
                                    " contents");
  section_ = {};
  end_ = module_.size();
  return true;
}

bool module_cursor::malformed(std::size_t offset, const std::string& text) {
  return refuse(run_outcome::invalid_module, offset,
                text
                  + "; the module is damaged: build it again, or see what"
                    " wasm-validate says");
}

bool module_cursor::refuse(run_outcome outcome, std::size_t offset,
                           const std::string& text) {
  auto where = "byte " + std::to_string(offset);
  if (!section_.empty())
    where += " (" + std::string{section_} + " section)";
  problem_ = {outcome, where + ": " + text};
  return false;
}

bool module_cursor::refuse_whole(const std::string& text) {
  problem_ = {run_outcome::invalid_module, text};
  return false;
}

bool module_cursor::fail_truncated(std::string_view what) {
  return malformed(position_,
                   "ends where " + std::string{what} + " should follow");
}

} // namespace artel::sandbox
