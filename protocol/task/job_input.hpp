// What one job sees: its own chunk of the task's input, and nothing else.
#pragma once

#include "protocol/core/bytes.hpp"
#include "protocol/core/ids.hpp"
#include "protocol/task/blob.hpp"
#include "protocol/wire/fields.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace artel {

enum class input_kind : std::uint8_t {
  /// No input: the arguments say it all.
  none = 1,
  /// The whole numbers first..last, both included.
  range = 2,
  /// Bytes with a name: a file, a part of one, or results to reduce.
  data = 3,
};

std::string_view to_string(input_kind kind) noexcept;

struct job_input {
  static constexpr std::string_view type_name = "job_input";

  input_kind kind = input_kind::none;
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  /// A plain file name (no '/'), as the program sees it.
  std::string name;
  bytes data;

  bool operator==(const job_input&) const = default;

  template <class Self, class Visitor>
  static constexpr void fields(Self& self, Visitor&& visit) {
    visit("kind", self.kind);
    visit("first", self.first);
    visit("last", self.last);
    visit("name", self.name);
    visit("data", self.data);
  }
};

/// The content hash that receipts name, "artel.input.v1" over all fields; data
/// above limits::blob_piece_bytes count by their blob's id, so that who has
/// none of them yet can tell the hash. Copies nothing.
hash256 hash_of(const job_input& input);

/// The same of an input without its data, which are that blob. The blob must be
/// larger than limits::blob_piece_bytes.
hash256 hash_of(const job_input& input, const blob_ref& data);

} // namespace artel
