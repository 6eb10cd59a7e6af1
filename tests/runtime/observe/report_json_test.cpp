#include "runtime/observe/report_json.hpp"

#include "tests/runtime/observe/sample_run.hpp"

#include <doctest/doctest.h>

using namespace artel;
using namespace artel::runtime;

TEST_CASE("a report has its figures where scripts look for them") {
  test::sample_run run{{1}};
  auto document = report_json(run.report);
  CHECK(document["state"] == "failed");
  CHECK(document["problem"]["code"] == "execution_failed");
  CHECK(document["jobs"]["total"] == 4);
  CHECK(document["jobs"]["completed"] == 3);
  CHECK(document["jobs"]["failed"] == 1);
  CHECK(document["replicas"]["agreed"] == 6);
  CHECK(document["elapsed_ms"] == 123);
  CHECK(document["nodes"][0]["name"] == "worker-1");
  CHECK(document["nodes"][0]["earned"] == "0.75");
  CHECK(document["settlement"]["paid"] == "1.5");
  CHECK(document["settlement"]["refunded"] == "2.5");
  CHECK(document["settlement"]["balance_before"] == "100");
  CHECK(document["settlement"]["network_after"] == "400");
}

TEST_CASE("a task that completed has no problem") {
  CHECK_FALSE(report_json(test::sample_run{}.report).contains("problem"));
}

TEST_CASE("payments by claim are told as not witnessed") {
  test::sample_run run;
  CHECK_FALSE(report_json(run.report)["settlement"].contains("claims"));
  run.report.paid_by_claims = true;
  run.report.claims_sent = 3;
  run.report.claims_acknowledged = 2;
  CHECK(report_json(run.report)["settlement"]["claims"]
        == json{{"sent", 3}, {"acknowledged", 2}, {"witnessed", false}});
}

TEST_CASE("fuel is told where there was some") {
  test::sample_run run;
  CHECK_FALSE(report_json(run.report).contains("fuel_used"));
  CHECK(report_json(run.report, 7)["fuel_used"] == 7);
}

TEST_CASE("files are told as sha256sum tells them") {
  auto files = files_json({{"a b", to_bytes("abc")}, {"sub/\xff", {}}});
  CHECK(files
        == json::array(
          {json{{"name", "a b"},
                {"bytes", 3},
                {"sha256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb41"
                           "0ff61f20015ad"}},
           json{{"name", json_of(std::string_view{"sub/\xff"})},
                {"bytes", 0},
                {"sha256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca49"
                           "5991b7852b855"}}}));
  CHECK(files_json({}) == json::array());
}

TEST_CASE("a plan tells price, candidates and what stands in the way") {
  plan_report plan;
  plan.name = "sample";
  plan.jobs = 20;
  plan.replicas = 3;
  plan.price_per_job = credits{16'700};
  plan.price_floor = credits{10'000};
  plan.hold = credits{1'002'000};
  plan.problems.push_back({errc::no_workers, "nobody is there"});
  bid_summary candidate;
  candidate.display_name = "worker-1";
  candidate.offer.price_per_job = credits{16'000};
  plan.candidates.push_back(candidate);
  auto document = plan_json(plan);
  CHECK(document["jobs"] == 20);
  CHECK(document["price_per_job"] == "0.0167");
  CHECK(document["price_floor"] == "0.01");
  CHECK(document["hold"] == "1.002");
  CHECK(document["candidates"][0]["price_per_job"] == "0.016");
  CHECK(document["problems"][0]["code"] == "no_workers");
}
