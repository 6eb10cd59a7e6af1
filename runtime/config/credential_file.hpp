// Certificates, join tokens and network configs as files: JSON made from their
// field lists, after "kind", which names the struct. None of them is secret.
// Whoever reads one checks it: reading proves no signature.
#pragma once

#include "protocol/core/result.hpp"
#include "protocol/governance/network_config.hpp"
#include "protocol/identity/certificates.hpp"

#include <cstddef>
#include <filesystem>
#include <string>

namespace artel::runtime {

/// Larger files are refused before they are read.
inline constexpr std::size_t credential_bytes_max = 8u << 20;

/// T is owner_certificate, seed_certificate, join_token or network_config.
/// Errors begin with the kind and the path: not_found; invalid_argument (no
/// regular file, or one of another kind: both are named); limit_exceeded (too
/// large, or a field beyond its bound on the wire); malformed; system_failure.
template <class T>
result<T> read_credential(const std::filesystem::path& path);

/// Only the kind of a file, such as "join_token"; errors as above.
result<std::string> credential_kind(const std::filesystem::path& path);

/// The file appears whole or not at all, readable by all (0644), and is on disk
/// when this returns. already_exists where there is one and `replace` is false.
template <class T>
result<void> write_credential(const std::filesystem::path& path, const T& item,
                              bool replace);

} // namespace artel::runtime
