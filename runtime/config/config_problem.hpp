// What is wrong with something that a person wrote, and where it stands.
#pragma once

#include "protocol/core/errc.hpp"

#include <string>

namespace artel::runtime {

/// One problem with a file, a variable or a flag, with its place.
struct config_problem {
  /// "primes.toml:12:1", "--range", or empty.
  std::string where;
  errc code{};
  std::string message;

  bool operator==(const config_problem&) const = default;
};

/// "primes.toml:12:1: input.chunks: ...", for people.
std::string to_string(const config_problem& problem);

} // namespace artel::runtime
