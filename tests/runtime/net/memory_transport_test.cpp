#include "runtime/net/memory_transport.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <caf/send.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace artel;
using namespace artel::runtime;

namespace {

/// What one end of a link heard.
struct end_log {
  link_id link = 0;
  std::vector<std::string> frames;
  std::string closed;
};

using end_log_ptr = std::shared_ptr<end_log>;

peer_actor::behavior_type listen(peer_actor::pointer, end_log_ptr log) {
  return {
    [](const assign_replica&) {},
    [](const cancel_replica&) {},
    [](const acknowledge_result&) {},
    [](const fetch_pieces&) {},
    [](const ask_bid&) {},
    [](const send_payload&) {},
    [log](const link_opened& m) { log->link = m.link; },
    [log](const link_closed& m) { log->closed = m.reason; },
    [log](const frame_received& m) {
      log->frames.emplace_back(as_text(m.frame));
    },
    [](const link_congested&) {},
    [](const network_changed&) {},
    [](const query_peer&) { return peer_status{}; },
    [](const measure_latency&) { return latency_measured{}; },
    [](const flush&) {},
    [](const send_posted&) {},
    [](const sweep&) {},
    [](const stop_actor&) {},
  };
}

node_actor::behavior_type note_links(node_actor::pointer,
                                     std::shared_ptr<std::vector<link_id>> in) {
  return {
    [](const dial&) {},
    [](const learn_addresses&) {},
    [](const update_network&) { return network_answer{}; },
    [](const change_settings&) {},
    [](const query_node&) { return artel::node_status{}; },
    [](const drain_node&) { return node_drained{}; },
    [](const ping_node&) { return latency_measured{}; },
    [](const sweep&) {},
    [in](const link_accepted& m) { in->push_back(m.link); },
    [](const peer_ready&) {},
    [](const peer_gone&) {},
    [](const peer_message&) {},
    [](const await_peers&) { return peers_present{}; },
    [](const submit_task&) { return task_accepted{}; },
    [](const record_outcomes&) {},
    [](const task_ended&) {},
    [](const stop_actor&) {},
  };
}

struct testing_config : caf::actor_system_config {
  testing_config() {
    set("scheduler.policy", caf::atom("testing"));
    set("logger.verbosity", caf::atom("quiet"));
  }
};

/// Two nodes "a" and "b" with a transport each.
class two_nodes {
public:
  two_nodes()
    : scheduler_(
      dynamic_cast<caf::scheduler::test_coordinator&>(system_.scheduler())) {
    for (auto name : {"a", "b"}) {
      accepted.push_back(std::make_shared<std::vector<link_id>>());
      auto node = system_.spawn(note_links, accepted.back());
      everyone_.push_back(caf::actor_cast<caf::actor>(node));
      transports.push_back(system_.spawn(
        make_memory_transport, memory_transport_config{hub, name, node}));
      everyone_.push_back(caf::actor_cast<caf::actor>(transports.back()));
    }
    drain();
  }

  ~two_nodes() {
    for (const auto& one : everyone_)
      caf::anon_send_exit(one, caf::exit_reason::kill);
    drain();
  }

  peer_actor end(const end_log_ptr& log) {
    auto made = system_.spawn(listen, log);
    everyone_.push_back(caf::actor_cast<caf::actor>(made));
    return made;
  }

  void open(const std::string& address) {
    caf::anon_send(transports[0], open_link{address, end(near)});
    drain();
  }

  void attach() {
    REQUIRE(accepted[1]->size() == 1);
    caf::anon_send(transports[1], attach_link{accepted[1]->front(), end(far)});
    drain();
  }

  void send(std::size_t from, link_id link, std::string_view text) {
    caf::anon_send(transports[from], send_frame{link, to_bytes(text)});
  }

  void drain() {
    while (scheduler_.has_job())
      scheduler_.run_once();
  }

  std::shared_ptr<memory_hub> hub = std::make_shared<memory_hub>();
  std::vector<memory_transport_actor> transports;
  std::vector<std::shared_ptr<std::vector<link_id>>> accepted;
  end_log_ptr near = std::make_shared<end_log>();
  end_log_ptr far = std::make_shared<end_log>();

private:
  testing_config config_;
  caf::actor_system system_{config_};
  caf::scheduler::test_coordinator& scheduler_;
  std::vector<caf::actor> everyone_;
};

} // namespace

TEST_CASE("a link carries frames both ways, in order") {
  two_nodes net;
  net.open("b");
  net.attach();
  CHECK(net.near->link != 0);
  CHECK(net.far->link != 0);
  for (auto text : {"one", "two", "three"})
    net.send(0, net.near->link, text);
  net.send(1, net.far->link, "back");
  net.drain();
  CHECK(net.far->frames == std::vector<std::string>{"one", "two", "three"});
  CHECK(net.near->frames == std::vector<std::string>{"back"});
}

TEST_CASE("frames that come before the peer is attached wait for it") {
  two_nodes net;
  net.open("b");
  net.send(0, net.near->link, "early");
  net.drain();
  CHECK(net.far->frames.empty());
  net.attach();
  CHECK(net.far->frames == std::vector<std::string>{"early"});
}

TEST_CASE("an address where nobody listens gives a closed link at once") {
  two_nodes net;
  net.open("c");
  CHECK(net.near->closed == "no node listens at 'c'");
  CHECK(net.near->link == 0);
}

TEST_CASE("the other side hears of a closed link, once") {
  two_nodes net;
  net.open("b");
  net.attach();
  caf::anon_send(net.transports[0], close_link{net.near->link});
  net.drain();
  CHECK(net.far->closed == "the other side closed the link");
  CHECK(net.near->closed.empty());
  net.far->closed.clear();
  caf::anon_send(net.transports[0], close_link{net.near->link});
  net.send(1, net.far->link, "late");
  net.drain();
  CHECK(net.far->closed.empty());
  CHECK(net.near->frames.empty());
}

TEST_CASE("a link that was closed before its peer came is said to be closed") {
  two_nodes net;
  net.open("b");
  caf::anon_send(net.transports[0], close_link{net.near->link});
  net.drain();
  net.attach();
  CHECK(net.far->closed == "the other side closed the link");
  CHECK(net.far->link == 0);
}

TEST_CASE("a transport that stops closes its links and leaves its address") {
  two_nodes net;
  net.open("b");
  net.attach();
  CHECK(net.hub->find("b"));
  caf::anon_send(net.transports[1], stop_actor{});
  net.drain();
  CHECK_FALSE(net.hub->find("b"));
  CHECK(net.near->closed == "the other side closed the link");
  net.near = std::make_shared<end_log>();
  net.open("b");
  CHECK(net.near->closed == "no node listens at 'b'");
}
