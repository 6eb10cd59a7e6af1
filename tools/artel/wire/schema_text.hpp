// The messages of the wire as text, from their field lists: what each field is
// and how much it may hold, and the numbers that enumerations stand for. The
// same text is in protocol/README.md, for those who write a client.
#pragma once

#include <string>

namespace artel::tools {

/// Envelope and payloads, what they consist of, then what is signed or hashed
/// without being a payload; each message once, followed by its enumerations.
std::string wire_schema_text();

} // namespace artel::tools
