// One end of a control connection: lines of JSON over a Unix socket, each
// within a bound. One thread at a time reads, one writes.
#pragma once

#include "protocol/core/result.hpp"
#include "runtime/control/control_request.hpp"
#include "runtime/observe/json.hpp"

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <string>
#include <utility>

#include <sys/un.h>

namespace artel::runtime {

/// An answer carries a piece of a result, and lists of any length.
inline constexpr std::size_t control_answer_bytes_max = 32u << 20;

class control_channel {
public:
  /// Takes the descriptor over.
  explicit control_channel(int descriptor) : descriptor_(descriptor) {}
  control_channel(control_channel&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      buffer_(std::move(other.buffer_)) {}
  control_channel& operator=(control_channel&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    std::swap(buffer_, other.buffer_);
    return *this;
  }
  ~control_channel();

  /// The next line. unreachable at the end, timed_out, limit_exceeded for a
  /// longer line, malformed for one that is no JSON object of so many values.
  result<json> receive(std::size_t bytes_max, std::size_t values_max,
                       std::chrono::milliseconds patience);

  /// unreachable where the other side has gone, timed_out where it takes
  /// nothing.
  result<void> send(const json& message);

  /// Whether the other side has closed its end.
  bool is_closed() const;

  /// Wakes whoever waits in the calls above; they fail. Any thread.
  void shut_down();

  int descriptor() const noexcept { return descriptor_; }

private:
  int descriptor_;
  std::string buffer_;
};

/// invalid_argument where the path is too long for a socket.
result<sockaddr_un> control_address(const std::filesystem::path& path);

} // namespace artel::runtime
