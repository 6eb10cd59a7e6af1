#include "runtime/net/link_certificate.hpp"

#include "protocol/identity/hash.hpp"

#include <algorithm>
#include <string_view>

#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/x509v3.h>

namespace artel::runtime {

namespace {

using asn1_object =
  std::unique_ptr<ASN1_OBJECT, openssl_free<ASN1_OBJECT_free>>;
using asn1_octets =
  std::unique_ptr<ASN1_OCTET_STRING, openssl_free<ASN1_OCTET_STRING_free>>;
using x509_extension =
  std::unique_ptr<X509_EXTENSION, openssl_free<X509_EXTENSION_free>>;

constexpr std::size_t binding_bytes = node_id::size + signature::size;
// The DER of an OCTET STRING that short: tag, one byte of length, content.
constexpr std::size_t binding_header_bytes = 2;
constexpr long day_seconds = 24 * 60 * 60;

asn1_object binding_object() {
  return asn1_object{OBJ_txt2obj(binding_extension, 1)};
}

failure no_certificate_made(std::string_view step) {
  ERR_clear_error();
  return {errc::system_failure, "OpenSSL can't make a link's certificate: "
                                  + std::string{step} + " failed"};
}

bytes public_key_info_of(const X509& certificate) {
  unsigned char* encoded = nullptr;
  auto size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(&certificate), &encoded);
  if (size <= 0)
    return {};
  bytes info{encoded, encoded + size};
  OPENSSL_free(encoded);
  return info;
}

bool add_binding(X509& certificate, const key_pair& identity) {
  auto info = public_key_info_of(certificate);
  if (info.empty())
    return false;
  auto binding = encode_binding(identity, info);
  bytes value{V_ASN1_OCTET_STRING, static_cast<std::uint8_t>(binding.size())};
  value.insert(value.end(), binding.begin(), binding.end());
  asn1_octets octets{ASN1_OCTET_STRING_new()};
  auto object = binding_object();
  if (!octets || !object
      || !ASN1_OCTET_STRING_set(octets.get(), value.data(),
                                static_cast<int>(value.size())))
    return false;
  x509_extension extension{
    X509_EXTENSION_create_by_OBJ(nullptr, object.get(), 0, octets.get())};
  return extension && X509_add_ext(&certificate, extension.get(), -1);
}

bool set_name(X509& certificate) {
  constexpr std::string_view common_name = "artel node";
  auto name = X509_get_subject_name(&certificate);
  return X509_NAME_add_entry_by_txt(
           name, "CN", MBSTRING_ASC,
           reinterpret_cast<const unsigned char*>(common_name.data()),
           static_cast<int>(common_name.size()), -1, 0)
         && X509_set_issuer_name(&certificate, name);
}

} // namespace

hash256 binding_digest(bytes_view public_key_info) noexcept {
  return hash_of("artel.tls.v1", public_key_info);
}

bytes encode_binding(const key_pair& identity, bytes_view public_key_info) {
  auto node = identity.node();
  auto proof = identity.sign(binding_digest(public_key_info).view());
  bytes binding(node.value.size() + proof.value.size());
  auto rest = std::copy(node.value.begin(), node.value.end(), binding.begin());
  std::copy(proof.value.begin(), proof.value.end(), rest);
  return binding;
}

result<link_credentials> make_link_credentials(const key_pair& identity) {
  link_credentials made;
  made.key.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  if (!made.key)
    return no_certificate_made("generating a key");
  made.certificate.reset(X509_new());
  auto certificate = made.certificate.get();
  // Dates that no clock disagrees with: nobody checks them.
  if (!certificate || !X509_set_version(certificate, X509_VERSION_3)
      || !ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1)
      || !X509_gmtime_adj(X509_getm_notBefore(certificate), -day_seconds)
      || !X509_gmtime_adj(X509_getm_notAfter(certificate), 3650 * day_seconds)
      || !X509_set_pubkey(certificate, made.key.get())
      || !set_name(*certificate))
    return no_certificate_made("filling it in");
  if (!add_binding(*certificate, identity))
    return no_certificate_made("binding it to the node's key");
  // Ed25519 hashes by itself.
  if (!X509_sign(certificate, made.key.get(), nullptr))
    return no_certificate_made("signing it");
  return made;
}

result<node_id> check_link_certificate(X509& certificate) {
  auto key = X509_get0_pubkey(&certificate);
  if (!key || EVP_PKEY_get_id(key) != EVP_PKEY_ED25519) {
    ERR_clear_error();
    return {errc::malformed, "certificate: its key is not Ed25519"};
  }
  auto object = binding_object();
  auto index = X509_get_ext_by_OBJ(&certificate, object.get(), -1);
  if (index < 0)
    return {errc::malformed, "certificate: no extension says whose it is"};
  if (X509_get_ext_by_OBJ(&certificate, object.get(), index) >= 0)
    return {errc::malformed,
            "certificate: two extensions say whose it is; expected one"};
  auto value = X509_EXTENSION_get_data(X509_get_ext(&certificate, index));
  bytes_view data{ASN1_STRING_get0_data(value),
                  static_cast<std::size_t>(ASN1_STRING_length(value))};
  if (data.size() != binding_header_bytes + binding_bytes
      || data[0] != V_ASN1_OCTET_STRING || data[1] != binding_bytes)
    return {errc::malformed,
            "certificate: the extension that says whose it is has "
              + std::to_string(data.size())
              + " bytes; expected an OCTET STRING of "
              + std::to_string(binding_bytes)};
  data = data.subspan(binding_header_bytes);
  node_id node;
  signature proof;
  std::copy_n(data.begin(), node_id::size, node.value.begin());
  std::copy_n(data.begin() + node_id::size, signature::size,
              proof.value.begin());
  auto info = public_key_info_of(certificate);
  if (info.empty() || !verify(node, binding_digest(info).view(), proof))
    return {errc::bad_signature, "certificate: node " + short_name(node)
                                   + " has not signed its key"};
  return node;
}

result<node_id> check_link_certificate(bytes_view certificate) {
  auto at = certificate.data();
  x509_certificate decoded{
    certificate.size() > link_certificate_bytes_max
      ? nullptr
      : d2i_X509(nullptr, &at, static_cast<long>(certificate.size()))};
  if (!decoded || at != certificate.data() + certificate.size()) {
    ERR_clear_error();
    return {errc::malformed, "certificate: these bytes are none"};
  }
  return check_link_certificate(*decoded);
}

} // namespace artel::runtime
