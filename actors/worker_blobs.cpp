// What jobs need before they can run: bundles, and inputs too large for a
// message. Fetched from whoever has them, and given on while jobs need them.
#include "actors/logging.hpp"
#include "actors/worker.hpp"

#include <algorithm>
#include <utility>

namespace artel {

namespace {

/// None for kernels.
blob_ref bundle_of(const task_terms& terms) {
  const auto& code = terms.code;
  return code.kernel.empty() ? blob_ref{code.bundle, code.bundle_bytes}
                             : blob_ref{};
}

} // namespace

// -- what is wanted -----------------------------------------------------------

/// The owner has it in any case; others may, as far as there is a link.
std::vector<node_id>
worker_actor_state::sources_of(const node_id& requester,
                               const std::vector<node_id>& holders) const {
  std::vector<node_id> sources{requester};
  for (const auto& node : holders)
    if (node != requester && linked_.contains(node))
      sources.push_back(node);
  return sources;
}

void worker_actor_state::gather_needs(const held_id& id, held_job& held,
                                      std::vector<std::string> addresses,
                                      const std::vector<node_id>& holders) {
  held.at = stage::fetching;
  auto bundle = bundle_of(*held.terms);
  // What is under way is not looked for on the disk.
  if (!bundle.is_none()
      && (bundle_fetches_.has(bundle) || bundles_.find(bundle.id) == nullptr))
    bundle_fetches_.want(bundle, id.requester,
                         sources_of(id.requester, holders), now_of(self_));
  const auto& input = held.input_blob;
  if (!input.is_none()) {
    auto known = config_.environment->blobs->find(input.id);
    if (known != nullptr && known->ref() == input) {
      held.input_content = std::move(known);
      count_input(held, input.size_bytes);
    } else if (!addresses.empty() && ask_source(input, std::move(addresses))) {
      held.at_source = true;
    } else {
      want_input(id, held, holders);
    }
  }
  if (has_all(held))
    queue(id, held);
}

void worker_actor_state::want_input(const held_id& id, held_job& held,
                                    const std::vector<node_id>& holders) {
  input_fetches_.want(held.input_blob, id.requester,
                      sources_of(id.requester, holders), now_of(self_));
}

/// False where this worker may not, or has no room for more.
bool worker_actor_state::ask_source(const blob_ref& blob,
                                    std::vector<std::string> addresses) {
  if (at_source_.contains(blob))
    return true;
  if (!config_.inputs || blob.size_bytes > limits::input_bytes_max
      || input_fetches_.bytes_in_use() + source_bytes_ + blob.size_bytes
           > defaults::input_fetch_bytes)
    return false;
  at_source_.insert(blob);
  source_bytes_ += blob.size_bytes;
  worker_actor worker = self_;
  config_.inputs->fetch(
    std::move(addresses), blob, [worker, blob](result<bytes> fetched) {
      source_fetched message{blob, std::nullopt, nullptr};
      if (fetched)
        message.content = std::make_shared<bytes>(std::move(*fetched));
      else
        message.problem = fetched.error();
      caf::anon_send(worker, std::move(message));
    });
  return true;
}

bool worker_actor_state::has_all(const held_job& held) {
  auto bundle = bundle_of(*held.terms);
  if (!held.input_blob.is_none() && held.input_content == nullptr)
    return false;
  return bundle.is_none()
         || (!bundle_fetches_.has(bundle)
             && bundles_.find(bundle.id) != nullptr);
}

void worker_actor_state::queue(const held_id& id, held_job& held) {
  held.at = stage::queued;
  queue_.push_back(id);
  auto bundle = bundle_of(*held.terms);
  if (bundle.is_none())
    return;
  // Given to others for as long as it is needed here.
  auto& served = served_bundles_[bundle.id];
  if (served != nullptr)
    return;
  served = bundles_.encoded(bundle.id);
  if (served != nullptr)
    config_.environment->blobs->put(served);
}

void worker_actor_state::advance_waiting() {
  for (auto& [id, held] : jobs_)
    if (held.at == stage::fetching && has_all(held))
      queue(id, held);
}

// -- what comes ---------------------------------------------------------------

void worker_actor_state::on_piece(const node_id& from,
                                  const wire::blob_piece& piece) {
  auto now = now_of(self_);
  bundle_fetches_.on_piece(from, piece, now);
  input_fetches_.on_piece(from, piece, now);
  follow_fetches();
}

void worker_actor_state::send_requests(blob_fetches& fetches) {
  for (auto& one : fetches.take_requests()) {
    auto linked = linked_.find(one.source);
    auto owner = owners_.find(one.source);
    if (linked != linked_.end())
      self_->send(linked->second.port, send_payload{std::move(one.message)});
    else if (owner != owners_.end())
      self_->send(owner->second.remote.port,
                  send_payload{std::move(one.message)});
  }
  for (const auto& node : fetches.take_misbehaved())
    warn("node " + short_name(node)
         + " sent what does not belong to the blob that it was asked for");
}

/// After anything that may have changed what is fetched, or what can run.
void worker_actor_state::follow_fetches() {
  for (;;) {
    send_requests(bundle_fetches_);
    send_requests(input_fetches_);
    auto bundles = bundle_fetches_.take_ended();
    auto inputs = input_fetches_.take_ended();
    if (bundles.empty() && inputs.empty())
      break;
    for (auto& one : bundles)
      on_bundle_fetched(one);
    for (auto& one : inputs) {
      if (one.problem)
        on_input_missed(one.blob, *one.problem);
      else
        on_input_fetched(one.blob, std::move(one.content));
    }
  }
  dispatch();
}

void worker_actor_state::on_bundle_fetched(blob_fetches::ended& fetched) {
  auto problem = std::move(fetched.problem);
  if (!problem) {
    auto added = bundles_.add(fetched.blob.id, std::move(fetched.content));
    if (added) {
      advance_waiting();
      return;
    }
    problem = added.error();
  }
  std::vector<held_id> hopeless;
  for (const auto& [id, held] : jobs_)
    if (held.at == stage::fetching && bundle_of(*held.terms) == fetched.blob)
      hopeless.push_back(id);
  for (const auto& id : hopeless)
    hand_back(id, problem->code, "the bundle: " + problem->message);
}

void worker_actor_state::on_input_fetched(const blob_ref& blob, bytes content) {
  auto whole = std::make_shared<const blob_content>(
    std::make_shared<const bytes>(std::move(content)));
  for (auto& [id, held] : jobs_) {
    if (held.at != stage::fetching || held.input_blob != blob
        || held.input_content != nullptr)
      continue;
    held.input_content = whole;
    count_input(held, blob.size_bytes);
  }
  config_.environment->blobs->put(whole);
  advance_waiting();
}

void worker_actor_state::on_input_missed(const blob_ref& blob,
                                         const failure& problem) {
  std::vector<held_id> hopeless;
  for (const auto& [id, held] : jobs_)
    if (held.at == stage::fetching && held.input_blob == blob
        && held.input_content == nullptr && !held.at_source)
      hopeless.push_back(id);
  for (const auto& id : hopeless)
    hand_back(id, problem.code, "the input: " + problem.message);
}

/// Whatever goes wrong outside, the owner has the input as well.
void worker_actor_state::on_source(source_fetched& message) {
  if (at_source_.erase(message.blob) == 0)
    return;
  source_bytes_ -= message.blob.size_bytes;
  auto fits =
    message.content != nullptr && blob_ref_of(*message.content) == message.blob;
  if (!fits)
    log_line(config_.observer, *config_.environment, log_level::info,
             "an input is fetched from its owner: "
               + (message.problem
                    ? message.problem->message
                    : std::string{"the address has other bytes"}));
  for (auto& [id, held] : jobs_) {
    if (!held.at_source || held.input_blob != message.blob)
      continue;
    held.at_source = false;
    // It may have come another way meanwhile.
    if (!fits && held.input_content == nullptr)
      want_input(id, held, {});
  }
  if (fits)
    on_input_fetched(message.blob, std::move(*message.content));
  follow_fetches();
}

// -- what is kept -------------------------------------------------------------

void worker_actor_state::count_input(held_job& held, std::uint64_t size_bytes) {
  held.counted_bytes += size_bytes;
  input_bytes_ += size_bytes;
  input_fetches_.set_kept(input_bytes_, now_of(self_));
}

void worker_actor_state::release_input(held_job& held) {
  if (held.counted_bytes == 0)
    return;
  input_bytes_ -= std::exchange(held.counted_bytes, 0);
  input_fetches_.set_kept(input_bytes_, now_of(self_));
}

void worker_actor_state::rest_unneeded() {
  std::set<blob_ref> needed;
  std::set<hash256> served;
  for (const auto& [id, held] : jobs_) {
    auto bundle = bundle_of(*held.terms);
    served.insert(bundle.id);
    if (held.at != stage::fetching)
      continue;
    needed.insert(bundle);
    needed.insert(held.input_blob);
    // The cache may have dropped it while the input was on its way.
    if (!bundle.is_none() && !bundle_fetches_.has(bundle)
        && bundles_.find(bundle.id) == nullptr)
      bundle_fetches_.want(bundle, id.requester, sources_of(id.requester, {}),
                           now_of(self_));
  }
  auto is_needed = [&needed](const blob_ref& blob) {
    return needed.contains(blob);
  };
  bundle_fetches_.rest_unneeded(is_needed, now_of(self_));
  input_fetches_.rest_unneeded(is_needed, now_of(self_));
  std::erase_if(served_bundles_, [&served](const auto& one) {
    return !served.contains(one.first);
  });
}

} // namespace artel
