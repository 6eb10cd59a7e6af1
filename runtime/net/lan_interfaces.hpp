// The network interfaces of this machine that a local network is behind. What
// is sent to all without naming one goes where the default route leads, and
// nowhere where there is none.
#pragma once

#include <vector>

#include <netinet/in.h>

namespace artel::runtime {

struct lan_interface {
  unsigned int index = 0;
  bool has_v4 = false;
  bool broadcasts = false;
  bool multicasts = false;
  /// But for those of the link alone: who hears of one can't dial it without
  /// knowing the interface.
  std::vector<in6_addr> v6;
};

/// Those that are up and lead to others, as of now; none where the system
/// doesn't say.
std::vector<lan_interface> lan_interfaces();

} // namespace artel::runtime
