#include "runtime/control/status_json.hpp"

namespace artel::runtime {

json counters_json(const peer_counters& counters) {
  return json{
    {"messages_in", counters.messages_in},
    {"messages_out", counters.messages_out},
    {"bytes_in", counters.bytes_in},
    {"bytes_out", counters.bytes_out},
    {"malformed", counters.malformed},
    {"replayed", counters.replayed},
    {"forged", counters.forged},
    {"late", counters.late},
    {"early", counters.early},
    {"throttled", counters.throttled},
    {"overflowed", counters.overflowed},
  };
}

json peer_json(const peer_status& peer) {
  return json{
    {"node", json_of(peer.node)},
    {"owner", json_of(peer.owner)},
    {"name", json_of(peer.display_name)},
    {"role", json_of(wire::to_string(peer.role))},
    {"address", json_of(peer.address)},
    {"direction", peer.outbound ? "out" : "in"},
    {"ready", peer.ready},
    {"latency_us", peer.latency.count()},
    {"age_us", peer.age.count()},
    {"silence_us", peer.silence.count()},
    {"counters", counters_json(peer.counters)},
  };
}

json status_json(const node_status& status) {
  auto peers = json::array();
  for (const auto& peer : status.peers)
    peers.push_back(peer_json(peer));
  json document{
    {"node", json_of(status.node)},
    {"owner", json_of(status.owner)},
    {"name", json_of(status.display_name)},
    {"role", json_of(wire::to_string(status.role))},
    {"network", json_of(status.network)},
    {"config_version", status.config_version},
    {"draining", status.draining},
    {"known_addresses", status.known_addresses},
    {"tasks", status.tasks},
    {"links_refused", status.links_refused},
    {"counters", counters_json(status.counters)},
  };
  if (status.works)
    document["worker"] = json{
      {"slots", status.worker.slots},   {"running", status.worker.running},
      {"queued", status.worker.queued}, {"completed", status.worker.completed},
      {"failed", status.worker.failed}, {"draining", status.worker.draining},
    };
  document["peers"] = std::move(peers);
  return document;
}

} // namespace artel::runtime
