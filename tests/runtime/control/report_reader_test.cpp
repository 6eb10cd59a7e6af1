#include "runtime/control/report_reader.hpp"

#include "runtime/observe/report_json.hpp"
#include "tests/runtime/observe/sample_run.hpp"

#include <doctest/doctest.h>

using namespace artel;
using namespace artel::runtime;

TEST_CASE("a report reads back as the document that was made of it") {
  for (auto failing : {std::set<std::uint64_t>{}, std::set<std::uint64_t>{1}}) {
    test::sample_run run{failing};
    run.report.nodes[0].reputation = ppm{123'456};
    run.report.failed_jobs.push_back(
      {1, "1..2", errc::execution_failed, "exit code 3", "no\nluck"});
    auto document = report_json(run.report, 7);
    auto told = read_report(document);
    REQUIRE(told.ok());
    CHECK(told->fuel_used == 7);
    CHECK(report_json(told->report, told->fuel_used) == document);
  }
}

TEST_CASE("claims are read back, too") {
  test::sample_run run;
  run.report.paid_by_claims = true;
  run.report.claims_sent = 3;
  run.report.claims_acknowledged = 2;
  auto document = report_json(run.report);
  auto told = read_report(document);
  REQUIRE(told.ok());
  CHECK(report_json(told->report) == document);
}

TEST_CASE("every field that is missing or of another kind is named") {
  auto whole = report_json(test::sample_run{}.report);
  for (const auto& [key, value] : whole.items()) {
    auto changed = whole;
    changed[key] = nullptr;
    auto told = read_report(changed);
    REQUIRE_FALSE(told.ok());
    CHECK(told.error().code == errc::malformed);
    changed.erase(key);
    told = read_report(changed);
    REQUIRE_FALSE(told.ok());
    CHECK(told.error().message.find(key) != std::string::npos);
  }
  CHECK_FALSE(read_report(json::array()).ok());
}
