// Which address of this machine others are told to dial.
#pragma once

#include "protocol/overlay/address.hpp"

#include <optional>
#include <string>
#include <vector>

namespace artel::runtime {

/// What the settings say, else the first bound address; where that is any of
/// this machine's, its first one that is not loopback takes its place. Empty:
/// nobody can dial the node.
std::string advertised_address(const std::optional<node_address>& wanted,
                               const std::vector<std::string>& bound);

} // namespace artel::runtime
