// Reads the parts of a WebAssembly module's binary format: numbers, names,
// counts; never past the end of the section it is in. Each read returns false
// after the first problem, which take_problem() hands over.
#pragma once

#include "protocol/core/bytes.hpp"
#include "sandbox/wasm/module_check.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace artel::sandbox {

/// "memory" for 5; empty for a number that names no section.
std::string_view section_name(std::uint8_t id) noexcept;

class module_cursor {
public:
  /// The module must outlive the cursor.
  explicit module_cursor(bytes_view module) noexcept
    : module_(module),
      end_(module.size()) {}

  /// The offset in the module of the next byte.
  std::size_t position() const noexcept { return position_; }
  /// Bytes up to the end of the section, or of the module.
  std::size_t left() const noexcept { return end_ - position_; }

  bool read_byte(std::uint8_t& value, std::string_view what);

  /// An unsigned LEB128 number of 32 bits.
  bool read_number(std::uint32_t& value, std::string_view what) {
    if (left() > 0 && module_[position_] < 0x80) {
      value = module_[position_++];
      return true;
    }
    return read_long_number(value, what);
  }

  /// Steps over a signed LEB128 number of 32 or 64 bits.
  bool skip_signed(unsigned bits, std::string_view what);

  /// The number of entries that follow: at most max, and no more than fit into
  /// what is left at entry_bytes_min each.
  bool read_count(std::uint32_t& count, std::size_t max,
                  std::size_t entry_bytes_min, std::string_view what);

  /// UTF-8 with its length before; the view is one of the module.
  bool read_name(std::string_view& name, std::size_t max,
                 std::string_view what);

  bool read_bytes(bytes_view& data, std::size_t size, std::string_view what);

  /// Only the next `size` bytes are there until leave_section(), which wants
  /// all of them to have been read.
  bool enter_section(std::uint8_t id, std::size_t size);
  bool leave_section();

  /// Notes that the bytes at the offset are no WebAssembly. Returns false.
  bool malformed(std::size_t offset, const std::string& text);
  /// Notes that they are, but are refused. Returns false.
  bool refuse(run_outcome outcome, std::size_t offset, const std::string& text);

  /// Notes what the module lacks as a whole. Returns false.
  bool refuse_whole(const std::string& text);

  module_problem take_problem() { return std::move(problem_); }

private:
  bool read_long_number(std::uint32_t& value, std::string_view what);
  bool fail_truncated(std::string_view what);

  bytes_view module_;
  std::size_t position_ = 0;
  std::size_t end_;
  std::string_view section_;
  module_problem problem_;
};

} // namespace artel::sandbox
