// A real daemon, asked over its real socket.
#include "runtime/control/control_requests.hpp"

#include "protocol/core/limits.hpp"
#include "runtime/config/key_file.hpp"
#include "runtime/control/control_client.hpp"
#include "runtime/launch/actor_system.hpp"
#include "runtime/launch/node_daemon.hpp"
#include "tests/runtime/scratch_directory.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

using namespace artel;
using namespace artel::runtime;

namespace {

key_pair key_number(std::uint64_t number) {
  initialize_crypto();
  auto random = random_generator::from_number(number);
  return key_pair::generate(random);
}

/// A daemon that nobody has a link to.
struct lonely_daemon {
  explicit lonely_daemon(bool has_root = true) {
    settings.node.key = directory.path() / "node.key";
    settings.node.state = directory.path() / "state";
    settings.node.control = directory.path() / "control";
    settings.network.name = "lab";
    if (has_root)
      settings.network.root = root.owner();
    settings.work.enabled = false;
    settings.log.file = directory.path() / "log";
    REQUIRE(write_key_file(settings.node.key, key_number(1)).ok());
    start();
  }

  void start() {
    daemon.reset();
    auto started = node_daemon::start(settings);
    REQUIRE_MESSAGE(started.ok(), started.error().message);
    daemon = std::move(*started);
  }

  result<json> ask(const json& request) const {
    auto client = control_client::connect(settings.node.control);
    REQUIRE(client.ok());
    return client->ask(request);
  }

  std::uint64_t version() const {
    auto status = ask(json{{"request", "node.status"}});
    REQUIRE(status.ok());
    return (*status)["config_version"].get<std::uint64_t>();
  }

  network_config config(std::uint64_t version) const {
    network_config item;
    item.network = "lab";
    item.version = version;
    item.issued = calendar_now();
    sign_config(item, root);
    return item;
  }

  result<json> update(const network_config& config) const {
    return ask(
      json{{"request", "network.update"}, {"config", json_of(config)}});
  }

  test::scratch_directory directory;
  key_pair root = key_number(2);
  node_settings settings;
  std::unique_ptr<node_daemon> daemon;
};

errc code_of(const result<json>& answer) {
  return answer ? errc{} : answer.error().code;
}

} // namespace

TEST_CASE("a newer network config is taken, told, and kept over a restart") {
  lonely_daemon node;
  CHECK(node.version() == 0);
  auto answer = node.update(node.config(7));
  REQUIRE(answer.ok());
  CHECK((*answer)["version"] == 7);
  CHECK(node.version() == 7);
  // The same again is no fault.
  auto next = node.config(8);
  CHECK(node.update(next).ok());
  answer = node.update(next);
  REQUIRE(answer.ok());
  CHECK((*answer)["version"] == 8);
  node.start();
  CHECK(node.version() == 8);
  CHECK(code_of(node.update(node.config(7))) == errc::already_exists);
}

TEST_CASE("a network config that does not hold changes nothing, and says why") {
  lonely_daemon node;
  REQUIRE(node.update(node.config(5)).ok());
  auto config = node.config(6);
  errc code{};
  std::string part;
  SUBCASE("an older one") {
    config = node.config(4);
    code = errc::already_exists;
    part = "version 4 of the network config is no newer than version 5";
  }
  SUBCASE("one that was changed") {
    config.messages_per_second_max = 1;
    code = errc::bad_signature;
    part = "or was changed since";
  }
  SUBCASE("without a signature") {
    config.issuer_signature = {};
    code = errc::bad_signature;
    part = "is not signed by";
  }
  SUBCASE("of another root") {
    sign_config(config, key_number(3));
    code = errc::bad_signature;
    part = "names root";
  }
  SUBCASE("in the name of the root, by another") {
    sign_config(config, key_number(3));
    config.root = node.root.owner();
    code = errc::bad_signature;
    part = "is not signed by";
  }
  SUBCASE("by a seed that nobody certified") {
    auto seed = key_number(4);
    seed_certificate paper;
    paper.network = "lab";
    paper.seed = seed.node();
    paper.config_version_max = 100;
    paper.issued = config.issued;
    paper.expires = config.issued + std::chrono::hours{1};
    sign_certificate(paper, key_number(3));
    sign_config(config, seed, paper);
    config.root = node.root.owner();
    code = errc::bad_signature;
    part = "issuer";
  }
  SUBCASE("of another network") {
    config.network = "attic";
    sign_config(config, node.root);
    code = errc::network_mismatch;
    part = "attic";
  }
  SUBCASE("of tomorrow") {
    config.issued += std::chrono::hours{24};
    sign_config(config, node.root);
    code = errc::timed_out;
    part = "issued in the future";
  }
  SUBCASE("version 0") {
    config.version = 0;
    sign_config(config, node.root);
    code = errc::invalid_argument;
    part = "version 0";
  }
  SUBCASE("one that is too large to be passed on") {
    for (std::size_t n = 0; n <= limits::revoked_keys_max; ++n)
      config.revoked_nodes.push_back(
        node_id{{9, static_cast<std::uint8_t>(n >> 8),
                 static_cast<std::uint8_t>(n), 1}});
    sign_config(config, node.root);
    code = errc::limit_exceeded;
    part = "config: ";
  }
  auto answer = node.update(config);
  REQUIRE_FALSE(answer.ok());
  CHECK(answer.error().code == code);
  CAPTURE(answer.error().message);
  CHECK(answer.error().message.find(part) != std::string::npos);
  CHECK(node.version() == 5);
  node.start();
  CHECK(node.version() == 5);
}

TEST_CASE("a node of an open network takes no config") {
  lonely_daemon node{false};
  auto answer = node.update(node.config(1));
  CHECK(code_of(answer) == errc::invalid_argument);
  CHECK(node.version() == 0);
}

TEST_CASE("no request harms a daemon, whatever its fields are") {
  lonely_daemon node;
  std::vector<json> requests;
  for (const auto* name : {"node.status", "task.list"})
    requests.push_back(json{{"request", name}});
  for (const auto* name : {"task.describe", "task.explain", "task.wait",
                           "task.logs", "task.results", "task.stop"})
    requests.push_back(
      json{{"request", name}, {"task", "00"}, {"follow", false}});
  requests.push_back(json{
    {"request", "node.ping"}, {"address", ""}, {"node", "00"}, {"count", 1}});
  requests.push_back(
    json{{"request", "network.update"}, {"config", json_of(node.config(1))}});
  requests.push_back(json{{"request", "task.submit"},
                          {"text", "[task]\n"},
                          {"directory", "/nowhere"},
                          {"file_name", "task.toml"}});
  const std::vector<json> odd{json(),
                              json(true),
                              json(-1),
                              json(1e300),
                              json(u8"\u00e4"),
                              json(std::string(3'000, '/')),
                              json("\n\x7f"),
                              json("../../../x"),
                              json(std::string("0\0", 2)),
                              json::array(),
                              json{{"base64", "//79"}},
                              json{{"a", json::array({json()})}}};
  for (const auto& sound : requests)
    for (const auto& [field, value] : sound.items())
      for (const auto& one : odd) {
        auto request = sound;
        request[field] = one;
        CAPTURE(line_of(request).substr(0, 200));
        auto answer = node.ask(request);
        if (answer)
          continue;
        CHECK(answer.error().code != errc::system_failure);
        CHECK(answer.error().code != errc::unreachable);
        CHECK_FALSE(answer.error().message.empty());
        CHECK(answer.error().message.size() < 4'000);
      }
  CHECK(node.ask(json{{"request", "node.status"}}).ok());
  CHECK(node.daemon->tick());
}

TEST_CASE("a task's text that is made to do harm is refused in words") {
  lonely_daemon node;
  auto submit = [&node](const std::string& text) {
    auto answer = node.ask(json{{"request", "task.submit"},
                                {"text", text},
                                {"directory", "/"},
                                {"file_name", "task.toml"}});
    REQUIRE_FALSE(answer.ok());
    CHECK(answer.error().code != errc::unreachable);
    return answer.error().message;
  };
  std::string dotted = "a";
  while (dotted.size() < 4u << 20)
    dotted += ".a";
  CHECK(submit(dotted + " = 1\n").find("more than 16 parts")
        != std::string::npos);
  CHECK(submit("[" + dotted + "]\n").find("more than 16 parts")
        != std::string::npos);
  CHECK_FALSE(submit("a = " + std::string(4u << 20, '[')).empty());
  CHECK_FALSE(submit(std::string(1'000, '\0')).empty());
  CHECK_FALSE(submit("\xff\xfe").empty());
  CHECK(node.daemon->tick());
}
