// Plain sockets on loopback, for what links are measured against.
#pragma once

#include "runtime/net/link_socket.hpp"
#include "tools/bench/link_paths.hpp"

#include <cstdint>

namespace artel::bench {

/// One connection: tells the port, and waits for it.
runtime::owned_socket accept_one(const on_listening& listening);
runtime::owned_socket connect_to(std::uint16_t port);

} // namespace artel::bench
