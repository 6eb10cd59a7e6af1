// Reads MessagePack and accepts only its one canonical form: every integer,
// length and count in its shortest encoding. Refusing on the way what encoding
// again would change is the same as decoding, encoding again and comparing, and
// costs one pass. Checks each count and size against its limit and against the
// bytes that are left before anything is allocated.
//
// Each read returns false after the first failure, which take_failure() hands
// over; the callers on the way back add where it happened.
#pragma once

#include "protocol/core/bytes.hpp"
#include "protocol/core/result.hpp"
#include "protocol/wire/schema.hpp"

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

namespace artel::wire {

class canonical_reader {
public:
  /// The data must outlive the reader.
  explicit canonical_reader(bytes_view data) noexcept
    : cursor_(data.data()),
      end_(data.data() + data.size()) {}

  bool read_bool(bool& value);

  /// An integer from 0 to max.
  bool read_unsigned(std::uint64_t& value, std::uint64_t max) {
    if (left() > 0 && *cursor_ < 0x80 && *cursor_ <= max) {
      value = *cursor_++;
      return true;
    }
    return read_long_unsigned(value, max);
  }

  /// An integer from min to max.
  bool read_signed(std::int64_t& value, std::int64_t min, std::int64_t max);

  /// Milliseconds: an integer within limits::time_ms_max of zero.
  bool read_time(std::int64_t& value);

  /// The number of an enumerator: from 1 to last.
  bool read_enumerator(std::uint64_t& value, std::uint64_t last);

  bool read_string(std::string& value, std::size_t max);
  bool read_bytes(bytes& value, std::size_t max);

  /// A byte string of exactly the target's size, below 256.
  bool read_exactly(std::span<std::uint8_t> target) {
    auto size = target.size();
    if (left() >= size + 2 && cursor_[0] == 0xc4 && cursor_[1] == size) {
      std::memcpy(target.data(), cursor_ + 2, size);
      cursor_ += size + 2;
      return true;
    }
    return fail_id(size);
  }

  /// Enters an array of at most max elements that take element_size_min bytes
  /// each at least.
  bool enter_array(std::size_t& count, std::size_t max,
                   std::size_t element_size_min);

  /// Enters a map that must hold the schema's fields.
  bool enter_message(const message_schema& schema);

  void leave() noexcept { --depth_; }

  /// Steps over the name of a field, if it comes next.
  bool match_name(std::string_view name) noexcept {
    auto size = name.size();
    if (left() <= size || *cursor_ != (0xa0 | size)
        || std::memcmp(cursor_ + 1, name.data(), size) != 0)
      return false;
    cursor_ += size + 1;
    return true;
  }

  /// Where the next read begins.
  const std::uint8_t* position() const noexcept { return cursor_; }

  /// Finds out what is wrong with the fields of the map that begins at `start`:
  /// one is unknown, repeated, missing, or they stand in another order. Returns
  /// false.
  bool fail_fields(const message_schema& schema, const std::uint8_t* start);

  /// All data has been read.
  bool finish();

  /// Put the failure into its field or element. Return false.
  bool at_field(std::string_view name);
  bool at_element(std::size_t index);

  failure take_failure(std::string_view type_name);

private:
  struct family;
  struct integer;
  struct skipped;

  std::size_t left() const noexcept {
    return static_cast<std::size_t>(end_ - cursor_);
  }

  bool fail(errc code, std::string message);
  bool fail_type(std::string_view expected);
  bool fail_truncated(std::uint64_t needed);
  bool fail_id(std::size_t size);
  std::string_view found() const noexcept;

  bool read_big_endian(std::size_t size, std::uint64_t& value);
  bool read_integer(integer& value);
  bool read_long_unsigned(std::uint64_t& value, std::uint64_t max);
  bool read_size(const family& form, std::uint64_t& size);
  bool read_content(const family& form, std::size_t max, bytes_view& content);

  bool skip_value();
  bool skip_one(skipped& item);

  const std::uint8_t* cursor_;
  const std::uint8_t* end_;
  std::size_t depth_ = 0;
  failure failure_;
  std::string path_;
};

} // namespace artel::wire
