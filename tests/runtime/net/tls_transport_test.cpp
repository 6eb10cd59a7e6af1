#include "runtime/net/tls_transport.hpp"

#include "tests/runtime/net/tls_nodes.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <doctest/doctest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace artel;
using namespace artel::runtime;
using namespace artel::testing;
using wire::traffic_class;

namespace {

/// Two nodes with a link between them, past the greetings.
struct two_nodes {
  explicit two_nodes(bool forget_frames = false,
                     tls_transport_limits limits = {})
    : a(system, 1, limits),
      b(system, 2, limits) {
    b.accepted->forget_frames = forget_frames;
    near = a.open(b.address());
    REQUIRE(near->wait([](const end_log& l) { return l.link != 0; }));
    REQUIRE(b.accepted->wait_for_links(1));
    far = b.accepted->end(0);
    REQUIRE(far->wait([](const end_log& l) { return l.link != 0; }));
    a.send(near->link, frame_of(1));
    b.send(far->link, frame_of(1));
    auto greeted = [](const end_log& l) { return l.frames_total == 1; };
    REQUIRE(near->wait(greeted));
    REQUIRE(far->wait(greeted));
  }

  links_config config;
  caf::actor_system system{config};
  linked_node a;
  linked_node b;
  end_log_ptr near;
  end_log_ptr far;
};

/// An actor without arguments upsets CAF.
caf::behavior end_at_once(caf::event_based_actor* self, link_opened) {
  return {[self](const link_opened&) { self->quit(); }};
}

/// Distinct by its size and its number.
bytes numbered_frame(std::size_t content, std::uint8_t number) {
  auto made = frame_of(content, number);
  for (std::size_t i = wire::length_bytes; i < made.size(); i += 251)
    made[i] = static_cast<std::uint8_t>(i / 251 + number);
  return made;
}

} // namespace

TEST_CASE("both ends are told who is at the other, and from where") {
  two_nodes nodes;
  CHECK(nodes.near->proven == nodes.b.id());
  CHECK(nodes.far->proven == nodes.a.id());
  CHECK(nodes.near->address == nodes.b.address());
  CHECK(nodes.far->address.starts_with("127.0.0.1:"));
  CHECK(nodes.a.counters().links_open == 1);
  CHECK(nodes.b.counters().links_open == 1);
  CHECK(nodes.b.counters().handshakes_open == 0);
}

TEST_CASE("frames of every size arrive whole, each class in order") {
  two_nodes nodes;
  std::vector<bytes> sent;
  std::uint8_t number = 0;
  for (std::size_t size : {1u, 2u, 100u, 16'371u, 16'372u, 16'373u, 65'536u,
                           1'000'000u, 20u << 20})
    for (auto priority : {traffic_class::control, traffic_class::results,
                          traffic_class::bulk}) {
      // One at a time, so that none is dropped for want of room.
      sent.push_back(numbered_frame(size, ++number));
      nodes.a.send(nodes.near->link, sent.back(), priority);
      REQUIRE(nodes.far->wait(
        [&](const end_log& l) { return l.frames_total == sent.size() + 1; }));
    }
  nodes.far->change([&](end_log& l) {
    for (std::size_t i = 0; i < sent.size(); ++i)
      CHECK((l.frames[i + 1] == sent[i]));
  });
  CHECK(nodes.a.counters().frames_dropped == 0);
}

TEST_CASE("many small frames both ways at once keep their order") {
  two_nodes nodes;
  constexpr std::size_t count = 2'000;
  for (std::size_t n = 0; n < count; ++n) {
    nodes.a.send(nodes.near->link,
                 numbered_frame(1 + n % 400, static_cast<std::uint8_t>(n)));
    nodes.b.send(nodes.far->link,
                 numbered_frame(1 + n % 300, static_cast<std::uint8_t>(n)));
  }
  for (const auto& [log, cycle] :
       {std::pair{nodes.far, 400u}, std::pair{nodes.near, 300u}}) {
    REQUIRE(
      log->wait([](const end_log& l) { return l.frames_total == count + 1; }));
    auto limit = cycle;
    log->change([&](end_log& l) {
      for (std::size_t n = 0; n < count; ++n)
        if (l.frames[n + 1]
            != numbered_frame(1 + n % limit, static_cast<std::uint8_t>(n)))
          FAIL("frame " << n << " is another");
    });
  }
}

TEST_CASE("control passes a bulk frame of 64 MiB that is on its way") {
  two_nodes nodes;
  nodes.a.send(nodes.near->link, frame_of(64u << 20), traffic_class::bulk);
  nodes.a.send(nodes.near->link, frame_of(10));
  REQUIRE(
    nodes.far->wait([](const end_log& l) { return l.frames_total == 3; }));
  nodes.far->change([](end_log& l) {
    CHECK(l.frames[1].size() == 14);
    CHECK(l.frames[2].size() == (64u << 20) + 4);
  });
}

TEST_CASE("what was sent before a link is closed arrives, and both ends end") {
  two_nodes nodes;
  for (int n = 0; n < 20; ++n)
    nodes.a.send(nodes.near->link, frame_of(50'000), traffic_class::results);
  nodes.a.close(nodes.near->link);
  REQUIRE(nodes.far->wait([](const end_log& l) { return l.closed; }));
  nodes.far->change([](end_log& l) {
    CHECK(l.frames_total == 21);
    CHECK(l.reason == "the other side closed the link");
  });
  CHECK(eventually([&] {
    return nodes.a.counters().links_open == 0
           && nodes.b.counters().links_open == 0;
  }));
  // Late messages are ignored.
  nodes.a.send(nodes.near->link, frame_of(1));
  nodes.a.close(nodes.near->link);
  nodes.b.close(nodes.far->link);
}

TEST_CASE("both ends may close at once") {
  two_nodes nodes;
  nodes.a.close(nodes.near->link);
  nodes.b.close(nodes.far->link);
  CHECK(eventually([&] {
    return nodes.a.counters().links_open == 0
           && nodes.b.counters().links_open == 0;
  }));
}

TEST_CASE("a node that stops ends its links, and says the last word first") {
  two_nodes nodes;
  nodes.a.send(nodes.near->link, frame_of(3'000'000), traffic_class::bulk);
  nodes.a.stop();
  REQUIRE(nodes.far->wait([](const end_log& l) { return l.closed; }));
  nodes.far->change([](end_log& l) { CHECK(l.frames_total == 2); });
}

TEST_CASE("a peer that ends without a word loses its link") {
  two_nodes nodes;
  nodes.a.stop();
  linked_node third{nodes.system, 3};
  {
    auto peer = nodes.system.spawn(end_at_once, link_opened{});
    caf::anon_send(
      third.transport,
      open_link{nodes.b.address(), caf::actor_cast<peer_actor>(peer)});
  }
  REQUIRE(nodes.b.accepted->wait_for_links(2));
  CHECK(
    nodes.b.accepted->end(1)->wait([](const end_log& l) { return l.closed; }));
  CHECK(eventually([&] { return third.counters().links_open == 0; }));
}

TEST_CASE("what is sent to a transport that has ended keeps nobody alive") {
  links_config config;
  caf::actor_system system{config};
  linked_node a{system, 1};
  auto ended = a.transport;
  a.stop();
  auto peer = system.spawn(end_at_once, link_opened{});
  caf::anon_send(ended,
                 open_link{"127.0.0.1:1", caf::actor_cast<peer_actor>(peer)});
  caf::scoped_actor self{system};
  self->monitor(peer);
  peer = nullptr;
  auto down = false;
  self->receive([&](const caf::down_msg&) { down = true; },
                caf::after(patience) >> [] {});
  CHECK(down);
}

TEST_CASE("a link over IPv6, where the machine has it") {
  auto test = ::socket(AF_INET6, SOCK_STREAM, 0);
  sockaddr_in6 loopback{};
  loopback.sin6_family = AF_INET6;
  loopback.sin6_addr = in6addr_loopback;
  auto has_it =
    ::bind(test, reinterpret_cast<sockaddr*>(&loopback), sizeof(loopback)) == 0;
  ::close(test);
  if (!has_it) {
    MESSAGE("no IPv6 here");
    return;
  }
  links_config config;
  caf::actor_system system{config};
  linked_node a{system, 1};
  linked_node b{system, 2, {}, {"127.0.0.1:0", "[::1]:0"}};
  auto count = b.address().size();
  CHECK(count > 0);
  auto near = a.open("[::1]:" + b.port(1));
  REQUIRE(near->wait([](const end_log& l) { return l.link != 0; }));
  CHECK(near->proven == b.id());
  CHECK(near->address == "[::1]:" + b.port(1));
}

TEST_CASE("a name is looked up, and every address of it tried") {
  links_config config;
  caf::actor_system system{config};
  linked_node a{system, 1};
  linked_node b{system, 2};
  // Also where it is ::1 first, and nobody listens there.
  auto near = a.open("localhost:" + b.port(0));
  REQUIRE(near->wait([](const end_log& l) { return l.link != 0; }));
  CHECK(near->proven == b.id());
}

TEST_CASE("a dial that fails says why") {
  links_config config;
  caf::actor_system system{config};
  tls_transport_limits limits;
  limits.connect_timeout = milliseconds{200};
  linked_node a{system, 1, limits};
  auto reason_of = [&](const std::string& address) {
    auto near = a.open(address);
    REQUIRE(near->wait([](const end_log& l) { return l.closed; }));
    return near->reason;
  };
  SUBCASE("nobody listens") {
    std::string port;
    {
      linked_node gone{system, 2};
      port = gone.port(0);
    }
    CHECK(reason_of("127.0.0.1:" + port)
          == "can't dial 127.0.0.1:" + port + ": Connection refused");
  }
  SUBCASE("no such name") {
    CHECK(reason_of("no-such-host.invalid:7447")
            .starts_with("can't dial no-such-host.invalid:7447: "));
  }
  SUBCASE("no address") {
    CHECK(reason_of("nonsense").find("expected HOST:PORT")
          != std::string::npos);
  }
  SUBCASE("no answer") {
    // A listener whose queue is full lets nobody know.
    owned_socket full{::socket(AF_INET, SOCK_STREAM, 0)};
    sockaddr_in any{};
    any.sin_family = AF_INET;
    any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(any);
    REQUIRE(::bind(full.get(), reinterpret_cast<sockaddr*>(&any), size) == 0);
    REQUIRE(::listen(full.get(), 0) == 0);
    REQUIRE(::getsockname(full.get(), reinterpret_cast<sockaddr*>(&any), &size)
            == 0);
    auto address = "127.0.0.1:" + std::to_string(ntohs(any.sin_port));
    raw_connection first{address};
    CHECK(reason_of(address) == "can't dial " + address + ": no answer");
  }
  CHECK(a.counters().dials_failed == 1);
}

TEST_CASE("a dial that is closed before it is there leaves nothing behind") {
  links_config config;
  caf::actor_system system{config};
  linked_node a{system, 1};
  linked_node b{system, 2};
  for (int n = 0; n < 50; ++n) {
    a.open(b.address());
    a.close(static_cast<link_id>(n + 1));
  }
  CHECK(eventually([&] {
    return a.counters().links_open == 0 && a.counters().handshakes_open == 0
           && b.counters().links_open == 0 && b.counters().handshakes_open == 0;
  }));
}

TEST_CASE("an address in use is told before anything starts") {
  links_config config;
  caf::actor_system system{config};
  linked_node a{system, 1};
  tls_transport_config second;
  auto environment = std::make_shared<node_environment>();
  environment->key = std::make_shared<key_pair>(some_key(2));
  second.environment = environment;
  second.listen_addresses = {a.address()};
  auto opened = tls_endpoint::open(second);
  REQUIRE(!opened);
  CHECK(opened.error().code == errc::already_exists);
  CHECK(opened.error().message.starts_with(a.address() + " is in use"));
  second.listen_addresses = {"localhost:7447"};
  opened = tls_endpoint::open(second);
  REQUIRE(!opened);
  CHECK(opened.error().code == errc::invalid_argument);
}

TEST_CASE("two hundred links to one node carry traffic at once") {
  links_config config;
  caf::actor_system system{config};
  tls_transport_limits limits;
  limits.per_address_max = 1'000;
  linked_node a{system, 1, limits};
  linked_node b{system, 2, limits};
  constexpr std::size_t count = 200;
  std::vector<end_log_ptr> ends;
  for (std::size_t n = 0; n < count; ++n)
    ends.push_back(a.open(b.address()));
  for (const auto& end : ends)
    REQUIRE(end->wait([](const end_log& l) { return l.link != 0; }));
  REQUIRE(b.accepted->wait_for_links(count));
  for (const auto& end : ends)
    for (int n = 0; n < 10; ++n)
      a.send(end->link, frame_of(1'000));
  for (std::size_t n = 0; n < count; ++n)
    REQUIRE(b.accepted->end(n)->wait(
      [](const end_log& l) { return l.frames_total == 10; }));
  CHECK(b.counters().links_open == count);
  b.stop();
  for (const auto& end : ends)
    REQUIRE(end->wait([](const end_log& l) { return l.closed; }));
  CHECK(eventually([&] { return a.counters().links_open == 0; }));
}
