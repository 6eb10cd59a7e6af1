// Listens on a node daemon's control socket and answers its user's requests, a
// thread a connection.
#pragma once

#include "runtime/control/control_channel.hpp"

#include <filesystem>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>

namespace artel::runtime {

/// Where the answer to one request goes.
class control_reply {
public:
  virtual ~control_reply() = default;

  /// Something before the end; false once nobody listens any more.
  virtual bool event(const json& what) = 0;

  /// Whether it makes sense to go on: the client is there, and the server is
  /// not about to stop. Looked at now and then by whoever waits.
  virtual bool is_wanted() const = 0;
};

/// Answers one request, on the connection's thread; may take its time. Several
/// may be called at once.
using control_handler =
  std::function<result<json>(const json& request, control_reply& reply)>;

class control_server {
public:
  static constexpr std::size_t clients_max = 64;

  /// The socket is there, usable by this user alone, when it returns. What a
  /// dead process left is replaced; already_exists where another answers.
  static result<std::unique_ptr<control_server>>
  start(const std::filesystem::path& path, control_handler handler);

  control_server(const control_server&) = delete;
  control_server& operator=(const control_server&) = delete;
  /// Ends all connections and takes the socket away.
  ~control_server();

private:
  struct client {
    explicit client(int descriptor) : channel(descriptor) {}

    control_channel channel;
    bool ended = false;
    std::thread thread;
  };

  control_server(std::filesystem::path path, int listener, int wake_read,
                 int wake_write, control_handler handler);

  void accept_clients();
  void take_client(int descriptor);
  void reap_ended();
  void serve(client& one);
  result<json> answer_to(const json& request, control_reply& reply);

  std::filesystem::path path_;
  int listener_;
  int wake_read_;
  int wake_write_;
  control_handler handler_;
  std::stop_source stop_;
  std::mutex mutex_;
  std::list<client> clients_;
  std::thread acceptor_;
};

} // namespace artel::runtime
