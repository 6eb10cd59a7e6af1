// A file that a run left as part of its result, beside its standard output.
#pragma once

#include "protocol/core/bytes.hpp"
#include "protocol/core/ids.hpp"
#include "protocol/core/result.hpp"
#include "protocol/wire/fields.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace artel {

struct output_file {
  static constexpr std::string_view type_name = "output_file";

  /// Relative, '/'-separated, without empty, "." or ".." parts.
  std::string name;
  bytes data;

  bool operator==(const output_file&) const = default;

  template <class Self, class Visitor>
  static constexpr void fields(Self& self, Visitor&& visit) {
    visit("name", self.name);
    visit("data", self.data);
  }
};

/// Files come from other nodes and are written to disk under their names:
/// checks names, their order (sorted, each once, none inside another), their
/// number, and the size of all together. malformed, limit_exceeded.
result<void> check_output_files(const std::vector<output_file>& files,
                                std::uint64_t bytes_max);

/// Of all contents.
std::uint64_t total_bytes(const std::vector<output_file>& files) noexcept;

/// "artel.output_files.v1" over names and contents; zero without files.
hash256 hash_of(const std::vector<output_file>& files);

} // namespace artel
