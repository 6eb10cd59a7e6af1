// What a measured end needs of a node: a key, a TLS endpoint, an actor system.
#pragma once

#include "actors/environment.hpp"
#include "runtime/launch/actor_system.hpp"
#include "runtime/net/tls_transport.hpp"

#include <caf/actor_system.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace artel::bench {

/// Tells why on standard error and ends the process: actors may be running.
[[noreturn]] void fail(const std::string& what);

class link_node {
public:
  /// Listens on a port of loopback, or nowhere.
  explicit link_node(bool listens);

  caf::actor_system& system() { return system_; }
  const environment_ptr& environment() const { return environment_; }
  std::uint16_t port() const;
  /// Starts the transport, which tells that actor of accepted links.
  transport_actor start(const caf::actor& node);

private:
  runtime::networked_system_config config_;
  caf::actor_system system_;
  environment_ptr environment_;
  std::shared_ptr<runtime::tls_endpoint> endpoint_;
};

std::string loopback_address(std::uint16_t port);

} // namespace artel::bench
