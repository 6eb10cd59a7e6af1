// Failures as answers to requests between actors: CAF carries errors of its own
// kind, and this is how ours travel in them.
#pragma once

#include "protocol/core/result.hpp"

#include <caf/atom.hpp>
#include <caf/error.hpp>
#include <caf/make_message.hpp>

#include <cstdint>
#include <string>
#include <utility>

namespace artel {

inline caf::error answer_error(errc code, std::string message) {
  return caf::error{static_cast<std::uint8_t>(code), caf::atom("artel"),
                    caf::make_message(std::move(message))};
}

/// What an answer says went wrong; unreachable for CAF's own errors.
inline failure failure_of(const caf::error& reason) {
  const auto& context = reason.context();
  if (reason.category() == caf::atom("artel")
      && context.match_elements<std::string>())
    return {static_cast<errc>(reason.code()), context.get_as<std::string>(0)};
  return {errc::unreachable, caf::to_string(reason)};
}

} // namespace artel
