// Test vectors of the wire format, for those who write a client: keys, hashes,
// trees, encodings with their signatures, what is refused, and a conversation.
#pragma once

#include <string>

namespace artel::tools {

/// A JSON document, the same on every machine. Bytes are hexadecimal. What its
/// keys mean stands in tests/interop/README.md.
std::string wire_vectors();

} // namespace artel::tools
