// The inward half of the transport: from the socket's bytes to frames.
#include "runtime/net/tls_broker.hpp"

#include <caf/abstract_actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/io/middleman.hpp>
#include <caf/mailbox_element.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace artel::runtime {

namespace {

constexpr std::size_t read_bytes_min = 4u << 10;
constexpr std::size_t read_bytes_max = 64u << 10;
/// Ciphertext that comes before a link has its peer: a greeting and room.
constexpr std::size_t early_bytes_max = 4 * wire::opening_frame_bytes_max;
/// What a frame costs on its way to the peer, beside its bytes.
constexpr std::size_t message_overhead_bytes = 256;
/// Frames that peers haven't looked at, over all links, and what each link may
/// have even then.
constexpr std::size_t unread_bytes_all = 256u << 20;
constexpr std::size_t unread_bytes_always = 256u << 10;
constexpr milliseconds read_again_interval{10};
/// Ciphertext that came at once and is no more than this is a small message on
/// a quiet link.
constexpr std::size_t little_bytes = 512;
/// The frame, and the peer's own message that sends what it answered.
constexpr std::size_t messages_in_place = 3;

} // namespace

void tls_broker_state::on_data(caf::io::connection_handle handle,
                               bytes_view data) {
  auto link = find(handle);
  if (!link)
    return;
  adapt_read_size(*link, data.size());
  // What comes after the end is of no use to anybody.
  if (link->now == tls_link::phase::closing)
    return;
  counters_->bytes_received += data.size();
  auto id = link->id;
  reads_little_ = data.size() <= little_bytes;
  try {
    take_ciphertext(*link, data);
  } catch (const std::exception& problem) {
    // What was left of `data` is lost, and with it the stream.
    on_exception(problem.what());
    if (auto left = find(id))
      drop(*left, "this node is out of memory");
  }
  reads_little_ = false;
}

void tls_broker_state::take_ciphertext(tls_link& link, bytes_view data) {
  auto& session = *link.session;
  session.feed(data);
  if (link.now == tls_link::phase::open) {
    read(link);
    return;
  }
  if (link.now == tls_link::phase::greeting && !greet(link))
    return;
  if (session.rest_bytes() == 0)
    return;
  if (session.rest_bytes() > early_bytes_max) {
    ++counters_->oversized;
    drop(link, "it sent too much before the greeting");
    return;
  }
  session.keep_rest();
}

bool tls_broker_state::greet(tls_link& link) {
  auto& session = *link.session;
  switch (session.handshake()) {
    case tls_session::state::handshake: return transmit(link);
    case tls_session::state::open: return transmit(link) && on_proven(link);
    default: on_tls_failure(link); return false;
  }
}

bool tls_broker_state::on_proven(tls_link& link) {
  leave_greeting(link);
  ++counters_->links_open;
  link.now = tls_link::phase::unclaimed;
  if (!link.outbound) {
    if (!link.permit->promote()) {
      ++counters_->refused_total;
      drop(link, "this node has too many links");
      return false;
    }
    link.deadline = now() + config_.limits.handshake_timeout;
    self_->send(node_, link_accepted{link.id});
    return true;
  }
  ++counters_->dialled;
  link.now = tls_link::phase::open;
  self_->send(link.peer,
              link_opened{link.id, link.session->proven(), link.address});
  return read(link);
}

bool tls_broker_state::read(tls_link& link) {
  auto& session = *link.session;
  while (auto count = session.read(plaintext_))
    if (!take(link, bytes_view{plaintext_}.first(count)))
      return false;
  // A session that ended or failed has read all that there is.
  if (session.current() == tls_session::state::failed) {
    on_tls_failure(link);
    return false;
  }
  if (session.current() == tls_session::state::ended) {
    drop(link, "the other side closed the link");
    return false;
  }
  pause_where_behind(link);
  // TLS answers some of what it reads.
  return transmit(link);
}

bool tls_broker_state::take(tls_link& link, bytes_view plaintext) {
  arrived_.clear();
  auto taken = link.reader.read(plaintext, arrived_);
  for (auto& one : arrived_)
    deliver(link, std::move(one.frame));
  arrived_.clear();
  if (!taken) {
    ++(taken.error().code == errc::limit_exceeded ? counters_->oversized
                                                  : counters_->malformed);
    note("link with " + link.address + ": " + taken.error().message);
    drop(link, taken.error().message);
    return false;
  }
  auto id = link.id;
  account_partial(link);
  return find(id) != nullptr;
}

void tls_broker_state::deliver(tls_link& link, bytes frame) {
  ++counters_->frames_received;
  auto ticket = std::make_shared<read_ticket>(
    link.unread, frame.size() + message_overhead_bytes);
  frame_received message{std::move(frame), std::move(ticket)};
  if (!reads_little_) {
    self_->send(link.peer, std::move(message));
    return;
  }
  in_place_->run(*caf::actor_cast<caf::abstract_actor*>(link.peer),
                 caf::make_mailbox_element(self_->ctrl(),
                                           caf::make_message_id(), {},
                                           std::move(message)),
                 messages_in_place);
}

void tls_broker_state::account_partial(tls_link& link) {
  auto held = link.reader.held_bytes();
  partial_bytes_ += held - link.held_bytes;
  link.held_bytes = held;
  if (partial_bytes_ > config_.limits.partial_bytes_all)
    drop_largest_partial();
}

void tls_broker_state::drop_largest_partial() {
  auto largest = std::max_element(
    links_.begin(), links_.end(), [](const auto& a, const auto& b) {
      return a.second->held_bytes < b.second->held_bytes;
    });
  ++counters_->over_budget;
  note("link with " + largest->second->address
       + ": closed, since unfinished messages take too much memory");
  drop(*largest->second, "unfinished messages take too much memory here");
}

void tls_broker_state::adapt_read_size(tls_link& link, std::size_t came) {
  auto wanted = link.read_size;
  if (came >= link.read_size)
    wanted = std::min(read_bytes_max, 2 * link.read_size);
  else if (came < link.read_size / 4)
    wanted = std::max(read_bytes_min, link.read_size / 2);
  if (wanted == link.read_size)
    return;
  link.read_size = wanted;
  self_->configure_read(link.handle, caf::io::receive_policy::at_most(wanted));
}

void tls_broker_state::pause_where_behind(tls_link& link) {
  auto unread = link.unread->bytes.load();
  auto behind =
    unread > config_.limits.unread_bytes
    || (*unread_bytes_ > unread_bytes_all && unread > unread_bytes_always);
  if (!behind || link.reading_paused)
    return;
  link.reading_paused = true;
  link.resume_again = 0;
  ++paused_links_;
  self_->halt(link.handle);
  if (!std::exchange(read_again_sent_, true))
    self_->delayed_send(self_, read_again_interval, read_again{});
}

void tls_broker_state::resume_reading(tls_link& link) {
  link.reading_paused = false;
  --paused_links_;
  self_->trigger(link.handle);
  // CAF forgets to go on where it has not stopped yet: ask twice more.
  link.resume_again = 2;
}

void tls_broker_state::on_read_again() {
  read_again_sent_ = false;
  for (auto& [id, link] : links_)
    if (link->reading_paused
        && link->unread->bytes < config_.limits.unread_bytes / 2
        && (link->unread->bytes < unread_bytes_always
            || *unread_bytes_ < unread_bytes_all))
      resume_reading(*link);
  if (paused_links_ > 0 && !std::exchange(read_again_sent_, true))
    self_->delayed_send(self_, read_again_interval, read_again{});
}

} // namespace artel::runtime
