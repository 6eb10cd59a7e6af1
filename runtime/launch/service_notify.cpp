#include "runtime/launch/service_notify.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <utility>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace artel::runtime {

namespace {

constexpr std::array variables{"NOTIFY_SOCKET", "WATCHDOG_USEC",
                               "WATCHDOG_PID"};

std::optional<std::uint64_t> number_in(const std::optional<std::string>& text) {
  std::uint64_t value = 0;
  if (!text || text->empty())
    return std::nullopt;
  auto end = text->data() + text->size();
  auto read = std::from_chars(text->data(), end, value);
  if (read.ec != std::errc{} || read.ptr != end)
    return std::nullopt;
  return value;
}

/// As often as sd_watchdog_enabled(3) advises.
std::optional<milliseconds>
interval_of(const service_notifier::lookup& environment) {
  auto whole = number_in(environment("WATCHDOG_USEC"));
  if (!whole || *whole == 0)
    return std::nullopt;
  // Some other process's.
  if (auto process = environment("WATCHDOG_PID");
      process && number_in(process) != static_cast<std::uint64_t>(::getpid()))
    return std::nullopt;
  constexpr std::uint64_t day_us = 86'400'000'000;
  auto half = std::min(*whole, day_us) / 2'000;
  return milliseconds{
    static_cast<std::int64_t>(std::max<std::uint64_t>(half, 1))};
}

/// One line: a newline would begin another assignment.
std::string status_line(std::string_view text) {
  constexpr std::size_t bytes_max = 1'024;
  std::string line = "STATUS=";
  line += text.substr(0, bytes_max);
  std::replace_if(
    line.begin(), line.end(),
    [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; },
    ' ');
  return line;
}

} // namespace

service_notifier::service_notifier(service_notifier&& other) noexcept
  : descriptor_(std::exchange(other.descriptor_, -1)),
    address_(std::move(other.address_)),
    watchdog_interval_(other.watchdog_interval_) {
}

service_notifier&
service_notifier::operator=(service_notifier&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(address_, other.address_);
  std::swap(watchdog_interval_, other.watchdog_interval_);
  return *this;
}

service_notifier::~service_notifier() {
  if (descriptor_ >= 0)
    ::close(descriptor_);
}

result<service_notifier> service_notifier::make(const lookup& environment) {
  service_notifier made;
  auto name = environment("NOTIFY_SOCKET");
  if (!name || name->empty())
    return made;
  auto abstract = name->front() == '@';
  sockaddr_un address{};
  if ((!abstract && name->front() != '/') || name->size() < 2
      || name->size() >= sizeof(address.sun_path))
    return {errc::malformed,
            "NOTIFY_SOCKET is '" + *name
              + "'; expected the path of a socket, or '@' and a name"};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, name->data(), name->size());
  // A zero instead of '@' is the kernel's way to say that it is no file.
  if (abstract)
    address.sun_path[0] = '\0';
  made.address_.assign(reinterpret_cast<const char*>(&address),
                       offsetof(sockaddr_un, sun_path) + name->size()
                         + (abstract ? 0 : 1));
  made.descriptor_ =
    ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (made.descriptor_ < 0)
    return {errc::system_failure,
            std::string{"no socket for the service manager: "}
              + std::strerror(errno)};
  made.watchdog_interval_ = interval_of(environment);
  return made;
}

result<service_notifier> service_notifier::take_from_environment() {
  auto made = make([](const char* name) -> std::optional<std::string> {
    const auto* value = std::getenv(name);
    if (value == nullptr)
      return std::nullopt;
    return value;
  });
  for (const auto* name : variables)
    ::unsetenv(name);
  return made;
}

result<void> service_notifier::send(const std::string& text) const {
  if (descriptor_ < 0)
    return {};
  sockaddr_un address{};
  std::memcpy(&address, address_.data(), address_.size());
  auto sent = ::sendto(descriptor_, text.data(), text.size(), MSG_NOSIGNAL,
                       reinterpret_cast<const sockaddr*>(&address),
                       static_cast<socklen_t>(address_.size()));
  if (sent < 0)
    return {errc::system_failure,
            std::string{"the service manager was not told: "}
              + std::strerror(errno)};
  return {};
}

result<void> service_notifier::ready(std::string_view text) const {
  return send("READY=1\n" + status_line(text));
}

result<void> service_notifier::reloading(microseconds since_boot) const {
  // systemd wants to know since when, so that answers are not mixed up.
  return send("RELOADING=1\nMONOTONIC_USEC="
              + std::to_string(since_boot.count()));
}

result<void> service_notifier::stopping(std::string_view text) const {
  return send("STOPPING=1\n" + status_line(text));
}

result<void> service_notifier::status(std::string_view text) const {
  return send(status_line(text));
}

result<void> service_notifier::watchdog() const {
  return send("WATCHDOG=1");
}

} // namespace artel::runtime
