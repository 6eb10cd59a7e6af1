// A web server for tests, on loopback: says what its script says, one
// connection after the other, on a thread of its own.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>

namespace artel::testing {

class http_server {
public:
  /// From the request's path to all that is sent back; empty: nothing at all,
  /// until the client gives up.
  using script = std::function<std::string(const std::string& path)>;

  explicit http_server(script answer);
  ~http_server();
  http_server(const http_server&) = delete;
  http_server& operator=(const http_server&) = delete;

  std::string url(const std::string& path) const;
  std::uint16_t port() const noexcept { return port_; }
  int requests() const noexcept { return requests_; }

private:
  void serve();
  void serve_one(int client);

  script answer_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<int> requests_{0};
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

/// A whole answer.
std::string http_answer(int status, const std::string& body,
                        const std::string& headers = {});

} // namespace artel::testing
