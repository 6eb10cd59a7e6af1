#include "runtime/net/dialer.hpp"

#include "protocol/overlay/address.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <deque>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include <netdb.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace artel::runtime {

namespace {

using std::chrono::steady_clock;

constexpr std::size_t lookups_max = 4;

/// One dial: what is left to try, and what is tried.
struct attempt {
  /// Of its answer.
  std::uint64_t number = 0;
  std::string address;
  std::vector<socket_address> targets;
  std::size_t next = 0;
  owned_socket socket;
  steady_clock::time_point deadline{};
  std::string problem;
};

std::vector<socket_address> look_up(const node_address& where,
                                    std::string& problem) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  if (where.ip)
    hints.ai_flags |= AI_NUMERICHOST;
  addrinfo* found = nullptr;
  auto code = ::getaddrinfo(where.host.c_str(),
                            std::to_string(where.port).c_str(), &hints, &found);
  std::vector<socket_address> all;
  if (code != 0) {
    problem =
      code == EAI_SYSTEM ? system_error_text(errno) : ::gai_strerror(code);
    return all;
  }
  for (auto at = found; at && all.size() < dialer::addresses_max;
       at = at->ai_next) {
    socket_address one;
    std::memcpy(&one.storage, at->ai_addr, at->ai_addrlen);
    one.size = at->ai_addrlen;
    all.push_back(one);
  }
  ::freeaddrinfo(found);
  return all;
}

/// The kernel connects a socket to itself where it picks the very port that is
/// dialled, and nobody listens there.
bool leads_to_itself(int descriptor) {
  socket_address near;
  socket_address far;
  return ::getsockname(descriptor, near.get(), &near.size) == 0
         && ::getpeername(descriptor, far.get(), &far.size) == 0
         && to_string(near) == to_string(far);
}

} // namespace

/// Outlives the dialer where a look-up hangs.
struct dialer::core : std::enable_shared_from_this<dialer::core> {
  core(milliseconds connect, milliseconds stall)
    : connect_timeout(connect),
      stall_timeout(stall),
      wake(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}

  void dial(const std::string& address, answer done);
  void look_up_some();
  void signal() const;
  void run();
  /// The answer of a dial that ends now; empty once stopped.
  answer take_answer(std::uint64_t number);
  /// Each gives whether the attempt goes on.
  bool try_next(attempt& one);
  bool look_at(attempt& one, bool ready);
  bool finish(attempt& one);
  void give_up(attempt& one, errc code);
  int wait_ms(const std::vector<attempt>& open) const;

  milliseconds connect_timeout;
  milliseconds stall_timeout;
  owned_socket wake;
  std::thread connector;

  std::mutex mutex;
  bool stopped = false;
  std::uint64_t last_number = 0;
  /// Of dials under way. Apart from those, so that a look-up that hangs holds
  /// on to nobody.
  std::map<std::uint64_t, answer> answers;
  std::size_t lookups = 0;
  std::deque<std::pair<node_address, attempt>> unresolved;
  std::vector<attempt> fresh;
};

void dialer::core::signal() const {
  std::uint64_t one = 1;
  [[maybe_unused]] auto written = ::write(wake.get(), &one, sizeof(one));
}

void dialer::core::dial(const std::string& address, answer done) {
  auto where = parse_address(address);
  if (!where) {
    done(where.error());
    return;
  }
  attempt one;
  one.address = address;
  if (where->ip)
    one.targets = look_up(*where, one.problem);
  std::unique_lock guard{mutex};
  if (stopped)
    return;
  if (answers.size() >= dials_max) {
    guard.unlock();
    done({errc::limit_exceeded, "can't dial " + address + ": "
                                  + std::to_string(dials_max)
                                  + " other dials are under way"});
    return;
  }
  one.number = ++last_number;
  answers.emplace(one.number, std::move(done));
  if (!one.targets.empty()) {
    fresh.push_back(std::move(one));
    signal();
    return;
  }
  unresolved.emplace_back(*std::move(where), std::move(one));
  if (lookups < lookups_max) {
    ++lookups;
    // Not joined: the system's look-up can't be interrupted.
    std::thread{[self = shared_from_this()] { self->look_up_some(); }}.detach();
  }
}

void dialer::core::look_up_some() {
  std::unique_lock guard{mutex};
  while (!unresolved.empty() && !stopped) {
    auto [where, one] = std::move(unresolved.front());
    unresolved.pop_front();
    guard.unlock();
    one.targets = look_up(where, one.problem);
    guard.lock();
    fresh.push_back(std::move(one));
    signal();
  }
  --lookups;
}

dialer::answer dialer::core::take_answer(std::uint64_t number) {
  std::lock_guard guard{mutex};
  auto found = answers.extract(number);
  return found ? std::move(found.mapped()) : answer{};
}

void dialer::core::give_up(attempt& one, errc code) {
  if (auto done = take_answer(one.number))
    done({code, "can't dial " + one.address + ": " + one.problem});
}

bool dialer::core::finish(attempt& one) {
  if (leads_to_itself(one.socket.get())) {
    one.problem = "nobody listens there";
    return try_next(one);
  }
  set_link_options(one.socket.get(), stall_timeout);
  dialled_connection made;
  made.address = to_string(one.targets[one.next - 1]);
  made.socket = std::move(one.socket);
  if (auto done = take_answer(one.number))
    done(std::move(made));
  return false;
}

bool dialer::core::try_next(attempt& one) {
  while (one.next < one.targets.size()) {
    const auto& target = one.targets[one.next++];
    one.socket = owned_socket{::socket(
      target.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    one.deadline = steady_clock::now() + connect_timeout;
    if (one.socket) {
      if (::connect(one.socket.get(), target.get(), target.size) == 0)
        return finish(one);
      if (errno == EINPROGRESS)
        return true;
    }
    one.problem = system_error_text(errno);
  }
  give_up(one, one.targets.empty() ? errc::not_found : errc::unreachable);
  return false;
}

bool dialer::core::look_at(attempt& one, bool ready) {
  if (ready) {
    int code = 0;
    socklen_t size = sizeof(code);
    ::getsockopt(one.socket.get(), SOL_SOCKET, SO_ERROR, &code, &size);
    if (code == 0)
      return finish(one);
    one.problem = system_error_text(code);
    return try_next(one);
  }
  if (steady_clock::now() < one.deadline)
    return true;
  one.problem = "no answer";
  return try_next(one);
}

int dialer::core::wait_ms(const std::vector<attempt>& open) const {
  if (open.empty())
    return -1;
  auto first = std::min_element(
    open.begin(), open.end(),
    [](const attempt& a, const attempt& b) { return a.deadline < b.deadline; });
  auto left = std::chrono::ceil<std::chrono::milliseconds>(
    first->deadline - steady_clock::now());
  return static_cast<int>(std::max<std::int64_t>(left.count(), 0));
}

void dialer::core::run() {
  std::vector<attempt> open;
  std::vector<pollfd> watched;
  for (;;) {
    watched.assign(1, {wake.get(), POLLIN, 0});
    for (const auto& one : open)
      watched.push_back({one.socket.get(), POLLOUT, 0});
    ::poll(watched.data(), watched.size(), wait_ms(open));
    std::uint64_t ignored = 0;
    [[maybe_unused]] auto count = ::read(wake.get(), &ignored, sizeof(ignored));

    std::vector<attempt> left;
    for (std::size_t i = 0; i < open.size(); ++i)
      if (look_at(open[i], watched[i + 1].revents != 0))
        left.push_back(std::move(open[i]));
    std::vector<attempt> begun;
    {
      std::lock_guard guard{mutex};
      if (stopped)
        return;
      begun.swap(fresh);
    }
    for (auto& one : begun)
      if (try_next(one))
        left.push_back(std::move(one));
    open = std::move(left);
  }
}

dialer::dialer(milliseconds connect_timeout, milliseconds stall_timeout)
  : core_(std::make_shared<core>(connect_timeout, stall_timeout)) {
  core_->connector = std::thread{[state = core_.get()] { state->run(); }};
}

dialer::~dialer() {
  std::map<std::uint64_t, answer> dropped;
  {
    std::lock_guard guard{core_->mutex};
    core_->stopped = true;
    dropped.swap(core_->answers);
  }
  core_->signal();
  core_->connector.join();
}

void dialer::dial(const std::string& address, answer done) {
  core_->dial(address, std::move(done));
}

} // namespace artel::runtime
