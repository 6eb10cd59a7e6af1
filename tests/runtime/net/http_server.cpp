#include "tests/runtime/net/http_server.hpp"

#include <doctest/doctest.h>

#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace artel::testing {

namespace {

constexpr int wait_ms = 20;

} // namespace

http_server::http_server(script answer) : answer_(std::move(answer)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(
    ::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address)
    == 0);
  REQUIRE(::listen(listener_, 16) == 0);
  socklen_t size = sizeof address;
  ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread{[this] { serve(); }};
}

http_server::~http_server() {
  stopping_ = true;
  thread_.join();
  ::close(listener_);
}

std::string http_server::url(const std::string& path) const {
  return "http://127.0.0.1:" + std::to_string(port_) + path;
}

void http_server::serve() {
  while (!stopping_) {
    pollfd waiting{listener_, POLLIN, 0};
    if (::poll(&waiting, 1, wait_ms) <= 0)
      continue;
    auto client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0)
      continue;
    serve_one(client);
    ::close(client);
  }
}

void http_server::serve_one(int client) {
  std::string request;
  char buffer[1'024];
  while (request.find("\r\n\r\n") == request.npos) {
    auto count = ::recv(client, buffer, sizeof buffer, 0);
    if (count <= 0)
      return;
    request.append(buffer, static_cast<std::size_t>(count));
  }
  ++requests_;
  auto start = request.find(' ') + 1;
  auto answer =
    answer_(request.substr(start, request.find(' ', start) - start));
  std::size_t done = 0;
  while (done < answer.size()) {
    auto count =
      ::send(client, answer.data() + done, answer.size() - done, MSG_NOSIGNAL);
    if (count <= 0)
      return;
    done += static_cast<std::size_t>(count);
  }
  // Nothing to say: until the client closes, or the test is over.
  while (answer.empty() && !stopping_) {
    pollfd waiting{client, POLLIN, 0};
    if (::poll(&waiting, 1, wait_ms) > 0)
      return;
  }
}

std::string http_answer(int status, const std::string& body,
                        const std::string& headers) {
  return "HTTP/1.1 " + std::to_string(status)
         + " So\r\nContent-Length: " + std::to_string(body.size())
         + "\r\nConnection: close\r\n" + headers + "\r\n" + body;
}

} // namespace artel::testing
