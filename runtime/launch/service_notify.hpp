// Tells a service manager where this process stands, by the datagrams that
// systemd documents under sd_notify(3). Needs no library of it, and does
// nothing where nobody listens.
#pragma once

#include "protocol/core/result.hpp"
#include "protocol/core/time.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace artel::runtime {

class service_notifier {
public:
  /// The value of an environment variable; nothing where it is not set.
  using lookup = std::function<std::optional<std::string>(const char*)>;

  /// From NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID. malformed for a socket
  /// that is neither a path nor "@NAME", or too long.
  static result<service_notifier> make(const lookup& environment);
  /// The same from this process's variables, which are then taken away: what it
  /// starts must not speak for it.
  static result<service_notifier> take_from_environment();

  service_notifier(service_notifier&& other) noexcept;
  service_notifier& operator=(service_notifier&& other) noexcept;
  ~service_notifier();

  /// Whether somebody listens.
  bool is_heard() const noexcept { return descriptor_ >= 0; }
  /// How often watchdog() has to be called, half of what the manager waits;
  /// nothing where it does not wait for it.
  std::optional<milliseconds> watchdog_interval() const noexcept {
    return watchdog_interval_;
  }

  /// The status is one line for people. None of them blocks; system_failure
  /// where the manager is gone, or does not keep up.
  result<void> ready(std::string_view status) const;
  result<void> reloading(microseconds since_boot) const;
  result<void> stopping(std::string_view status) const;
  result<void> status(std::string_view text) const;
  result<void> watchdog() const;

private:
  service_notifier() = default;

  result<void> send(const std::string& text) const;

  int descriptor_ = -1;
  /// A socket's address, as the kernel takes it.
  std::string address_;
  std::optional<milliseconds> watchdog_interval_;
};

} // namespace artel::runtime
