// A forked copy of this process that answers messages by one function: a
// failed assertion in it is no more than an answer that does not come. Fork
// before any thread exists. Linux only.
#pragma once

#include "protocol/core/result.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <sys/types.h>

namespace artel::sim {

class child_process {
public:
  /// Called in the child for each message; gives the answer.
  using work = std::function<std::string(const std::string& message)>;

  /// system_failure where no process can be made. The child dies with this
  /// process, and does not hear of Ctrl-C.
  static result<std::unique_ptr<child_process>> start(work what);

  /// Ends it, if it still runs.
  ~child_process();
  child_process(const child_process&) = delete;
  child_process& operator=(const child_process&) = delete;

  /// One message of at most message_bytes_max; longer ones are cut. False where
  /// it has ended.
  bool send(std::string_view message);

  /// To be polled for reading: an answer is there, or it has ended.
  int descriptor() const { return socket_; }

  /// Waits for the next answer; nothing: it has ended.
  std::optional<std::string> receive();

  /// Waits at most so long for an answer, or the end of the child.
  bool wait(std::chrono::milliseconds limit) const;

  /// Ends it, and tells how it had ended before, with the last lines that it
  /// wrote to standard error: "ended by signal 6 (Aborted): ...".
  std::string end();

  static constexpr std::size_t message_bytes_max = 48u << 10;

private:
  child_process(pid_t process, int socket, int error_file)
    : process_(process),
      socket_(socket),
      error_file_(error_file) {}

  std::string error_tail() const;

  pid_t process_;
  int socket_;
  int error_file_;
};

} // namespace artel::sim
