#include "runtime/net/listener.hpp"

#include "protocol/overlay/address.hpp"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdint>
#include <utility>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

namespace artel::runtime {

namespace {

constexpr int backlog = 1'024;
/// Accepted connections whose handshake can't begin yet, above handshakes_max.
constexpr std::size_t waiting_surplus = 64;
/// How long nothing is taken, where there is no room.
constexpr int pause_ms = 5;
/// Of one socket, before the others have their turn.
constexpr int accepts_a_turn = 64;

socket_address address_of(const node_address& where) {
  socket_address address;
  auto& six = reinterpret_cast<sockaddr_in6&>(address.storage);
  if (::inet_pton(AF_INET6, where.host.c_str(), &six.sin6_addr) == 1) {
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(where.port);
    address.size = sizeof(sockaddr_in6);
    return address;
  }
  auto& four = reinterpret_cast<sockaddr_in&>(address.storage);
  four.sin_family = AF_INET;
  four.sin_port = htons(where.port);
  ::inet_pton(AF_INET, where.host.c_str(), &four.sin_addr);
  address.size = sizeof(sockaddr_in);
  return address;
}

failure not_listening(const std::string& address, int code) {
  if (code == EADDRINUSE)
    return {errc::already_exists,
            address
              + " is in use: another program listens there. Stop it, or choose "
                "another port; port 0 takes any that is free"};
  auto message = "can't listen on " + address + ": " + system_error_text(code);
  if (code == EACCES)
    message += "; ports below 1024 need the system's leave";
  if (code == EADDRNOTAVAIL)
    message += "; this machine has no such address";
  return {errc::system_failure, std::move(message)};
}

result<owned_socket> listen_on(const node_address& where, std::string& bound) {
  auto name = to_string(where);
  auto address = address_of(where);
  owned_socket made{::socket(address.storage.ss_family,
                             SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (!made)
    return not_listening(name, errno);
  int on = 1;
  ::setsockopt(made.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  // So that both families can listen on one port.
  if (address.storage.ss_family == AF_INET6)
    ::setsockopt(made.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
  if (::bind(made.get(), address.get(), address.size) != 0
      || ::listen(made.get(), backlog) != 0)
    return not_listening(name, errno);
  socket_address real;
  if (::getsockname(made.get(), real.get(), &real.size) != 0)
    return not_listening(name, errno);
  bound = to_string(real);
  return made;
}

} // namespace

result<listening_sockets>
bind_listeners(const std::vector<std::string>& addresses) {
  listening_sockets all;
  for (const auto& text : addresses) {
    auto where = parse_address(text, port_zero::any_free);
    if (!where)
      return where.error();
    if (!where->ip)
      return {errc::invalid_argument,
              "can't listen on " + text
                + ": expected an address in numbers, such as \"0.0.0.0:7447\" "
                  "or \"[::]:7447\""};
    std::string bound;
    auto made = listen_on(*where, bound);
    if (!made)
      return made.error();
    all.sockets.push_back(*std::move(made));
    all.addresses.push_back(std::move(bound));
  }
  return all;
}

listener::listener(std::vector<owned_socket> sockets, listener_config config)
  : sockets_(std::move(sockets)),
    config_(std::move(config)),
    stop_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
    spare_(::open("/dev/null", O_RDONLY | O_CLOEXEC)) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  auto most = static_cast<rlim_t>(INT_MAX);
  auto allowed = static_cast<std::size_t>(std::min(limit.rlim_cur, most));
  descriptors_max_ =
    static_cast<int>(allowed - std::min(allowed, config_.descriptor_reserve));
  thread_ = std::thread{[this] { run(); }};
}

listener::~listener() {
  std::uint64_t one = 1;
  [[maybe_unused]] auto written = ::write(stop_.get(), &one, sizeof(one));
  thread_.join();
}

void listener::run() {
  std::vector<pollfd> watched{{stop_.get(), POLLIN, 0}};
  for (const auto& one : sockets_)
    watched.push_back({one.get(), POLLIN, 0});
  for (;;) {
    // Those that wait are held up, not refused: the broker is about to close
    // older ones.
    auto pause =
      config_.admission->waiting() >= config_.handshakes_max + waiting_surplus;
    auto count = pause ? 1 : watched.size();
    if (::poll(watched.data(), count, pause ? pause_ms : -1) < 0
        && errno != EINTR)
      return;
    if (watched[0].revents != 0)
      return;
    for (std::size_t i = 1; i < count; ++i)
      if (watched[i].revents != 0)
        for (int n = 0; n < accepts_a_turn; ++n)
          if (!accept_one(watched[i].fd))
            break;
  }
}

bool listener::accept_one(int descriptor) {
  socket_address from;
  owned_socket taken{::accept4(descriptor, from.get(), &from.size,
                               SOCK_NONBLOCK | SOCK_CLOEXEC)};
  if (!taken) {
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS
        || errno == ENOMEM)
      on_exhausted(descriptor);
    // Others concern one connection, or say that there is none.
    return errno == ECONNABORTED || errno == EINTR;
  }
  auto& counters = *config_.counters;
  if (taken.get() >= descriptors_max_) {
    ++counters.refused_descriptors;
    return true;
  }
  auto key = key_of(from);
  switch (config_.admission->admit(key)) {
    case link_admission::verdict::full: ++counters.refused_total; return true;
    case link_admission::verdict::address_full:
      ++counters.refused_address;
      return true;
    case link_admission::verdict::admitted: break;
  }
  ++counters.accepted;
  auto connection = std::make_shared<accepted_connection>();
  connection->permit =
    std::make_unique<link_admission::permit>(config_.admission, key);
  set_link_options(taken.get(), config_.stall_timeout);
  connection->socket = std::move(taken);
  connection->address = to_string(from);
  config_.on_accepted(std::move(connection));
  return config_.admission->waiting()
         < config_.handshakes_max + waiting_surplus;
}

void listener::on_exhausted(int descriptor) {
  // A connection that isn't taken would be reported again at once, for ever.
  if (spare_) {
    ::close(spare_.release());
    owned_socket refused{::accept4(descriptor, nullptr, nullptr, SOCK_CLOEXEC)};
    if (refused)
      ++config_.counters->refused_descriptors;
  }
  spare_ = owned_socket{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
  pollfd stop{stop_.get(), POLLIN, 0};
  ::poll(&stop, 1, pause_ms);
  // For accept_one(): none is waiting now.
  errno = EAGAIN;
}

std::size_t raise_descriptor_limit(std::size_t wanted) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0)
    return 0;
  if (limit.rlim_cur < wanted) {
    auto raised = limit;
    raised.rlim_cur = std::min<rlim_t>(wanted, limit.rlim_max);
    if (::setrlimit(RLIMIT_NOFILE, &raised) == 0)
      limit = raised;
  }
  return static_cast<std::size_t>(limit.rlim_cur);
}

} // namespace artel::runtime
