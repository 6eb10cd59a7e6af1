// From the words of a command line to a command and what it was given.
#pragma once

#include "protocol/core/result.hpp"
#include "tools/artel/command_table.hpp"

#include <string>
#include <vector>

namespace artel::tools {

struct parsed_command {
  const command_info* command = nullptr;
  arguments given;
};

/// Without the program's own name. Runs nothing. invalid_argument says what was
/// not understood and what was probably meant.
///
/// No words, -h and --help lead to the help command, --version to version.
result<parsed_command>
parse_command_line(const std::vector<std::string>& words);

/// Parses and runs; gives the process's exit code.
exit_code run_command_line(const std::vector<std::string>& words);

} // namespace artel::tools
