// The control group that holds all groups of this process. Its directories stay
// locked as long as this process lives, so that the next start can tell what a
// dead one left.
#pragma once

#include "protocol/core/result.hpp"
#include "sandbox/descriptor.hpp"
#include "sandbox/process/control_place.hpp"

#include <cstddef>
#include <vector>

namespace artel::sandbox {

struct control_share {
  control_place place;
  /// One for each directory: whoever shares one of our hierarchies need not
  /// share the others.
  std::vector<descriptor> locks;
};

/// Makes it below the group that this process is in, with those controllers
/// that can be had there; memory always. Before, removes what dead processes
/// left there. In version 2 a process that is alone in its group moves to one
/// just below it, because a group with processes can't have limited ones below.
/// sandbox_unavailable with the reason where none can be made.
result<control_share> make_control_share();

/// Kills what is in it and removes it with all below.
void remove_control_share(control_share& share);

/// Kills and removes groups below `base` that a dead process of artel made;
/// their number. Touches nothing else.
std::size_t remove_abandoned_shares(const control_place& base);

/// Hands a controller on to the groups below, which version 2 wants. False,
/// and errno, where the kernel refuses.
bool hand_on(const control_place& place, std::string_view controller);

} // namespace artel::sandbox
