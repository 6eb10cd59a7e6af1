// A conversation from the first frame to the last: a client dials a worker, has
// a task run, pays and says goodbye.
#pragma once

#include "runtime/observe/json.hpp"
#include "tools/artel/wire/samples.hpp"

namespace artel::tools {

/// One entry a frame: "from" (client or worker), "frame", and "envelopes" with
/// "type", "payload" as JSON, "digest" and "signed".
runtime::json transcript_of(const samples& from);

} // namespace artel::tools
