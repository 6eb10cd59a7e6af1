#include "tools/artel/report_text.hpp"

#include <doctest/doctest.h>

using namespace artel;
using namespace artel::tools;

namespace {

task_report sample() {
  task_report report;
  report.name = "primes";
  report.state = task_state::completed;
  report.jobs = {200, 200, 200, 0, 0};
  report.replicas_run = 600;
  report.replicas_agreed = 560;
  report.retries = 3;
  report.held = whole_credits(3);
  report.paid = whole_credits(2);
  report.refunded = whole_credits(1);
  report.balance_before = whole_credits(100);
  report.balance_after = whole_credits(98);
  report.network_before = report.network_after = whole_credits(600);
  report.elapsed = milliseconds{2'310};
  node_report honest;
  honest.display_name = "worker-1";
  honest.agreed = 560;
  honest.earned = whole_credits(2);
  node_report liar;
  liar.display_name = "worker-2";
  liar.dissented = 40;
  report.nodes = {liar, honest};
  return report;
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("a summary tells jobs, agreement, earnings and credits") {
  auto text = summary_text(sample());
  CHECK(text.starts_with("primes: completed in 2.3 s\n"));
  CHECK(has(text, "200 of 200 completed, 3 retries"));
  CHECK(has(text, "600 run, 560 agreed"));
  CHECK(has(text, "3 held, 2 paid, 1 returned"));
  CHECK(has(text, "balance 100 before, 98 after"));
  CHECK(has(text, "600 credits before, 600 after: none lost, none made"));
  CHECK(text.find("worker-1") < text.find("worker-2"));
}

TEST_CASE("a summary tells the fuel of WebAssembly, where there was some") {
  CHECK_FALSE(has(summary_text(sample()), "fuel"));
  CHECK(has(summary_text(sample(), 12'345),
            "  fuel       12345 instructions, over all replicas\n"));
}

TEST_CASE("who lied is named, who did not is not") {
  auto text = summary_text(sample());
  CHECK(has(text, "worker-2 gave other answers"));
  CHECK_FALSE(has(text, "worker-1 gave other answers"));
}

TEST_CASE("credits that were lost are not passed over") {
  auto report = sample();
  report.network_after = whole_credits(599);
  CHECK(has(summary_text(report), "NOT CONSERVED"));
}

TEST_CASE("a failure shows its jobs with the end of their standard error") {
  auto report = sample();
  CHECK(failure_text(report).empty());
  report.state = task_state::failed;
  report.problem = {errc::execution_failed, "7 of 200 jobs failed"};
  report.jobs.failed = 7;
  std::string lines;
  for (int i = 0; i < 100; ++i)
    lines += "line " + std::to_string(i) + "\n";
  for (std::uint64_t i = 0; i < 7; ++i)
    report.failed_jobs.push_back({i, "in-" + std::to_string(i),
                                  errc::execution_failed, "exit code 3",
                                  i == 0 ? lines : "\x1b[31mred\n\n"});
  auto text = failure_text(report);
  CHECK(text.starts_with("artel: task 'primes' failed: 7 of 200 jobs"));
  CHECK(has(text, "job 4 (in-4): exit code 3"));
  CHECK_FALSE(has(text, "job 5"));
  CHECK(has(text, "and 2 more failed jobs"));
  CHECK(has(text, "    | line 99\n"));
  CHECK(has(text, "    | line 80\n"));
  CHECK_FALSE(has(text, "line 79"));
  CHECK(has(text, "    | \\x1b[31mred\n"));
  CHECK_FALSE(has(text, "\x1b"));
}

TEST_CASE("a plan shows the first chunks and the last") {
  task_source source;
  source.kind = source_kind::range;
  source.first = 1;
  source.last = 100;
  source.chunks = 10;
  plan_report plan;
  plan.name = "primes";
  plan.jobs = 10;
  plan.replicas = 3;
  plan.hold = whole_credits(4);
  plan.problems.push_back({errc::no_workers, "nobody is there"});
  auto text = plan_text(plan, chunk_plan{source});
  CHECK(has(text, "10 jobs, 3 replicas each"));
  CHECK(has(text, "job 0: 1..10\n"));
  CHECK(has(text, "job 2: 21..30\n"));
  CHECK_FALSE(has(text, "job 3:"));
  CHECK(has(text, "job 9: 91..100\n"));
  CHECK(has(text, "4 held"));
  CHECK_FALSE(has(text, "price floor"));
  CHECK(has(text, "nobody is there"));
  source.chunks = 5;
  CHECK(has(plan_text(plan, chunk_plan{source}), "job 3: 61..80\n"));
}

TEST_CASE("a plan says where its price is the network's price floor") {
  plan_report plan;
  plan.price_per_job = whole_credits(2);
  plan.price_floor = whole_credits(1);
  task_source source;
  source.kind = source_kind::range;
  source.first = source.last = 1;
  CHECK_FALSE(has(plan_text(plan, chunk_plan{source}), "price floor"));
  plan.price_floor = plan.price_per_job;
  CHECK(has(plan_text(plan, chunk_plan{source}),
            "2 credits a replica, the network's price floor\n"));
}
