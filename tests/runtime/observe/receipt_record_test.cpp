#include "runtime/observe/receipt_record.hpp"

#include "tests/runtime/observe/sample_run.hpp"

#include <doctest/doctest.h>

using namespace artel;
using namespace artel::runtime;

TEST_CASE("every line of a run is read as its kind") {
  test::sample_run run{{0}};
  std::vector<std::size_t> kinds;
  for (const auto& line : run.lines()) {
    auto content = read_record(line);
    REQUIRE(content);
    kinds.push_back(content->index());
  }
  CHECK(kinds.front() == 0);
  CHECK(kinds[1] == 1);
  CHECK(kinds[4] == 2);
  CHECK(kinds.back() == 3);
}

TEST_CASE("a line without one of its fields is malformed, and says which") {
  test::sample_run run{{0}, {1}};
  auto check_all = [](const json& line, const std::set<std::string>& may_miss) {
    for (const auto& [key, value] : line.items()) {
      CAPTURE(key);
      auto less = line;
      less.erase(key);
      auto content = read_record(less);
      CHECK(content.ok() == may_miss.contains(key));
    }
  };
  auto lines = run.lines();
  check_all(lines[0], {});
  check_all(lines[1], {});
  // The failed job's, and an accepted one's.
  check_all(lines[4], {"failure", "stderr_tail"});
  check_all(lines[8], {"output", "files"});
  check_all(lines.back(),
            {"name", "problem", "retries", "elapsed_ms", "nodes"});
}

TEST_CASE("an unknown kind or format is refused") {
  auto line = test::sample_run{}.lines().front();
  line["format"] = 2;
  CHECK(read_record(line).error().code == errc::version_mismatch);
  CHECK(read_record(json{{"kind", "song"}}).error().code == errc::malformed);
  CHECK(read_record(json{{"kind", 3}}).error().code == errc::malformed);
  CHECK(read_record(json::array()).error().code == errc::malformed);
}

TEST_CASE("an output that is too long is left out of the file") {
  test::sample_run run;
  CHECK(record_json(run.verdicts[0], 2).contains("output"));
  CHECK_FALSE(record_json(run.verdicts[0], 1).contains("output"));
}

TEST_CASE("a verdict's line tells the hash of its output files") {
  test::sample_run run{{0}, {0, 1}};
  CHECK_FALSE(record_json(run.verdicts[0], 4096).contains("files"));
  CHECK_FALSE(record_json(run.verdicts[2], 4096).contains("files"));
  // Also where the output itself is too long for the file.
  for (std::size_t most : {std::size_t{4096}, std::size_t{0}}) {
    auto line = record_json(run.verdicts[1], most);
    CHECK(line["files"] == to_string(hash_of(run.verdicts[1].files)));
    auto content = read_record(line);
    REQUIRE(content);
    CHECK(std::get<verdict_line>(*content).files
          == hash_of(run.verdicts[1].files));
    line["files"] = 3;
    CHECK(read_record(line).error().code == errc::malformed);
  }
  auto plain = read_record(record_json(run.verdicts[2], 4096));
  REQUIRE(plain);
  CHECK(std::get<verdict_line>(*plain).files.is_zero());
}

TEST_CASE("a receipt's line tells the fuel that was used") {
  test::sample_run run;
  run.receipts[0].item.body.fuel_used = 12'345;
  auto line = record_json(run.receipts[0]);
  CHECK(line["receipt"]["fuel_used"] == 12'345);
  auto content = read_record(line);
  REQUIRE(content);
  CHECK(std::get<receipt_recorded>(*content).item.body.fuel_used == 12'345);
}

TEST_CASE("a worker's certificate is read as it was written") {
  test::sample_run run;
  worker_certified told;
  told.item.node = run.workers[0].node();
  told.item.network = "test";
  told.item.scope = certificate_scope::work;
  told.item.issued = run.record.started;
  told.item.expires = run.record.started + milliseconds{1'000};
  sign_certificate(told.item, run.workers[1]);
  told.worker_name = "w";
  auto line = record_json(told);
  auto content = read_record(line);
  REQUIRE(content);
  const auto* read = std::get_if<worker_certified>(&*content);
  REQUIRE(read != nullptr);
  CHECK(read->item == told.item);
  CHECK(read->worker_name == "w");
  for (const char* field : {"ownership", "worker_name"}) {
    auto less = line;
    less.erase(field);
    CHECK(read_record(less).error().code == errc::malformed);
  }
  line["ownership"]["scope"] = "everything";
  CHECK(read_record(line).error().code == errc::malformed);
}

TEST_CASE("a settlement tells of claims only where it was paid by them") {
  test::sample_run run;
  auto line = record_json(run.report);
  CHECK_FALSE(line["settlement"].contains("claims"));
  auto plain = read_record(line);
  REQUIRE(plain);
  CHECK_FALSE(std::get<settlement_line>(*plain).paid_by_claims);
  run.report.paid_by_claims = true;
  run.report.claims_sent = 3;
  run.report.claims_acknowledged = 2;
  line = record_json(run.report);
  auto content = read_record(line);
  REQUIRE(content);
  const auto& read = std::get<settlement_line>(*content);
  CHECK(read.paid_by_claims);
  CHECK(read.claims_sent == 3);
  CHECK(read.claims_acknowledged == 2);
  line["settlement"]["claims"].erase("sent");
  CHECK(read_record(line).error().code == errc::malformed);
  line["settlement"]["claims"] = 3;
  CHECK(read_record(line).error().code == errc::malformed);
}

TEST_CASE("the chain fits only the lines in their order") {
  hash256 written;
  auto first = chained_line(json{{"kind", "a"}}, written);
  auto second = chained_line(json{{"kind", "b"}}, written);
  first.pop_back();
  second.pop_back();
  hash256 chain;
  auto reading = read_chained_line(first, chain);
  CHECK_FALSE(reading.problem);
  CHECK(reading.record == json{{"kind", "a"}});
  CHECK_FALSE(read_chained_line(second, chain).problem);
  CHECK(chain == written);

  hash256 other;
  CHECK(read_chained_line(second, other).problem->code == errc::bad_signature);
  // The line after a changed one is not blamed for it.
  CHECK(other == written);
}

TEST_CASE("no byte of a line can be changed unseen") {
  hash256 written;
  auto line = chained_line(json{{"kind", "a"}, {"text", "x y"}}, written);
  line.pop_back();
  for (std::size_t i = 0; i < line.size(); ++i) {
    for (char replacement : {'0', ' ', '"', '\xff', '\0'}) {
      if (line[i] == replacement)
        continue;
      auto changed = line;
      changed[i] = replacement;
      hash256 chain;
      CAPTURE(i);
      CHECK(read_chained_line(changed, chain).problem);
    }
    hash256 chain;
    CHECK(read_chained_line(line.substr(0, i), chain).problem);
  }
}
