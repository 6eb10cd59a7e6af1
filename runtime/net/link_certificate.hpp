// What binds a link's TLS key to a node's identity, as libp2p does it.
//
// A node makes an Ed25519 key for TLS whenever it starts, and a self-signed
// X.509 certificate for it. The certificate has one extension of artel's, not
// critical, with the object identifier
//
//   2.25.133752101753264563403819521735292111946
//
// (2.25 is the arc of UUIDs; this one is 649fb7c1-0758-44b5-9a9b-c3f5ea184c4a).
// Its value is the DER of an OCTET STRING of 96 bytes (so: 04 60, then them):
//
//   offset 0    32 bytes  the node's id: its Ed25519 identity key
//   offset 32   64 bytes  signature by that key over
//                         hash_of("artel.tls.v1", SPKI), 32 bytes
//
// where SPKI is the DER of the certificate's SubjectPublicKeyInfo, and hash_of
// is protocol/identity/hash.hpp's. Names, serial number, validity and the
// certificate's own signature mean nothing: TLS proves the key, and the
// extension says whose it is.
#pragma once

#include "protocol/core/bytes.hpp"
#include "protocol/core/ids.hpp"
#include "protocol/core/result.hpp"
#include "protocol/identity/keys.hpp"
#include "runtime/net/openssl_handles.hpp"

#include <cstddef>

namespace artel::runtime {

inline constexpr char binding_extension[] =
  "2.25.133752101753264563403819521735292111946";

/// A certificate, encoded, at most: a real one has about 400 bytes.
inline constexpr std::size_t link_certificate_bytes_max = 8u << 10;

/// What the identity's signature covers.
hash256 binding_digest(bytes_view public_key_info) noexcept;

/// The 96 bytes of the extension.
bytes encode_binding(const key_pair& identity, bytes_view public_key_info);

struct link_credentials {
  evp_key key;
  x509_certificate certificate;
};

/// A fresh TLS key, bound to the identity. Errors: system_failure.
result<link_credentials> make_link_credentials(const key_pair& identity);

/// Whose certificate it is. Errors: malformed (no extension, two, or one of
/// another shape; a TLS key that is not Ed25519); bad_signature.
result<node_id> check_link_certificate(X509& certificate);

/// The same of DER; malformed also where it is no certificate.
result<node_id> check_link_certificate(bytes_view certificate);

} // namespace artel::runtime
