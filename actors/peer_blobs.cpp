// Blobs on a link: pieces that the other side asked for, and those that came.
#include "actors/defaults.hpp"
#include "actors/peer.hpp"

#include <iterator>
#include <memory>
#include <utility>

namespace artel {

void peer_actor_state::on_blob_request(const wire::blob_request& message) {
  pieces_.on_request(message);
  send_soon();
}

/// As many as go out in one turn; the others wait until there is room again.
void peer_actor_state::append_pieces() {
  if (pieces_.empty())
    return;
  for (auto& piece :
       pieces_.take(*config_.environment->blobs, defaults::batch_bytes))
    push(static_cast<std::size_t>(wire::traffic_class::bulk) - 1,
         std::move(piece));
  if (!pieces_.empty())
    gather();
}

void peer_actor_state::fetch(const fetch_pieces& message) {
  if (!routes_.contains(message.attempt))
    return;
  blob_routes_[message.request.blob].insert(message.attempt);
  post(message.request);
}

/// Those of outputs go to the replicas that asked; all others are for the
/// worker, if for anybody.
void peer_actor_state::on_blob_piece(wire::blob_piece& message) {
  auto wanted = blob_routes_.find(message.blob);
  if (wanted == blob_routes_.end()) {
    to_worker(std::move(message));
    return;
  }
  auto piece = std::make_shared<const wire::blob_piece>(std::move(message));
  for (const auto& attempt : wanted->second)
    if (auto route = routes_.find(attempt); route != routes_.end())
      self_->send(route->second, blob_received{piece});
}

void peer_actor_state::forget_route(const wire::attempt_ref& attempt) {
  routes_.erase(attempt);
  for (auto it = blob_routes_.begin(); it != blob_routes_.end();) {
    it->second.erase(attempt);
    it = it->second.empty() ? blob_routes_.erase(it) : std::next(it);
  }
}

} // namespace artel
