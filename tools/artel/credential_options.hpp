// What the commands about owners and networks share: keys, ids and times as
// they are given, and certificates as they are told.
#pragma once

#include "protocol/core/ids.hpp"
#include "protocol/core/result.hpp"
#include "protocol/core/time.hpp"
#include "protocol/identity/keys.hpp"
#include "tools/artel/command_table.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace artel::tools {

wall_time wall_now();

/// The key file that an option names, with its passphrase: --passphrase-file,
/// --passphrase-fd, or asked for on the terminal. `how_to_make` ends the
/// message where there is no such file.
result<key_pair> signing_key_of(const arguments& given,
                                const std::string& option,
                                std::string_view how_to_make = {});

/// The options of signing_key_of().
std::vector<option_info> signing_key_options(const std::string& option,
                                             const std::string& help);

/// now + --expires; `usual` where it is not given.
result<wall_time> expiry_of(const arguments& given, std::string_view usual,
                            wall_time now);
option_info expires_option(std::string usual);
option_info force_option();
option_info format_option();

/// 64 hexadecimal digits; the error names the option or argument.
result<owner_id> owner_named(const std::string& what, std::string_view text);
/// The same, or a key file, which tells its node without its passphrase.
result<node_id> node_named(const std::string& what, const std::string& text);

/// What --node and --owner name, each any number of times.
struct named_keys {
  std::vector<node_id> nodes;
  std::vector<owner_id> owners;
};

/// invalid_argument where there is none: "nothing to revoke".
result<named_keys> keys_named(const arguments& given, std::string_view verb);
std::vector<option_info> named_keys_options();

/// The option's value; invalid_argument where it is not given or empty.
result<std::string> required(const arguments& given, const std::string& option);

/// "label   value" a row, lined up.
std::string
rows_text(const std::vector<std::pair<std::string, std::string>>& rows);

} // namespace artel::tools
