#include "tests/runtime/net/tls_nodes.hpp"

#include "protocol/core/random.hpp"
#include "protocol/overlay/address.hpp"

#include <caf/actor_cast.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <thread>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

namespace artel::testing {

bool end_log::wait(const std::function<bool(const end_log&)>& condition,
                   std::chrono::milliseconds limit) {
  std::unique_lock guard{mutex_};
  return changed_.wait_for(guard, limit, [&] { return condition(*this); });
}

void end_log::change(const std::function<void(end_log&)>& code) {
  {
    std::lock_guard guard{mutex_};
    code(*this);
  }
  changed_.notify_all();
}

bool node_log::wait_for_links(std::size_t count) {
  std::unique_lock guard{mutex_};
  return changed_.wait_for(guard, patience,
                           [&] { return ends_.size() >= count; });
}

end_log_ptr node_log::end(std::size_t index) {
  std::lock_guard guard{mutex_};
  return ends_.at(index);
}

std::size_t node_log::count() {
  std::lock_guard guard{mutex_};
  return ends_.size();
}

void node_log::add(end_log_ptr end) {
  {
    std::lock_guard guard{mutex_};
    ends_.push_back(std::move(end));
  }
  changed_.notify_all();
}

namespace {

caf::behavior listen(caf::event_based_actor* self, end_log_ptr log) {
  return {
    [log](const link_opened& m) {
      log->change([&](end_log& l) {
        l.link = m.link;
        l.proven = m.proven;
        l.address = m.address;
      });
    },
    [self, log](const link_closed& m) {
      log->change([&](end_log& l) {
        l.closed = true;
        l.reason = m.reason;
      });
      self->quit();
    },
    [log](frame_received& m) {
      log->change([&](end_log& l) {
        ++l.frames_total;
        if (!l.forget_frames)
          l.frames.push_back(std::move(m.frame));
      });
    },
    [log](const link_congested& m) {
      log->change([&](end_log& l) { l.congestion.push_back(m); });
    },
  };
}

caf::behavior note_links(caf::event_based_actor* self,
                         std::shared_ptr<node_log> log) {
  return {
    [self, log](const link_accepted& m) {
      auto end = std::make_shared<end_log>();
      end->forget_frames = log->forget_frames;
      if (log->attach)
        self->send(caf::actor_cast<transport_actor>(self->current_sender()),
                   attach_link{m.link, caf::actor_cast<peer_actor>(
                                         self->spawn(listen, end))});
      log->add(std::move(end));
    },
  };
}

environment_ptr environment_of(std::uint64_t seed) {
  auto made = std::make_shared<node_environment>();
  made->network = "test";
  made->display_name = "node-" + std::to_string(seed);
  made->key = std::make_shared<key_pair>(some_key(seed));
  return made;
}

} // namespace

links_config::links_config() {
  runtime::prepare_for_links(*this);
  set("logger.verbosity", caf::atom("quiet"));
}

key_pair some_key(std::uint64_t seed) {
  initialize_crypto();
  auto random = random_generator::from_number(seed);
  return key_pair::generate(random);
}

linked_node::linked_node(caf::actor_system& system, std::uint64_t seed,
                         runtime::tls_transport_limits limits,
                         std::vector<std::string> listen)
  : system_(system),
    environment_(environment_of(seed)) {
  runtime::tls_transport_config config;
  config.environment = environment_;
  config.listen_addresses = std::move(listen);
  config.limits = limits;
  auto opened = runtime::tls_endpoint::open(std::move(config));
  REQUIRE_MESSAGE(opened, opened.error().message);
  endpoint_ = *std::move(opened);
  node_ = caf::actor_cast<node_actor>(system.spawn(note_links, accepted));
  transport = runtime::spawn_tls_transport(system, endpoint_, node_);
}

linked_node::~linked_node() {
  stop();
  caf::anon_send_exit(node_, caf::exit_reason::kill);
}

end_log_ptr linked_node::open(const std::string& address, bool forget_frames) {
  auto log = std::make_shared<end_log>();
  log->forget_frames = forget_frames;
  caf::anon_send(transport,
                 open_link{address, caf::actor_cast<peer_actor>(system_.spawn(
                                      ::artel::testing::listen, log))});
  return log;
}

void linked_node::send(link_id link, bytes frame,
                       wire::traffic_class priority) {
  caf::anon_send(transport, send_frame{link, std::move(frame), priority});
}

void linked_node::close(link_id link) {
  caf::anon_send(transport, close_link{link});
}

void linked_node::stop() {
  if (!transport)
    return;
  caf::scoped_actor self{system_};
  caf::anon_send(transport, stop_actor{});
  self->wait_for(transport);
  transport = nullptr;
}

bool eventually(const std::function<bool()>& condition,
                std::chrono::milliseconds limit) {
  auto end = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end)
      return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{2});
  }
  return true;
}

bytes frame_of(std::size_t content, std::uint8_t fill) {
  bytes made(wire::length_bytes + content, fill);
  for (std::size_t i = 0; i < wire::length_bytes; ++i)
    made[i] =
      static_cast<std::uint8_t>(content >> (8 * (wire::length_bytes - 1 - i)));
  return made;
}

bytes segments_of(bytes_view frame, wire::traffic_class priority) {
  bytes stream;
  while (!frame.empty()) {
    auto count = std::min(frame.size(), wire::segment_bytes_max);
    std::array<std::uint8_t, wire::segment_header_bytes> header{};
    wire::put_segment_header(header, priority, count);
    stream.insert(stream.end(), header.begin(), header.end());
    stream.insert(stream.end(), frame.begin(),
                  frame.begin() + static_cast<std::ptrdiff_t>(count));
    frame = frame.subspan(count);
  }
  return stream;
}

raw_connection::raw_connection(const std::string& address,
                               int receive_buffer_bytes) {
  auto where = parse_address(address);
  REQUIRE(where);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(where->port);
  REQUIRE(::inet_pton(AF_INET, where->host.c_str(), &to.sin_addr) == 1);
  socket_ = runtime::owned_socket{::socket(AF_INET, SOCK_STREAM, 0)};
  REQUIRE(socket_);
  timeval limit{patience.count(), 0};
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
  if (receive_buffer_bytes > 0)
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes,
                 sizeof(receive_buffer_bytes));
  REQUIRE(::connect(socket_.get(), reinterpret_cast<sockaddr*>(&to), sizeof(to))
          == 0);
}

void raw_connection::send(bytes_view data) {
  while (!data.empty()) {
    auto count = ::send(socket_.get(), data.data(), data.size(), MSG_NOSIGNAL);
    // The other side may close while we talk.
    if (count <= 0)
      return;
    data = data.subspan(static_cast<std::size_t>(count));
  }
}

bytes raw_connection::receive() {
  bytes room(16'384);
  auto count = ::recv(socket_.get(), room.data(), room.size(), 0);
  room.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  return room;
}

bool raw_connection::is_closed() {
  bytes room(16'384);
  for (;;) {
    auto count = ::recv(socket_.get(), room.data(), room.size(), 0);
    if (count == 0)
      return true;
    if (count < 0)
      return errno == ECONNRESET || errno == EPIPE;
  }
}

raw_link::raw_link(const std::string& address, const key_pair& identity,
                   int receive_buffer_bytes)
  : connection_(address, receive_buffer_bytes),
    session_(*runtime::tls_context::make(identity),
             runtime::tls_session::side::dialled) {
}

bool raw_link::shake_hands() {
  while (session_.handshake() == runtime::tls_session::state::handshake) {
    flush();
    auto data = connection_.receive();
    if (data.empty())
      return false;
    session_.feed(data);
    session_.handshake();
    session_.keep_rest();
  }
  flush();
  return session_.current() == runtime::tls_session::state::open;
}

void raw_link::send(bytes_view plaintext) {
  while (!plaintext.empty()) {
    auto count =
      std::min(plaintext.size(), runtime::tls_session::record_bytes_max);
    session_.write(plaintext.first(count));
    flush();
    plaintext = plaintext.subspan(count);
  }
}

void raw_link::flush() {
  auto& output = session_.output();
  connection_.send(as_bytes({output.data(), output.size()}));
  output.clear();
}

} // namespace artel::testing
