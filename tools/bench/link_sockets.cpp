#include "tools/bench/link_sockets.hpp"

#include "tools/bench/link_node.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace artel::bench {

namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(port);
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return where;
}

runtime::owned_socket new_socket() {
  runtime::owned_socket made{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  if (!made)
    fail("no socket");
  return made;
}

void send_at_once(int descriptor) {
  int yes = 1;
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
}

} // namespace

runtime::owned_socket accept_one(const on_listening& listening) {
  auto listener = new_socket();
  auto where = loopback(0);
  socklen_t size = sizeof(where);
  if (::bind(listener.get(), reinterpret_cast<sockaddr*>(&where), size) != 0
      || ::listen(listener.get(), 1) != 0
      || ::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&where),
                       &size)
           != 0)
    fail("a bare socket can't listen");
  listening(ntohs(where.sin_port));
  runtime::owned_socket link{::accept(listener.get(), nullptr, nullptr)};
  if (!link)
    fail("a bare socket can't accept");
  send_at_once(link.get());
  return link;
}

runtime::owned_socket connect_to(std::uint16_t port) {
  auto link = new_socket();
  auto where = loopback(port);
  if (::connect(link.get(), reinterpret_cast<sockaddr*>(&where), sizeof(where))
      != 0)
    fail("a bare socket can't connect");
  send_at_once(link.get());
  return link;
}

} // namespace artel::bench
