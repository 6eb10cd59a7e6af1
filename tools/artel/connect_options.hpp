// The options by which a command joins a network as a client, instead of
// running one in this process.
#pragma once

#include "protocol/core/result.hpp"
#include "runtime/launch/client_node.hpp"
#include "tools/artel/command_table.hpp"

#include <optional>
#include <vector>

namespace artel::tools {

/// --connect, --key, --network, --network-root, --certificate, --join-token,
/// --wait-workers, --wait-timeout, --passphrase-file, --passphrase-fd.
std::vector<option_info> connect_options();

/// Nothing without --connect. invalid_argument where something is said that
/// goes only with the other kind of network.
result<std::optional<runtime::client_options>>
connect_options_of(const arguments& given);

} // namespace artel::tools
