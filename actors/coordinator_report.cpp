// What the coordinator tells others: events, verdicts under one signature a
// batch, and the report at the end.
#include "actors/coordinator.hpp"

#include "actors/defaults.hpp"

#include <algorithm>
#include <utility>

namespace artel {

void coordinator_actor_state::push_event(event one) {
  events_.push_back(std::move(one));
  if (events_.size() >= defaults::batch_entries)
    send_events();
  else
    schedule_flush(self_, event_pace_, now_of(self_), deliver_events{});
}

void coordinator_actor_state::on_deliver_events() {
  event_pace_.on_flush(now_of(self_));
  send_events();
}

void coordinator_actor_state::send_events() {
  if (!outcomes_.empty())
    self_->send(config_.node, record_outcomes{std::exchange(outcomes_, {})});
  auto last = phase_ == phase::reported;
  if (events_.empty())
    return;
  event_batch batch{std::exchange(events_, {})};
  sign_verdicts(batch.events);
  ++batches_unanswered_;
  auto taken = [this, last] {
    --batches_unanswered_;
    if (last) {
      self_->send(config_.node, task_ended{config_.task});
      self_->quit();
    } else {
      fill_window();
    }
  };
  self_
    ->request(config_.submission.observer, defaults::request_timeout,
              std::move(batch))
    .then([taken](const events_taken&) { taken(); },
          // A slow or dead observer must not stop a task.
          [taken](const caf::error&) { taken(); });
}

void coordinator_actor_state::sign_verdicts(std::vector<event>& events) const {
  std::vector<hash256> leaves;
  std::vector<signed_verdict*> verdicts;
  for (auto& one : events) {
    if (auto* verdict = std::get_if<verdict_recorded>(&one)) {
      leaves.push_back(verdict_leaf(verdict->item.body));
      verdicts.push_back(&verdict->item);
    }
  }
  if (leaves.empty())
    return;
  auto proofs =
    make_proofs(leaves, sign_batch(*config_.environment->key, leaves));
  for (std::size_t i = 0; i < verdicts.size(); ++i)
    verdicts[i]->proof = std::move(proofs[i]);
}

node_report& coordinator_actor_state::report_of(const node_id& node) {
  auto& report = nodes_[node];
  report.node = node;
  return report;
}

/// Before a worker's first receipt: what shows whose it is.
void coordinator_actor_state::certify(const node_id& node) {
  auto found = certificates_.find(node);
  if (found == certificates_.end() || found->second.item.is_none()
      || std::exchange(found->second.told, true))
    return;
  push_event(worker_certified{found->second.item, found->second.worker_name});
}

void coordinator_actor_state::push_claims(instant now) {
  claims_pushed_ = now;
  if (!config_.claim_sender)
    return;
  for (auto& [payee, owed] : owed_)
    for (const auto& node : std::exchange(owed.untold, {}))
      self_->send(config_.claim_sender,
                  owe_payee{config_.task, payee, node, owed.amount, owed.jobs});
}

void coordinator_actor_state::record_attempts(const job_ended& ended) {
  report_.retries += ended.failures;
  auto now = wall_now();
  for (const auto& attempt : ended.attempts) {
    auto& node = report_of(attempt.node);
    if (attempt.result) {
      ++report_.replicas_run;
      ++node.replicas;
      certify(attempt.node);
      // Whoever ran it has it.
      if (attempt.kind == outcome_kind::verified && terms_)
        note_holder(attempt.node, code_of(ended.job).bundle);
      push_event(receipt_recorded{
        {attempt.result->entry().body, attempt.result->proof()},
        node.display_name,
        attempt.result->entry().stderr_tail});
    }
    // Without a verdict an answer is neither right nor wrong.
    if (attempt.kind == outcome_kind::verified && !attempt.paid)
      continue;
    if (attempt.paid) {
      ++node.agreed;
      ++report_.replicas_agreed;
      node.earned.micro += price_.micro;
      auto& owed = owed_[attempt.owner];
      owed.amount.micro += price_.micro;
      ++owed.jobs;
      owed.untold.insert(attempt.node);
    }
    node.dissented += attempt.kind == outcome_kind::dissented;
    node.failed += attempt.kind == outcome_kind::failed;
    node.lost += attempt.kind == outcome_kind::lost
                 || attempt.kind == outcome_kind::refused;
    config_.book.record(attempt.owner, attempt.kind, now);
    workers_.set_reputation(attempt.owner,
                            config_.book.score(attempt.owner, now));
    outcomes_.push_back({attempt.owner, attempt.kind, now});
  }
}

void coordinator_actor_state::record_verdict(const job_ended& ended,
                                             const std::string& input_name) {
  verdict_recorded recorded;
  auto& verdict = recorded.item.body;
  verdict.network = config_.environment->network;
  verdict.task = config_.task;
  verdict.job = ended.job;
  verdict.requester = config_.environment->id();
  verdict.accepted = ended.state == job_state::completed;
  verdict.price_per_replica = price_;
  recorded.input_name = input_name;
  if (verdict.accepted) {
    verdict.output = ended.verdict.output;
    verdict.agreeing = ended.verdict.agreeing;
    verdict.dissenting = ended.verdict.dissenting;
    recorded.output = ended.accepted->entry().output;
    recorded.files = ended.accepted->entry().files;
  } else {
    verdict.reason = ended.problem.message;
    recorded.failure_code = ended.problem.code;
    recorded.stderr_tail = ended.stderr_tail;
    if (report_.failed_jobs.size() < defaults::failed_jobs_listed)
      report_.failed_jobs.push_back({ended.job, input_name, ended.problem.code,
                                     ended.problem.message, ended.stderr_tail});
  }
  push_event(std::move(recorded));
}

void coordinator_actor_state::push_progress(instant now) {
  if (now - last_progress_ < defaults::progress_interval)
    return;
  last_progress_ = now;
  task_progress progress;
  progress.state = machine_->state();
  progress.jobs = machine_->jobs();
  progress.running = open_jobs_.size();
  progress.retried = report_.retries;
  progress.replicas_run = report_.replicas_run;
  progress.nodes = nodes_.size();
  progress.elapsed = std::chrono::duration_cast<milliseconds>(now - started_);
  push_event(progress);
}

void coordinator_actor_state::close_escrow_and_report() {
  auto escrow = std::exchange(escrow_, escrow_actor{});
  self_
    ->request(escrow, defaults::request_timeout + std::chrono::seconds{5},
              close_escrow{})
    .then(
      [this](const settlement& settled) {
        if (settled.problem && report_.problem.code == errc{})
          report_.problem = *settled.problem;
        report_.paid = settled.paid;
        report_.refunded = settled.refunded;
        settle_claims_and_report();
      },
      [this](const caf::error& reason) {
        report_.problem = {errc::unreachable, "the escrow did not answer: "
                                                + caf::to_string(reason)};
        settle_claims_and_report();
      });
}

void coordinator_actor_state::settle_claims_and_report() {
  if (!config_.claim_sender) {
    query_final_balance();
    return;
  }
  report_.paid_by_claims = true;
  push_claims(now_of(self_));
  self_
    ->request(config_.claim_sender, defaults::request_timeout,
              settle_claims{config_.task, defaults::claim_patience})
    .then(
      [this](const claims_settled& settled) {
        report_.claims_sent = settled.sent;
        report_.claims_acknowledged = settled.acknowledged;
        query_final_balance();
      },
      // None was acknowledged, as far as is known here.
      [this](const caf::error&) {
        report_.claims_sent = owed_.size();
        query_final_balance();
      });
}

void coordinator_actor_state::query_final_balance() {
  auto failed = [this](const caf::error& reason) {
    report_.problem = {errc::unreachable,
                       "the ledger did not answer: " + caf::to_string(reason)};
    report();
  };
  self_
    ->request(config_.ledger, defaults::request_timeout,
              query_account{config_.environment->owner})
    .then(
      [this, failed](const account_answer& answer) {
        report_.balance_after = answer.state.available;
        self_
          ->request(config_.ledger, defaults::request_timeout, query_totals{})
          .then(
            [this](const network_totals& totals) {
              report_.network_after = totals.in_circulation;
              report();
            },
            failed);
      },
      failed);
}

failure coordinator_actor_state::failed_jobs_problem() const {
  const auto& jobs = report_.jobs;
  auto text = std::to_string(jobs.failed) + " of " + std::to_string(jobs.total)
              + " jobs failed";
  if (!report_.failed_jobs.empty()) {
    const auto& first = report_.failed_jobs.front();
    text += (jobs.failed == 1 ? ": job " : "; the first was job ")
            + std::to_string(first.index) + " (" + first.input_name
            + "): " + first.reason;
  }
  return {machine_->failure(), std::move(text)};
}

void coordinator_actor_state::report() {
  phase_ = phase::reported;
  if (machine_) {
    report_.state = machine_->state();
    report_.jobs = machine_->jobs();
  }
  if (report_.state == task_state::failed && report_.problem.code == errc{})
    report_.problem = failed_jobs_problem();
  if (report_.state == task_state::completed) {
    if (reducer_ && reducer_->final_output())
      report_.result = *reducer_->final_output();
    else if (aggregate_)
      report_.result = aggregate_->finish();
  }
  for (auto& [id, node] : nodes_) {
    node.reputation = config_.book.score(node.owner, wall_now());
    report_.nodes.push_back(node);
  }
  report_.elapsed =
    std::chrono::duration_cast<milliseconds>(now_of(self_) - started_);
  push_event(task_finished{std::move(report_)});
  send_events();
}

} // namespace artel
