// OpenSSL's objects, freed with their owner.
#pragma once

#include <memory>

#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

namespace artel::runtime {

template <auto Free>
struct openssl_free {
  template <class T>
  void operator()(T* object) const noexcept {
    Free(object);
  }
};

using evp_key = std::unique_ptr<EVP_PKEY, openssl_free<EVP_PKEY_free>>;
using x509_certificate = std::unique_ptr<X509, openssl_free<X509_free>>;
using ssl_context = std::unique_ptr<SSL_CTX, openssl_free<SSL_CTX_free>>;
using ssl_connection = std::unique_ptr<SSL, openssl_free<SSL_free>>;

} // namespace artel::runtime
