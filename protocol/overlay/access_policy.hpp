// Whom a node's owner deals with: lists of nodes and owners, and how much each
// may send. Plain data with one question; the lists can be changed while the
// node runs.
#pragma once

#include "protocol/core/ids.hpp"
#include "protocol/core/result.hpp"

#include <cstdint>
#include <set>

namespace artel {

struct access_policy {
  /// Where either is not empty, only those that are in one of them are let in.
  std::set<node_id> allowed_nodes;
  std::set<owner_id> allowed_owners;
  /// Never let in, whatever the others say.
  std::set<node_id> denied_nodes;
  std::set<owner_id> denied_owners;
  /// What one peer may send a second, over all of its messages; a burst of as
  /// much as two seconds' worth is taken. 0: no bound but the network's.
  std::uint32_t messages_per_second = 0;
  std::uint64_t bytes_per_second = 0;

  bool operator==(const access_policy&) const = default;
};

/// refused, with the list's name, where the policy keeps the node out.
result<void> check_access(const access_policy& policy, const node_id& node,
                          const owner_id& owner);

} // namespace artel
