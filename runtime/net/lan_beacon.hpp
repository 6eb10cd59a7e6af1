// Calls into the local network, by broadcast and multicast out of each of this
// machine's interfaces, and hears others call: how nodes without a bootstrap
// address find each other. What is heard is an address to dial, no more; a
// thread of its own.
#pragma once

#include "protocol/core/result.hpp"
#include "protocol/core/time.hpp"
#include "protocol/identity/keys.hpp"
#include "protocol/overlay/address.hpp"
#include "protocol/wire/messages.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace artel::runtime {

struct lan_beacon_config {
  std::string network;
  /// Signs the calls.
  std::shared_ptr<const key_pair> key;
  wire::node_role role = wire::node_role::public_;
  /// UDP, heard by all nodes of this machine. 0: any that is free.
  std::uint16_t port = 7'448;
  /// Where links are taken; 0: it hears, and does not call.
  std::uint16_t link_port = 0;
  /// Multicast groups, IPv4 or IPv6. By IPv6 nothing is sent where an interface
  /// has no address but that of the link alone, which nobody could dial.
  std::vector<std::string> groups;
  bool broadcast = true;
  /// Who is called besides: addresses in numbers.
  std::vector<node_address> others;
  /// Between two calls; the first one is made at once.
  milliseconds interval{15'000};
  /// "10.0.0.7:7447" and who says to be there, not proven. On the beacon's
  /// thread.
  std::function<void(const std::string& address, const node_id& node)> found;
  std::function<wall_time()> wall_clock;
};

class lan_beacon {
public:
  /// Datagrams that are looked at a second, over all senders: signatures take
  /// time.
  static constexpr std::uint64_t heard_per_second = 50;

  /// already_exists where something else has the port, invalid_argument for a
  /// group that can't be joined, system_failure.
  static result<std::unique_ptr<lan_beacon>> start(lan_beacon_config config);

  virtual ~lan_beacon() = default;

  /// Where it hears.
  virtual std::uint16_t port() const noexcept = 0;
};

} // namespace artel::runtime
