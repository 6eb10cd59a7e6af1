// The two ends of each path that bench_link measures. Each function is the
// whole of a process, and ends it: actors may be running then.
#pragma once

#include "tools/bench/link_meter.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>

namespace artel::bench {

/// Told once: the port that the server listens on.
using on_listening = std::function<void(std::uint16_t)>;
/// Returns when the server is to end.
using until_told = std::function<void()>;

using on_measured = std::function<void(const figures&)>;

struct server_hooks {
  std::size_t payload_bytes = 0;
  on_listening listening;
  until_told wait;
};

/// Envelopes on a TLS link of the node's own transport, encoded, gathered,
/// checked and decoded as peers do; a request is answered by one of its kind.
[[noreturn]] void serve_session(const server_hooks& hooks);
[[noreturn]] void drive_session(std::uint16_t port, const load& what,
                                const on_measured& report);

/// The same link; a request is a batch of assignments under one signature, its
/// answer the receipts under another. Both are checked as workers and owners
/// check them; nothing is run in between.
[[noreturn]] void drive_batches(std::uint16_t port, const load& what,
                                const on_measured& report);

/// The peers of two nodes, with their greeting and their pace; above them an
/// actor that answers.
[[noreturn]] void serve_peers(const server_hooks& hooks);
[[noreturn]] void drive_peers(std::uint16_t port, const load& what,
                              const on_measured& report);

/// Plain CAF remoting (BASP), no TLS.
[[noreturn]] void serve_basp(const server_hooks& hooks);
[[noreturn]] void drive_basp(std::uint16_t port, const load& what,
                             const on_measured& report);

/// TLS of the nodes' kind on bare sockets, nothing above it: the most that any
/// link over it could do.
[[noreturn]] void serve_tls(const server_hooks& hooks);
[[noreturn]] void drive_tls(std::uint16_t port, const load& what,
                            const on_measured& report);

/// Blocking sockets, one byte string there and back; latency only.
[[noreturn]] void serve_raw(const server_hooks& hooks);
[[noreturn]] void drive_raw(std::uint16_t port, const load& what,
                            const on_measured& report);

} // namespace artel::bench
