// What one job sees: its own chunk of the task's input, and nothing else.
#pragma once

#include "protocol/core/bytes.hpp"
#include "protocol/identity/hash.hpp"
#include "protocol/wire/fields.hpp"

#include <cstdint>
#include <string>

namespace artel {

enum class input_kind : std::uint8_t {
  /// No input: the arguments say it all.
  none = 1,
  /// The whole numbers first..last, both included.
  range = 2,
  /// Bytes with a name: a file, a part of one, or results to reduce.
  data = 3,
};

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

/// The content hash that receipts name. Streams, so it copies nothing.
hash256 hash_of(const job_input& input) noexcept;

} // namespace artel
