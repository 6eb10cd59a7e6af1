// Lines of a node daemon's control socket: JSON, and the requests in it.
#include "protocol/wire/codec.hpp"
#include "runtime/control/control_request.hpp"
#include "tests/fuzz/target.hpp"

#include <variant>

namespace artel::fuzz {

namespace {

using runtime::json;

void check(const runtime::ping_request& one) {
  require(one.count >= 1 && one.count <= runtime::control_pings_max,
          "so many pings are allowed");
  require(one.address.find('\0') == one.address.npos
            && one.node.find('\0') == one.node.npos,
          "an address and an id end where they end");
}

void check(const runtime::drain_request& one) {
  require(one.deadline >= milliseconds{0}
            && one.deadline <= runtime::control_drain_max,
          "a deadline is in bounds");
}

void check(const runtime::update_request& one) {
  auto sent = wire::decode<network_config>(wire::encode(one.config));
  require(sent.ok() && *sent == one.config, "a config can be passed on");
  network_config again;
  require(runtime::read_json(runtime::json_of(one.config), again).ok()
            && again == one.config,
          "a config reads as what was written of it");
}

void check(const runtime::submit_request& one) {
  require(one.directory.starts_with('/'), "a directory is absolute");
  require(one.directory.find('\0') == one.directory.npos
            && one.file_name.find('\0') == one.file_name.npos,
          "paths end where they end");
}

template <class Request>
void check(const Request& one) {
  if constexpr (requires { one.task; })
    require(one.task.find('\0') == one.task.npos, "an id ends where it ends");
}

/// Deep enough for the configs, and no deeper.
std::size_t depth_of(const json& value) {
  std::size_t deepest = 0;
  if (value.is_structured())
    for (const auto& one : value)
      deepest = std::max(deepest, depth_of(one));
  return value.is_structured() ? deepest + 1 : 0;
}

std::size_t values_in(const json& value) {
  std::size_t count = 1;
  if (value.is_structured())
    for (const auto& one : value)
      count += values_in(one);
  return count;
}

seed seed_of(const char* name, const json& request) {
  return {name, to_bytes(runtime::line_of(request))};
}

} // namespace

void run(bytes_view input) {
  // Small, so that it is met.
  constexpr std::size_t values_max = 200;
  auto line = runtime::parse_control_line(as_text(input), values_max);
  if (!line) {
    require(line.error().code == errc::malformed
              && !line.error().message.empty()
              && line.error().message.size() < 300,
            "a refusal says why, in a few words");
    return;
  }
  require(line->is_object(), "a line is an object");
  require(depth_of(*line) <= runtime::json_bounds{}.depth_max
            && values_in(*line) <= values_max,
          "a line is within its bounds");
  auto asked = runtime::read_control_request(*line);
  if (!asked) {
    require(!asked.error().message.empty(), "a refusal says why");
    return;
  }
  std::visit([](const auto& one) { check(one); }, *asked);
  auto again = runtime::parse_control_line(runtime::line_of(*line), values_max);
  require(again.ok() && *again == *line, "a line reads as what it says");
}

std::vector<seed> make_seeds() {
  network_config config;
  config.network = "lab";
  config.version = 3;
  config.admission = admission_rule::token;
  config.seeds = {{node_id{{1}}, "seed:7447"}};
  config.witnesses = {node_id{{2}}};
  config.revoked_nodes = {node_id{{3}}};
  config.revoked_owners = {owner_id{{4}}};
  config.price_floor = microcredits(1'500);
  json named{{"request", "task.describe"}, {"task", "01ab"}};
  std::vector<seed> seeds{
    seed_of("status", json{{"request", "node.status"}}),
    seed_of("ping", json{{"request", "node.ping"},
                         {"address", "there:7447"},
                         {"node", ""},
                         {"count", 5}}),
    seed_of("drain", json{{"request", "node.drain"}, {"deadline_ms", 1'000}}),
    seed_of("update", json{{"request", "network.update"},
                           {"config", runtime::json_of(config)}}),
    seed_of("submit",
            json{{"request", "task.submit"},
                 {"text", "[task]\nname = \"a\"\n"},
                 {"directory", "/tmp"},
                 {"file_name", runtime::json_of(std::string{"\xe4.toml"})}}),
    seed_of("list", json{{"request", "task.list"}}),
    seed_of("describe", named),
  };
  named["request"] = "task.logs";
  named["follow"] = true;
  seeds.push_back(seed_of("logs", named));
  for (const auto* name : {"explain", "wait", "results", "stop"}) {
    named["request"] = std::string{"task."} + name;
    seeds.push_back(seed_of(name, named));
  }
  return seeds;
}

} // namespace artel::fuzz
