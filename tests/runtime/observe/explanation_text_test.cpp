#include "runtime/observe/explanation_text.hpp"

#include <doctest/doctest.h>

using namespace artel;
using namespace artel::runtime;

namespace {

task_explanation sample() {
  task_explanation told;
  told.name = "primes";
  told.phase = "running";
  told.summary = "all 2 workers are full";
  told.jobs = 20;
  told.jobs_done = 3;
  told.jobs_failed = 1;
  told.jobs_open = 2;
  candidate_status one;
  one.display_name = "worker-1";
  one.state = candidate_state::full;
  one.reason = "full: in flight 4 of 4";
  one.price_per_job = credits{100'000};
  one.reputation = ppm{750'000};
  one.latency = microseconds{2'500};
  one.score = 12;
  one.in_flight = one.capacity = 4;
  told.candidates.push_back(one);
  one.display_name = "w\x1b[2J\n\xc2\x85y";
  one.state = candidate_state::declined;
  one.reason = "declined: bell\a";
  told.candidates.push_back(one);
  open_job_status job;
  job.job = 17;
  job.age = microseconds{5'200'000};
  job.placed = {{told.candidates[0].node, "worker-1", 3}};
  job.waits_for = "attempt 4 waits for a third owner";
  told.open_jobs.push_back(job);
  return told;
}

} // namespace

TEST_CASE("the text tells the summary first, then workers, then jobs") {
  auto text = explanation_text(sample());
  CHECK(text.starts_with("primes is running: all 2 workers are full\n"
                         "  3 of 20 jobs completed, 2 in flight, 1 failed\n"));
  auto workers = text.find("worker-1  full      0.1");
  auto job = text.find("job 17, for 5.2 s: attempt 3 with worker-1\n"
                       "    attempt 4 waits for a third owner\n"
                       "  and 1 younger jobs\n");
  CHECK(workers != std::string::npos);
  CHECK(job != std::string::npos);
  CHECK(workers < job);
  CHECK(text.find("0.75") != std::string::npos);
}

TEST_CASE("others' words bring no control characters to a terminal") {
  auto text = explanation_text(sample());
  for (char one : {'\x1b', '\a', '\x85'})
    CHECK(text.find(one) == std::string::npos);
  CHECK(text.find("w?[2J??y") != std::string::npos);
  auto told = sample();
  told.candidates[0].display_name = "\xff\xfe";
  CHECK(explanation_text(told).find('\xff') == std::string::npos);
}

TEST_CASE("a long table of workers is cut") {
  auto told = sample();
  told.candidates.resize(30, told.candidates[0]);
  auto text = explanation_text(told, 10);
  CHECK(text.find("  and 20 more\n") != std::string::npos);
  CHECK(text.size() < 2'000);
}

TEST_CASE("the JSON has the same under fixed keys") {
  auto document = explanation_json(sample());
  CHECK(document["phase"] == "running");
  CHECK(document["summary"] == "all 2 workers are full");
  CHECK(document["jobs"]
        == json{{"total", 20}, {"done", 3}, {"failed", 1}, {"open", 2}});
  const auto& worker = document["candidates"][0];
  CHECK(worker["state"] == "full");
  CHECK(worker["reason"] == "full: in flight 4 of 4");
  CHECK(worker["price_per_job"] == "0.1");
  CHECK(worker["capacity"] == 4);
  const auto& job = document["open_jobs"][0];
  CHECK(job["job"] == 17);
  CHECK(job["age_ms"] == 5'200);
  CHECK(job["placed"][0]["attempt"] == 3);
  CHECK(job["waits_for"] == "attempt 4 waits for a third owner");
  // Whatever a name is: it can be written.
  CHECK_NOTHROW(document.dump());
}
