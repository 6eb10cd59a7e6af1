#include "runtime/sim/checks/job_book.hpp"

#include "protocol/core/random.hpp"
#include "protocol/verification/receipt.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string_view>
#include <vector>

using namespace artel;
using namespace artel::sim;

namespace {

std::string_view rule_of(const verdict_of_book& said) {
  return said ? said->rule : std::string_view{};
}

bytes text(std::string_view words) {
  return {words.begin(), words.end()};
}

/// One job, three replicas of which two thirds must agree.
struct bench {
  bench() {
    auto random = random_generator::from_number(11);
    job = {random.id<task_id>(), 4};
    for (int i = 0; i < 5; ++i)
      owners.push_back(random.id<owner_id>());
    plan_report plan;
    plan.task = job.task;
    plan.jobs = 1;
    plan.replicas = policy.replicas;
    book.on_planned(plan);
  }

  replica_ended ended(std::uint32_t attempt, std::size_t owner,
                      std::string_view output) const {
    auto batch = std::make_shared<result_batch>();
    auto& entry = batch->entries.emplace_back();
    entry.body.task = job.task;
    entry.body.job = job.index;
    entry.body.attempt = attempt;
    entry.body.worker_owner = owners[owner];
    entry.body.price = price;
    entry.output = text(output);
    entry.body.output = output_hash(entry.output);
    batch->proofs.emplace_back();
    return {attempt, result_ref{batch, 0}, {}, outcome_kind::verified};
  }

  verdict_of_book answer(std::uint32_t attempt, std::size_t owner,
                         std::string_view output) {
    return book.on_attempt(job, policy, price, ended(attempt, owner, output));
  }

  /// Owners 0 and 1 agree, 2 does not.
  void answer_all() {
    CHECK_FALSE(answer(1, 0, "42"));
    CHECK_FALSE(answer(3, 2, "43"));
    CHECK_FALSE(answer(2, 1, "42"));
  }

  verdict_of_book settle(std::vector<std::size_t> payees) {
    std::vector<payment> payments;
    for (auto one : payees)
      payments.push_back({owners[one], price});
    return book.on_settle(job, payments);
  }

  verdict_recorded verdict(std::string_view output) const {
    verdict_recorded recorded;
    auto& body = recorded.item.body;
    body.task = job.task;
    body.job = job.index;
    body.accepted = true;
    body.agreeing = {1, 2};
    recorded.output = text(output);
    body.output = output_hash(recorded.output);
    return recorded;
  }

  task_report report() const {
    task_report one;
    one.task = job.task;
    one.state = task_state::completed;
    one.jobs = {1, 1, 1, 0, 0};
    return one;
  }

  verification_policy policy{3, 7, ppm{660'000}};
  credits price = whole_credits(2);
  job_id job;
  std::vector<owner_id> owners;
  job_book book;
};

} // namespace

TEST_CASE("a job that ends as it should breaks no rule") {
  bench one;
  one.answer_all();
  CHECK_FALSE(one.settle({0, 1}));
  CHECK(one.book.is_settled(one.job));
  CHECK_FALSE(one.book.on_job_ended(one.job, job_state::completed));
  CHECK_FALSE(one.book.on_verdict(one.verdict("42")));
  CHECK_FALSE(one.book.on_task_finished(one.report()));
}

TEST_CASE("observers may hear of a verdict before the escrow does") {
  bench one;
  one.answer_all();
  CHECK_FALSE(one.book.on_job_ended(one.job, job_state::completed));
  CHECK_FALSE(one.book.on_verdict(one.verdict("42")));
  CHECK_FALSE(one.settle({0, 1}));
}

TEST_CASE("one answer an owner counts, and one end an attempt") {
  bench one;
  CHECK_FALSE(one.answer(1, 0, "42"));
  CHECK_FALSE(one.answer(2, 0, "42"));
  CHECK_FALSE(one.answer(3, 0, "42"));
  CHECK(rule_of(one.settle({0})) == rules::unverified_paid);

  bench other;
  CHECK_FALSE(other.answer(1, 0, "42"));
  CHECK_FALSE(other.answer(1, 1, "42"));
  CHECK_FALSE(other.answer(1, 2, "42"));
  CHECK(rule_of(other.settle({0, 1, 2})) == rules::unverified_paid);
}

TEST_CASE("payment without agreement is found") {
  bench one;
  SUBCASE("of nobody's answer") {
  }
  SUBCASE("of the first answer") {
    CHECK_FALSE(one.answer(1, 0, "42"));
  }
  SUBCASE("of too few equal ones") {
    CHECK_FALSE(one.answer(1, 0, "42"));
    CHECK_FALSE(one.answer(2, 1, "43"));
    CHECK_FALSE(one.answer(3, 2, "44"));
  }
  SUBCASE("of runs that failed") {
    for (std::uint32_t i = 1; i <= 3; ++i) {
      auto failed = one.ended(i, i, "42");
      failed.kind = outcome_kind::failed;
      CHECK_FALSE(one.book.on_attempt(one.job, one.policy, one.price, failed));
    }
  }
  CHECK(rule_of(one.settle({0})) == rules::unverified_paid);
}

TEST_CASE("payment of the wrong ones, twice or of another price is found") {
  bench one;
  one.answer_all();
  SUBCASE("a dissenter") {
    CHECK(rule_of(one.settle({0, 1, 2})) == rules::unverified_paid);
  }
  SUBCASE("a stranger") {
    CHECK(rule_of(one.settle({0, 4})) == rules::unverified_paid);
  }
  SUBCASE("twice") {
    CHECK(rule_of(one.settle({0, 1, 0})) == rules::unverified_paid);
  }
  SUBCASE("another price") {
    std::vector<payment> payments{{one.owners[0], whole_credits(3)}};
    CHECK(rule_of(one.book.on_settle(one.job, payments))
          == rules::unverified_paid);
  }
  SUBCASE("one goes without") {
    CHECK(rule_of(one.settle({1})) == rules::verified_unpaid);
  }
}

TEST_CASE("a result that was not agreed on is found") {
  bench one;
  SUBCASE("without agreement") {
    CHECK_FALSE(one.answer(1, 0, "42"));
    CHECK(rule_of(one.book.on_verdict(one.verdict("42")))
          == rules::unverified_returned);
  }
  SUBCASE("ended without agreement") {
    CHECK_FALSE(one.answer(1, 0, "42"));
    CHECK(rule_of(one.book.on_job_ended(one.job, job_state::completed))
          == rules::unverified_returned);
  }
  SUBCASE("another output") {
    one.answer_all();
    CHECK(rule_of(one.book.on_verdict(one.verdict("43")))
          == rules::unverified_returned);
  }
  SUBCASE("other bytes") {
    one.answer_all();
    auto changed = one.verdict("42");
    changed.output = text("43");
    CHECK(rule_of(one.book.on_verdict(changed)) == rules::unverified_returned);
  }
  SUBCASE("fewer answers than planned") {
    one.policy.replicas = 1;
    CHECK_FALSE(one.answer(1, 0, "42"));
    auto early = one.verdict("42");
    early.item.body.agreeing = {1};
    CHECK(rule_of(one.book.on_verdict(early)) == rules::unverified_returned);
  }
  SUBCASE("a failure although all agree") {
    one.answer_all();
    CHECK(rule_of(one.book.on_job_ended(one.job, job_state::failed))
          == rules::verified_unpaid);
  }
}

TEST_CASE("a job or a task that ends twice is found") {
  bench one;
  one.answer_all();
  CHECK_FALSE(one.book.on_job_ended(one.job, job_state::completed));
  CHECK_FALSE(one.book.on_verdict(one.verdict("42")));
  SUBCASE("the job") {
    CHECK(rule_of(one.book.on_job_ended(one.job, job_state::completed))
          == rules::job_ended_twice);
  }
  SUBCASE("a job that goes on") {
    CHECK(rule_of(one.answer(4, 3, "42")) == rules::job_ended_twice);
  }
  SUBCASE("the verdict") {
    CHECK(rule_of(one.book.on_verdict(one.verdict("42")))
          == rules::job_ended_twice);
  }
  SUBCASE("the task") {
    CHECK_FALSE(one.book.on_task_finished(one.report()));
    CHECK(rule_of(one.book.on_task_finished(one.report()))
          == rules::job_ended_twice);
    CHECK(rule_of(one.book.on_verdict(one.verdict("42")))
          == rules::job_ended_twice);
  }
}

TEST_CASE("a task whose jobs don't add up is found") {
  bench one;
  one.answer_all();
  CHECK_FALSE(one.book.on_verdict(one.verdict("42")));
  auto report = one.report();
  SUBCASE("one too many") {
    report.jobs.failed = 1;
  }
  SUBCASE("of another number than planned") {
    report.jobs = {2, 2, 2, 0, 0};
  }
  SUBCASE("completed without all jobs") {
    report.jobs.completed = 0;
    report.jobs.cancelled = 1;
  }
  CHECK(rule_of(one.book.on_task_finished(report)) == rules::job_ended_twice);
}

TEST_CASE("a receipt that stands for another answer is found") {
  bench one;
  one.answer_all();
  auto body = one.ended(1, 0, "42").result->entry().body;
  CHECK_FALSE(one.book.on_receipt(body));
  body.output = output_hash(text("43"));
  CHECK(rule_of(one.book.on_receipt(body)) == rules::receipt_refuted);

  auto stray = one.ended(5, 3, "42");
  auto batch = std::make_shared<result_batch>(*stray.result->batch);
  batch->entries[0].body.job = 5;
  stray.result = result_ref{batch, 0};
  CHECK(rule_of(one.book.on_attempt(one.job, one.policy, one.price, stray))
        == rules::receipt_refuted);
}
