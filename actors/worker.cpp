#include "actors/worker.hpp"

#include "actors/logging.hpp"
#include "protocol/economy/pricing.hpp"
#include "sandbox/kernels/kernels.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace artel {

namespace {

/// Of one requester.
constexpr std::size_t bids_remembered = 256;
constexpr std::size_t requesters_remembered = 1'024;

} // namespace

void worker_actor_state::start(pointer self, worker_config config) {
  self_ = self;
  config_ = std::move(config);
  bundles_.set_storage(config_.bundles);
  self->set_down_handler(
    [this](const caf::down_msg& down) { on_executor_down(down); });
  slots_.resize(config_.offer.slots);
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    slots_[i].executor = config_.executors(self->system(), i);
    self->monitor(slots_[i].executor);
  }
}

void worker_actor_state::on_message(peer_message& message) {
  auto& payload = message.payload;
  if (auto* request = std::get_if<wire::bid_request>(&payload))
    on_bid_request(message.from, *request);
  else if (auto* assign = std::get_if<wire::job_assign>(&payload))
    on_assign(message.from, *assign);
  else if (auto* cancel = std::get_if<wire::job_cancel>(&payload))
    on_cancel(*cancel, message.from.node);
  else if (auto* ack = std::get_if<wire::job_result_ack>(&payload))
    on_result_ack(*ack, message.from.node);
  else if (auto* piece = std::get_if<wire::blob_piece>(&payload))
    on_piece(message.from.node, *piece);
}

// -- bids ---------------------------------------------------------------------

std::string
worker_actor_state::refusal_of(const wire::bid_request& request) const {
  const auto& offer = config_.offer;
  if (draining_)
    return "the worker is draining: it takes nothing new";
  if (!request.code.kernel.empty() && !sandbox::is_kernel(request.code.kernel))
    return "there is no kernel '" + request.code.kernel + "' here";
  if (!request.code.kernel.empty())
    if (auto sound = sandbox::check_kernel_arguments(
          request.code.kernel, request.code.kernel_arguments);
        !sound)
      return sound.error().message;
  if (config_.admits && !request.code.bundle.is_zero())
    if (auto admitted = config_.admits(request.code, request.limits); !admitted)
      return admitted.error().message;
  if (request.cpu_permille > offer.cores * 1'000)
    return "the task needs " + std::to_string(request.cpu_permille)
           + " thousandths of a core, there are "
           + std::to_string(offer.cores * 1'000);
  if (request.gpu_permille > 0 && offer.gpu_score == 0)
    return "the task needs a GPU, there is none";
  if (request.ram_bytes > offer.ram_bytes)
    return "the task needs " + std::to_string(request.ram_bytes)
           + " bytes of memory, there are " + std::to_string(offer.ram_bytes);
  if (request.disk_bytes > offer.disk_bytes)
    return "the task needs " + std::to_string(request.disk_bytes)
           + " bytes of disk, there are " + std::to_string(offer.disk_bytes);
  if (jobs_.size() >= defaults::worker_queue_max)
    return "the queue is full";
  return {};
}

void worker_actor_state::on_bid_request(const remote_node& from,
                                        const wire::bid_request& request) {
  const auto& environment = *config_.environment;
  auto now = wall_now_of(self_, environment);
  wire::bid answer;
  answer.task = request.task;
  answer.worker = environment.id();
  answer.worker_owner = environment.owner;
  answer.refusal = refusal_of(request);
  if (answer.refusal.empty()) {
    price_request terms;
    terms.cpu_permille = request.cpu_permille;
    terms.gpu_permille = request.gpu_permille;
    terms.ram_bytes = request.ram_bytes;
    terms.disk_bytes = request.disk_bytes;
    terms.urgency = request.urgency;
    terms.requester = book_.level(from.owner, now);
    terms.estimate = request.estimate;
    terms.price_floor = price_floor_;
    auto price = price_per_job(terms, request.jobs);
    if (price)
      answer.price_per_job = *price;
    else
      answer.refusal = price.error().message;
  }
  answer.accepted = answer.refusal.empty();
  if (answer.accepted) {
    answer.expires = now + defaults::bid_lifetime;
    answer.offer = config_.offer;
    answer.offer.cached_bundles = bundles_.ids();
    answer.queued_jobs = static_cast<std::uint32_t>(jobs_.size());
    answer.worker_signature =
      environment.key->sign(wire::bid_digest(answer).view());
    remember_bid(from.node, answer);
  }
  self_->send(from.port, send_payload{std::move(answer)});
}

worker_actor_state::requester_record&
worker_actor_state::record_of(const node_id& requester) {
  auto [found, is_new] = requesters_.try_emplace(requester);
  if (!is_new)
    return found->second;
  requester_order_.push_back(requester);
  if (requester_order_.size() > requesters_remembered) {
    // Whoever has a link is not forgotten for those who come and go.
    auto oldest =
      std::find_if(requester_order_.begin(), requester_order_.end() - 1,
                   [this](const node_id& node) {
                     return !owners_.contains(node) && !linked_.contains(node);
                   });
    if (oldest == requester_order_.end() - 1)
      oldest = requester_order_.begin();
    requesters_.erase(*oldest);
    requester_order_.erase(oldest);
  }
  return found->second;
}

void worker_actor_state::remember_bid(const node_id& requester,
                                      const wire::bid& answer) {
  auto& bids = record_of(requester);
  if (bids.prices.insert_or_assign(answer.task, answer.price_per_job).second)
    bids.order.push_back(answer.task);
  if (bids.order.size() > bids_remembered) {
    bids.prices.erase(bids.order.front());
    bids.order.pop_front();
  }
}

/// Whether we agreed to work at the price of these terms.
bool worker_actor_state::has_bid(const node_id& requester,
                                 const task_terms& terms) const {
  auto bids = requesters_.find(requester);
  if (bids == requesters_.end())
    return false;
  auto price = bids->second.prices.find(terms.task);
  return price != bids->second.prices.end()
         && terms.price_per_job >= price->second;
}

// -- admission ----------------------------------------------------------------

worker_actor_state::owner_record&
worker_actor_state::owner_of(const remote_node& from) {
  auto& record = owners_[from.node];
  record.remote = from;
  return record;
}

namespace {

/// The input's hash that the assignment is signed over; nothing where the data
/// are neither in it nor a blob that may be.
std::optional<hash256> signed_input(const wire::job_assignment& job) {
  const auto& blob = job.input_blob;
  if (blob.is_none())
    return hash_of(job.input);
  if (job.input.kind != input_kind::data || !job.input.data.empty()
      || blob.size_bytes <= limits::blob_piece_bytes)
    return std::nullopt;
  return hash_of(job.input, blob);
}

} // namespace

void worker_actor_state::on_assign(const remote_node& from,
                                   wire::job_assign& message) {
  auto terms = std::make_shared<const task_terms>(std::move(message.terms));
  auto terms_hash = hash_of(*terms);
  std::vector<hash256> leaves;
  std::vector<hash256> inputs;
  auto sound = true;
  for (const auto& job : message.jobs) {
    auto input = signed_input(job);
    sound = sound && input;
    inputs.push_back(input.value_or(hash256{}));
    leaves.push_back(wire::assignment_leaf(terms_hash,
                                           config_.environment->id(), job.job,
                                           job.attempt, inputs.back()));
  }
  if (!sound || terms->network != config_.environment->network
      || terms->requester != from.node || terms->owner != from.owner
      || !verify_batch(from.node, leaves, message.batch_signature)) {
    warn("dropped assignments of " + from.display_name
         + ": the signature does not fit");
    return;
  }
  for (std::size_t i = 0; i < message.jobs.size(); ++i)
    admit(from, terms, message.jobs[i], inputs[i], message.holders);
  follow_fetches();
}

result<void>
worker_actor_state::check_admission(const remote_node& from,
                                    const task_terms& terms,
                                    const wire::job_assignment& job) {
  if (draining_)
    return {errc::refused, "the worker is draining"};
  if (!has_bid(from.node, terms))
    return {errc::refused, "there is no bid at this price"};
  if (wall_now_of(self_, *config_.environment) > terms.expires)
    return {errc::timed_out, "the task's terms have expired"};
  if (jobs_.size() >= defaults::worker_queue_max)
    return {errc::refused, "the queue is full"};
  if (job.input.data.size() > limits::blob_piece_bytes)
    return {errc::invalid_argument,
            "an input of " + std::to_string(job.input.data.size())
              + " bytes in a message; more than "
              + std::to_string(limits::blob_piece_bytes) + " are a blob"};
  if (input_bytes_ + job.input.data.size() > defaults::input_fetch_bytes)
    return {errc::refused, "there is no room for more inputs"};
  return {};
}

void worker_actor_state::admit(const remote_node& from,
                               const std::shared_ptr<const task_terms>& terms,
                               wire::job_assignment& job,
                               const hash256& input_hash,
                               const std::vector<node_id>& holders) {
  held_id id{from.node, {terms->task, job.job, job.attempt}};
  auto known = requesters_.find(from.node);
  if (known != requesters_.end() && known->second.ended.contains(id.attempt))
    return;
  auto& owner = owner_of(from);
  if (!jobs_.contains(id)) {
    if (auto sound = check_admission(from, *terms, job); !sound) {
      self_->send(from.port,
                  send_payload{wire::job_fail{id.attempt, sound.error().code,
                                              sound.error().message}});
      return;
    }
    auto& held = jobs_[id];
    held.terms = terms;
    held.input = std::move(job.input);
    held.input_hash = input_hash;
    held.input_blob = job.input_blob;
    held.since = now_of(self_);
    count_input(held, held.input.data.size());
    gather_needs(id, held, std::move(job.sources), holders);
    arm_sweep();
  }
  owner.acks.push_back(id.attempt);
  gather();
}

void worker_actor_state::hand_back(const held_id& id, errc code,
                                   std::string reason) {
  if (!jobs_.contains(id))
    return;
  auto owner = owners_.find(id.requester);
  if (owner != owners_.end())
    self_->send(
      owner->second.remote.port,
      send_payload{wire::job_fail{id.attempt, code, std::move(reason)}});
  forget(id);
}

void worker_actor_state::on_cancel(const wire::job_cancel& message,
                                   const node_id& from) {
  for (const auto& attempt : message.attempts) {
    held_id id{from, attempt};
    auto found = jobs_.find(id);
    if (found == jobs_.end())
      continue;
    found->second.stop.request_stop();
    forget(id);
  }
}

void worker_actor_state::on_result_ack(const wire::job_result_ack& message,
                                       const node_id& from) {
  for (const auto& attempt : message.attempts) {
    held_id id{from, attempt};
    auto found = jobs_.find(id);
    if (found != jobs_.end() && found->second.at == stage::finished)
      forget(id);
  }
}

void worker_actor_state::forget(const held_id& id) {
  auto found = jobs_.find(id);
  if (found != jobs_.end()) {
    release_input(found->second);
    jobs_.erase(found);
  }
  auto& record = record_of(id.requester);
  if (!record.ended.insert(id.attempt).second)
    return;
  record.ended_order.push_back(id.attempt);
  if (record.ended_order.size() > defaults::finished_remembered) {
    record.ended.erase(record.ended_order.front());
    record.ended_order.pop_front();
  }
}

void worker_actor_state::on_link(const peer_ready& message) {
  linked_.insert_or_assign(message.peer.node, message.peer);
}

void worker_actor_state::on_link_gone(const node_id& node) {
  linked_.erase(node);
  auto now = now_of(self_);
  bundle_fetches_.on_link_gone(node, now);
  input_fetches_.on_link_gone(node, now);
  std::vector<held_id> orphans;
  for (auto& [id, held] : jobs_) {
    if (id.requester != node)
      continue;
    held.stop.request_stop();
    orphans.push_back(id);
  }
  for (const auto& id : orphans)
    forget(id);
  owners_.erase(node);
  follow_fetches();
}

void worker_actor_state::on_network_changed(const network_changed& message) {
  price_floor_ = message.view->config.price_floor;
}

void worker_actor_state::warn(std::string message) {
  log_line(config_.observer, *config_.environment, log_level::warning,
           std::move(message));
}

worker_actor::behavior_type make_worker(worker_actor_state::pointer self,
                                        worker_config config) {
  self->state.start(self, std::move(config));
  auto& state = self->state;
  return {
    [&state](peer_message& m) { state.on_message(m); },
    [&state](const run_started& m) { state.on_started(m); },
    [&state](run_finished& m) { state.on_finished(m); },
    [&state](const peer_ready& m) { state.on_link(m); },
    [&state](source_fetched& m) { state.on_source(m); },
    [&state](const peer_gone& m) { state.on_link_gone(m.node); },
    [&state](const network_changed& m) { state.on_network_changed(m); },
    [&state](const sweep&) { state.on_sweep(); },
    [&state](const flush&) { state.send_gathered(); },
    [&state](const query_worker&) { return state.status(); },
    [&state](const drain_worker&) { state.drain(); },
    [&state](const stop_actor&) { state.stop(); },
  };
}

} // namespace artel
