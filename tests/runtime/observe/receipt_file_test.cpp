#include "runtime/observe/receipt_file.hpp"

#include "tests/runtime/observe/sample_run.hpp"
#include "tests/runtime/scratch_directory.hpp"

#include <doctest/doctest.h>

using namespace artel;
using namespace artel::runtime;

namespace {

std::vector<receipt_line> lines_of(const std::filesystem::path& path,
                                   bool* partial = nullptr) {
  auto reader = receipt_reader::open(path);
  REQUIRE(reader);
  std::vector<receipt_line> lines;
  while (auto line = reader->next())
    lines.push_back(std::move(*line));
  if (partial != nullptr)
    *partial = reader->has_partial_line();
  return lines;
}

std::uint64_t problems_in(const std::vector<receipt_line>& lines) {
  return static_cast<std::uint64_t>(
    std::count_if(lines.begin(), lines.end(),
                  [](const auto& one) { return one.problem.has_value(); }));
}

void write_all(receipt_writer& writer, const test::sample_run& run) {
  for (const auto& line : run.lines())
    writer.put(line);
  writer.flush();
}

} // namespace

TEST_CASE("what is written to a receipt file is read from it") {
  test::scratch_directory scratch;
  test::sample_run run{{2}};
  auto path = scratch.path() / "r.jsonl";
  {
    auto writer = receipt_writer::create(path, false);
    REQUIRE(writer);
    write_all(**writer, run);
    CHECK_FALSE((*writer)->problem());
  }
  auto lines = lines_of(path);
  REQUIRE(lines.size() == 1 + 4 * 4 + 1);
  CHECK(problems_in(lines) == 0);
  const auto& task = std::get<task_record>(*lines.front().content);
  CHECK(task.task == run.record.task);
  CHECK(task.started == run.record.started);
  CHECK(task.text == run.record.text);
  CHECK(task.source.last == 100);
  CHECK(task.code == run.record.code);
  const auto& receipt = std::get<receipt_recorded>(*lines[9].content);
  CHECK(receipt.item == run.receipts[6].item);
  CHECK(receipt.stderr_tail == "no luck \xff");
  const auto& verdict = std::get<verdict_line>(*lines[4].content);
  CHECK(verdict.output == to_bytes("10"));
  const auto& failed = std::get<verdict_line>(*lines[12].content);
  CHECK_FALSE(failed.output);
  CHECK(failed.failure_code == errc::execution_failed);
  CHECK(failed.stderr_tail == "no luck");
  const auto& end = std::get<settlement_line>(*lines.back().content);
  CHECK(end.paid == run.report.paid);
  CHECK(end.state == task_state::failed);
  CHECK(end.jobs.completed == 3);
}

TEST_CASE("a file with something in it is only replaced when told so") {
  test::scratch_directory scratch;
  auto path = scratch.write("r.jsonl", "precious\n");
  auto refused = receipt_writer::create(path, false);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == errc::already_exists);
  CHECK(scratch.read("r.jsonl") == "precious\n");
  REQUIRE(receipt_writer::create(path, true));
  CHECK(scratch.read("r.jsonl").empty());
  REQUIRE(receipt_writer::create(path, false));
}

TEST_CASE("half a last line is left out, and told") {
  test::scratch_directory scratch;
  auto text = test::sample_run{}.text();
  auto last = text.rfind('\n', text.size() - 2);
  for (auto size : {last + 2, text.size() - 1}) {
    auto path = scratch.write("r.jsonl", text.substr(0, size));
    bool partial = false;
    auto lines = lines_of(path, &partial);
    CHECK(partial);
    CHECK(lines.size() == 17);
    CHECK(problems_in(lines) == 0);
  }
  bool partial = true;
  lines_of(scratch.write("r.jsonl", text.substr(0, last + 1)), &partial);
  CHECK_FALSE(partial);
}

TEST_CASE("a continued file is one sound chain, without its half line") {
  test::scratch_directory scratch;
  test::sample_run first{{1}};
  test::sample_run second;
  auto earlier = scratch.write("a.jsonl", first.text() + "{\"kind\":\"rec");
  auto expected = lines_of(earlier).size() + second.lines().size();
  {
    auto writer =
      receipt_writer::continue_from(earlier, scratch.path() / "b.jsonl", false);
    REQUIRE(writer);
    write_all(**writer, second);
  }
  auto copied = lines_of(scratch.path() / "b.jsonl");
  CHECK(copied.size() == expected);
  CHECK(problems_in(copied) == 0);
  {
    auto writer = receipt_writer::continue_from(earlier, earlier, false);
    REQUIRE(writer);
    write_all(**writer, second);
  }
  CHECK(scratch.read("a.jsonl") == scratch.read("b.jsonl"));
}

TEST_CASE("a full disk is told once, and ends the writing") {
  auto writer = receipt_writer::create("/dev/full", false);
  REQUIRE(writer);
  (*writer)->put(json{{"kind", "x"}});
  CHECK_FALSE((*writer)->problem());
  (*writer)->flush();
  REQUIRE((*writer)->problem());
  CHECK((*writer)->problem()->code == errc::system_failure);
  (*writer)->put(json{{"kind", "y"}});
  (*writer)->flush();
}

TEST_CASE("files that cannot be used are told by name") {
  test::scratch_directory scratch;
  CHECK(receipt_reader::open(scratch.path() / "none").error().code
        == errc::not_found);
  CHECK(receipt_reader::open(scratch.path()).error().code
        == errc::invalid_argument);
  CHECK(
    receipt_writer::create(scratch.path() / "no/such/place", false).error().code
    == errc::system_failure);
}
