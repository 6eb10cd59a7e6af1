#include "tools/bench/link_node.hpp"

#include "protocol/core/random.hpp"
#include "protocol/overlay/address.hpp"

#include <caf/actor_cast.hpp>

#include <cstdio>
#include <cstdlib>
#include <utility>

namespace artel::bench {

void fail(const std::string& what) {
  std::fprintf(stderr, "bench_link: %s\n", what.c_str());
  std::_Exit(1);
}

std::string loopback_address(std::uint16_t port) {
  return "127.0.0.1:" + std::to_string(port);
}

link_node::link_node(bool listens) : system_(config_) {
  random_generator random{runtime::entropy()};
  auto made = std::make_shared<node_environment>();
  made->network = "bench";
  made->display_name = listens ? "server" : "client";
  made->key = std::make_shared<key_pair>(key_pair::generate(random));
  made->owner.value = made->id().value;
  made->wall_clock = runtime::make_wall_clock(system_);
  environment_ = std::move(made);
  runtime::tls_transport_config config;
  config.environment = environment_;
  if (listens)
    config.listen_addresses.push_back(loopback_address(0));
  auto opened = runtime::tls_endpoint::open(std::move(config));
  if (!opened)
    fail(opened.error().message);
  endpoint_ = *std::move(opened);
}

std::uint16_t link_node::port() const {
  auto where = parse_address(endpoint_->bound_addresses().front());
  if (!where)
    fail(where.error().message);
  return where->port;
}

transport_actor link_node::start(const caf::actor& node) {
  return runtime::transport_starter(endpoint_)(
    system_, caf::actor_cast<node_actor>(node));
}

} // namespace artel::bench
