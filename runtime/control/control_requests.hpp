// Answers what comes over a node daemon's control socket: about the node, and
// about the tasks that it runs for its user. See README.md of this folder for
// requests and answers. Called by several threads at once.
#pragma once

#include "actors/interfaces.hpp"
#include "actors/messages.hpp"
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
  using method = result<json> (control_requests::*)(const json&,
                                                    control_reply&);
  struct entry {
    std::string_view name;
    method run;
  };
  static const std::vector<entry>& entries();

  result<json> node_status_of(const json& request, control_reply& reply);
  result<json> ping(const json& request, control_reply& reply);
  result<json> drain(const json& request, control_reply& reply);
  result<json> update(const json& request, control_reply& reply);

  result<json> submit(const json& request, control_reply& reply);
  result<json> list(const json& request, control_reply& reply);
  result<json> describe(const json& request, control_reply& reply);
  result<json> explain(const json& request, control_reply& reply);
  result<json> wait(const json& request, control_reply& reply);
  result<json> logs(const json& request, control_reply& reply);
  result<json> results(const json& request, control_reply& reply);
  result<json> stop(const json& request, control_reply& reply);

  result<node_status> ask_status();
  result<node_id> find_peer(const std::string& prefix);
  result<task_id> find_task(const json& request) const;
  result<json> start_task(const std::shared_ptr<kept_task>& task);
  result<json> ending_of(const task_id& task) const;

  control_subject subject_;
  std::chrono::steady_clock::time_point started_ =
    std::chrono::steady_clock::now();
};

} // namespace artel::runtime
