// How a node is, as a JSON document.
#pragma once

#include "actors/status.hpp"
#include "runtime/observe/json.hpp"

namespace artel::runtime {

json peer_json(const peer_status& peer);
json counters_json(const peer_counters& counters);

/// Without its claims, which come from disk.
json status_json(const node_status& status);

} // namespace artel::runtime
