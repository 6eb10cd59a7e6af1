// What strangers and bad peers do to a transport.
#include "runtime/net/link_certificate.hpp"
#include "runtime/net/tls_transport.hpp"
#include "tests/runtime/net/tls_nodes.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

#include <doctest/doctest.h>

#include <filesystem>
#include <iterator>
#include <mutex>
#include <thread>
#include <utility>

#include <openssl/err.h>

using namespace artel;
using namespace artel::runtime;
using namespace artel::testing;
using wire::traffic_class;

namespace {

struct one_node {
  explicit one_node(tls_transport_limits limits = {})
    : node(system, 1, limits) {
    node.accepted->forget_frames = true;
  }

  const transport_counters& counters() const { return node.counters(); }

  /// Still there for those who keep to the rules.
  void check_serves() {
    linked_node honest{system, 77};
    auto near = honest.open(node.address());
    CHECK(near->wait([](const end_log& l) { return l.link != 0; }));
  }

  links_config config;
  caf::actor_system system{config};
  linked_node node;
};

/// A TLS client that is set up by hand.
class plain_client {
public:
  plain_client(const std::string& address,
               const std::function<void(SSL_CTX*)>& configure)
    : connection_(address),
      context_(SSL_CTX_new(TLS_method())) {
    configure(context_.get());
    session_.reset(SSL_new(context_.get()));
    SSL_set_fd(session_.get(), connection_.descriptor());
  }

  /// Whether the server took the client: a refusal of its certificate comes
  /// only after the client's own handshake.
  bool is_taken() {
    auto taken = SSL_connect(session_.get()) == 1;
    std::uint8_t byte = 0;
    if (taken)
      taken = SSL_read(session_.get(), &byte, 1) > 0;
    ERR_clear_error();
    return taken;
  }

private:
  raw_connection connection_;
  ssl_context context_;
  ssl_connection session_;
};

std::ptrdiff_t open_descriptors() {
  std::filesystem::directory_iterator all{"/proc/self/fd"};
  return std::distance(begin(all), end(all));
}

void use(SSL_CTX* context, const link_credentials& credentials) {
  SSL_CTX_use_certificate(context, credentials.certificate.get());
  SSL_CTX_use_PrivateKey(context, credentials.key.get());
}

} // namespace

TEST_CASE("who speaks an older TLS is refused and counted") {
  one_node one;
  auto credentials = make_link_credentials(some_key(2));
  REQUIRE(credentials);
  plain_client client{one.node.address(), [&](SSL_CTX* context) {
                        SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
                        use(context, *credentials);
                      }};
  CHECK_FALSE(client.is_taken());
  CHECK(eventually([&] { return one.counters().tls_version == 1; }));
  one.check_serves();
}

TEST_CASE("who shows no certificate is refused and counted") {
  one_node one;
  plain_client client{one.node.address(), [](SSL_CTX*) {}};
  CHECK_FALSE(client.is_taken());
  CHECK(eventually([&] { return one.counters().tls_no_certificate == 1; }));
  CHECK(one.node.accepted->count() == 0);
  one.check_serves();
}

TEST_CASE("whose certificate binds no node, or another's, is refused") {
  one_node one;
  auto victim = make_link_credentials(some_key(2));
  auto attacker = make_link_credentials(some_key(3));
  REQUIRE(victim);
  REQUIRE(attacker);
  auto certificate = attacker->certificate.get();
  X509_EXTENSION_free(X509_delete_ext(certificate, 0));
  SUBCASE("none") {
  }
  SUBCASE("another's") {
    X509_add_ext(certificate, X509_get_ext(victim->certificate.get(), 0), -1);
  }
  REQUIRE(X509_sign(certificate, attacker->key.get(), nullptr));
  plain_client client{one.node.address(),
                      [&](SSL_CTX* context) { use(context, *attacker); }};
  CHECK_FALSE(client.is_taken());
  CHECK(eventually([&] { return one.counters().tls_bad_binding == 1; }));
  CHECK(one.node.accepted->count() == 0);
  one.check_serves();
}

TEST_CASE("a dialled node that binds no key is refused by who dials") {
  // The same check on the other side: a transport dials a server that has the
  // wrong certificate.
  links_config config;
  caf::actor_system system{config};
  linked_node dialler{system, 1};
  owned_socket listening{::socket(AF_INET, SOCK_STREAM, 0)};
  sockaddr_storage storage{};
  socklen_t size = sizeof(storage);
  REQUIRE(::listen(listening.get(), 1) == 0);
  REQUIRE(
    ::getsockname(listening.get(), reinterpret_cast<sockaddr*>(&storage), &size)
    == 0);
  socket_address bound{storage, size};
  auto text = to_string(bound);
  auto end = dialler.open("127.0.0.1" + text.substr(text.rfind(':')));
  owned_socket taken{::accept(listening.get(), nullptr, nullptr)};
  REQUIRE(taken);
  auto credentials = make_link_credentials(some_key(2));
  REQUIRE(credentials);
  X509_EXTENSION_free(X509_delete_ext(credentials->certificate.get(), 0));
  X509_sign(credentials->certificate.get(), credentials->key.get(), nullptr);
  ssl_context context{SSL_CTX_new(TLS_method())};
  use(context.get(), *credentials);
  ssl_connection server{SSL_new(context.get())};
  SSL_set_fd(server.get(), taken.get());
  CHECK(SSL_accept(server.get()) <= 0);
  ERR_clear_error();
  REQUIRE(end->wait([](const end_log& l) { return l.closed; }));
  CHECK(end->link == 0);
  CHECK(end->reason.find("certificate") != std::string::npos);
  CHECK(dialler.counters().tls_bad_binding == 1);
}

TEST_CASE("bytes that are no TLS are refused and counted") {
  one_node one;
  raw_connection client{one.node.address()};
  client.send(as_bytes("GET / HTTP/1.1\r\nHost: example\r\n\r\n"));
  CHECK(client.is_closed());
  CHECK(eventually([&] { return one.counters().tls_failed == 1; }));
  one.check_serves();
}

TEST_CASE("who connects and says nothing, or half a word, is given up") {
  tls_transport_limits limits;
  limits.handshake_timeout = milliseconds{300};
  one_node one{limits};
  raw_connection silent{one.node.address()};
  raw_connection halfway{one.node.address()};
  halfway.send(bytes{0x16, 0x03, 0x01, 0x02, 0x00, 0x01});
  CHECK(silent.is_closed());
  CHECK(halfway.is_closed());
  CHECK(eventually([&] {
    return one.counters().handshake_timeouts == 2
           && one.counters().handshakes_open == 0;
  }));
  one.check_serves();
}

TEST_CASE("a link that the node does not claim is given up") {
  tls_transport_limits limits;
  limits.handshake_timeout = milliseconds{300};
  one_node one{limits};
  one.node.accepted->attach = false;
  raw_link client{one.node.address(), some_key(2)};
  REQUIRE(client.shake_hands());
  CHECK(client.is_closed());
  CHECK(eventually([&] { return one.counters().links_open == 0; }));
}

TEST_CASE("silent connections don't keep out who greets") {
  tls_transport_limits limits;
  limits.handshakes_max = 8;
  limits.per_address_max = 1'000;
  one_node one{limits};
  std::vector<std::unique_ptr<raw_connection>> silent;
  for (int n = 0; n < 200; ++n)
    silent.push_back(std::make_unique<raw_connection>(one.node.address()));
  one.check_serves();
  CHECK(one.counters().handshakes_open <= 8);
  CHECK(one.counters().evicted >= 100);
  // Gone means gone: the descriptors too.
  CHECK(eventually([] { return open_descriptors() < 200 + 60; }));
  silent.clear();
  CHECK(eventually([&] { return one.counters().handshakes_open == 0; }));
}

TEST_CASE("no more links from one address than allowed") {
  tls_transport_limits limits;
  limits.per_address_max = 3;
  one_node one{limits};
  linked_node dialler{one.system, 2};
  std::vector<end_log_ptr> ends;
  for (int n = 0; n < 3; ++n) {
    ends.push_back(dialler.open(one.node.address()));
    REQUIRE(ends.back()->wait([](const end_log& l) { return l.link != 0; }));
  }
  REQUIRE(one.node.accepted->wait_for_links(3));
  auto refused = dialler.open(one.node.address());
  REQUIRE(refused->wait([](const end_log& l) { return l.closed; }));
  CHECK(one.counters().refused_address == 1);
  // Its place is free again once one is gone.
  dialler.close(ends[0]->link);
  REQUIRE(eventually([&] { return one.counters().links_open == 2; }));
  auto next = dialler.open(one.node.address());
  CHECK(next->wait([](const end_log& l) { return l.link != 0; }));
}

TEST_CASE("no more links in all than allowed") {
  tls_transport_limits limits;
  limits.links_max = 2;
  one_node one{limits};
  linked_node dialler{one.system, 2};
  for (int n = 0; n < 2; ++n)
    REQUIRE(dialler.open(one.node.address())->wait([](const end_log& l) {
      return l.link != 0;
    }));
  REQUIRE(one.node.accepted->wait_for_links(2));
  auto refused = dialler.open(one.node.address());
  REQUIRE(refused->wait([](const end_log& l) { return l.closed; }));
  CHECK(one.counters().refused_total == 1);
  // This node's own dials have places of their own.
  auto out = one.node.open(dialler.address());
  CHECK(out->wait([](const end_log& l) { return l.link != 0; }));
}

TEST_CASE("a proven peer that breaks the framing loses its link") {
  one_node one;
  raw_link client{one.node.address(), some_key(2)};
  REQUIRE(client.shake_hands());
  SUBCASE("an unknown class") {
    client.send(bytes{9, 0, 0, 1, 0});
    CHECK(client.is_closed());
    CHECK(one.counters().malformed == 1);
  }
  SUBCASE("a segment that is too long") {
    client.send(bytes{1, 0xff, 0xff, 0xff});
    CHECK(client.is_closed());
    CHECK(one.counters().malformed == 1);
  }
  SUBCASE("a frame that is too long") {
    client.send(
      segments_of(bytes{0xff, 0xff, 0xff, 0xff}, traffic_class::control));
    CHECK(client.is_closed());
    CHECK(one.counters().oversized == 1);
  }
  SUBCASE("a large frame before the greeting") {
    client.send(segments_of(frame_of(100'000), traffic_class::bulk));
    CHECK(client.is_closed());
    CHECK(one.counters().oversized == 1);
  }
  CHECK(eventually([&] { return one.counters().links_open == 0; }));
  CHECK(
    one.node.accepted->end(0)->wait([](const end_log& l) { return l.closed; }));
  one.check_serves();
}

namespace {

/// A peer whose greetings are done.
void greet(one_node& one, raw_link& client, std::size_t index) {
  REQUIRE(client.shake_hands());
  client.send(segments_of(frame_of(10), traffic_class::control));
  REQUIRE(one.node.accepted->wait_for_links(index + 1));
  auto end = one.node.accepted->end(index);
  REQUIRE(end->wait([](const end_log& l) { return l.frames_total == 1; }));
  one.node.send(end->link, frame_of(10));
  REQUIRE(eventually([&] { return one.counters().frames_sent == index + 1; }));
}

} // namespace

TEST_CASE("unfinished frames take so much memory and no more") {
  tls_transport_limits limits;
  limits.partial_bytes_all = 8u << 20;
  one_node one{limits};
  std::vector<std::unique_ptr<raw_link>> clients;
  auto part = frame_of(60u << 20);
  for (std::size_t n = 0; n < 3; ++n) {
    clients.push_back(
      std::make_unique<raw_link>(one.node.address(), some_key(10 + n)));
    greet(one, *clients.back(), n);
    // The third one's is the largest.
    auto count = (n == 2 ? 6u : 1u) << 20;
    clients.back()->send(
      segments_of(bytes_view{part}.first(count), traffic_class::bulk));
  }
  CHECK(clients[2]->is_closed());
  CHECK(one.counters().over_budget == 1);
  CHECK(eventually([&] { return one.counters().links_open == 2; }));
  one.check_serves();
}

TEST_CASE("who leaves a frame unfinished loses the link") {
  tls_transport_limits limits;
  limits.stall_timeout = milliseconds{600};
  one_node one{limits};
  raw_link client{one.node.address(), some_key(2)};
  greet(one, client, 0);
  auto part = frame_of(1'000'000);
  client.send(segments_of(bytes_view{part}.first(100), traffic_class::results));
  CHECK(client.is_closed());
  CHECK(one.counters().stalled_reads == 1);
}

TEST_CASE("who takes nothing holds only so much memory, and loses the link") {
  tls_transport_limits limits;
  limits.stall_timeout = milliseconds{1'500};
  limits.queue_bytes = 8u << 20;
  one_node one{limits};
  raw_link client{one.node.address(), some_key(2), 4'096};
  greet(one, client, 0);
  auto end = one.node.accepted->end(0);
  constexpr std::size_t frames = 1'000;
  constexpr std::size_t frame_bytes = 64u << 10;
  for (std::size_t n = 0; n < frames; ++n)
    one.node.send(end->link, frame_of(frame_bytes), traffic_class::bulk);
  REQUIRE(eventually([&] {
    return one.counters().frames_sent + one.counters().frames_dropped
           == frames + 1;
  }));
  // The queue's share for bulk, and what the kernel keeps for the socket.
  CHECK(one.counters().frames_sent * frame_bytes <= (4u << 20) + (6u << 20));
  CHECK(end->wait([](const end_log& l) {
    return !l.congestion.empty() && l.congestion[0].congested
           && l.congestion[0].priority == traffic_class::bulk;
  }));
  // The other classes go on.
  one.node.send(end->link, frame_of(10), traffic_class::control);
  CHECK(end->wait([](const end_log& l) { return l.closed; }));
  CHECK(one.counters().stalled_writes == 1);
  one.check_serves();
}

namespace {

/// Keeps what it gets, and the room that goes with it, until it lets go.
struct slow_peer {
  std::mutex mutex;
  std::vector<frame_received> frames;
  bool hold = true;
  std::size_t total = 0;

  std::size_t count() {
    std::lock_guard guard{mutex};
    return total;
  }
  void let_go() {
    std::lock_guard guard{mutex};
    hold = false;
    frames.clear();
  }
};

caf::behavior take_slowly(caf::event_based_actor*,
                          std::shared_ptr<slow_peer> peer) {
  return {
    [](const link_opened&) {},
    [](const link_closed&) {},
    [peer](frame_received& m) {
      std::lock_guard guard{peer->mutex};
      ++peer->total;
      if (peer->hold)
        peer->frames.push_back(std::move(m));
    },
  };
}

} // namespace

TEST_CASE("a peer that is behind slows its link down, and nothing is lost") {
  constexpr std::size_t frames = 400;
  constexpr std::size_t frame_bytes = 60'000;
  links_config config;
  caf::actor_system system{config};
  tls_transport_limits limits;
  limits.unread_bytes = 1u << 20;
  limits.queue_bytes = 128u << 20;
  linked_node receiver{system, 1, limits};
  receiver.accepted->attach = false;
  linked_node sender{system, 2, limits};
  auto slow = std::make_shared<slow_peer>();
  auto near = sender.open(receiver.address());
  REQUIRE(near->wait([](const end_log& l) { return l.link != 0; }));
  REQUIRE(receiver.accepted->wait_for_links(1));
  caf::anon_send(receiver.transport,
                 attach_link{1, caf::actor_cast<peer_actor>(
                                  system.spawn(take_slowly, slow))});
  for (std::size_t n = 0; n < frames; ++n)
    sender.send(near->link, frame_of(frame_bytes), traffic_class::bulk);
  // Two readings alike: it has stopped.
  std::size_t last = 0;
  REQUIRE(eventually([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
    auto now = slow->count();
    return std::exchange(last, now) == now && now > 0;
  }));
  // Its bound, and what one turn of CAF's still reads.
  CHECK(slow->count() * frame_bytes < (1u << 20) + (4u << 20));
  slow->let_go();
  CHECK(eventually([&] { return slow->count() == frames; }));
  CHECK(sender.counters().frames_dropped == 0);
}
