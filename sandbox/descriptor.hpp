// File descriptors that close themselves. All are close-on-exec from the start:
// other threads start programs at any moment.
#pragma once

#include "protocol/core/bytes.hpp"

#include <string>
#include <utility>

#include <unistd.h>

namespace artel::sandbox {

class descriptor {
public:
  descriptor() = default;
  explicit descriptor(int number) noexcept : number_(number) {}
  descriptor(descriptor&& other) noexcept
    : number_(std::exchange(other.number_, -1)) {}
  descriptor& operator=(descriptor&& other) noexcept {
    if (this != &other) {
      close();
      number_ = std::exchange(other.number_, -1);
    }
    return *this;
  }
  ~descriptor() { close(); }

  /// -1 where nothing is open.
  int number() const noexcept { return number_; }
  bool is_open() const noexcept { return number_ >= 0; }

  void close() noexcept {
    if (number_ >= 0)
      ::close(std::exchange(number_, -1));
  }

private:
  int number_ = -1;
};

/// "cannot open '/x': No such file or directory", with errno's text.
failure system_error(const std::string& what);

/// The text of one error number; thread-safe.
std::string error_text(int error);

struct pipe_ends {
  descriptor read;
  descriptor write;
};

result<pipe_ends> make_pipe();

/// Reads and writes never block from now on.
result<void> make_nonblocking(const descriptor& file);

/// Writes all of it, whatever number of calls that takes.
result<void> write_all(const descriptor& file, bytes_view data);

/// A small file of /proc or /sys; empty where it can't be read.
std::string read_small_file(const std::string& path);

} // namespace artel::sandbox
