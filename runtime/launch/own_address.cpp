#include "runtime/launch/own_address.hpp"

#include <array>

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

namespace artel::runtime {

namespace {

std::optional<std::string> text_of(const sockaddr* address, int family) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const void* number = nullptr;
  if (family == AF_INET) {
    number = &reinterpret_cast<const sockaddr_in*>(address)->sin_addr;
  } else {
    const auto& v6 = reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr;
    if (IN6_IS_ADDR_LINKLOCAL(&v6))
      return std::nullopt;
    number = &v6;
  }
  if (::inet_ntop(family, number, text.data(), text.size()) == nullptr)
    return std::nullopt;
  return std::string{text.data()};
}

/// The first one that is up and not loopback; loopback where there is none.
std::string machine_address(int family) {
  std::string found = family == AF_INET ? "127.0.0.1" : "::1";
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0)
    return found;
  for (const auto* one = list; one != nullptr; one = one->ifa_next) {
    if (one->ifa_addr == nullptr || one->ifa_addr->sa_family != family
        || (one->ifa_flags & IFF_UP) == 0 || (one->ifa_flags & IFF_LOOPBACK))
      continue;
    if (auto text = text_of(one->ifa_addr, family)) {
      found = *text;
      break;
    }
  }
  ::freeifaddrs(list);
  return found;
}

} // namespace

std::string advertised_address(const std::optional<node_address>& wanted,
                               const std::vector<std::string>& bound) {
  if (bound.empty())
    return wanted ? to_string(*wanted) : std::string{};
  auto first = parse_address(bound.front());
  if (!first)
    return bound.front();
  if (wanted) {
    // Port 0 stands for the one that was found.
    auto told = *wanted;
    if (told.port == 0)
      told.port = first->port;
    return to_string(told);
  }
  if (first->host == "0.0.0.0")
    return to_string({machine_address(AF_INET), first->port});
  if (first->host == "::")
    return to_string({machine_address(AF_INET6), first->port});
  return to_string(*first);
}

} // namespace artel::runtime
