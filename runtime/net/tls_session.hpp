// One end of a link's TLS: bytes in, bytes out, no socket. TLS 1.3 only; both
// sides show a certificate that binds their key to a node
// (runtime/net/link_certificate.hpp), and it is checked before the handshake
// ends. No tickets, no resumption, no early data, no compression.
#pragma once

#include "protocol/core/bytes.hpp"
#include "protocol/core/ids.hpp"
#include "protocol/core/result.hpp"
#include "protocol/identity/keys.hpp"
#include "runtime/net/openssl_handles.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace artel::runtime {

/// A node's TLS key and settings, for all its links. Thread-safe once made.
class tls_context {
public:
  /// Errors: system_failure.
  static result<std::shared_ptr<const tls_context>>
  make(const key_pair& identity);

  SSL_CTX* get() const noexcept { return context_.get(); }

private:
  ssl_context context_;
};

/// Why a session failed.
enum class tls_problem : std::uint8_t {
  none,
  version,
  no_certificate,
  bad_binding,
  other,
};

class tls_session {
public:
  enum class side : std::uint8_t { dialled, accepted };
  enum class state : std::uint8_t { handshake, open, ended, failed };

  /// The largest plaintext of one record.
  static constexpr std::size_t record_bytes_max = 16'384;

  tls_session(std::shared_ptr<const tls_context> context, side which);
  tls_session(const tls_session&) = delete;
  tls_session& operator=(const tls_session&) = delete;

  /// Bytes from the other side: they are read by what is called next. What
  /// that leaves has to be kept, or is lost when `data` goes.
  void feed(bytes_view data);
  void keep_rest();
  /// Bytes that were fed and not read.
  std::size_t rest_bytes() const noexcept { return input_.size(); }

  /// Goes on with the handshake, as far as it gets.
  state handshake();

  /// Plaintext; 0 where there is none now, or never again: see current().
  std::size_t read(std::span<std::uint8_t> target);

  /// Encrypts into output(), one record; at most record_bytes_max. False where
  /// the session is not open.
  bool write(bytes_view plaintext);

  /// Says goodbye, into output().
  void close();

  /// What is to be sent; whoever sends it clears it.
  std::vector<char>& output() noexcept { return output_; }

  state current() const noexcept { return state_; }
  /// The other side's node id; zero before the handshake's end.
  const node_id& proven() const noexcept { return proven_; }
  tls_problem problem() const noexcept { return problem_; }
  /// Why it failed, in words.
  const std::string& reason() const noexcept { return reason_; }

private:
  friend struct session_callbacks;

  void fail();

  std::shared_ptr<const tls_context> context_;
  ssl_connection connection_;
  state state_ = state::handshake;
  tls_problem problem_ = tls_problem::none;
  std::string reason_;
  node_id proven_;
  bytes_view input_;
  bytes kept_;
  std::vector<char> output_;
};

} // namespace artel::runtime
