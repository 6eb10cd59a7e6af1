// A client that joins a network over real links, runs tasks there, and leaves.
// Its account is its own book: what it owes goes to the workers as signed
// claims.
#pragma once

#include "protocol/overlay/address.hpp"
#include "runtime/launch/node_credentials.hpp"
#include "runtime/launch/task_network.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string_view>
#include <vector>

namespace artel::runtime {

inline constexpr std::uint16_t node_port_default = 7'447;

/// HOST:PORT, or HOST alone for the usual port.
result<node_address> parse_node_address(std::string_view text);

struct client_options {
  /// Nodes to dial first, all of them.
  std::vector<node_address> addresses;
  credential_files credentials;
  credits account = whole_credits(100);
  /// Links to workers that a run waits for, and how long; without a number as
  /// many as the task has replicas.
  std::optional<std::uint32_t> workers_wait;
  milliseconds wait_timeout{10'000};
  log_level log_threshold = log_level::warning;
};

class client_node : public task_network {
public:
  /// Once the first link is up. unreachable names the addresses and why;
  /// cancelled.
  static result<std::unique_ptr<client_node>>
  connect(const client_options& options, std::stop_token stop);
};

} // namespace artel::runtime
