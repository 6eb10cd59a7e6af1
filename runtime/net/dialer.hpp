// Opens TCP connections without holding up anybody: names are looked up on
// threads of their own, and all connections that are under way share one more.
// Every address of a host is tried, each for so long. Thread-safe.
#pragma once

#include "protocol/core/result.hpp"
#include "protocol/core/time.hpp"
#include "runtime/net/link_socket.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace artel::runtime {

/// A connection that was made, and where it leads.
struct dialled_connection {
  owned_socket socket;
  std::string address;
};

class dialer {
public:
  using answer = std::function<void(result<dialled_connection>)>;

  /// Dials at a time; more are refused.
  static constexpr std::size_t dials_max = 512;
  /// Of one host, tried.
  static constexpr std::size_t addresses_max = 8;

  /// An address is given up after `connect_timeout`; links are set as
  /// set_link_options() does.
  dialer(milliseconds connect_timeout, milliseconds stall_timeout);
  /// Answers nothing any more. A look-up that hangs is left behind; it touches
  /// nothing of this object's.
  ~dialer();
  dialer(const dialer&) = delete;
  dialer& operator=(const dialer&) = delete;

  /// Answers once, on a thread of the dialer's, or at once where `address` is
  /// none or too many wait. Errors: malformed, not_found (no such host),
  /// unreachable, limit_exceeded.
  void dial(const std::string& address, answer done);

private:
  struct core;

  std::shared_ptr<core> core_;
};

} // namespace artel::runtime
