// The outward half of the transport: from frames to the socket.
#include "runtime/net/tls_broker.hpp"

#include <caf/io/middleman.hpp>

#include <cerrno>
#include <utility>

#include <sys/socket.h>

namespace artel::runtime {

namespace {

/// Encrypted bytes that wait for the kernel: what comes later and is urgent
/// can't overtake them.
constexpr std::size_t unsent_bytes_max = 64u << 10;
/// Handed to the kernel at once.
constexpr std::size_t transmit_bytes = 64u << 10;
/// Records of one link before the others have their turn.
constexpr int records_a_turn = 32;
/// Idle links keep buffers no larger than this.
constexpr std::size_t kept_output_bytes = 16u << 10;
/// Frames up to this size may go where large ones find no room.
constexpr std::size_t small_frame_bytes = 64u << 10;

bool is_frame(bytes_view frame) noexcept {
  if (frame.size() <= wire::length_bytes
      || frame.size() > wire::frame_bytes_max)
    return false;
  std::size_t length = 0;
  for (auto byte : frame.first(wire::length_bytes))
    length = length << 8 | byte;
  return length == frame.size() - wire::length_bytes;
}

} // namespace

bool tls_broker_state::has_room(const tls_link& link, std::size_t size) const {
  auto all = config_.limits.queue_bytes_all;
  auto total = queued_bytes_ + size;
  return total <= all || link.queue.empty()
         || (size <= small_frame_bytes && total <= all + all / 4);
}

void tls_broker_state::send(send_frame& message) {
  auto link = find(message.link);
  if (!link || link->now != tls_link::phase::open)
    return;
  // What is no frame would make the rest unreadable.
  if (!is_frame(message.frame) || !has_room(*link, message.frame.size())
      || !link->queue.push(message.priority, std::move(message.frame))) {
    ++counters_->frames_dropped;
    return;
  }
  account_queue(*link);
  ++counters_->frames_sent;
  link->reader.note_sent();
  mark_dirty(*link);
}

void tls_broker_state::account_queue(tls_link& link) {
  queued_bytes_ += link.queue.queued_bytes() - link.queued_bytes;
  link.queued_bytes = link.queue.queued_bytes();
}

void tls_broker_state::mark_dirty(tls_link& link) {
  if (!std::exchange(link.dirty, true))
    dirty_.push_back(link.id);
  // After all that waits in the mailbox: one record for what a turn produced.
  if (!std::exchange(flush_sent_, true))
    self_->send(self_, flush{});
}

void tls_broker_state::on_flush() {
  flush_sent_ = false;
  for (auto id : std::exchange(dirty_, {}))
    if (auto link = find(id)) {
      link->dirty = false;
      pump(*link);
    }
}

void tls_broker_state::on_written(caf::io::connection_handle handle,
                                  std::size_t written, std::size_t left) {
  auto link = find(handle);
  if (!link)
    return;
  link->unsent_bytes = left;
  if (written > 0)
    link->last_write_progress = now();
  if (left <= unsent_bytes_max / 2)
    pump(*link);
}

bool tls_broker_state::pump(tls_link& link) {
  if (link.now != tls_link::phase::open && link.now != tls_link::phase::closing)
    return true;
  auto more = false;
  if (!fill(link, more))
    return false;
  account_queue(link);
  tell_congestion(link);
  if (more)
    mark_dirty(link);
  return finish_where_empty(link);
}

bool tls_broker_state::fill(tls_link& link, bool& more) {
  auto& session = *link.session;
  for (int i = 0; i < records_a_turn; ++i) {
    if (link.unsent_bytes >= unsent_bytes_max)
      return transmit(link);
    auto count = link.queue.take(record_);
    if (count == 0)
      return transmit(link);
    if (!session.write(bytes_view{record_}.first(count))) {
      on_tls_failure(link);
      return false;
    }
    if (session.output().size() >= transmit_bytes && !transmit(link))
      return false;
  }
  more = !link.queue.empty();
  return transmit(link);
}

bool tls_broker_state::transmit(tls_link& link) {
  auto& output = link.session->output();
  if (output.empty())
    return true;
  std::size_t sent = 0;
  while (link.unsent_bytes == 0 && sent < output.size()) {
    auto count = ::send(link.descriptor, output.data() + sent,
                        output.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count > 0) {
      sent += static_cast<std::size_t>(count);
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      break;
    } else if (errno != EINTR) {
      drop(link, "the other side closed the link");
      return false;
    }
  }
  counters_->bytes_sent += output.size();
  if (sent < output.size()) {
    if (link.unsent_bytes == 0)
      link.last_write_progress = now();
    auto& waiting = self_->wr_buf(link.handle);
    waiting.insert(waiting.end(),
                   output.begin() + static_cast<std::ptrdiff_t>(sent),
                   output.end());
    link.unsent_bytes += output.size() - sent;
    self_->flush(link.handle);
  }
  output.clear();
  if (output.capacity() > kept_output_bytes)
    std::vector<char>{}.swap(output);
  return true;
}

void tls_broker_state::tell_congestion(tls_link& link) {
  for (auto priority :
       {wire::traffic_class::control, wire::traffic_class::results,
        wire::traffic_class::bulk})
    if (auto congested = link.queue.congestion_change(priority);
        congested && link.peer)
      self_->send(link.peer, link_congested{priority, *congested});
}

bool tls_broker_state::finish_where_empty(tls_link& link) {
  if (link.now != tls_link::phase::closing || !link.queue.empty()
      || link.unsent_bytes > 0)
    return true;
  link.session->close();
  if (!transmit(link))
    return false;
  if (link.unsent_bytes == 0 && !std::exchange(link.finished_writing, true))
    // The descriptor stays open until the other side has closed too: closing it
    // now could take back what is on its way.
    ::shutdown(link.descriptor, SHUT_WR);
  return true;
}

} // namespace artel::runtime
