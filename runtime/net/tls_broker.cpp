// Links from their beginning to their end; see also the two sources beside.
#include "runtime/net/tls_broker.hpp"

#include "actors/logging.hpp"

#include <caf/io/middleman.hpp>
#include <caf/send.hpp>

#include <exception>
#include <utility>

#include <sys/socket.h>

namespace artel::runtime {

namespace {

constexpr milliseconds tick_interval{250};
/// Between two log lines about links that were refused or closed.
constexpr milliseconds note_interval{1'000};
constexpr std::size_t first_read_bytes = 4u << 10;

} // namespace

read_ticket::read_ticket(std::shared_ptr<unread_count> count, std::size_t size)
  : count_(std::move(count)),
    size_(size) {
  count_->bytes += size_;
  *count_->all += size_;
}

read_ticket::~read_ticket() {
  count_->bytes -= size_;
  *count_->all -= size_;
}

// -- beginning ----------------------------------------------------------------

void tls_broker_state::start(pointer self,
                             const std::shared_ptr<tls_endpoint>& endpoint,
                             node_actor node) {
  self_ = self;
  in_place_.emplace(self->system());
  node_ = std::move(node);
  auto& parts = endpoint->state();
  config_ = parts.config;
  context_ = parts.context;
  counters_ = parts.counters;
  const auto& limits = config_.limits;
  admission_ =
    std::make_shared<link_admission>(limits.links_max, limits.per_address_max);
  dialer_.emplace(limits.connect_timeout, limits.stall_timeout);
  if (!parts.sockets.sockets.empty()) {
    listener_config listening;
    listening.admission = admission_;
    listening.counters = counters_;
    listening.stall_timeout = limits.stall_timeout;
    listening.handshakes_max = limits.handshakes_max;
    listening.descriptor_reserve = limits.descriptor_reserve;
    listening.on_accepted =
      [broker = caf::actor{self}](std::shared_ptr<accepted_connection> taken) {
        caf::anon_send(broker, connection_accepted{std::move(taken)});
      };
    listener_.emplace(std::move(parts.sockets.sockets), std::move(listening));
    parts.sockets.sockets.clear();
  }
}

tls_link& tls_broker_state::add_link(bool outbound) {
  auto id = ++last_link_;
  auto made = std::make_unique<tls_link>(config_.limits.queue_bytes);
  made->id = id;
  made->outbound = outbound;
  made->unread->all = unread_bytes_;
  auto& link = *links_.emplace(id, std::move(made)).first->second;
  arm();
  return link;
}

tls_link* tls_broker_state::find(link_id id) {
  auto found = links_.find(id);
  return found == links_.end() ? nullptr : found->second.get();
}

tls_link* tls_broker_state::find(caf::io::connection_handle handle) {
  auto found = handles_.find(handle);
  return found == handles_.end() ? nullptr : find(found->second);
}

void tls_broker_state::open(const open_link& message) {
  if (stopping_ || dialled_links_ >= config_.limits.dials_max) {
    self_->send(message.peer,
                link_closed{stopping_ ? "this node stops"
                                      : "this node has opened "
                                          + std::to_string(dialled_links_)
                                          + " links; it opens no more"});
    return;
  }
  auto& link = add_link(true);
  ++dialled_links_;
  link.peer = message.peer;
  link.address = message.address;
  self_->monitor(message.peer);
  auto answer = [broker = caf::actor{self_},
                 id = link.id](result<dialled_connection> made) {
    connection_dialled answered;
    answered.link = id;
    if (made)
      answered.connection =
        std::make_shared<dialled_connection>(*std::move(made));
    else
      answered.problem = made.error().message;
    caf::anon_send(broker, std::move(answered));
  };
  dialer_->dial(message.address, std::move(answer));
}

void tls_broker_state::on_dialled(const connection_dialled& message) {
  // Closed meanwhile: the connection goes with the message.
  auto link = find(message.link);
  if (!link || link->now != tls_link::phase::connecting)
    return;
  if (!message.connection) {
    ++counters_->dials_failed;
    forget(*link, message.problem);
    return;
  }
  link->address = message.connection->address;
  begin(*link, message.connection->socket.release(),
        tls_session::side::dialled);
}

void tls_broker_state::on_accepted(accepted_connection& connection) {
  if (stopping_)
    return;
  auto& link = add_link(false);
  link.permit = std::move(connection.permit);
  link.address = std::move(connection.address);
  greeting_.insert(link.id);
  if (greeting_.size() > config_.limits.handshakes_max) {
    ++counters_->evicted;
    drop(*find(*greeting_.begin()), "others wait to greet");
  }
  begin(link, connection.socket.release(), tls_session::side::accepted);
}

void tls_broker_state::begin(tls_link& link, int descriptor,
                             tls_session::side which) {
  link.descriptor = descriptor;
  link.handle = self_->add_scribe(descriptor);
  handles_.emplace(link.handle, link.id);
  link.now = tls_link::phase::greeting;
  link.deadline = now() + config_.limits.handshake_timeout;
  ++counters_->handshakes_open;
  link.session.emplace(context_, which);
  link.read_size = first_read_bytes;
  self_->ack_writes(link.handle, true);
  self_->configure_read(link.handle,
                        caf::io::receive_policy::at_most(link.read_size));
  greet(link);
}

void tls_broker_state::attach(const attach_link& message) {
  auto link = find(message.link);
  if (!link || link->now != tls_link::phase::unclaimed) {
    self_->send(message.peer, link_closed{"the other side closed the link"});
    return;
  }
  link->peer = message.peer;
  link->now = tls_link::phase::open;
  self_->monitor(message.peer);
  self_->send(link->peer,
              link_opened{link->id, link->session->proven(), link->address});
  read(*link);
}

// -- end ----------------------------------------------------------------------

void tls_broker_state::close(link_id id) {
  auto link = find(id);
  if (!link)
    return;
  // Whoever closes needs not be told.
  link->peer = peer_actor{};
  if (link->now == tls_link::phase::open)
    begin_closing(*link);
  else if (link->now == tls_link::phase::connecting)
    forget(*link, {});
  else if (link->now != tls_link::phase::closing)
    drop(*link, {});
}

void tls_broker_state::begin_closing(tls_link& link) {
  link.now = tls_link::phase::closing;
  link.peer = peer_actor{};
  link.deadline = now() + config_.limits.flush_timeout;
  if (link.reading_paused)
    resume_reading(link);
  mark_dirty(link);
}

void tls_broker_state::drop(tls_link& link, const std::string& reason) {
  // CAF then finds the connection at its end, in a later turn. Told to close it
  // in the very turn in which it began to read, it would keep it for ever; and
  // otherwise it waits for the other side to take what is left.
  ::shutdown(link.descriptor, SHUT_RDWR);
  ended_.insert(link.handle);
  if (link.reading_paused)
    self_->trigger(link.handle);
  forget(link, reason);
}

void tls_broker_state::forget(tls_link& link, const std::string& reason) {
  if (link.peer)
    self_->send(link.peer, link_closed{reason});
  if (link.now == tls_link::phase::greeting)
    leave_greeting(link);
  else if (link.now != tls_link::phase::connecting)
    --counters_->links_open;
  if (link.outbound)
    --dialled_links_;
  if (link.reading_paused)
    --paused_links_;
  queued_bytes_ -= link.queued_bytes;
  partial_bytes_ -= link.held_bytes;
  handles_.erase(link.handle);
  // Last: it ends the link.
  links_.erase(link.id);
  quit_where_idle();
}

void tls_broker_state::leave_greeting(tls_link& link) {
  --counters_->handshakes_open;
  greeting_.erase(link.id);
}

void tls_broker_state::on_disconnected(caf::io::connection_handle handle) {
  if (auto link = find(handle))
    forget(*link, "the other side closed the link");
  if (ended_.erase(handle) > 0)
    quit_where_idle();
}

void tls_broker_state::on_tls_failure(tls_link& link) {
  const auto& session = *link.session;
  switch (session.problem()) {
    case tls_problem::version: ++counters_->tls_version; break;
    case tls_problem::no_certificate: ++counters_->tls_no_certificate; break;
    case tls_problem::bad_binding: ++counters_->tls_bad_binding; break;
    default: ++counters_->tls_failed;
  }
  auto reason = "TLS failed: " + session.reason();
  note("link with " + link.address + ": " + reason);
  // The alert, where it can go at once.
  auto& alert = link.session->output();
  if (!alert.empty() && link.unsent_bytes == 0)
    ::send(link.descriptor, alert.data(), alert.size(),
           MSG_NOSIGNAL | MSG_DONTWAIT);
  drop(link, reason);
}

void tls_broker_state::on_peer_down(const caf::actor_addr& peer) {
  std::vector<link_id> orphans;
  for (const auto& [id, link] : links_)
    if (link->peer && link->peer.address() == peer)
      orphans.push_back(id);
  for (auto id : orphans)
    close(id);
}

void tls_broker_state::stop() {
  if (stopping_)
    return;
  stopping_ = true;
  listener_.reset();
  dialer_.reset();
  std::vector<link_id> all;
  for (const auto& [id, link] : links_)
    all.push_back(id);
  for (auto id : all)
    close(id);
  quit_where_idle();
}

void tls_broker_state::quit_where_idle() {
  if (stopping_ && links_.empty() && ended_.empty())
    self_->quit();
}

// -- time ---------------------------------------------------------------------

instant tls_broker_state::now() const {
  return now_of(self_);
}

void tls_broker_state::arm() {
  if (std::exchange(armed_, true))
    return;
  self_->delayed_send(self_, tick_interval, sweep{});
}

void tls_broker_state::on_tick() {
  armed_ = false;
  auto time = now();
  std::vector<link_id> all;
  all.reserve(links_.size());
  for (const auto& [id, link] : links_)
    all.push_back(id);
  for (auto id : all)
    if (auto link = find(id))
      check_deadlines(*link, time);
  // Those that were not read from just then.
  for (auto handle : ended_)
    self_->trigger(handle);
  if (!links_.empty() || !ended_.empty())
    arm();
}

void tls_broker_state::check_deadlines(tls_link& link, instant time) {
  const auto& limits = config_.limits;
  if (link.resume_again > 0) {
    --link.resume_again;
    self_->trigger(link.handle);
  }
  switch (link.now) {
    case tls_link::phase::connecting: return;
    case tls_link::phase::greeting:
    case tls_link::phase::unclaimed:
      if (time >= link.deadline) {
        ++counters_->handshake_timeouts;
        drop(link, "the handshake was not done in time");
      }
      return;
    case tls_link::phase::closing:
      if (time >= link.deadline)
        drop(link, {});
      return;
    case tls_link::phase::open: break;
  }
  if (link.unsent_bytes > 0
      && time - link.last_write_progress >= limits.stall_timeout) {
    ++counters_->stalled_writes;
    drop(link, "the other side takes nothing any more");
  } else if (reads_stalled(link, time)) {
    ++counters_->stalled_reads;
    drop(link, "the other side left a message unfinished");
  }
}

bool tls_broker_state::reads_stalled(tls_link& link, instant time) const {
  auto stalled = false;
  for (std::size_t i = 0; i < wire::class_count; ++i) {
    auto& seen = link.partial[i];
    auto bytes =
      link.reader.unfinished_bytes(static_cast<wire::traffic_class>(i + 1));
    if (bytes == 0 || bytes != seen.bytes || link.reading_paused)
      seen = {bytes, time};
    stalled = stalled || time - seen.since >= config_.limits.stall_timeout;
  }
  return stalled;
}

void tls_broker_state::note(std::string message) {
  auto time = now();
  if (time < next_note_) {
    ++notes_held_back_;
    return;
  }
  next_note_ = time + note_interval;
  if (auto held_back = std::exchange(notes_held_back_, 0); held_back > 0)
    message += "; " + std::to_string(held_back) + " more like it before";
  log_line(config_.observer, *config_.environment, log_level::info,
           std::move(message));
}

void tls_broker_state::on_exception(const char* what) {
  log_line(config_.observer, *config_.environment, log_level::error,
           std::string{"the transport went on after: "} + what);
}

// -- the actor ----------------------------------------------------------------

namespace {

/// An exception would end the broker, and all links.
template <class Call>
void guarded(tls_broker_state::pointer self, Call&& call) {
  try {
    call(self->state);
  } catch (const std::exception& problem) {
    self->state.on_exception(problem.what());
  }
}

} // namespace

tls_broker::tls_broker(caf::actor_config& config,
                       std::shared_ptr<tls_endpoint> endpoint, node_actor node)
  : caf::io::stateful_broker<tls_broker_state>(config),
    endpoint_(std::move(endpoint)),
    node_(std::move(node)) {
}

bool tls_broker::cleanup(caf::error&& reason, caf::execution_unit* host) {
  close_all();
  return caf::scheduled_actor::cleanup(std::move(reason), host);
}

caf::behavior tls_broker::make_behavior() {
  using state_type = tls_broker_state;
  tls_broker_state::pointer self = this;
  state.start(self, std::exchange(endpoint_, nullptr),
              std::exchange(node_, node_actor{}));
  self->set_down_handler([self](const caf::down_msg& m) {
    guarded(self, [&](state_type& s) { s.on_peer_down(m.source); });
  });
  return {
    [self](const caf::io::new_data_msg& m) {
      guarded(self, [&](state_type& s) {
        s.on_data(m.handle,
                  as_bytes(std::string_view{m.buf.data(), m.buf.size()}));
      });
    },
    [self](const caf::io::data_transferred_msg& m) {
      guarded(self, [&](state_type& s) {
        s.on_written(m.handle, m.written, m.remaining);
      });
    },
    [self](const caf::io::connection_closed_msg& m) {
      guarded(self, [&](state_type& s) { s.on_disconnected(m.handle); });
    },
    [self](send_frame& m) { guarded(self, [&](state_type& s) { s.send(m); }); },
    [self](const artel::flush&) {
      guarded(self, [](state_type& s) { s.on_flush(); });
    },
    [self](const open_link& m) {
      guarded(self, [&](state_type& s) { s.open(m); });
    },
    [self](const attach_link& m) {
      guarded(self, [&](state_type& s) { s.attach(m); });
    },
    [self](const close_link& m) {
      guarded(self, [&](state_type& s) { s.close(m.link); });
    },
    [self](const connection_accepted& m) {
      guarded(self, [&](state_type& s) { s.on_accepted(*m.connection); });
    },
    [self](const connection_dialled& m) {
      guarded(self, [&](state_type& s) { s.on_dialled(m); });
    },
    [self](const read_again&) {
      guarded(self, [](state_type& s) { s.on_read_again(); });
    },
    [self](const sweep&) { guarded(self, [](state_type& s) { s.on_tick(); }); },
    [self](const stop_actor&) {
      guarded(self, [](state_type& s) { s.stop(); });
    },
  };
}

} // namespace artel::runtime
