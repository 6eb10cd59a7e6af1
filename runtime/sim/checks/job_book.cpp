#include "runtime/sim/checks/job_book.hpp"

#include <algorithm>
#include <string>

namespace artel::sim {

namespace {

std::string name_of(const job_id& job) {
  return "job " + std::to_string(job.index) + " of task "
         + short_name(job.task);
}

finding unverified(const job_id& job, const std::string& why) {
  return {rules::unverified_paid, name_of(job) + " " + why};
}

finding unreturnable(const job_id& job, const std::string& why) {
  return {rules::unverified_returned, name_of(job) + " " + why};
}

finding twice(const job_id& job, const std::string& what) {
  return {rules::job_ended_twice, name_of(job) + " " + what};
}

template <class T>
bool contains(const std::vector<T>& all, const T& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

std::string describe(const answer_count& count) {
  return std::to_string(count.owners.size()) + " of "
         + std::to_string(count.voters) + " owners agree";
}

/// With what the policy asks for, for people.
std::string describe(const answer_count& count,
                     const verification_policy& policy) {
  return describe(count) + "; needed are " + std::to_string(policy.replicas)
         + " answers, and " + std::to_string(policy.agreement.value / 10'000)
         + " % of them equal";
}

} // namespace

answer_count count_answers(const verification_policy& policy,
                           std::span<const job_answer> answers) {
  std::vector<owner_id> heard;
  std::map<hash256, answer_count> groups;
  for (const auto& one : answers) {
    if (contains(heard, one.owner))
      continue;
    heard.push_back(one.owner);
    auto& group = groups[one.output];
    group.output = one.output;
    group.attempts.push_back(one.attempt);
    group.owners.push_back(one.owner);
  }
  answer_count largest;
  for (const auto& [output, group] : groups)
    if (group.owners.size() > largest.owners.size())
      largest = group;
  largest.voters = heard.size();
  largest.agreed =
    !heard.empty() && heard.size() >= policy.replicas
    && largest.owners.size() * ppm_one
         >= heard.size() * static_cast<std::uint64_t>(policy.agreement.value);
  return largest;
}

const job_book::job_line* job_book::find(const job_id& job) const {
  auto task = tasks_.find(job.task);
  if (task == tasks_.end())
    return nullptr;
  auto line = task->second.lines.find(job.index);
  return line == task->second.lines.end() ? nullptr : &line->second;
}

bool job_book::is_settled(const job_id& job) const {
  const auto* line = find(job);
  return line != nullptr && line->settled;
}

/// The escrow may hear of a verdict later than observers do.
void job_book::forget_answers(job_line& line) {
  if (!line.settled || !line.judged)
    return;
  line.answers = {};
  line.ended_attempts = {};
}

verdict_of_book job_book::on_attempt(const job_id& job,
                                     const verification_policy& policy,
                                     credits price,
                                     const replica_ended& ended) {
  auto& task = tasks_[job.task];
  if (task.finished)
    return twice(job, "goes on after its task ended");
  auto& line = task.lines[job.index];
  if (line.ended)
    return twice(job, "goes on after its end");
  line.policy = policy;
  line.price = price;
  // Only the first end of an attempt counts.
  if (contains(line.ended_attempts, ended.attempt))
    return {};
  line.ended_attempts.push_back(ended.attempt);
  if (ended.kind != outcome_kind::verified || !ended.result)
    return {};
  const auto& body = ended.result->entry().body;
  if (body.task != job.task || body.job != job.index
      || body.attempt != ended.attempt || body.price != price)
    return finding{rules::receipt_refuted,
                   name_of(job) + " takes a receipt for job "
                     + std::to_string(body.job) + " of task "
                     + short_name(body.task)};
  line.answers.push_back({ended.attempt, body.worker_owner, body.output});
  return {};
}

verdict_of_book job_book::on_settle(const job_id& job,
                                    std::span<const payment> payments) {
  auto& task = tasks_[job.task];
  if (task.finished)
    return twice(job, "is paid for after its task ended");
  auto& line = task.lines[job.index];
  line.settled = true;
  auto count = count_answers(line.policy, line.answers);
  forget_answers(line);
  if (!count.agreed)
    return unverified(job, "is paid for while " + describe(count, line.policy));
  std::vector<owner_id> paid;
  for (const auto& one : payments) {
    if (!contains(count.owners, one.payee))
      return unverified(job, "pays " + short_name(one.payee)
                               + ", which is not among those that agree");
    if (contains(paid, one.payee))
      return unverified(job, "pays " + short_name(one.payee) + " twice");
    if (one.amount != line.price)
      return unverified(job, "pays " + to_string(one.amount) + "; its price is "
                               + to_string(line.price));
    paid.push_back(one.payee);
  }
  if (paid.size() < count.owners.size())
    return finding{rules::verified_unpaid, name_of(job) + " pays "
                                             + std::to_string(paid.size())
                                             + " where " + describe(count)};
  return {};
}

verdict_of_book job_book::on_job_ended(const job_id& job, job_state state) {
  auto& task = tasks_[job.task];
  if (task.finished)
    return twice(job, "ends after its task ended");
  auto& line = task.lines[job.index];
  if (line.ended)
    return twice(job, "ends again, as " + std::string{to_string(state)});
  line.ended = true;
  if (!is_final(state))
    return twice(job, "ends as " + std::string{to_string(state)});
  auto agreed = count_answers(line.policy, line.answers).agreed;
  if (agreed && state == job_state::failed)
    return finding{rules::verified_unpaid,
                   name_of(job) + " failed although its workers agree"};
  if (!agreed && state == job_state::completed)
    return unreturnable(job, "is completed without agreement");
  return {};
}

void job_book::on_planned(const plan_report& plan) {
  auto& task = tasks_[plan.task];
  task.jobs = plan.jobs;
  task.replicas = plan.replicas;
}

verdict_of_book job_book::on_receipt(const receipt& body) {
  job_id job{body.task, body.job};
  const auto* line = find(job);
  if (line == nullptr)
    return {};
  auto answer = std::find_if(
    line->answers.begin(), line->answers.end(),
    [&body](const job_answer& one) { return one.attempt == body.attempt; });
  if (answer != line->answers.end()
      && (answer->owner != body.worker_owner || answer->output != body.output))
    return finding{rules::receipt_refuted,
                   name_of(job) + " records another receipt of attempt "
                     + std::to_string(body.attempt)
                     + " than the one it was handed"};
  return {};
}

verdict_of_book job_book::on_verdict(const verdict_recorded& recorded) {
  const auto& body = recorded.item.body;
  job_id job{body.task, body.job};
  auto& task = tasks_[job.task];
  if (task.finished)
    return twice(job, "has a verdict after its task ended");
  auto& line = task.lines[job.index];
  if (line.judged)
    return twice(job, "has a second verdict");
  line.judged = true;
  auto count = count_answers(line.policy, line.answers);
  forget_answers(line);
  if (!body.accepted)
    return {};
  ++task.accepted;
  if (!count.agreed)
    return unreturnable(job,
                        "is accepted while " + describe(count, line.policy));
  if (count.voters < task.replicas)
    return unreturnable(job, "is accepted by " + std::to_string(count.voters)
                               + " owners; planned are "
                               + std::to_string(task.replicas));
  if (body.output != count.output || body.agreeing != count.attempts)
    return unreturnable(job, "is accepted with another output than agreed on");
  if (output_hash(recorded.output, hash_of(recorded.files)) != body.output)
    return unreturnable(job, "returns other bytes than were agreed on");
  return {};
}

verdict_of_book job_book::on_task_finished(const task_report& report) {
  auto& task = tasks_[report.task];
  auto name = "task " + short_name(report.task);
  if (task.finished)
    return finding{rules::job_ended_twice, name + " finished twice"};
  task.finished = true;
  task.lines.clear();
  const auto& jobs = report.jobs;
  auto ended = jobs.completed + jobs.failed + jobs.cancelled;
  auto counts = std::to_string(jobs.completed) + " completed, "
                + std::to_string(jobs.failed) + " failed, "
                + std::to_string(jobs.cancelled) + " cancelled of "
                + std::to_string(jobs.total) + " jobs";
  if (ended > jobs.total || (task.jobs > 0 && jobs.total != task.jobs))
    return finding{rules::job_ended_twice, name + " ends with " + counts};
  if (report.state == task_state::completed
      && (jobs.completed != jobs.total || task.accepted != jobs.completed))
    return finding{rules::job_ended_twice,
                   name + " is completed with " + counts + " and "
                     + std::to_string(task.accepted) + " verdicts"};
  return {};
}

} // namespace artel::sim
