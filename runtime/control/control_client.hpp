// Asks a node daemon of this machine over its control socket.
#pragma once

#include "runtime/control/control_channel.hpp"

#include <filesystem>
#include <functional>

namespace artel::runtime {

/// What comes before a request's end; false gives up waiting.
using control_events = std::function<bool(const json& event)>;

class control_client {
public:
  /// unreachable where no daemon listens, with what to do about it.
  static result<control_client> connect(const std::filesystem::path& path);

  /// The answer, or the daemon's own error. cancelled where `on_event` gave up;
  /// the client is of no use then.
  result<json> ask(const json& request, const control_events& on_event = {});

private:
  explicit control_client(control_channel channel)
    : channel_(std::move(channel)) {}

  control_channel channel_;
};

} // namespace artel::runtime
