#include "runtime/net/lan_interfaces.hpp"

#include <map>
#include <memory>
#include <string>

#include <ifaddrs.h>
#include <net/if.h>

namespace artel::runtime {

namespace {

struct list_deleter {
  void operator()(ifaddrs* list) const noexcept { ::freeifaddrs(list); }
};

bool leads_to_others(const ifaddrs& one) {
  auto up = one.ifa_addr != nullptr && (one.ifa_flags & IFF_UP) != 0
            && (one.ifa_flags & IFF_RUNNING) != 0;
  return up && (one.ifa_flags & IFF_LOOPBACK) == 0;
}

} // namespace

std::vector<lan_interface> lan_interfaces() {
  ifaddrs* raw = nullptr;
  if (::getifaddrs(&raw) != 0)
    return {};
  std::unique_ptr<ifaddrs, list_deleter> list{raw};
  std::map<std::string, lan_interface> found;
  for (const auto* one = list.get(); one != nullptr; one = one->ifa_next) {
    if (!leads_to_others(*one))
      continue;
    auto& interface = found[one->ifa_name];
    interface.broadcasts = (one->ifa_flags & IFF_BROADCAST) != 0;
    interface.multicasts = (one->ifa_flags & IFF_MULTICAST) != 0;
    if (one->ifa_addr->sa_family == AF_INET)
      interface.has_v4 = true;
    if (one->ifa_addr->sa_family != AF_INET6)
      continue;
    const auto& address =
      reinterpret_cast<const sockaddr_in6*>(one->ifa_addr)->sin6_addr;
    if (!IN6_IS_ADDR_LINKLOCAL(&address))
      interface.v6.push_back(address);
  }
  std::vector<lan_interface> all;
  for (auto& [name, interface] : found) {
    interface.index = ::if_nametoindex(name.c_str());
    if (interface.index != 0)
      all.push_back(std::move(interface));
  }
  return all;
}

} // namespace artel::runtime
