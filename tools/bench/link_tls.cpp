// TLS on bare sockets, without framing, envelopes or actors.
#include "protocol/core/random.hpp"
#include "runtime/launch/actor_system.hpp"
#include "runtime/net/tls_session.hpp"
#include "tools/bench/link_node.hpp"
#include "tools/bench/link_paths.hpp"
#include "tools/bench/link_sockets.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <utility>
#include <vector>

#include <poll.h>
#include <sys/socket.h>

namespace artel::bench {

namespace {

using runtime::tls_session;

/// Encrypted bytes that may wait for the kernel.
constexpr std::size_t unsent_bytes_max = 256u << 10;

std::shared_ptr<const runtime::tls_context> make_context() {
  random_generator random{runtime::entropy()};
  auto made = runtime::tls_context::make(key_pair::generate(random));
  if (!made)
    fail(made.error().message);
  return *made;
}

/// One end. Single-threaded; reads whatever comes, so that two of them never
/// wait for each other.
class tls_end {
public:
  tls_end(runtime::owned_socket socket, tls_session::side side,
          std::size_t message_bytes)
    : socket_(std::move(socket)),
      session_(make_context(), side),
      message_bytes_(message_bytes),
      message_(std::min(message_bytes, tls_session::record_bytes_max)),
      arrived_(64u << 10),
      plaintext_(tls_session::record_bytes_max) {
    session_.handshake();
  }

  void post(std::size_t messages) {
    waiting_bytes_ += messages * message_bytes_;
  }

  /// Waits, moves bytes; how many messages came whole. False: the end.
  bool turn(std::size_t& messages) {
    encrypt();
    pollfd wait{socket_.get(), POLLIN, 0};
    if (sent_ < session_.output().size())
      wait.events |= POLLOUT;
    if (::poll(&wait, 1, -1) < 0 && errno != EINTR)
      return false;
    flush();
    return receive(messages);
  }

private:
  void encrypt() {
    while (session_.current() == tls_session::state::open && waiting_bytes_ > 0
           && session_.output().size() - sent_ < unsent_bytes_max) {
      auto count = std::min(waiting_bytes_, message_.size());
      if (!session_.write(bytes_view{message_}.first(count)))
        fail("TLS: a write failed");
      waiting_bytes_ -= count;
    }
    flush();
  }

  void flush() {
    auto& output = session_.output();
    while (sent_ < output.size()) {
      auto count = ::send(socket_.get(), output.data() + sent_,
                          output.size() - sent_, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (count <= 0)
        return;
      sent_ += static_cast<std::size_t>(count);
    }
    output.clear();
    sent_ = 0;
  }

  bool receive(std::size_t& messages) {
    auto count =
      ::recv(socket_.get(), arrived_.data(), arrived_.size(), MSG_DONTWAIT);
    if (count < 0)
      return errno == EAGAIN || errno == EINTR;
    if (count == 0)
      return false;
    session_.feed(bytes_view{arrived_}.first(static_cast<std::size_t>(count)));
    if (session_.current() == tls_session::state::handshake)
      session_.handshake();
    while (auto read = session_.read(plaintext_))
      read_bytes_ += read;
    session_.keep_rest();
    messages += read_bytes_ / message_bytes_;
    read_bytes_ %= message_bytes_;
    return session_.current() != tls_session::state::failed;
  }

  runtime::owned_socket socket_;
  tls_session session_;
  std::size_t message_bytes_;
  bytes message_;
  bytes arrived_;
  bytes plaintext_;
  std::size_t waiting_bytes_ = 0;
  std::size_t sent_ = 0;
  std::size_t read_bytes_ = 0;
};

} // namespace

void serve_tls(const server_hooks& hooks) {
  tls_end end{accept_one(hooks.listening), tls_session::side::accepted,
              hooks.payload_bytes};
  for (std::size_t messages = 0; end.turn(messages); messages = 0)
    end.post(messages);
  std::_Exit(0);
}

void drive_tls(std::uint16_t port, const load& what,
               const on_measured& report) {
  tls_end end{connect_to(port), tls_session::side::dialled, what.payload_bytes};
  meter counts{what};
  end.post(counts.start());
  while (!counts.is_done()) {
    std::size_t messages = 0;
    if (!end.turn(messages))
      fail("TLS on bare sockets: the other end is gone");
    for (; messages > 0 && !counts.is_done(); --messages)
      end.post(counts.on_answer());
  }
  report(counts.result());
  std::_Exit(0);
}

} // namespace artel::bench
