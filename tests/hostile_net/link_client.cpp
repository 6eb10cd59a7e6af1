#include "tests/hostile_net/link_client.hpp"

#include <algorithm>
#include <utility>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace artel::hostile_net {

namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

wall_time calendar_now() {
  return std::chrono::time_point_cast<milliseconds>(
    std::chrono::system_clock::now());
}

runtime::x509_certificate plain_certificate(EVP_PKEY* key) {
  runtime::x509_certificate made{X509_new()};
  X509_set_version(made.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), -60);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), 3'600);
  X509_set_pubkey(made.get(), key);
  X509_sign(made.get(), key, nullptr);
  return made;
}

/// A certificate for `key` with the extension of another certificate.
runtime::x509_certificate certificate_with_extension_of(EVP_PKEY* key,
                                                        X509* other) {
  auto made = plain_certificate(key);
  for (int i = 0; i < X509_get_ext_count(other); ++i)
    X509_add_ext(made.get(), X509_get_ext(other, i), -1);
  X509_sign(made.get(), key, nullptr);
  return made;
}

} // namespace

link_client::link_client(const client_options& options)
  : options_(options),
    context_(SSL_CTX_new(TLS_client_method())) {
  auto shows = options.shows;
  if (shows == credentials::old_tls)
    SSL_CTX_set_max_proto_version(context_.get(), TLS1_2_VERSION);
  SSL_CTX_set_verify(context_.get(), SSL_VERIFY_NONE, nullptr);
  auto made = runtime::make_link_credentials(*options.identity);
  if (!made || shows == credentials::none)
    return;
  credentials_ = std::move(*made);
  if (shows == credentials::unbound)
    credentials_.certificate = plain_certificate(credentials_.key.get());
  if (shows == credentials::stolen_binding) {
    runtime::evp_key other{EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")};
    credentials_.certificate = certificate_with_extension_of(
      other.get(), credentials_.certificate.get());
    credentials_.key = std::move(other);
  }
  SSL_CTX_use_certificate(context_.get(), credentials_.certificate.get());
  SSL_CTX_use_PrivateKey(context_.get(), credentials_.key.get());
}

link_client::~link_client() {
  close();
}

void link_client::open() {
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  auto address = loopback(options_.port);
  ::connect(socket_, reinterpret_cast<const sockaddr*>(&address),
            sizeof(address));
  ssl_.reset(SSL_new(context_.get()));
  SSL_set_mode(ssl_.get(), SSL_MODE_ENABLE_PARTIAL_WRITE
                             | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_set_fd(ssl_.get(), socket_);
  SSL_set_connect_state(ssl_.get());
}

void link_client::close() {
  ssl_.reset();
  if (socket_ >= 0)
    ::close(std::exchange(socket_, -1));
}

bool link_client::wants_to_write() const noexcept {
  return !secure_ || unsent_bytes() > 0;
}

std::chrono::milliseconds link_client::waiting() const noexcept {
  if (!asked_)
    return std::chrono::milliseconds{0};
  return std::chrono::duration_cast<std::chrono::milliseconds>(steady::now()
                                                               - *asked_);
}

// -- outwards -----------------------------------------------------------------

wire::envelope link_client::seal(const wire::payload& payload) {
  wire::envelope item;
  item.network = options_.network;
  item.type = wire::type_of(payload);
  item.sender = speaker().node();
  item.recipient = node_;
  item.priority = wire::class_of(payload);
  item.sequence = ++sequences_[wire::index_of(item.priority)];
  item.sent = calendar_now();
  item.payload = wire::encode_payload(payload);
  if (std::holds_alternative<wire::handshake>(payload))
    item.sender_signature = speaker().sign(wire::envelope_digest(item).view());
  return item;
}

void link_client::send(const wire::envelope& item) {
  send_raw_frames(item.priority, wire::encode_frame({&item, 1}));
}

void link_client::send_raw_frames(wire::traffic_class priority,
                                  bytes_view data) {
  while (!data.empty()) {
    auto count = std::min(data.size(), wire::segment_bytes_max);
    std::array<std::uint8_t, wire::segment_header_bytes> header{};
    wire::put_segment_header(header, priority, count);
    unsent_.insert(unsent_.end(), header.begin(), header.end());
    unsent_.insert(unsent_.end(), data.begin(),
                   data.begin() + static_cast<std::ptrdiff_t>(count));
    data = data.subspan(count);
  }
  reader_.note_sent();
}

void link_client::send_raw_segments(bytes_view data) {
  unsent_.insert(unsent_.end(), data.begin(), data.end());
}

void link_client::greet() {
  wire::handshake hello;
  hello.network = options_.network;
  hello.node = speaker().node();
  hello.owner = speaker().owner();
  hello.display_name = "hostile";
  hello.role = wire::node_role::client;
  send(seal(hello));
}

void link_client::ping() {
  asked_ = steady::now();
  send(seal(wire::ping{++pings_}));
}

// -- inwards ------------------------------------------------------------------

void link_client::take(const wire::envelope& item) {
  auto payload = wire::decode_payload(item);
  if (!payload)
    return;
  if (const auto* hello = std::get_if<wire::handshake>(&*payload)) {
    node_ = hello->node;
    if (pings_ == 0)
      ping();
  } else if (const auto* asked = std::get_if<wire::ping>(&*payload)) {
    send(seal(wire::pong{asked->nonce}));
  } else if (const auto* answer = std::get_if<wire::pong>(&*payload)) {
    if (asked_ && answer->nonce == pings_) {
      latency_ = waiting();
      asked_.reset();
    }
    ++pongs_;
  } else if (const auto* no = std::get_if<wire::handshake_refused>(&*payload)) {
    farewell_ = std::string{to_string(no->code)} + ": " + no->reason;
  } else if (const auto* bye = std::get_if<wire::goodbye>(&*payload)) {
    farewell_ = std::string{to_string(bye->code)} + ": " + bye->reason;
  }
}

void link_client::pump() {
  if (socket_ < 0)
    return;
  ERR_clear_error();
  if (!secure_) {
    auto code = SSL_do_handshake(ssl_.get());
    if (code != 1) {
      auto why = SSL_get_error(ssl_.get(), code);
      if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE)
        close();
      return;
    }
    secure_ = true;
    greet();
  }
  std::array<std::uint8_t, 16'384> buffer{};
  for (;;) {
    auto count =
      SSL_read(ssl_.get(), buffer.data(), static_cast<int>(buffer.size()));
    if (count <= 0) {
      auto why = SSL_get_error(ssl_.get(), count);
      if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE) {
        close();
        return;
      }
      break;
    }
    std::vector<wire::arrived_frame> frames;
    auto data = bytes_view{buffer}.first(static_cast<std::size_t>(count));
    if (!reader_.read(data, frames)) {
      close();
      return;
    }
    for (const auto& frame : frames)
      if (auto items = wire::decode_frame(frame.frame))
        for (const auto& item : *items)
          take(item);
  }
  while (unsent_bytes() > 0) {
    auto count = SSL_write(
      ssl_.get(), unsent_.data() + sent_,
      static_cast<int>(std::min<std::size_t>(unsent_bytes(), 1 << 20)));
    if (count <= 0) {
      auto why = SSL_get_error(ssl_.get(), count);
      if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE)
        close();
      return;
    }
    sent_ += static_cast<std::size_t>(count);
  }
  unsent_.clear();
  sent_ = 0;
}

bool pump_until(const std::vector<link_client*>& clients,
                const std::function<bool()>& condition,
                std::chrono::milliseconds timeout) {
  auto deadline = steady::now() + timeout;
  std::vector<pollfd> descriptors;
  std::vector<link_client*> open;
  while (!condition()) {
    if (steady::now() >= deadline)
      return false;
    descriptors.clear();
    open.clear();
    for (auto* client : clients) {
      if (!client->is_open())
        continue;
      short events = POLLIN;
      if (client->wants_to_write())
        events = POLLIN | POLLOUT;
      descriptors.push_back({client->descriptor(), events, 0});
      open.push_back(client);
    }
    ::poll(descriptors.data(), descriptors.size(), 20);
    for (std::size_t i = 0; i < open.size(); ++i)
      if (descriptors[i].revents != 0)
        open[i]->pump();
  }
  return true;
}

int connect_plain(std::uint16_t port) {
  auto descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  auto address = loopback(port);
  if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&address),
                sizeof(address))
      != 0) {
    ::close(descriptor);
    return -1;
  }
  ::fcntl(descriptor, F_SETFL, O_NONBLOCK);
  return descriptor;
}

} // namespace artel::hostile_net
