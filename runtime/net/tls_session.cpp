#include "runtime/net/tls_session.hpp"

#include "runtime/net/link_certificate.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <utility>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

namespace artel::runtime {

/// What OpenSSL calls.
struct session_callbacks {
  static int read(BIO* bio, char* target, std::size_t size,
                  std::size_t* count) {
    auto& input = static_cast<tls_session*>(BIO_get_data(bio))->input_;
    BIO_clear_retry_flags(bio);
    *count = std::min(size, input.size());
    if (*count == 0) {
      BIO_set_retry_read(bio);
      return 0;
    }
    std::memcpy(target, input.data(), *count);
    input = input.subspan(*count);
    return 1;
  }

  static int write(BIO* bio, const char* data, std::size_t size,
                   std::size_t* count) {
    auto& output = static_cast<tls_session*>(BIO_get_data(bio))->output_;
    // An exception must not cross OpenSSL.
    try {
      output.insert(output.end(), data, data + size);
    } catch (...) {
      return 0;
    }
    *count = size;
    return 1;
  }

  static long control(BIO*, int command, long, void*) {
    return command == BIO_CTRL_FLUSH ? 1 : 0;
  }

  static int verify(X509_STORE_CTX* store, void*) {
    auto connection = static_cast<SSL*>(
      X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
    auto session = static_cast<tls_session*>(SSL_get_app_data(connection));
    auto certificate = X509_STORE_CTX_get0_cert(store);
    auto chain = X509_STORE_CTX_get0_untrusted(store);
    try {
      auto node = certificate && chain && sk_X509_num(chain) == 1
                    ? check_link_certificate(*certificate)
                    : result<node_id>{errc::malformed,
                                      "certificate: expected exactly one"};
      if (node) {
        session->proven_ = *node;
        X509_STORE_CTX_set_error(store, X509_V_OK);
        return 1;
      }
      session->reason_ = node.error().message;
    } catch (...) {
      // No memory: refused without a reason.
    }
    session->problem_ = tls_problem::bad_binding;
    X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED);
    return 0;
  }
};

namespace {

using bio_method = std::unique_ptr<BIO_METHOD, openssl_free<BIO_meth_free>>;

/// Between OpenSSL and a session's own buffers: saves the copies of OpenSSL's
/// memory BIOs.
const BIO_METHOD* session_method() {
  static const bio_method method = [] {
    bio_method made{
      BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "artel link")};
    if (made) {
      BIO_meth_set_read_ex(made.get(), session_callbacks::read);
      BIO_meth_set_write_ex(made.get(), session_callbacks::write);
      BIO_meth_set_ctrl(made.get(), session_callbacks::control);
    }
    return made;
  }();
  return method.get();
}

std::string last_openssl_error() {
  auto code = ERR_peek_error();
  if (code == 0)
    return "no reason given";
  auto text = ERR_reason_error_string(code);
  return text ? text : "error " + std::to_string(code);
}

tls_problem problem_of(unsigned long code) noexcept {
  if (ERR_GET_LIB(code) != ERR_LIB_SSL)
    return tls_problem::other;
  switch (ERR_GET_REASON(code)) {
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_VERSION_TOO_LOW:
    case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION: return tls_problem::version;
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
      return tls_problem::no_certificate;
    default: return tls_problem::other;
  }
}

bool configure(SSL_CTX* context, link_credentials& credentials) {
  constexpr auto verify = SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
  if (!SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION)
      || !SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION)
      || !SSL_CTX_set_ciphersuites(context, "TLS_AES_128_GCM_SHA256:"
                                            "TLS_CHACHA20_POLY1305_SHA256:"
                                            "TLS_AES_256_GCM_SHA384")
      || !SSL_CTX_set1_sigalgs_list(context, "ed25519")
      || !SSL_CTX_use_certificate(context, credentials.certificate.get())
      || !SSL_CTX_use_PrivateKey(context, credentials.key.get())
      || !SSL_CTX_set_num_tickets(context, 0))
    return false;
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION
                                 | SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_max_cert_list(context, link_certificate_bytes_max);
  // An idle link keeps no buffers: 34 KiB each otherwise.
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_verify(context, verify, nullptr);
  SSL_CTX_set_cert_verify_callback(context, session_callbacks::verify, nullptr);
  return true;
}

} // namespace

result<std::shared_ptr<const tls_context>>
tls_context::make(const key_pair& identity) {
  auto credentials = make_link_credentials(identity);
  if (!credentials)
    return credentials.error();
  auto made = std::make_shared<tls_context>();
  made->context_.reset(SSL_CTX_new(TLS_method()));
  if (!made->context_ || !session_method()
      || !configure(made->context_.get(), *credentials)) {
    auto reason = last_openssl_error();
    ERR_clear_error();
    return {errc::system_failure,
            "OpenSSL can't be set up for TLS 1.3: " + reason};
  }
  return std::shared_ptr<const tls_context>{std::move(made)};
}

tls_session::tls_session(std::shared_ptr<const tls_context> context, side which)
  : context_(std::move(context)),
    connection_(SSL_new(context_->get())) {
  auto bio = BIO_new(session_method());
  if (!connection_ || !bio) {
    BIO_free(bio);
    fail();
    return;
  }
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(connection_.get(), bio, bio);
  SSL_set_app_data(connection_.get(), this);
  if (which == side::accepted)
    SSL_set_accept_state(connection_.get());
  else
    SSL_set_connect_state(connection_.get());
}

void tls_session::feed(bytes_view data) {
  if (input_.empty()) {
    kept_.clear();
    input_ = data;
    return;
  }
  // What was kept is read first.
  kept_.erase(kept_.begin(),
              kept_.end() - static_cast<std::ptrdiff_t>(input_.size()));
  kept_.insert(kept_.end(), data.begin(), data.end());
  input_ = kept_;
}

void tls_session::keep_rest() {
  bytes rest{input_.begin(), input_.end()};
  kept_ = std::move(rest);
  input_ = kept_;
}

tls_session::state tls_session::handshake() {
  if (state_ != state::handshake)
    return state_;
  ERR_clear_error();
  auto done = SSL_do_handshake(connection_.get());
  if (done == 1) {
    state_ = proven_.is_zero() ? state::failed : state::open;
    return state_;
  }
  if (SSL_get_error(connection_.get(), done) != SSL_ERROR_WANT_READ)
    fail();
  return state_;
}

std::size_t tls_session::read(std::span<std::uint8_t> target) {
  if (state_ != state::open)
    return 0;
  ERR_clear_error();
  std::size_t count = 0;
  auto done =
    SSL_read_ex(connection_.get(), target.data(), target.size(), &count);
  if (done == 1)
    return count;
  switch (SSL_get_error(connection_.get(), done)) {
    case SSL_ERROR_WANT_READ: break;
    case SSL_ERROR_ZERO_RETURN: state_ = state::ended; break;
    default: fail();
  }
  return 0;
}

bool tls_session::write(bytes_view plaintext) {
  if (state_ != state::open)
    return false;
  ERR_clear_error();
  std::size_t count = 0;
  if (SSL_write_ex(connection_.get(), plaintext.data(), plaintext.size(),
                   &count)
        == 1
      && count == plaintext.size())
    return true;
  fail();
  return false;
}

void tls_session::close() {
  if (state_ != state::open)
    return;
  ERR_clear_error();
  SSL_shutdown(connection_.get());
  ERR_clear_error();
  state_ = state::ended;
}

void tls_session::fail() {
  state_ = state::failed;
  input_ = {};
  if (problem_ == tls_problem::none) {
    problem_ = problem_of(ERR_peek_error());
    reason_ = last_openssl_error();
  }
  ERR_clear_error();
}

} // namespace artel::runtime
