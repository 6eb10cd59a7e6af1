#include "runtime/net/lan_beacon.hpp"

#include "protocol/overlay/lan_announcement.hpp"
#include "protocol/overlay/token_bucket.hpp"
#include "protocol/wire/codec.hpp"
#include "runtime/net/lan_interfaces.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <optional>
#include <thread>
#include <utility>

#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace artel::runtime {

namespace {

using clock = std::chrono::steady_clock;

failure problem_with(std::uint16_t port, const std::string& what, int error) {
  return {error == EADDRINUSE ? errc::already_exists : errc::system_failure,
          "calls into the local network at UDP port " + std::to_string(port)
            + ": " + what + std::strerror(error)};
}

struct udp_address {
  sockaddr_storage storage{};
  socklen_t size = 0;

  const sockaddr* get() const {
    return reinterpret_cast<const sockaddr*>(&storage);
  }
};

/// Of an address in numbers.
std::optional<udp_address> address_of(const std::string& host,
                                      std::uint16_t port) {
  udp_address address;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&address.storage);
  if (::inet_pton(AF_INET, host.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    address.size = sizeof(sockaddr_in);
    return address;
  }
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&address.storage);
  if (::inet_pton(AF_INET6, host.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    address.size = sizeof(sockaddr_in6);
    return address;
  }
  return std::nullopt;
}

/// The sender's address with the port that it takes links at; empty where
/// nobody could dial it.
std::string link_address(const sockaddr_storage& from, std::uint16_t port) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const void* number = nullptr;
  if (from.ss_family == AF_INET) {
    number = &reinterpret_cast<const sockaddr_in&>(from).sin_addr;
  } else {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(from).sin6_addr;
    // Of the link alone: it can't be dialled without naming the interface.
    if (IN6_IS_ADDR_LINKLOCAL(&v6))
      return {};
    number = &v6;
  }
  if (::inet_ntop(from.ss_family, number, text.data(), text.size()) == nullptr)
    return {};
  return to_string(node_address{text.data(), port});
}

class descriptor {
public:
  descriptor() = default;
  explicit descriptor(int number) : number_(number) {}
  descriptor(descriptor&& other) noexcept
    : number_(std::exchange(other.number_, -1)) {}
  descriptor& operator=(descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~descriptor() {
    if (number_ >= 0)
      ::close(number_);
  }
  int get() const noexcept { return number_; }

private:
  int number_ = -1;
};

bool set_flag(int socket, int level, int name) {
  int on = 1;
  return ::setsockopt(socket, level, name, &on, sizeof(on)) == 0;
}

/// Bound to all addresses of that family.
result<descriptor> open_socket(int family, std::uint16_t port) {
  descriptor made{
    ::socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (made.get() < 0)
    return problem_with(port, "", errno);
  // All nodes of a machine hear the same calls.
  set_flag(made.get(), SOL_SOCKET, SO_REUSEADDR);
  set_flag(made.get(), SOL_SOCKET, SO_REUSEPORT);
  set_flag(made.get(), SOL_SOCKET, SO_BROADCAST);
  if (family == AF_INET6)
    set_flag(made.get(), IPPROTO_IPV6, IPV6_V6ONLY);
  auto any = address_of(family == AF_INET ? "0.0.0.0" : "::", port);
  if (::bind(made.get(), any->get(), any->size) != 0)
    return problem_with(port, "", errno);
  return made;
}

/// Errors are in errno. Interface 0: whichever the system's routes name.
bool join_group(int socket, const udp_address& group, unsigned int interface) {
  if (group.storage.ss_family == AF_INET) {
    ip_mreqn request{};
    request.imr_multiaddr =
      reinterpret_cast<const sockaddr_in&>(group.storage).sin_addr;
    request.imr_ifindex = static_cast<int>(interface);
    return ::setsockopt(socket, IPPROTO_IP, IP_ADD_MEMBERSHIP, &request,
                        sizeof(request))
           == 0;
  }
  ipv6_mreq request{};
  request.ipv6mr_multiaddr =
    reinterpret_cast<const sockaddr_in6&>(group.storage).sin6_addr;
  request.ipv6mr_interface = interface;
  return ::setsockopt(socket, IPPROTO_IPV6, IPV6_JOIN_GROUP, &request,
                      sizeof(request))
         == 0;
}

/// Out of the interface that `info` names, whatever the routes say.
template <class Info>
bool send_by(int socket, bytes_view datagram, udp_address to, int level,
             int type, const Info& info) {
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(Info))> control{};
  iovec data{const_cast<std::uint8_t*>(datagram.data()), datagram.size()};
  msghdr message{};
  message.msg_name = &to.storage;
  message.msg_namelen = to.size;
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  auto* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = level;
  header->cmsg_type = type;
  header->cmsg_len = CMSG_LEN(sizeof(Info));
  std::memcpy(CMSG_DATA(header), &info, sizeof(Info));
  return ::sendmsg(socket, &message, MSG_NOSIGNAL) >= 0;
}

void send_v4(int socket, bytes_view datagram, const udp_address& to,
             const lan_interface& by) {
  if (!by.has_v4)
    return;
  in_pktinfo info{};
  info.ipi_ifindex = static_cast<int>(by.index);
  send_by(socket, datagram, to, IPPROTO_IP, IP_PKTINFO, info);
}

/// By itself the system would take the address of the link alone for a group of
/// the link. The first one that works is enough.
void send_v6(int socket, bytes_view datagram, const udp_address& to,
             const lan_interface& by) {
  for (const auto& from : by.v6) {
    in6_pktinfo info{};
    info.ipi6_ifindex = by.index;
    info.ipi6_addr = from;
    if (send_by(socket, datagram, to, IPPROTO_IPV6, IPV6_PKTINFO, info))
      return;
  }
}

class beacon final : public lan_beacon {
public:
  explicit beacon(lan_beacon_config config)
    : config_(std::move(config)),
      filter_(config_.network, config_.key->node()) {}

  ~beacon() override {
    if (!thread_.joinable())
      return;
    [[maybe_unused]] auto written = ::write(wake_write_.get(), "e", 1);
    thread_.join();
  }

  result<void> build();

  std::uint16_t port() const noexcept override { return port_; }

private:
  enum class reach : std::uint8_t { one = 1, group, all };

  struct destination {
    int socket;
    udp_address address;
    reach whom;
  };

  result<void> add_group(const std::string& group);
  result<void> add_other(const node_address& other);
  void run();
  void join_groups(const std::vector<lan_interface>& interfaces);
  void call(const std::vector<lan_interface>& interfaces);
  void hear(int socket);
  void take(bytes_view datagram, const sockaddr_storage& from);

  lan_beacon_config config_;
  announcement_filter filter_;
  std::uint16_t port_ = 0;
  descriptor v4_;
  /// Only where there are groups or others of that family.
  descriptor v6_;
  descriptor wake_read_;
  descriptor wake_write_;
  std::vector<destination> destinations_;
  std::uint64_t sequence_ = 0;
  std::thread thread_;
};

result<void> beacon::add_group(const std::string& group) {
  auto address = address_of(group, port_);
  if (!address)
    return {errc::invalid_argument,
            "'" + group + "' is no multicast address in numbers"};
  auto is_v6 = address->storage.ss_family == AF_INET6;
  if (is_v6 && v6_.get() < 0) {
    auto opened = open_socket(AF_INET6, port_);
    if (!opened)
      return opened.error();
    v6_ = std::move(*opened);
  }
  auto socket = is_v6 ? v6_.get() : v4_.get();
  destinations_.push_back({socket, *address, reach::group});
  // A machine without a route to it joins by its interfaces.
  if (!join_group(socket, *address, 0) && errno != ENODEV
      && errno != EADDRNOTAVAIL && errno != EADDRINUSE)
    return problem_with(port_, "group " + group + ": ", errno);
  return {};
}

result<void> beacon::add_other(const node_address& other) {
  auto address = address_of(other.host, other.port);
  if (!address || address->storage.ss_family != AF_INET)
    return {errc::invalid_argument,
            "'" + other.host + "' is no IPv4 address in numbers"};
  destinations_.push_back({v4_.get(), *address, reach::one});
  return {};
}

result<void> beacon::build() {
  std::array<int, 2> wake{-1, -1};
  if (::pipe2(wake.data(), O_CLOEXEC) != 0)
    return problem_with(config_.port, "", errno);
  wake_read_ = descriptor{wake[0]};
  wake_write_ = descriptor{wake[1]};
  auto opened = open_socket(AF_INET, config_.port);
  if (!opened)
    return opened.error();
  v4_ = std::move(*opened);
  sockaddr_in bound{};
  socklen_t size = sizeof(bound);
  if (::getsockname(v4_.get(), reinterpret_cast<sockaddr*>(&bound), &size) != 0)
    return problem_with(config_.port, "", errno);
  port_ = ntohs(bound.sin_port);
  if (config_.broadcast)
    destinations_.push_back(
      {v4_.get(), *address_of("255.255.255.255", port_), reach::all});
  for (const auto& group : config_.groups)
    if (auto added = add_group(group); !added)
      return added;
  for (const auto& other : config_.others)
    if (auto added = add_other(other); !added)
      return added;
  thread_ = std::thread{[this] { run(); }};
  return {};
}

void beacon::run() {
  token_bucket heard{{heard_per_second, heard_per_second}, instant{}};
  auto started = clock::now();
  auto next_call = started;
  for (;;) {
    auto now = clock::now();
    if (now >= next_call) {
      auto interfaces = lan_interfaces();
      join_groups(interfaces);
      call(interfaces);
      next_call = now + config_.interval;
    }
    std::array<pollfd, 3> all{{{wake_read_.get(), POLLIN, 0},
                               {v4_.get(), POLLIN, 0},
                               {v6_.get(), POLLIN, 0}}};
    auto left = std::chrono::duration_cast<milliseconds>(next_call - now);
    ::poll(all.data(), all.size(), static_cast<int>(left.count()) + 1);
    if (all[0].revents != 0)
      return;
    for (auto i : {1, 2}) {
      if ((all[static_cast<std::size_t>(i)].revents & POLLIN) == 0)
        continue;
      auto at = instant{
        std::chrono::duration_cast<microseconds>(clock::now() - started)};
      // What comes faster stays with the kernel, which drops it.
      if (heard.admits(1, at))
        hear(all[static_cast<std::size_t>(i)].fd);
      else
        std::this_thread::sleep_for(heard.wait_for(1, at));
    }
  }
}

/// Those that are new: an interface may come up later than the node.
void beacon::join_groups(const std::vector<lan_interface>& interfaces) {
  for (const auto& to : destinations_)
    if (to.whom == reach::group)
      for (const auto& one : interfaces)
        if (one.multicasts)
          join_group(to.socket, to.address, one.index);
}

/// What can't be sent (no route, a network that is down) is tried again later.
void beacon::call(const std::vector<lan_interface>& interfaces) {
  if (config_.link_port == 0)
    return;
  lan_announcement item;
  item.network = config_.network;
  item.role = config_.role;
  item.port = config_.link_port;
  item.sent = config_.wall_clock();
  auto moment =
    static_cast<std::uint64_t>(item.sent.time_since_epoch().count());
  sequence_ = std::max(sequence_ + 1, moment);
  item.sequence = sequence_;
  sign_announcement(item, *config_.key);
  auto datagram = wire::encode(item);
  for (const auto& to : destinations_) {
    if (to.whom == reach::one) {
      ::sendto(to.socket, datagram.data(), datagram.size(), MSG_NOSIGNAL,
               to.address.get(), to.address.size);
      continue;
    }
    for (const auto& one : interfaces) {
      if (to.whom == reach::all ? !one.broadcasts : !one.multicasts)
        continue;
      if (to.address.storage.ss_family == AF_INET)
        send_v4(to.socket, datagram, to.address, one);
      else
        send_v6(to.socket, datagram, to.address, one);
    }
  }
}

void beacon::hear(int socket) {
  // One more, to know what is longer.
  std::array<std::uint8_t, lan_announcement_bytes_max + 1> datagram;
  sockaddr_storage from{};
  socklen_t size = sizeof(from);
  auto count =
    ::recvfrom(socket, datagram.data(), datagram.size(), MSG_DONTWAIT,
               reinterpret_cast<sockaddr*>(&from), &size);
  if (count > 0 && static_cast<std::size_t>(count) < datagram.size())
    take(bytes_view{datagram.data(), static_cast<std::size_t>(count)}, from);
}

void beacon::take(bytes_view datagram, const sockaddr_storage& from) {
  auto item = wire::decode<lan_announcement>(datagram);
  if (!item || !filter_.admit(*item, config_.wall_clock()))
    return;
  auto address = link_address(from, item->port);
  if (!address.empty() && config_.found)
    config_.found(address, item->node);
}

} // namespace

result<std::unique_ptr<lan_beacon>>
lan_beacon::start(lan_beacon_config config) {
  auto made = std::make_unique<beacon>(std::move(config));
  if (auto built = made->build(); !built)
    return built.error();
  return std::unique_ptr<lan_beacon>{std::move(made)};
}

} // namespace artel::runtime
