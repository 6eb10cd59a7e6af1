#include "runtime/observe/receipt_audit.hpp"

#include "protocol/core/limits.hpp"
#include "protocol/task/job_input.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace artel::runtime {

namespace {

std::string name_of(std::uint64_t job, std::uint32_t attempt) {
  return "job " + std::to_string(job) + ", attempt " + std::to_string(attempt);
}

/// The record is somebody's claim: a plan is made only of a sound source.
bool is_sound_range(const task_source& source) {
  return source.kind == source_kind::range && source.first <= source.last
         && source.last <= limits::range_value_max && source.chunks > 0;
}

} // namespace

void receipt_auditor::tell(std::string message) {
  ++report_.problem_count;
  if (report_.problems.size() < audit_report::problems_max)
    report_.problems.push_back({line_, std::move(message)});
}

void receipt_auditor::take(const receipt_line& line) {
  line_ = line.number;
  ++report_.lines;
  if (line.problem)
    tell(line.problem->message);
  if (line.content)
    std::visit([this](const auto& content) { take_content(content); },
               *line.content);
}

bool receipt_auditor::belongs(const task_id& task) {
  if (!run_) {
    tell("the line comes before any task");
    return false;
  }
  if (run_->settled) {
    tell("the line comes after the settlement of its task");
    return false;
  }
  if (run_->record.task != task) {
    tell("the line is about another task");
    return false;
  }
  return true;
}

void receipt_auditor::close_run() {
  if (run_ && !run_->settled)
    report_.warnings.push_back(
      "task " + to_string(run_->record.task)
      + " has no settlement: it did not end, or the file is not complete");
  run_.reset();
}

// Here, since clang 14 takes its defaults for unknown within the class.
receipt_auditor::run::run() = default;

void receipt_auditor::take_content(const task_record& record) {
  close_run();
  ++report_.runs;
  run_.emplace();
  run_->record = record;
  run_->record.source.only.clear();
  if (is_sound_range(record.source))
    run_->numbers.emplace(run_->record.source);
}

void receipt_auditor::take_content(const receipt_recorded& record) {
  ++report_.receipts;
  const auto& body = record.item.body;
  auto name = name_of(body.job, body.attempt);
  if (!verify(record.item))
    tell(name + ": the receipt's signature is not that of worker "
         + short_name(body.worker));
  if (!belongs(body.task))
    return;
  ++run_->receipts;
  check_owner(body);
  check_code_and_input(body);
  if (run_->judged.contains(body.job)) {
    tell(name + ": a receipt after the job's verdict");
    return;
  }
  auto added = run_->open_jobs[body.job].emplace(
    body.attempt, attempt{body.worker_owner, body.requester, body.input,
                          body.output, body.outcome, body.price});
  if (!added.second)
    tell(name + ": a second receipt for the same attempt");
}

/// It is looked at again with each receipt: here only whether it is genuine.
void receipt_auditor::take_content(const worker_certified& record) {
  const auto& item = record.item;
  if (!run_)
    tell("the line comes before any task");
  if (auto sound =
        check_certificate(item, item.node, item.network, item.issued);
      !sound) {
    tell("worker " + short_name(item.node) + ": " + sound.error().message);
    return;
  }
  auto& known = certificates_[item.node];
  for (const auto& one : known)
    if (one.item == item)
      return;
  known.push_back({item, {}, std::nullopt});
}

/// Why no certificate makes the receipt's owner the worker's; the first reason
/// of a certificate by that owner.
result<void> receipt_auditor::find_certificate(const receipt& body) {
  result<void> outcome{errc::not_found,
                       "no certificate in the file shows that it is theirs"};
  auto certificates = certificates_.find(body.worker);
  if (certificates == certificates_.end())
    return outcome;
  auto at = body.started;
  for (auto& one : certificates->second) {
    if (one.item.owner != body.worker_owner)
      continue;
    if (one.held && one.network == body.network && one.held->first <= at
        && at <= one.held->second)
      return {};
    result<void> sound =
      one.item.scope == certificate_scope::submit
        ? result<void>{errc::invalid_argument,
                       "the owner's certificate is not for work"}
        : check_certificate(one.item, body.worker, body.network, at);
    if (!sound) {
      if (outcome.error().code == errc::not_found)
        outcome = sound;
      continue;
    }
    if (!one.held || one.network != body.network)
      one.held = std::pair{at, at};
    one.network = body.network;
    one.held->first = std::min(one.held->first, at);
    one.held->second = std::max(one.held->second, at);
    return {};
  }
  return outcome;
}

void receipt_auditor::check_owner(const receipt& body) {
  auto own_key = body.worker_owner == owner_of(body.worker, {});
  auto proof = own_key ? owner_proof::own_key : owner_proof::certificate;
  if (!own_key) {
    if (auto certified = find_certificate(body); !certified) {
      proof = owner_proof::none;
      tell(name_of(body.job, body.attempt) + ": worker "
           + short_name(body.worker) + " names owner "
           + short_name(body.worker_owner) + ", but "
           + certified.error().message);
    }
  }
  auto [known, first] = report_.owners.try_emplace(body.worker_owner);
  auto& owner = known->second;
  owner.proof = first ? proof : std::min(owner.proof, proof);
  owner.workers.insert(body.worker);
  ++owner.receipts;
}

/// The input that follows from the task itself: numbers, or nothing. Files are
/// not at hand.
std::optional<hash256> receipt_auditor::known_input(std::uint64_t job) const {
  const auto& source = run_->record.source;
  if (job >= chunk_count(source))
    return std::nullopt;
  if (source.kind == source_kind::none)
    return hash_of(job_input{});
  if (!run_->numbers)
    return std::nullopt;
  auto chunk = run_->numbers->at(job);
  return hash_of(job_input{chunk.kind, chunk.first, chunk.last, {}, {}});
}

void receipt_auditor::check_code_and_input(const receipt& body) {
  const auto& record = run_->record;
  auto name = name_of(body.job, body.attempt);
  auto is_map_job = body.job < chunk_count(record.source);
  if (body.code != (is_map_job ? record.code : record.reduce_code))
    tell(name + ": the receipt is about other code than the task's");
  auto input = known_input(body.job);
  if (input && body.input != *input)
    tell(name + ": the receipt is about another input than the job's");
  if (body.outcome != run_outcome::completed && !body.output.is_zero())
    tell(name + ": the run did not complete, but the receipt has an output");
}

void receipt_auditor::take_content(const verdict_line& record) {
  ++report_.verdicts;
  const auto& verdict = record.item.body;
  auto name = "job " + std::to_string(verdict.job);
  if (!verify(record.item))
    tell(name + ": the verdict's signature is not that of requester "
         + short_name(verdict.requester));
  if (!belongs(verdict.task))
    return;
  if (!run_->judged.insert(verdict.job)) {
    tell(name + ": a second verdict");
    return;
  }
  auto given = run_->open_jobs.extract(verdict.job);
  if (verdict.accepted) {
    ++report_.accepted;
    ++run_->accepted;
    check_votes(verdict, given ? given.mapped() : attempts{});
    add_payment(verdict);
    if (record.output
        && output_hash(*record.output, record.files) != verdict.output)
      tell(name
           + ": the output in the file, with the hash of its files, is not"
             " the one that was accepted");
  } else if (!verdict.output.is_zero() || !verdict.agreeing.empty()) {
    tell(name + ": the verdict accepts nothing, but names an output");
  }
}

void receipt_auditor::check_votes(const job_verdict& verdict,
                                  const attempts& given) {
  auto find = [&](std::uint32_t number) -> const attempt* {
    auto found = given.find(number);
    if (found != given.end() && found->second.outcome == run_outcome::completed)
      return &found->second;
    tell(name_of(verdict.job, number)
         + ": the verdict counts it, but there is no receipt of a completed"
           " run");
    return nullptr;
  };
  auto name = "job " + std::to_string(verdict.job);
  if (verdict.agreeing.empty())
    tell(name + ": accepted, but nobody agreed");
  std::set<owner_id> owners;
  std::optional<hash256> input;
  auto check = [&](std::uint32_t number, bool agrees) {
    const auto* one = find(number);
    if (one == nullptr)
      return;
    auto which = name_of(verdict.job, number);
    if ((one->output == verdict.output) != agrees)
      tell(which
           + (agrees ? ": agreed by the verdict, but its output is another one"
                     : ": dissented by the verdict, but its output is the"
                       " accepted one"));
    if (!owners.insert(one->owner).second)
      tell(which + ": its owner has another vote on the same job");
    if (one->requester != verdict.requester)
      tell(which + ": it ran for another requester");
    if (one->price != verdict.price_per_replica)
      tell(which + ": its price is " + to_string(one->price)
           + ", the verdict's " + to_string(verdict.price_per_replica));
    if (one->input != input.value_or(one->input))
      tell(which + ": its input differs from the other replicas'");
    input = one->input;
  };
  for (auto number : verdict.agreeing)
    check(number, true);
  for (auto number : verdict.dissenting)
    check(number, false);
}

void receipt_auditor::add_payment(const job_verdict& verdict) {
  auto count = static_cast<std::int64_t>(verdict.agreeing.size());
  auto amount = multiply(verdict.price_per_replica, count);
  auto run_paid = amount ? add(run_->paid, *amount) : amount;
  auto all_paid = amount ? add(report_.paid, *amount) : amount;
  if (!run_paid || !all_paid) {
    tell("job " + std::to_string(verdict.job)
         + ": the sum of all payments does"
           " not fit 64 bits");
    return;
  }
  run_->paid = *run_paid;
  run_->agreed += verdict.agreeing.size();
  report_.paid = *all_paid;
}

void receipt_auditor::take_content(const settlement_line& record) {
  ++report_.settlements;
  if (!belongs(record.task))
    return;
  run_->settled = true;
  if (record.paid_by_claims) {
    if (auto claimed = add(report_.claimed, record.paid))
      report_.claimed = *claimed;
    if (record.claims_acknowledged > record.claims_sent)
      tell("the settlement has more claims acknowledged than sent");
    if (record.claims_acknowledged < record.claims_sent)
      report_.warnings.push_back(
        "of task " + to_string(record.task) + ", "
        + std::to_string(record.claims_sent - record.claims_acknowledged)
        + " of " + std::to_string(record.claims_sent)
        + " owners had not acknowledged the claim for what they are owed");
  }
  auto expect = [this](const char* what, const auto& stated,
                       const auto& counted) {
    using std::to_string;
    if (stated != counted)
      tell(std::string{"the settlement says "} + to_string(stated) + " " + what
           + "; the lines before it make " + to_string(counted));
  };
  expect("credits paid", record.paid, run_->paid);
  expect("replicas that agreed", record.replicas_agreed, run_->agreed);
  expect("replicas that ran", record.replicas_run, run_->receipts);
  // Verdicts that came while a task was being cancelled count no more.
  if (record.state == task_state::completed)
    expect("jobs completed", record.jobs.completed, run_->accepted);
  auto spent = add(record.paid, record.refunded);
  if (!spent || *spent != record.held)
    tell("the settlement holds " + to_string(record.held)
         + " credits, but pays " + to_string(record.paid) + " and returns "
         + to_string(record.refunded));
  auto left = subtract(record.balance_before, record.paid);
  if (!left || *left != record.balance_after)
    tell("the settlement takes " + to_string(record.paid)
         + " credits from a balance of " + to_string(record.balance_before)
         + ", but leaves " + to_string(record.balance_after));
  if (record.network_before != record.network_after)
    tell("credits were lost or made: " + to_string(record.network_before)
         + " in the network before, " + to_string(record.network_after)
         + " after");
}

audit_report receipt_auditor::finish(bool has_partial_line) {
  close_run();
  if (has_partial_line)
    report_.warnings.push_back("line " + std::to_string(report_.lines + 1)
                               + " was written only in part, and is ignored");
  if (report_.runs == 0)
    report_.warnings.push_back("there is no task in the file");
  return std::move(report_);
}

result<audit_report> audit_receipts(const std::filesystem::path& path) {
  auto reader = receipt_reader::open(path);
  if (!reader)
    return reader.error();
  receipt_auditor auditor;
  while (auto line = reader->next())
    auditor.take(*line);
  return auditor.finish(reader->has_partial_line());
}

} // namespace artel::runtime
