#include "runtime/control/control_channel.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace artel::runtime {

namespace {

using clock = std::chrono::steady_clock;

/// The other side is a program on this machine: it reads, or it hangs.
constexpr std::chrono::seconds send_patience{30};
/// For lines to come, between two of them.
constexpr std::size_t room_kept = 256u << 10;

enum class readiness : std::uint8_t { ready = 1, late, broken };

readiness wait_for(int descriptor, short events, clock::time_point end) {
  for (;;) {
    auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(end - clock::now());
    auto milliseconds = static_cast<int>(
      std::clamp<std::chrono::milliseconds::rep>(left.count(), 0, 1'000'000));
    pollfd one{descriptor, events, 0};
    auto count = ::poll(&one, 1, milliseconds);
    if (count > 0)
      return readiness::ready;
    if (count == 0)
      return readiness::late;
    if (errno != EINTR)
      return readiness::broken;
  }
}

failure closed() {
  return {errc::unreachable, "the other side closed the control connection"};
}

} // namespace

control_channel::~control_channel() {
  if (descriptor_ >= 0)
    ::close(descriptor_);
}

result<json> control_channel::receive(std::size_t bytes_max,
                                      std::size_t values_max,
                                      std::chrono::milliseconds patience) {
  auto end = clock::now() + patience;
  std::size_t searched = 0;
  for (;;) {
    auto newline = buffer_.find('\n', searched);
    if (newline > bytes_max
        && (newline != buffer_.npos || buffer_.size() > bytes_max))
      return {errc::limit_exceeded, "a line of more than "
                                      + std::to_string(bytes_max)
                                      + " bytes came over the control"
                                        " connection"};
    if (newline != buffer_.npos) {
      auto parsed = parse_control_line(
        std::string_view{buffer_}.substr(0, newline), values_max);
      buffer_.erase(0, newline + 1);
      // Who waits for the next line needs no room for the longest.
      if (buffer_.capacity() > room_kept && buffer_.size() < room_kept)
        buffer_.shrink_to_fit();
      return parsed;
    }
    searched = buffer_.size();
    switch (wait_for(descriptor_, POLLIN, end)) {
      case readiness::ready: break;
      case readiness::late:
        return {errc::timed_out, "nothing came over the control connection"};
      case readiness::broken: return closed();
    }
    std::array<char, 64u << 10> chunk;
    auto count = ::recv(descriptor_, chunk.data(), chunk.size(), MSG_DONTWAIT);
    if (count > 0)
      buffer_.append(chunk.data(), static_cast<std::size_t>(count));
    else if (count == 0 || (errno != EINTR && errno != EAGAIN))
      return closed();
  }
}

result<void> control_channel::send(const json& message) {
  auto text = line_of(message) + "\n";
  auto end = clock::now() + send_patience;
  std::string_view rest = text;
  while (!rest.empty()) {
    auto count = ::send(descriptor_, rest.data(), rest.size(),
                        MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(count));
      continue;
    }
    if (errno == EINTR)
      continue;
    if (errno != EAGAIN)
      return closed();
    switch (wait_for(descriptor_, POLLOUT, end)) {
      case readiness::ready: break;
      case readiness::late:
        return {errc::timed_out,
                "the other side of the control connection reads nothing"};
      case readiness::broken: return closed();
    }
  }
  return {};
}

bool control_channel::is_closed() const {
  pollfd one{descriptor_, POLLRDHUP, 0};
  return ::poll(&one, 1, 0) > 0
         && (one.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

void control_channel::shut_down() {
  ::shutdown(descriptor_, SHUT_RDWR);
}

result<sockaddr_un> control_address(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const auto& text = path.native();
  if (text.empty() || text.size() >= sizeof(address.sun_path))
    return {errc::invalid_argument,
            "control socket '" + text + "': the path has "
              + std::to_string(text.size()) + " bytes; expected 1 to "
              + std::to_string(sizeof(address.sun_path) - 1)};
  std::copy(text.begin(), text.end(), address.sun_path);
  return address;
}

} // namespace artel::runtime
