#include "tests/sandbox/hostile/attack.hpp"

#include <utility>

namespace artel::hostile {

namespace {

attack network_attack(std::string name, std::vector<std::string> arguments,
                      std::vector<std::string> says) {
  return {.group = "network",
          .name = std::move(name),
          .program = "network",
          .arguments = std::move(arguments),
          .says = std::move(says)};
}

} // namespace

std::vector<attack> network_attacks() {
  std::vector<attack> all;
  all.push_back(network_attack("TCP to the host's loopback", {"tcp", "@tcp"},
                               {"tcp socket: ENOSYS", "tcp6 socket: ENOSYS"}));
  all.push_back(network_attack("UDP to the host's loopback", {"udp", "@udp"},
                               {"udp socket: ENOSYS"}));
  all.push_back(network_attack("listening", {"listening"}, {"socket: ENOSYS"}));
  all.push_back(
    network_attack("raw sockets", {"raw"},
                   {"raw icmp: ENOSYS", "ping: ENOSYS", "packet: ENOSYS"}));
  all.push_back(network_attack("netlink", {"netlink"},
                               {"netlink 0: ENOSYS", "netlink 22: ENOSYS"}));
  all.push_back(network_attack("vsock", {"vsock"}, {"vsock: ENOSYS"}));
  // 63 families but the local one, four types each.
  all.push_back(
    network_attack("all address families", {"families"}, {"failed 252"}));
  all.push_back(network_attack("abstract sockets of the host",
                               {"abstract_unix", "@abstract"},
                               {"abstract connect: ECONNREFUSED"}));
  all.push_back(network_attack(
    "sockets in the host's files", {"path_unix", "@socket"},
    {"the host's socket: ENOENT", "/run/dbus/system_bus_socket: ENOENT"}));
  all.push_back(network_attack(
    "tables in /proc/net", {"tables", "@abstract"},
    {"unix sockets 0", "tcp sockets 0", "routes 0", "interfaces 1"}));
  all.push_back(network_attack(
    "names", {"dns"},
    {"socket for port 53: ENOSYS", "resolv.conf: ENOENT", "hosts: ENOENT"}));
  return all;
}

} // namespace artel::hostile
