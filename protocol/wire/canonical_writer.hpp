// Writes canonical MessagePack through msgpack-cxx, whose packer always chooses
// the shortest form. Small writes are gathered, so that a small message costs
// one allocation of its exact size.
#pragma once

#include "protocol/core/bytes.hpp"

#ifndef MSGPACK_NO_BOOST
#  define MSGPACK_NO_BOOST
#endif
#include <msgpack.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>

namespace artel::wire {

/// The stream a packer writes to.
class output_buffer {
public:
  output_buffer() = default;
  /// Appends to these.
  explicit output_buffer(bytes start) : written_(std::move(start)) {}

  [[gnu::always_inline]] void write(const char* data, std::size_t size) {
    if (size > gathered_.size() - used_) {
      write_through(data, size);
      return;
    }
    // An empty byte string may have no address at all.
    if (size > 0)
      std::memcpy(gathered_.data() + used_, data, size);
    used_ += size;
  }

  bytes finish() && {
    flush();
    return std::move(written_);
  }

private:
  void flush() {
    written_.insert(written_.end(), gathered_.begin(),
                    gathered_.begin() + static_cast<std::ptrdiff_t>(used_));
    used_ = 0;
  }

  void write_through(const char* data, std::size_t size) {
    // Room for what follows, so that large contents are not moved for it.
    auto needed = written_.size() + used_ + size;
    if (needed > written_.capacity())
      written_.reserve(
        std::max(needed + gathered_.size(), written_.capacity() * 3 / 2));
    flush();
    auto raw = as_bytes({data, size});
    written_.insert(written_.end(), raw.begin(), raw.end());
  }

  std::array<std::uint8_t, 2048> gathered_;
  std::size_t used_ = 0;
  bytes written_;
};

class canonical_writer {
public:
  canonical_writer() = default;
  /// Appends to these.
  explicit canonical_writer(bytes start) : buffer_(std::move(start)) {}

  void map(std::size_t fields) {
    packer_.pack_map(static_cast<std::uint32_t>(fields));
  }
  void array(std::size_t elements) {
    packer_.pack_array(static_cast<std::uint32_t>(elements));
  }
  void boolean(bool value) {
    value ? packer_.pack_true() : packer_.pack_false();
  }
  void integer(std::uint64_t value) { packer_.pack_uint64(value); }
  void integer(std::int64_t value) { packer_.pack_int64(value); }

  /// A name known to the compiler, of 1 to 31 bytes.
  [[gnu::always_inline]] void name(std::string_view text) {
    const auto header = static_cast<char>(0xa0 | text.size());
    buffer_.write(&header, 1);
    buffer_.write(text.data(), text.size());
  }

  void string(std::string_view text) {
    auto size = static_cast<std::uint32_t>(text.size());
    packer_.pack_str(size).pack_str_body(text.data(), size);
  }
  void binary(bytes_view data) {
    auto size = static_cast<std::uint32_t>(data.size());
    packer_.pack_bin(size).pack_bin_body(as_text(data).data(), size);
  }

  bytes finish() && { return std::move(buffer_).finish(); }

private:
  output_buffer buffer_;
  msgpack::packer<output_buffer> packer_{buffer_};
};

} // namespace artel::wire
