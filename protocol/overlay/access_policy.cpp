#include "protocol/overlay/access_policy.hpp"

#include <string>

namespace artel {

result<void> check_access(const access_policy& policy, const node_id& node,
                          const owner_id& owner) {
  if (policy.denied_nodes.contains(node))
    return {errc::refused, "node " + short_name(node) + " is denied here"};
  if (policy.denied_owners.contains(owner))
    return {errc::refused, "owner " + short_name(owner) + " is denied here"};
  auto is_open = policy.allowed_nodes.empty() && policy.allowed_owners.empty();
  if (is_open || policy.allowed_nodes.contains(node)
      || policy.allowed_owners.contains(owner))
    return {};
  return {errc::refused,
          "only listed nodes and owners are let in here, and node "
            + short_name(node) + " is not listed"};
}

} // namespace artel
