#include "runtime/net/lan_beacon.hpp"

#include "protocol/core/random.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

using namespace artel;
using namespace artel::runtime;

namespace {

wall_time now() {
  return std::chrono::time_point_cast<milliseconds>(
    std::chrono::system_clock::now());
}

/// What one beacon has heard.
class heard_calls {
public:
  void add(const std::string& address, const node_id& node) {
    std::lock_guard guard{mutex_};
    all_.emplace_back(address, node);
    changed_.notify_all();
  }

  bool wait_for(std::size_t count, std::chrono::milliseconds patience) {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, patience,
                             [&] { return all_.size() >= count; });
  }

  std::vector<std::pair<std::string, node_id>> all() {
    std::lock_guard guard{mutex_};
    return all_;
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::pair<std::string, node_id>> all_;
};

/// Nobody outside this machine is called.
lan_beacon_config config_of(std::uint64_t seed, heard_calls& heard) {
  initialize_crypto();
  auto random = random_generator::from_number(seed);
  lan_beacon_config config;
  config.network = "test";
  config.key = std::make_shared<const key_pair>(key_pair::generate(random));
  config.port = 0;
  config.link_port = static_cast<std::uint16_t>(7'000 + seed);
  config.broadcast = false;
  config.interval = milliseconds{50};
  config.found = [&heard](const std::string& address, const node_id& node) {
    heard.add(address, node);
  };
  config.wall_clock = now;
  return config;
}

} // namespace

TEST_CASE("a call gives the address that it came from and the port it names") {
  heard_calls first_heard;
  heard_calls second_heard;
  auto first_config = config_of(1, first_heard);
  auto first = lan_beacon::start(first_config);
  REQUIRE(first.ok());
  auto second_config = config_of(2, second_heard);
  second_config.others = {{"127.0.0.1", (*first)->port()}};
  auto second = lan_beacon::start(second_config);
  REQUIRE(second.ok());
  REQUIRE(first_heard.wait_for(2, std::chrono::seconds{20}));
  auto calls = first_heard.all();
  CHECK(calls[0].first == "127.0.0.1:7002");
  CHECK(calls[0].second == second_config.key->node());
  CHECK(second_heard.all().empty());
}

TEST_CASE("calls of another network, and one's own, are not told") {
  heard_calls heard;
  heard_calls none;
  auto listening = config_of(1, heard);
  auto first = lan_beacon::start(listening);
  REQUIRE(first.ok());
  auto stranger = config_of(2, none);
  stranger.network = "other";
  stranger.others = {{"127.0.0.1", (*first)->port()}};
  auto second = lan_beacon::start(stranger);
  auto own = listening;
  own.found = nullptr;
  own.others = stranger.others;
  auto third = lan_beacon::start(own);
  REQUIRE((second.ok() && third.ok()));
  // One that is told comes later than many that are not.
  heard_calls unused;
  auto friendly = config_of(4, unused);
  friendly.others = stranger.others;
  auto fourth = lan_beacon::start(friendly);
  REQUIRE(heard.wait_for(3, std::chrono::seconds{20}));
  for (const auto& [address, node] : heard.all())
    CHECK(node == friendly.key->node());
}

TEST_CASE("a node that takes no links hears, and does not call") {
  heard_calls first_heard;
  heard_calls second_heard;
  auto first = lan_beacon::start(config_of(1, first_heard));
  REQUIRE(first.ok());
  auto quiet = config_of(2, second_heard);
  quiet.link_port = 0;
  quiet.others = {{"127.0.0.1", (*first)->port()}};
  auto second = lan_beacon::start(quiet);
  REQUIRE(second.ok());
  auto calling = config_of(3, first_heard);
  calling.others = {{"127.0.0.1", (*first)->port()},
                    {"127.0.0.1", (*second)->port()}};
  auto third = lan_beacon::start(calling);
  REQUIRE(second_heard.wait_for(1, std::chrono::seconds{20}));
  REQUIRE(first_heard.wait_for(1, std::chrono::seconds{20}));
  for (const auto& [address, node] : first_heard.all())
    CHECK(node == calling.key->node());
}

TEST_CASE("what is no group is refused") {
  heard_calls heard;
  auto config = config_of(1, heard);
  config.groups = {"not an address"};
  auto started = lan_beacon::start(config);
  REQUIRE_FALSE(started.ok());
  CHECK(started.error().code == errc::invalid_argument);
}
