#include "runtime/config/settings_reload.hpp"

#include <doctest/doctest.h>

using namespace artel;
using namespace artel::runtime;

TEST_CASE("equal settings do not differ") {
  CHECK(reload_difference(node_settings{}, node_settings{}).empty());
}

TEST_CASE("what changed is told, with what a running node can take of it") {
  node_settings before;
  auto after = before;
  after.node.name = "bob";
  after.log.level = log_level::debug;
  after.access.deny_nodes = {node_id{{1}}};
  after.listen.addresses = {{"::", 7447}};
  auto changed = reload_difference(before, after);
  REQUIRE(changed.size() == 4);
  CHECK(changed[0].name == "node.name");
  CHECK(changed[0].change == setting_change::restart);
  CHECK(changed[1].name == "listen.addresses");
  CHECK(to_string(changed[1])
        == "listen.addresses: [] -> [\"[::]:7447\"] (after a restart)");
  CHECK(changed[2].name == "access.deny_nodes");
  CHECK(changed[2].change == setting_change::reload);
  CHECK(to_string(changed[3]) == "log.level: \"info\" -> \"debug\"");
}

TEST_CASE("a reloaded node has the new values that it can take, and no other") {
  node_settings before;
  auto after = before;
  after.node.name = "bob";
  after.work.slots = 9;
  after.log.level = log_level::error;
  after.links.links_max = 77;
  after.links.target = 7;
  after.discovery.bootstrap = {{"seed", 1}};
  after.shutdown.drain = milliseconds{1'234};
  auto settings = reloaded_settings(before, after);
  CHECK(settings.node == before.node);
  CHECK(settings.work == before.work);
  CHECK(settings.log == after.log);
  CHECK(settings.links.target == 7);
  CHECK(settings.links.links_max == before.links.links_max);
  CHECK(settings.discovery == after.discovery);
  CHECK(settings.shutdown == after.shutdown);
  for (const auto& one : reload_difference(settings, after))
    CHECK(one.change == setting_change::restart);
}

TEST_CASE(
  "logs, lists of access and what is dialled change without a restart") {
  for (const auto& one : settings_schema()) {
    CAPTURE(one.name());
    if (one.section == "log" || one.section == "access"
        || one.section == "shutdown" || one.name() == "discovery.bootstrap")
      CHECK(one.change == setting_change::reload);
    if (one.section == "node" || one.section == "network"
        || one.section == "listen")
      CHECK(one.change == setting_change::restart);
  }
}
