// Answers what comes over a node daemon's control socket: about the node, and
// about the tasks that it runs for its user. See README.md of this folder for
// requests and answers. Called by several threads at once.
#pragma once

#include "actors/interfaces.hpp"
#include "actors/messages.hpp"
#include "runtime/control/control_request.hpp"
#include "runtime/control/control_server.hpp"
#include "runtime/control/task_store.hpp"
#include "runtime/launch/node_store.hpp"
#include "runtime/net/transport_counters.hpp"

#include <caf/actor_system.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace artel::runtime {

/// What of a daemon the requests are about. The system, the actors and the
/// stores outlive every request.
struct control_subject {
  caf::actor_system* system = nullptr;
  node_actor node;
  task_store* tasks = nullptr;
  const node_store* store = nullptr;
  std::shared_ptr<const transport_counters> links;
  std::string network;
  /// Zero: an open network, which takes no config.
  owner_id root;
  /// Where it listens.
  std::vector<std::string> addresses;
  std::filesystem::path state;
};

class control_requests {
public:
  explicit control_requests(control_subject subject)
    : subject_(std::move(subject)) {}

  /// malformed for what is no request; else what the request itself gives.
  result<json> answer(const json& request, control_reply& reply);

private:
  result<json> take(const status_request& request, control_reply& reply);
  result<json> take(const ping_request& request, control_reply& reply);
  result<json> take(const drain_request& request, control_reply& reply);
  result<json> take(update_request& request, control_reply& reply);
  result<json> take(const submit_request& request, control_reply& reply);
  result<json> take(const list_request& request, control_reply& reply);
  result<json> take(const describe_request& request, control_reply& reply);
  result<json> take(const explain_request& request, control_reply& reply);
  result<json> take(const wait_request& request, control_reply& reply);
  result<json> take(const logs_request& request, control_reply& reply);
  result<json> take(const results_request& request, control_reply& reply);
  result<json> take(const stop_request& request, control_reply& reply);

  result<node_status> ask_status();
  result<node_id> find_peer(const std::string& prefix);
  result<json> start_task(const std::shared_ptr<kept_task>& task);
  result<json> ending_of(const task_id& task) const;

  control_subject subject_;
  std::chrono::steady_clock::time_point started_ =
    std::chrono::steady_clock::now();
};

} // namespace artel::runtime
