#include "actors/coordinator.hpp"

#include "actors/defaults.hpp"
#include "actors/escrow.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace artel {

namespace {

/// Terms of a task without a deadline stand this long.
constexpr std::chrono::hours terms_lifetime{24 * 7};

/// Bids above so many times the formula's price are not taken: a terrible
/// reputation and a tight market together make three.
constexpr std::int64_t price_factor_max = 3;

constexpr const char* unknown_floor =
  " (a network's price floor is known to nodes that are given its root key)";

} // namespace

coordinator_actor_state::coordinator_actor_state()
  : random_(random_generator::from_number(0)),
    workers_(placement_strategy::least_loaded) {
}

wall_time coordinator_actor_state::wall_now() const {
  return wall_now_of(self_, *config_.environment);
}

// -- plan and price -----------------------------------------------------------

void coordinator_actor_state::start(pointer self, coordinator_config config) {
  self_ = self;
  config_ = std::move(config);
  random_ = random_generator::from_number(config_.random_seed);
  started_ = now_of(self);
  last_asked_ = started_;
  bid_deadline_ = started_ + defaults::bid_window;
  self->set_down_handler(
    [this](const caf::down_msg& down) { on_job_down(down); });
  const auto& spec = config_.submission.spec;
  report_.task = config_.task;
  report_.name = spec.name;
  for (const auto& problem : validate(spec))
    problems_.push_back({problem.code, problem.field + ": " + problem.message});
  workers_ = worker_table{spec.strategy};
  if (problems_.empty()) {
    chunks_.emplace(spec.source);
    if (spec.reduce == reduce_operation::program)
      reducer_.emplace(chunks_->count(), spec.reduce_fan_in);
    else if (spec.reduce != reduce_operation::none)
      aggregate_ = make_aggregator(spec.reduce);
    for (const auto& peer : config_.peers)
      ask(peer);
  }
  query_accounts();
  self->delayed_send(self, defaults::sweep_interval, sweep{});
}

/// Chunks to run: all, or those that a retry names.
std::uint64_t coordinator_actor_state::map_jobs() const {
  const auto& only = chunks_->source().only;
  return only.empty() ? chunks_->count() : only.size();
}

wire::bid_request coordinator_actor_state::bid_request() const {
  const auto& spec = config_.submission.spec;
  wire::bid_request request;
  request.task = config_.task;
  request.owner = config_.environment->owner;
  request.code = spec.code;
  request.limits = spec.limits;
  request.cpu_permille = spec.cpu_permille;
  request.gpu_permille = spec.gpu_permille;
  request.ram_bytes = spec.ram_bytes;
  request.disk_bytes = spec.disk_bytes;
  request.estimate = spec.estimate;
  request.jobs = map_jobs() + (reducer_ ? reducer_->job_count() : 0);
  request.urgency = spec.urgency;
  return request;
}

void coordinator_actor_state::ask(const remote_node& peer) {
  // An owner's own nodes don't verify its own work.
  if (peer.owner == config_.environment->owner) {
    own_nodes_.insert_or_assign(peer.node, peer);
    return;
  }
  std::erase_if(gone_, [&peer](const gone_worker& one) {
    return one.remote.node == peer.node;
  });
  auto& one = bidders_[peer.node];
  one = {};
  one.remote = peer;
  one.asked = now_of(self_);
  self_->send(peer.port, ask_bid{bid_request(), self_});
}

/// Requests and bids may be lost on the way. While the task runs, whoever never
/// answered (a peer that joined just now, say) is asked at a slower pace.
void coordinator_actor_state::ask_again(instant now) {
  if (now - last_asked_ < defaults::heartbeat_interval)
    return;
  last_asked_ = now;
  for (auto& [node, one] : bidders_) {
    if (one.offer || now < one.ask_after)
      continue;
    self_->send(one.remote.port, ask_bid{bid_request(), self_});
    if (phase_ != phase::bidding && one.losses == 0)
      one.ask_after = now + defaults::bid_window;
  }
}

/// A worker that lost a replica gets nothing until it has answered another bid
/// request: what is dead costs one lease, not one a job. Each further loss
/// makes it wait longer before it is asked.
void coordinator_actor_state::suspect(const node_id& node) {
  auto found = bidders_.find(node);
  // Its other replicas are lost at the same time: that is one loss.
  if (found == bidders_.end() || !found->second.offer)
    return;
  auto& one = found->second;
  one.offer.reset();
  one.ask_after = now_of(self_);
  if (one.losses > 0) {
    auto doublings = std::min(one.losses, defaults::suspicion_doublings_max);
    one.ask_after += defaults::lease * (1u << (doublings - 1));
  }
  ++one.losses;
  workers_.set_reachable(node, false);
  ask_again(now_of(self_));
}

void coordinator_actor_state::query_accounts() {
  auto failed = [this](const caf::error& reason) {
    problems_.push_back({errc::unreachable, "the ledger did not answer: "
                                              + caf::to_string(reason)});
    accounts_known_ = true;
    close_bidding_if_complete();
  };
  self_
    ->request(config_.ledger, defaults::request_timeout,
              query_account{config_.environment->owner})
    .then(
      [this, failed](const account_answer& answer) {
        if (answer.problem)
          problems_.push_back(*answer.problem);
        report_.balance_before = answer.state.available;
        self_
          ->request(config_.ledger, defaults::request_timeout, query_totals{})
          .then(
            [this](const network_totals& totals) {
              report_.network_before = totals.in_circulation;
              accounts_known_ = true;
              close_bidding_if_complete();
            },
            failed);
      },
      failed);
}

void coordinator_actor_state::on_peer_ready(const remote_node& peer) {
  if (phase_ >= phase::closing || !problems_.empty())
    return;
  ask(peer);
  if (phase_ == phase::bidding && config_.awaits_peers) {
    peers_appear_ = true;
    bid_deadline_ = now_of(self_) + defaults::bid_window;
  }
}

void coordinator_actor_state::on_peer_gone(const peer_gone& message) {
  own_nodes_.erase(message.node);
  auto found = bidders_.find(message.node);
  // The end of an earlier link says nothing of the one in use.
  if (found == bidders_.end()
      || (message.peer != 0 && found->second.remote.port.id() != message.peer))
    return;
  workers_.set_reachable(message.node, false);
  forget_holder(message.node);
  remember_gone(message, found->second);
  bidders_.erase(found);
  close_bidding_if_complete();
}

void coordinator_actor_state::on_network_changed(
  const network_changed& message) {
  config_.price_floor = message.view->config.price_floor;
}

void coordinator_actor_state::remember_gone(const peer_gone& message,
                                            const bidder& one) {
  gone_.push_back({one.remote, message.reason});
  if (gone_.size() > defaults::gone_workers_remembered)
    gone_.pop_front();
}

void coordinator_actor_state::on_bid(const wire::bid& offer) {
  auto found = bidders_.find(offer.worker);
  if (found == bidders_.end())
    return;
  auto& one = found->second;
  // An answer to what was asked before it fell silent.
  if (!one.offer && one.losses > 0 && now_of(self_) < one.ask_after)
    return;
  one.offer = offer;
  if (phase_ == phase::bidding)
    close_bidding_if_complete();
  else if (phase_ == phase::holding || phase_ == phase::running)
    on_late_bid(one);
}

void coordinator_actor_state::on_late_bid(bidder& candidate) {
  if (phase_ != phase::running)
    return;
  admit_worker(candidate);
  fill_window();
}

void coordinator_actor_state::close_bidding_if_complete() {
  if (phase_ != phase::bidding || !accounts_known_)
    return;
  auto all = std::all_of(bidders_.begin(), bidders_.end(), [](const auto& one) {
    return one.second.offer.has_value();
  });
  auto window_over = now_of(self_) >= bid_deadline_;
  if (!awaits_workers() && (all || window_over))
    close_bidding();
}

std::size_t coordinator_actor_state::owners_offering() const {
  std::set<owner_id> owners;
  for (const auto& [node, one] : bidders_)
    if (one.offer && one.offer->accepted)
      owners.insert(one.remote.owner);
  return owners.size();
}

/// A node that has just begun to look for others may know too few yet, or still
/// be finding more.
bool coordinator_actor_state::awaits_workers() const {
  auto now = now_of(self_);
  if (!config_.awaits_peers || !problems_.empty()
      || now - started_ >= defaults::first_peer_patience)
    return false;
  const auto& wanted = config_.submission.spec.verification;
  auto owners = owners_offering();
  return owners < wanted.replicas
         || (peers_appear_ && owners < wanted.replicas_max
             && now < bid_deadline_);
}

price_request coordinator_actor_state::terms_of_price() const {
  const auto& spec = config_.submission.spec;
  price_request request;
  request.cpu_permille = spec.cpu_permille;
  request.gpu_permille = spec.gpu_permille;
  request.ram_bytes = spec.ram_bytes;
  request.disk_bytes = spec.disk_bytes;
  request.urgency = spec.urgency;
  request.estimate = spec.estimate;
  request.price_floor = config_.price_floor;
  return request;
}

/// What anyone would ask of a stranger.
result<credits> coordinator_actor_state::usual_price() const {
  return price_per_job(terms_of_price(), bid_request().jobs);
}

/// The dearest bid that is taken.
result<credits> coordinator_actor_state::price_ceiling() const {
  auto usual = usual_price();
  return usual ? multiply(*usual, price_factor_max) : usual;
}

credits coordinator_actor_state::choose_price() const {
  // One price for all: what the dearest of the workers needed asks for. Needed
  // are as many distinct owners as the longest vote takes. Whoever asks far
  // above the usual is left out, so that one bid can't price a task away.
  const auto& spec = config_.submission.spec;
  auto ceiling = price_ceiling();
  std::vector<std::pair<credits, owner_id>> asks;
  for (const auto& [node, one] : bidders_)
    if (one.offer && one.offer->accepted && ceiling
        && one.offer->price_per_job <= *ceiling)
      asks.emplace_back(one.offer->price_per_job, one.remote.owner);
  std::sort(asks.begin(), asks.end());
  std::set<owner_id> owners;
  for (const auto& [ask, owner] : asks) {
    owners.insert(owner);
    if (owners.size() >= spec.verification.replicas_max)
      return ask;
  }
  if (!asks.empty())
    return asks.back().first;
  auto usual = usual_price();
  return usual ? *usual : credits{};
}

/// After how many owners offered to take part.
std::string coordinator_actor_state::why_too_few() const {
  if (bidders_.empty())
    return "; no other node is connected";
  for (const auto& [node, one] : bidders_)
    if (one.offer && !one.offer->accepted)
      return "; " + one.remote.display_name + " says: " + one.offer->refusal;
  auto ceiling = price_ceiling();
  for (const auto& [node, one] : bidders_)
    if (one.offer && ceiling && one.offer->price_per_job > *ceiling)
      return "; " + one.remote.display_name + " asks "
             + to_string(one.offer->price_per_job) + " credits a job, and "
             + to_string(*ceiling) + " is the most that such a task pays"
             + (config_.price_floor.micro == 0 ? unknown_floor : "");
  return {};
}

plan_report coordinator_actor_state::make_plan() {
  const auto& spec = config_.submission.spec;
  plan_report plan;
  plan.task = config_.task;
  plan.name = spec.name;
  plan.replicas = spec.verification.replicas;
  plan.balance = report_.balance_before;
  if (!problems_.empty()) {
    plan.problems = problems_;
    return plan;
  }
  auto problem = [&plan](errc code, std::string message) {
    plan.problems.push_back({code, std::move(message)});
  };
  plan.reduce_jobs = reducer_ ? reducer_->job_count() : 0;
  plan.jobs = map_jobs() + plan.reduce_jobs;
  plan.price_per_job = price_ = choose_price();
  plan.price_floor = config_.price_floor;
  if (auto rate = rate_per_minute(terms_of_price()))
    plan.rate_per_minute = *rate;
  std::set<owner_id> owners;
  for (const auto& [node, one] : bidders_) {
    if (!one.offer || !one.offer->accepted || one.offer->price_per_job > price_)
      continue;
    owners.insert(one.remote.owner);
    plan.candidates.push_back(
      {one.remote.display_name, node, one.remote.owner, *one.offer,
       config_.book.score(one.remote.owner, wall_now()), 0});
  }
  if (owners.size() < plan.replicas)
    problem(errc::no_workers, "every job needs " + std::to_string(plan.replicas)
                                + " workers of distinct owners, "
                                + std::to_string(owners.size())
                                + " offered to take part" + why_too_few());
  // No vote can hear more owners than there are.
  policy_.verification = spec.verification;
  policy_.verification.replicas_max =
    std::max(spec.verification.replicas,
             std::min(spec.verification.replicas_max,
                      static_cast<std::uint32_t>(owners.size())));
  policy_.attempts_max = spec.attempts_max;
  auto hold = price_of_task(price_, plan.jobs, policy_.verification);
  auto expected = multiply(price_, static_cast<std::int64_t>(plan.jobs));
  if (expected)
    expected = multiply(*expected, plan.replicas);
  if (!hold || !expected) {
    problem(errc::overflow, "the task's price does not fit 64 bits");
    return plan;
  }
  plan.hold = *hold;
  plan.expected_cost = *expected;
  auto at_floor = plan.price_floor.micro > 0 && price_ <= plan.price_floor;
  auto floor_text = at_floor
                      ? ": no worker of this network takes less than "
                          + to_string(plan.price_floor) + " credits a job"
                      : std::string{};
  if (spec.budget && *hold > *spec.budget)
    problem(errc::budget_exceeded,
            "the task may cost up to " + to_string(*hold)
              + " credits, its budget is " + to_string(*spec.budget)
              + floor_text
              + (at_floor ? " (fewer chunks or replicas cost less)"
                          : " (fewer chunks or replicas, or a shorter "
                            "estimate, cost less)"));
  if (*hold > plan.balance)
    problem(errc::insufficient_credits,
            "the task may cost up to " + to_string(*hold)
              + " credits, the account has " + to_string(plan.balance)
              + floor_text);
  return plan;
}

void coordinator_actor_state::close_bidding() {
  auto plan = make_plan();
  for (auto& candidate : plan.candidates) {
    worker_view view;
    view.reputation = candidate.reputation;
    view.slots = candidate.offer.offer.slots;
    view.cpu_score = candidate.offer.offer.cpu_score;
    view.price_per_job = candidate.offer.price_per_job;
    candidate.score =
      worker_score(view, config_.submission.spec.strategy, price_);
  }
  std::sort(plan.candidates.begin(), plan.candidates.end(),
            [](const bid_summary& a, const bid_summary& b) {
              return std::tie(b.score, a.display_name)
                     < std::tie(a.score, b.display_name);
            });
  push_event(task_planned{plan});
  if (config_.submission.plan_only) {
    phase_ = phase::reported;
    send_events();
    return;
  }
  if (!plan.problems.empty()) {
    report_.state = task_state::failed;
    report_.problem = plan.problems.front();
    report_.jobs.total = plan.jobs;
    report_.balance_after = report_.balance_before;
    report_.network_after = report_.network_before;
    report();
    return;
  }
  machine_.emplace(plan.jobs, config_.submission.spec.failed_jobs_max);
  hold_credits_for(plan);
}

void coordinator_actor_state::hold_credits_for(const plan_report& plan) {
  phase_ = phase::holding;
  hold_ = plan.hold;
  escrow_ = self_->spawn(
    make_escrow,
    escrow_config{config_.ledger, config_.environment->owner, config_.task});
  self_
    ->request(escrow_, defaults::request_timeout + std::chrono::seconds{5},
              hold_credits{plan.hold})
    .then(
      [this](const ledger_answer& answer) {
        if (answer.problem) {
          stop_task(*answer.problem);
        } else {
          report_.held = answer.amount;
          begin_running();
        }
      },
      [this](const caf::error& reason) {
        stop_task({errc::unreachable,
                   "the escrow did not answer: " + caf::to_string(reason)});
      });
}

void coordinator_actor_state::begin_running() {
  // Cancelled while the credits were being held.
  if (phase_ != phase::holding)
    return;
  const auto& spec = config_.submission.spec;
  auto lifetime = spec.deadline.count() > 0
                    ? spec.deadline + defaults::job_grace
                    : milliseconds{terms_lifetime};
  task_terms terms;
  terms.network = config_.environment->network;
  terms.task = config_.task;
  terms.requester = config_.environment->id();
  terms.owner = config_.environment->owner;
  terms.code = spec.code;
  terms.limits = spec.limits;
  terms.price_per_job = price_;
  terms.expires = wall_now() + lifetime;
  terms_ = std::make_shared<const task_terms>(terms);
  terms.code = spec.reduce_code;
  reduce_terms_ = std::make_shared<const task_terms>(std::move(terms));
  phase_ = phase::running;
  [[maybe_unused]] auto scheduled = machine_->on_scheduled();
  for (const auto& [node, one] : bidders_)
    admit_worker(one);
  fill_window();
  finish_if_done();
}

void coordinator_actor_state::admit_worker(const bidder& candidate) {
  if (!candidate.offer || !candidate.offer->accepted
      || candidate.offer->price_per_job > price_)
    return;
  const auto& offer = *candidate.offer;
  const auto& cached = offer.offer.cached_bundles;
  worker_view view;
  view.node = candidate.remote.node;
  view.owner = candidate.remote.owner;
  view.slots = std::max(offer.offer.slots, 1u);
  view.cpu_score = offer.offer.cpu_score;
  view.price_per_job = offer.price_per_job;
  view.reputation = config_.book.score(view.owner, wall_now());
  view.latency = candidate.remote.latency;
  view.has_bundle =
    !terms_->code.kernel.empty()
    || std::find(cached.begin(), cached.end(), terms_->code.bundle)
         != cached.end();
  workers_.put(view);
  for (const auto& bundle : {terms_->code.bundle, reduce_terms_->code.bundle})
    if (std::find(cached.begin(), cached.end(), bundle) != cached.end())
      note_holder(view.node, bundle);
  const auto& ownership = candidate.remote.ownership;
  if (auto& known = certificates_[view.node]; known.item != ownership)
    known = {ownership, candidate.remote.display_name, false};
  auto& report = report_of(view.node);
  report.display_name = candidate.remote.display_name;
  report.owner = view.owner;
}

coordinator_actor::behavior_type
make_coordinator(coordinator_actor_state::pointer self,
                 coordinator_config config) {
  self->state.start(self, std::move(config));
  auto& state = self->state;
  return {
    [&state](const peer_ready& m) { state.on_peer_ready(m.peer); },
    [&state](const peer_gone& m) { state.on_peer_gone(m); },
    [&state](const network_changed& m) { state.on_network_changed(m); },
    [&state](const bid_received& m) { state.on_bid(m.offer); },
    [&state](place_replica& m) { state.on_place_wanted(m); },
    [&state](const replica_closed& m) { state.on_replica_closed(m); },
    [&state](job_ended& m) { state.on_job_ended(m); },
    [&state](const sweep&) { state.on_sweep(); },
    [&state](const deliver_events&) { state.on_deliver_events(); },
    [&state](const explain_task&) { return state.explain(); },
    [&state](const cancel_task&) { state.cancel(); },
  };
}

} // namespace artel
