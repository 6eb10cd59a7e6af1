// Nodes of a network with a root: what it signs, and what they know of it.
#pragma once

#include "protocol/governance/network_config.hpp"
#include "tests/actors/kept.hpp"
#include "tests/actors/world.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace artel::testing {

inline constexpr wall_time issued{std::chrono::seconds{1'735'689'600}};

/// A world of nodes that share a root key.
struct rooted_world {
  explicit rooted_world(std::uint64_t seed)
    : net(seed),
      random(random_generator::from_number(seed)),
      root(key_pair::generate(random)) {}

  node_setup setup(std::string name) {
    node_setup one;
    one.name = std::move(name);
    one.root = root.owner();
    one.storage = std::make_shared<kept_things>();
    return one;
  }

  std::size_t add(std::string name) { return net.add_node(setup(name)); }

  /// One that dials others by itself.
  std::size_t add_dialling(std::string name,
                           std::vector<std::string> bootstrap) {
    auto one = setup(std::move(name));
    one.links_target = bootstrap.size();
    one.bootstrap = std::move(bootstrap);
    return net.add_node(one);
  }

  /// One that looks after its links.
  std::size_t add_watchful(std::string name) {
    auto one = setup(std::move(name));
    one.keep_alive = milliseconds{5'000};
    return net.add_node(one);
  }

  /// Signed by the root itself.
  network_config config(std::uint64_t version) {
    network_config item;
    item.network = network_name;
    item.version = version;
    item.issued = issued;
    return item;
  }

  network_config signed_config(network_config item) {
    sign_config(item, root);
    return item;
  }

  network_answer update(std::size_t node, const network_config& item) {
    return net.ask<network_answer>(net.nodes[node].actor, update_network{item});
  }

  std::uint64_t version_at(std::size_t node) {
    return status(node).config_version;
  }

  node_status status(std::size_t node) {
    return net.ask<node_status>(net.nodes[node].actor, query_node{});
  }

  join_token admit(const owner_id& owner, const key_pair& seed,
                   milliseconds life) {
    join_token item;
    item.network = network_name;
    item.owner = owner;
    item.issued = issued;
    item.expires = issued + life;
    item.issuer = certify_seed(seed.node());
    sign_certificate(item, seed);
    return item;
  }

  std::size_t peers_of(std::size_t node) {
    std::size_t count = 0;
    for (const auto& peer : status(node).peers)
      count += peer.ready;
    return count;
  }

  kept_things& kept(std::size_t node) {
    return dynamic_cast<kept_things&>(*net.nodes[node].setup.storage);
  }

  seed_certificate certify_seed(const node_id& node) {
    seed_certificate item;
    item.network = network_name;
    item.seed = node;
    item.config_version_max = 100;
    item.issued = issued;
    item.expires = issued + std::chrono::hours{1'000};
    sign_certificate(item, root);
    return item;
  }

  world net;
  random_generator random;
  key_pair root;
};

} // namespace artel::testing
