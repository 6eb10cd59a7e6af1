#include "actors/worker.hpp"

#include "actors/logging.hpp"
#include "protocol/economy/pricing.hpp"
#include "sandbox/kernels/kernels.hpp"

#include <algorithm>
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
  else if (auto* piece = std::get_if<wire::bundle_piece>(&payload))
    on_piece(message.from, *piece);
}

// -- bids ---------------------------------------------------------------------

std::string
worker_actor_state::refusal_of(const wire::bid_request& request) const {
  const auto& offer = config_.offer;
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

void worker_actor_state::remember_bid(const node_id& requester,
                                      const wire::bid& answer) {
  auto [found, is_new] = bids_.try_emplace(requester);
  auto& bids = found->second;
  if (bids.prices.insert_or_assign(answer.task, answer.price_per_job).second)
    bids.order.push_back(answer.task);
  if (bids.order.size() > bids_remembered) {
    bids.prices.erase(bids.order.front());
    bids.order.pop_front();
  }
  if (is_new)
    requester_order_.push_back(requester);
  if (requester_order_.size() > requesters_remembered) {
    bids_.erase(requester_order_.front());
    requester_order_.pop_front();
  }
}

/// Whether we agreed to work at the price of these terms.
bool worker_actor_state::has_bid(const node_id& requester,
                                 const task_terms& terms) const {
  auto bids = bids_.find(requester);
  if (bids == bids_.end())
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

void worker_actor_state::on_assign(const remote_node& from,
                                   wire::job_assign& message) {
  auto terms = std::make_shared<const task_terms>(std::move(message.terms));
  auto terms_hash = hash_of(*terms);
  std::vector<hash256> leaves;
  std::vector<hash256> inputs;
  for (const auto& job : message.jobs) {
    inputs.push_back(hash_of(job.input));
    leaves.push_back(wire::assignment_leaf(terms_hash,
                                           config_.environment->id(), job.job,
                                           job.attempt, inputs.back()));
  }
  if (terms->network != config_.environment->network
      || terms->requester != from.node || terms->owner != from.owner
      || !verify_batch(from.node, leaves, message.batch_signature)) {
    warn("dropped assignments of " + from.display_name
         + ": the signature does not fit");
    return;
  }
  for (std::size_t i = 0; i < message.jobs.size(); ++i)
    admit(from, terms, message.jobs[i], inputs[i]);
  dispatch();
}

void worker_actor_state::admit(const remote_node& from,
                               const std::shared_ptr<const task_terms>& terms,
                               wire::job_assignment& job,
                               const hash256& input_hash) {
  wire::attempt_ref attempt{terms->task, job.job, job.attempt};
  if (ended_.contains(attempt))
    return;
  auto& owner = owner_of(from);
  auto refuse = [&](errc code, std::string reason) {
    self_->send(from.port,
                send_payload{wire::job_fail{attempt, code, std::move(reason)}});
  };
  if (!jobs_.contains(attempt)) {
    if (!has_bid(from.node, *terms))
      return refuse(errc::refused, "there is no bid at this price");
    if (wall_now_of(self_, *config_.environment) > terms->expires)
      return refuse(errc::timed_out, "the task's terms have expired");
    if (jobs_.size() >= defaults::worker_queue_max)
      return refuse(errc::refused, "the queue is full");
    auto now = now_of(self_);
    auto& held = jobs_[attempt];
    held.owner = from.node;
    held.terms = terms;
    held.input = std::move(job.input);
    held.input_hash = input_hash;
    held.since = now;
    const auto& code = terms->code;
    if (code.kernel.empty() && !bundles_.has(code.bundle)) {
      held.at = stage::fetching;
      if (bundles_.begin(code.bundle, code.bundle_bytes, now))
        self_->send(from.port,
                    send_payload{wire::bundle_request{code.bundle, 0}});
    } else {
      queue_.push_back(attempt);
    }
    arm_sweep();
  }
  owner.acks.push_back(attempt);
  gather();
}

void worker_actor_state::on_piece(const remote_node& from,
                                  const wire::bundle_piece& piece) {
  auto next = bundles_.on_piece(piece, now_of(self_));
  if (next && *next) {
    self_->send(from.port, send_payload{**next});
    return;
  }
  if (next && bundles_.find(piece.bundle) == nullptr)
    return;
  // Whole, or never to be: what waited for it goes on or back.
  std::vector<wire::attempt_ref> waiting;
  for (const auto& [attempt, held] : jobs_)
    if (held.at == stage::fetching && held.terms->code.bundle == piece.bundle)
      waiting.push_back(attempt);
  for (const auto& attempt : waiting) {
    if (next) {
      jobs_[attempt].at = stage::queued;
      queue_.push_back(attempt);
    } else {
      hand_back(attempt, next.error().code, next.error().message);
    }
  }
  dispatch();
}

void worker_actor_state::hand_back(const wire::attempt_ref& attempt, errc code,
                                   std::string reason) {
  auto found = jobs_.find(attempt);
  if (found == jobs_.end())
    return;
  auto owner = owners_.find(found->second.owner);
  if (owner != owners_.end())
    self_->send(owner->second.remote.port,
                send_payload{wire::job_fail{attempt, code, std::move(reason)}});
  forget(attempt);
}

void worker_actor_state::on_cancel(const wire::job_cancel& message,
                                   const node_id& from) {
  for (const auto& attempt : message.attempts) {
    auto found = jobs_.find(attempt);
    if (found == jobs_.end() || found->second.owner != from)
      continue;
    found->second.stop.request_stop();
    forget(attempt);
  }
}

void worker_actor_state::on_result_ack(const wire::job_result_ack& message,
                                       const node_id& from) {
  for (const auto& attempt : message.attempts) {
    auto found = jobs_.find(attempt);
    if (found != jobs_.end() && found->second.owner == from
        && found->second.at == stage::finished)
      forget(attempt);
  }
}

void worker_actor_state::forget(const wire::attempt_ref& attempt) {
  jobs_.erase(attempt);
  if (!ended_.insert(attempt).second)
    return;
  ended_order_.push_back(attempt);
  if (ended_order_.size() > defaults::finished_remembered) {
    ended_.erase(ended_order_.front());
    ended_order_.pop_front();
  }
}

void worker_actor_state::on_owner_gone(const node_id& node) {
  if (owners_.erase(node) == 0)
    return;
  std::vector<wire::attempt_ref> orphans;
  for (auto& [attempt, held] : jobs_) {
    if (held.owner != node)
      continue;
    held.stop.request_stop();
    orphans.push_back(attempt);
  }
  for (const auto& attempt : orphans)
    forget(attempt);
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
    [&state](const peer_gone& m) { state.on_owner_gone(m.node); },
    [&state](const sweep&) { state.on_sweep(); },
    [&state](const flush&) { state.send_gathered(); },
    [&state](const stop_actor&) { state.stop(); },
  };
}

} // namespace artel
