// The options that say where a key's passphrase comes from.
#pragma once

#include "protocol/core/result.hpp"
#include "runtime/config/passphrase.hpp"
#include "tools/artel/command_table.hpp"

#include <string>
#include <vector>

namespace artel::tools {

/// --PREFIXpassphrase-file and --PREFIXpassphrase-fd; `which` is for help: "the
/// new passphrase".
std::vector<option_info> passphrase_options(const std::string& prefix,
                                            const std::string& which);

/// invalid_argument where both are given. Without either there is none, but for
/// a terminal that the caller may add.
result<runtime::passphrase_source>
passphrase_source_of(const arguments& given, const std::string& prefix);

/// The file given as argument or by --out; else the usual one.
result<std::filesystem::path> key_path_of(const arguments& given);

/// Tells the problem. A key file with the wrong rights or another passphrase is
/// for the user to mend, like any input.
exit_code refuse_key(const failure& problem);

} // namespace artel::tools
