// Nodes of a simulated network that do nothing but dial, and write down what
// they hear.
#pragma once

#include "runtime/sim/network/network.hpp"

#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace artel::sim::testing {

constexpr microseconds ms(std::int64_t count) {
  return microseconds{count * 1'000};
}

/// What an end of a link heard, and when.
struct heard {
  std::vector<std::pair<microseconds, std::string>> frames;
  std::vector<link_id> opened;
  std::vector<std::pair<microseconds, std::string>> closed;

  std::vector<std::string> texts() const {
    std::vector<std::string> all;
    for (const auto& [when, text] : frames)
      all.push_back(text);
    return all;
  }
};

using heard_ptr = std::shared_ptr<heard>;

struct test_peer_config {
  stage* on = nullptr;
  heard_ptr log;
};

inline peer_actor::behavior_type make_test_peer(peer_actor::pointer self,
                                                test_peer_config config) {
  auto log = config.log;
  auto* on = config.on;
  return {
    [](const assign_replica&) {},
    [](const cancel_replica&) {},
    [](const acknowledge_result&) {},
    [](const fetch_pieces&) {},
    [](const ask_bid&) {},
    [](const send_payload&) {},
    [log](const link_opened& m) { log->opened.push_back(m.link); },
    [log, on](const link_closed& m) {
      log->closed.emplace_back(on->elapsed(), m.reason);
    },
    [log, on](const frame_received& m) {
      log->frames.emplace_back(on->elapsed(), std::string{as_text(m.frame)});
    },
    [](const link_congested&) {},
    [](const network_changed&) {},
    [](const query_peer&) { return peer_status{}; },
    [](const measure_latency&) { return latency_measured{}; },
    [](const flush&) {},
    [](const send_posted&) {},
    [](const sweep&) {},
    [self](const stop_actor&) { self->quit(); },
  };
}

struct test_node {
  node_actor actor;
  transport_actor transport;
  /// Links it accepted, in order.
  std::vector<heard_ptr> accepted;
  std::vector<link_id> accepted_ids;
};

struct node_setup {
  stage* on = nullptr;
  sim::network* net = nullptr;
  test_node* node = nullptr;
  node_index index = no_node;
  std::string name;
};

inline node_actor::behavior_type make_test_node(node_actor::pointer self,
                                                node_setup setup) {
  auto* node = setup.node;
  auto* on = setup.on;
  node->transport = setup.net->start_transport(setup.index, setup.name, self);
  return {
    [](const dial&) {},
    [](const learn_addresses&) {},
    [](const update_network&) { return network_answer{}; },
    [](const change_settings&) {},
    [](const query_node&) { return artel::node_status{}; },
    [](const drain_node&) { return node_drained{}; },
    [](const ping_node&) { return latency_measured{}; },
    [](const sweep&) {},
    [self, node, on](const link_accepted& m) {
      node->accepted.push_back(std::make_shared<heard>());
      node->accepted_ids.push_back(m.link);
      auto peer = self->spawn(make_test_peer,
                              test_peer_config{on, node->accepted.back()});
      self->send(node->transport, attach_link{m.link, peer});
    },
    [](const peer_ready&) {},
    [](const peer_gone&) {},
    [](peer_message&) {},
    [](const await_peers&) { return peers_present{}; },
    [](submit_task&) { return task_accepted{}; },
    [](const record_outcomes&) {},
    [](const task_ended&) {},
    [self, node](const stop_actor&) {
      self->send(node->transport, stop_actor{});
      self->quit();
    },
  };
}

inline link_profile plain(std::int64_t latency_ms) {
  link_profile profile;
  profile.latency = ms(latency_ms);
  profile.shape = latency_shape::constant;
  return profile;
}

/// Nodes "a", "b", "c"... that write down what they hear.
struct linked_nodes {
  explicit linked_nodes(link_profile links = plain(10), std::uint64_t seed = 1)
    : on(seed),
      net(on, history, seed, links) {
    history.listen([this](microseconds, const trace_record& record) {
      if (const auto* sent = std::get_if<frame_record>(&record))
        fates.push_back(sent->fate);
    });
  }

  void start(node_index index) {
    if (nodes.size() <= index)
      nodes.resize(index + 1);
    nodes[index] = std::make_unique<test_node>();
    node_setup setup{&on, &net, nodes[index].get(), index, name(index)};
    nodes[index]->actor = on.as_node(
      index, [&] { return on.system().spawn(make_test_node, setup); });
    settle();
  }

  static std::string name(node_index index) {
    return std::string(1, static_cast<char>('a' + index));
  }

  void settle() {
    while (on.step()) {
    }
  }

  void run_for(microseconds span) {
    auto end = on.elapsed() + span;
    do {
      settle();
    } while (on.advance(end));
    settle();
  }

  struct dialled_link {
    heard_ptr log = std::make_shared<heard>();
    peer_actor peer;
  };

  dialled_link dial(node_index from, const std::string& address) {
    dialled_link link;
    link.peer = on.as_node(from, [&] {
      return on.system().spawn(make_test_peer, test_peer_config{&on, link.log});
    });
    caf::anon_send(nodes[from]->transport, open_link{address, link.peer});
    settle();
    return link;
  }

  /// A link that is up; what the dialler hears.
  dialled_link connect(node_index from, node_index to) {
    auto link = dial(from, name(to));
    run_for(ms(200));
    REQUIRE(link.log->opened.size() == 1);
    return link;
  }

  void send(node_index from, link_id link, std::string_view text) {
    caf::anon_send(nodes[from]->transport, send_frame{link, to_bytes(text)});
    settle();
  }

  void crash(node_index node, crash_kind kind) {
    net.crash(node, kind);
    nodes[node]->actor = node_actor{};
    nodes[node]->transport = transport_actor{};
    on.kill(node);
  }

  ~linked_nodes() {
    for (auto& node : nodes) {
      node->actor = node_actor{};
      node->transport = transport_actor{};
    }
  }

  sim::trace history;
  stage on;
  sim::network net;
  std::vector<std::unique_ptr<test_node>> nodes;
  std::vector<frame_fate> fates;
};

inline std::vector<std::string> numbered(int from, int to) {
  std::vector<std::string> all;
  for (auto i = from; i <= to; ++i)
    all.push_back(std::to_string(i));
  return all;
}

using texts = std::vector<std::string>;

} // namespace artel::sim::testing
