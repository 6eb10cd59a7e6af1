#include "runtime/control/control_server.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <exception>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace artel::runtime {

namespace fs = std::filesystem;

namespace {

/// A client that asks nothing for so long is let go.
constexpr std::chrono::minutes idle_patience{10};
/// Between two looks at what may have to be accepted once descriptors are out.
constexpr std::chrono::milliseconds accept_pause{100};

failure problem_with(const fs::path& path, int error) {
  return {errc::system_failure,
          "control socket '" + path.string() + "': " + std::strerror(error)};
}

json failed(const failure& problem) {
  return json{{"failed", json{{"code", json_of(problem.code)},
                              {"message", json_of(problem.message)}}}};
}

bool is_allowed(int descriptor) {
  ucred peer{};
  socklen_t size = sizeof(peer);
  return ::getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0
         && (peer.uid == ::geteuid() || peer.uid == 0);
}

/// Whether a process still answers there.
bool answers(const sockaddr_un& address) {
  auto probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  auto connected =
    probe >= 0
    && ::connect(probe, reinterpret_cast<const sockaddr*>(&address),
                 sizeof(address))
         == 0;
  if (probe >= 0)
    ::close(probe);
  return connected;
}

result<void> clear_stale(const fs::path& path, const sockaddr_un& address) {
  struct stat found {};
  if (::lstat(path.c_str(), &found) != 0)
    return {};
  if (!S_ISSOCK(found.st_mode))
    return {errc::already_exists, "control socket '" + path.string()
                                    + "': there is a file of that name, which"
                                      " is no socket"};
  if (answers(address))
    return {errc::already_exists, "control socket '" + path.string()
                                    + "': another node daemon listens there"};
  if (::unlink(path.c_str()) != 0 && errno != ENOENT)
    return problem_with(path, errno);
  return {};
}

result<int> listen_at(const fs::path& path) {
  auto address = control_address(path);
  if (!address)
    return address.error();
  if (auto cleared = clear_stale(path, *address); !cleared)
    return cleared.error();
  auto listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener < 0)
    return problem_with(path, errno);
  // Nobody can connect before listen(), so the rights are there in time.
  if (::bind(listener, reinterpret_cast<const sockaddr*>(&*address),
             sizeof(*address))
        != 0
      || ::chmod(path.c_str(), 0600) != 0
      || ::listen(listener, static_cast<int>(control_server::clients_max))
           != 0) {
    auto error = errno;
    ::close(listener);
    return problem_with(path, error);
  }
  return listener;
}

class channel_reply final : public control_reply {
public:
  channel_reply(control_channel& channel, std::stop_token stop)
    : channel_(channel),
      stop_(std::move(stop)) {}

  bool event(const json& what) override {
    return is_wanted() && channel_.send(json{{"event", what}}).ok();
  }

  bool is_wanted() const override {
    return !stop_.stop_requested() && !channel_.is_closed();
  }

private:
  control_channel& channel_;
  std::stop_token stop_;
};

} // namespace

result<std::unique_ptr<control_server>>
control_server::start(const fs::path& path, control_handler handler) {
  auto listener = listen_at(path);
  if (!listener)
    return listener.error();
  std::array<int, 2> wake{-1, -1};
  if (::pipe2(wake.data(), O_CLOEXEC) != 0) {
    auto error = errno;
    ::close(*listener);
    return problem_with(path, error);
  }
  return std::unique_ptr<control_server>{
    new control_server{path, *listener, wake[0], wake[1], std::move(handler)}};
}

control_server::control_server(fs::path path, int listener, int wake_read,
                               int wake_write, control_handler handler)
  : path_(std::move(path)),
    listener_(listener),
    wake_read_(wake_read),
    wake_write_(wake_write),
    handler_(std::move(handler)) {
  acceptor_ = std::thread{[this] { accept_clients(); }};
}

control_server::~control_server() {
  stop_.request_stop();
  [[maybe_unused]] auto written = ::write(wake_write_, "e", 1);
  acceptor_.join();
  ::unlink(path_.c_str());
  ::close(listener_);
  {
    std::lock_guard guard{mutex_};
    for (auto& one : clients_)
      one.channel.shut_down();
  }
  // No thread adds or removes any more.
  for (auto& one : clients_)
    one.thread.join();
  ::close(wake_read_);
  ::close(wake_write_);
}

void control_server::accept_clients() {
  for (;;) {
    std::array<pollfd, 2> both{
      {{listener_, POLLIN, 0}, {wake_read_, POLLIN, 0}}};
    if (::poll(both.data(), both.size(), -1) < 0 && errno != EINTR)
      return;
    if (both[1].revents != 0)
      return;
    if (both[0].revents == 0)
      continue;
    auto descriptor = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (descriptor >= 0)
      take_client(descriptor);
    else if (errno == EMFILE || errno == ENFILE)
      std::this_thread::sleep_for(accept_pause);
  }
}

void control_server::take_client(int descriptor) {
  reap_ended();
  std::lock_guard guard{mutex_};
  control_channel channel{descriptor};
  if (!is_allowed(descriptor)) {
    [[maybe_unused]] auto sent = channel.send(failed(
      {errc::refused, "the node daemon answers its own user and root alone"}));
    return;
  }
  if (clients_.size() >= clients_max) {
    [[maybe_unused]] auto sent = channel.send(
      failed({errc::refused, "the node daemon has as many control connections"
                             " as it takes"}));
    return;
  }
  auto& one = clients_.emplace_back(-1);
  one.channel = std::move(channel);
  try {
    one.thread = std::thread{[this, &one] { serve(one); }};
  } catch (const std::system_error& problem) {
    [[maybe_unused]] auto sent = one.channel.send(
      failed({errc::system_failure,
              std::string{"the node daemon has no thread for it: "}
                + problem.what()}));
    clients_.pop_back();
  }
}

void control_server::reap_ended() {
  std::list<client> ended;
  {
    std::lock_guard guard{mutex_};
    for (auto it = clients_.begin(); it != clients_.end();) {
      auto next = std::next(it);
      if (it->ended)
        ended.splice(ended.end(), clients_, it);
      it = next;
    }
  }
  for (auto& one : ended)
    one.thread.join();
}

/// One request that can't be answered ends neither the daemon nor its tasks.
result<json> control_server::answer_to(const json& request,
                                       control_reply& reply) {
  try {
    return handler_(request, reply);
  } catch (const std::exception& problem) {
    return {errc::system_failure,
            std::string{"the node daemon could not answer: "} + problem.what()};
  }
}

void control_server::serve(client& one) {
  channel_reply reply{one.channel, stop_.get_token()};
  for (;;) {
    auto request = one.channel.receive(
      control_request_bytes_max, control_request_values_max, idle_patience);
    if (!request) {
      if (request.error().code != errc::unreachable) [[maybe_unused]]
        auto sent = one.channel.send(failed(request.error()));
      break;
    }
    auto answer = answer_to(*request, reply);
    auto sent = one.channel.send(answer ? json{{"done", std::move(*answer)}}
                                        : failed(answer.error()));
    if (!sent)
      break;
  }
  one.channel.shut_down();
  std::lock_guard guard{mutex_};
  one.ended = true;
}

} // namespace artel::runtime
