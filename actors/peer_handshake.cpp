// Who is at the other end, and whether it may be: greetings, certificates, the
// network's and the owner's rules.
#include "actors/peer.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>

namespace artel {

namespace {

/// Others may give reasons as long as a book.
std::string brief(std::string_view reason) {
  constexpr std::size_t bytes_max = 300;
  return std::string{reason.substr(0, bytes_max)};
}

/// The end of the first certificate shown that ends after `now`.
wall_time next_expiry(const wire::handshake& hello, wall_time now) {
  auto first = wall_time::max();
  auto look_at = [&first, now](const auto& item) {
    if (!item.is_none() && item.expires > now)
      first = std::min(first, item.expires);
  };
  look_at(hello.ownership);
  look_at(hello.seed);
  look_at(hello.token);
  look_at(hello.token.issuer);
  return first;
}

} // namespace

void peer_actor_state::on_link_opened(const link_opened& message) {
  if (phase_ != phase::connecting)
    return;
  link_ = message.link;
  proven_ = message.proven;
  remote_.seen_address = message.address;
  if (!config_.outbound && !message.address.empty())
    config_.address = message.address;
  phase_ = phase::greeting;
  if (proven_ == config_.environment->id()) {
    remote_.node = proven_;
    close(errc::already_exists, "this is the same node");
    return;
  }
  if (config_.outbound)
    greet(false);
}

void peer_actor_state::greet(bool reply) {
  const auto& environment = *config_.environment;
  wire::handshake hello;
  hello.network = environment.network;
  hello.node = environment.id();
  hello.owner = environment.owner;
  hello.ownership = environment.ownership;
  hello.seed = environment.seed;
  hello.token = environment.token;
  hello.config_version = config_.view ? config_.view->config.version : 0;
  hello.display_name = environment.display_name;
  hello.role = environment.role;
  hello.address = environment.address;
  hello.reply = reply;
  send_now(hello);
}

void peer_actor_state::refuse(errc code, const std::string& reason) {
  refused_here_ = true;
  send_now(wire::handshake_refused{code, reason});
  warn("refused: " + reason);
  close(code, "refused: " + reason);
}

/// What can be said of a greeting before anybody knows who sent it.
result<void> peer_actor_state::check_greeting(const wire::envelope& item,
                                              const wire::handshake& hello) {
  const auto& environment = *config_.environment;
  if (hello.network != environment.network)
    return {errc::network_mismatch, "this node belongs to network '"
                                      + environment.network + "', not '"
                                      + hello.network + "'"};
  // The greeting is signed: whoever holds the link holds that key.
  auto digest = wire::envelope_digest(item);
  if (hello.node != item.sender
      || !verify(hello.node, digest.view(), item.sender_signature))
    return {errc::bad_signature, "the handshake's signature does not fit"};
  if (!proven_.is_zero() && hello.node != proven_)
    return {errc::bad_signature, "the link's key is not the node's"};
  if (hello.node == environment.id())
    return {errc::already_exists, "this is the same node"};
  // One that was recorded elsewhere, or long ago, is of no use.
  auto sound = wire::check_envelope(item, environment.network, environment.id(),
                                    wall_now_of(self_, environment));
  if (!sound)
    return {sound.error().code, "the greeting: " + sound.error().message};
  return {};
}

/// What the network and this node's owner say to it, as of now.
result<void> peer_actor_state::check_standing(const wire::handshake& hello) {
  static const network_view nothing;
  const auto& environment = *config_.environment;
  const auto& view = config_.view ? *config_.view : nothing;
  auto claims_seed =
    hello.role == wire::node_role::seed || !hello.seed.is_none();
  auto admitted =
    check_admission({hello.node, hello.owner, claims_seed, hello.ownership,
                     hello.seed, hello.token},
                    view.config, environment.root, environment.network,
                    wall_now_of(self_, environment));
  if (!admitted)
    return admitted;
  return check_access(view.access, hello.node, hello.owner);
}

void peer_actor_state::on_refused(const wire::envelope& item) {
  auto payload = wire::decode_payload(item);
  const auto* no =
    payload ? std::get_if<wire::handshake_refused>(&*payload) : nullptr;
  auto code = no != nullptr ? no->code : errc::malformed;
  auto reason = no != nullptr ? no->reason : std::string{"no reason given"};
  // Who else would know its own greeting?
  if (code == errc::already_exists && config_.outbound)
    remote_.node = config_.environment->id();
  warn("refused us: " + brief(reason));
  close(code, "refused: " + brief(reason));
}

void peer_actor_state::on_greeting(const wire::envelope& item) {
  if (item.type == wire::handshake_refused::type_name) {
    on_refused(item);
  } else if (item.type == wire::goodbye::type_name) {
    auto payload = wire::decode_payload(item);
    if (const auto* bye =
          payload ? std::get_if<wire::goodbye>(&*payload) : nullptr)
      on_goodbye(*bye);
    else
      close(errc::malformed, "malformed message");
  } else {
    on_handshake(item);
  }
}

void peer_actor_state::on_handshake(const wire::envelope& item) {
  if (item.version != wire::protocol_version) {
    refuse(errc::version_mismatch, "this node speaks protocol version "
                                     + std::to_string(wire::protocol_version)
                                     + ", not " + std::to_string(item.version));
    return;
  }
  auto payload = wire::decode_payload(item);
  if (!payload) {
    refuse(payload.error().code,
           "the greeting is malformed: " + payload.error().message);
    return;
  }
  const auto* hello = std::get_if<wire::handshake>(&*payload);
  if (hello == nullptr) {
    // It overtook the greeting, and whoever sent it sends it again.
    ++counters_.early;
    return;
  }
  auto checked = check_greeting(item, *hello);
  if (checked)
    checked = check_standing(*hello);
  if (!checked) {
    refuse(checked.error().code, checked.error().message);
    return;
  }
  meet(*hello);
}

void peer_actor_state::meet(const wire::handshake& hello) {
  greeting_ = hello;
  certified_until_ =
    next_expiry(hello, wall_now_of(self_, *config_.environment));
  heard_ = now_of(self_);
  remote_.node = hello.node;
  remote_.owner = hello.owner;
  remote_.display_name = hello.display_name;
  remote_.role = hello.role;
  remote_.address = hello.address;
  remote_.ownership = hello.ownership;
  remote_.config_version = hello.config_version;
  phase_ = phase::measuring;
  if (config_.is_probe) {
    part(errc::already_exists, "this only looked who is there");
    return;
  }
  if (!hello.reply)
    greet(true);
  send_ping();
}

void peer_actor_state::on_pong(const wire::pong& message) {
  if (ping_.answered || message.nonce != ping_.nonce)
    return;
  ping_.answered = true;
  auto now = now_of(self_);
  remote_.latency = now - ping_.sent;
  for (auto& one : std::exchange(ping_.waiting, {}))
    one.deliver(latency_measured{remote_.latency});
  if (std::exchange(phase_, phase::ready) == phase::ready)
    return;
  ready_since_ = now;
  self_->send(config_.node, peer_ready{remote()});
}

void peer_actor_state::on_network_changed(const network_changed& message) {
  config_.view = message.view;
  if (guard_)
    guard_->set_terms(rate_terms(), now_of(self_));
  if (phase_ == phase::measuring || phase_ == phase::ready)
    keeps_standing();
}

/// False where the other side is not let in any more: then the link is closed.
bool peer_actor_state::keeps_standing() {
  auto standing = check_standing(greeting_);
  if (standing)
    return true;
  refused_here_ = true;
  warn("is not let in any more: " + standing.error().message);
  part(standing.error().code, standing.error().message);
  return false;
}

/// Certificates end while a link is up. Whether one is needed, and so whether
/// the link ends with it, is for the network to say.
bool peer_actor_state::holds_certificates() {
  auto now = wall_now_of(self_, *config_.environment);
  if (now < certified_until_)
    return true;
  certified_until_ = next_expiry(greeting_, now);
  return keeps_standing();
}

/// Tells the other side why, as far as the link takes it, and closes.
void peer_actor_state::part(errc code, const std::string& reason) {
  if (phase_ == phase::measuring || phase_ == phase::ready)
    send_now(wire::goodbye{code, reason});
  close(code, reason);
}

void peer_actor_state::on_goodbye(const wire::goodbye& message) {
  close(message.code, "said goodbye: " + brief(message.reason));
}

} // namespace artel
