// One resource by http or https, into memory: bounded in bytes, time and
// redirects, and only from addresses that its caller allows. An address is
// looked at when the socket to it is made, after all names were resolved, so
// that no name can lead elsewhere in between. Blocks its thread; thread-safe.
#pragma once

#include "protocol/core/bytes.hpp"
#include "protocol/core/result.hpp"
#include "protocol/core/time.hpp"
#include "protocol/overlay/address.hpp"

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>

namespace artel::runtime {

/// Of a URL that may be fetched.
struct http_location {
  bool is_secure = false;
  /// In lower case, without brackets.
  std::string host;
  std::uint16_t port = 0;

  bool operator==(const http_location&) const = default;
};

/// http and https alone, without a user's name or password; malformed,
/// invalid_argument.
result<http_location> locate_url(const std::string& url);

struct http_fetch_options {
  std::uint64_t bytes_max = 64u << 20;
  milliseconds connect_timeout{10'000};
  /// For all of it, redirects included.
  milliseconds timeout{30'000};
  /// A server that sends less than a kilobyte a second for so long is given up.
  milliseconds stall_timeout{10'000};
  std::uint32_t redirects_max = 5;
  /// Whether this address of this host may be asked; unset: public ones.
  std::function<bool(const http_location&, const ip_address&)> allows;
  std::stop_token stop;
};

/// The body of a 200. Errors name the URL: invalid_argument, refused (an
/// address that is not allowed, a redirect from https to http), not_found (any
/// other status), limit_exceeded, timed_out, cancelled, unreachable.
result<bytes> http_fetch(const std::string& url,
                         const http_fetch_options& options);

} // namespace artel::runtime
