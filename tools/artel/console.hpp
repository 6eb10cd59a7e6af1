// What commands say to people: results on standard output, everything else on
// standard error.
#pragma once

#include "protocol/core/result.hpp"
#include "tools/artel/exit_codes.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace artel::tools {

/// Text that others wrote (programs, workers), made safe for a terminal:
/// control characters and what is no UTF-8 as "\x1b"; tabs and newlines stay.
std::string printable(std::string_view text);

/// "artel: ..." on standard error.
void tell(std::string_view message);

/// Tells the problem, and gives the exit code for it.
exit_code refuse(const failure& problem);

/// Writes to standard error as it is.
void write_error(std::string_view text);

/// Writes to standard output. False once that is no longer possible (a full
/// disk, a closed pipe).
bool write_output(std::string_view text);

/// Makes sure that all output was written; tells and gives exit_code::failure
/// where not, else `otherwise`.
exit_code finish_output(exit_code otherwise);

/// How many columns the terminal has that standard error goes to; nothing where
/// it goes elsewhere, or to a terminal that cannot rewrite a line.
std::optional<std::size_t> terminal_columns();

} // namespace artel::tools
