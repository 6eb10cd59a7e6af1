// What lies below envelopes: the certificate of a link and its segments.
#pragma once

#include "runtime/observe/json.hpp"
#include "tools/artel/wire/samples.hpp"

namespace artel::tools {

runtime::json link_vectors(const samples& from);

} // namespace artel::tools
