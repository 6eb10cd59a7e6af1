// The options that say what a bundle holds beside its program, and the bundle
// that they make; shared by what packs one and what runs one at once.
#pragma once

#include "protocol/core/result.hpp"
#include "protocol/task/code_bundle.hpp"
#include "protocol/task/sandbox_terms.hpp"
#include "tools/artel/command_table.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace artel::tools {

/// --file, --stdin, --rootfs.
std::vector<option_info> code_options();

/// What runs such code where nobody says it: a container with a root file
/// system, WebAssembly where the program's name ends so, else a process.
sandbox_kind implied_kind(std::string_view program, bool has_rootfs);

/// The program with its arguments, and what the options add. Relative paths
/// belong to the current directory. Errors name the option.
result<code_bundle> pack_code(const arguments& given,
                              const std::vector<std::string>& program,
                              sandbox_kind kind);

} // namespace artel::tools
