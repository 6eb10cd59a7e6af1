// EXPRESSION [within TIME], as `expect` and `wait until` take it.
#pragma once

#include "protocol/core/time.hpp"
#include "tools/artel/exit_codes.hpp"
#include "tools/artel/shell/expression.hpp"

#include <optional>
#include <string>

namespace artel::tools {

class session;

struct waited_condition {
  expression what;
  std::optional<microseconds> within;
};

/// Out of the current command's arguments. Nothing: what is wrong was told, and
/// `code` is the exit code.
std::optional<waited_condition> read_condition(session& in, exit_code& code);

/// Looks names up; lets time pass until it holds, where it has a limit. Where
/// it does not hold, tells the values of its figures, and gives `otherwise`.
exit_code wait_for(session& in, waited_condition& condition,
                   exit_code otherwise);

} // namespace artel::tools
