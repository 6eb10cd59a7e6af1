#include "runtime/sim/trace.hpp"

#include "tests/runtime/sim/trace_records.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

using namespace artel;
using namespace artel::sim;
using namespace artel::sim::testing;

namespace {

constexpr microseconds moment{1'500};

std::uint64_t hash_after(const trace_record& record,
                         microseconds when = moment) {
  trace history;
  history.add(when, record);
  return history.hash();
}

std::uint64_t hash_after(const event& what) {
  return hash_after(event_record{1, 0, &what});
}

frame_record make_frame_record(bytes_view frame) {
  return {1, 2, frame_fate::sent, microseconds{20'000}, frame};
}

/// All hashes differ from each other and from that of nothing.
void check_distinct(const std::vector<std::uint64_t>& hashes) {
  std::set<std::uint64_t> distinct(hashes.begin(), hashes.end());
  distinct.insert(0);
  CHECK(distinct.size() == hashes.size() + 1);
}

bytes count_up(std::size_t size) {
  bytes data(size);
  for (std::size_t i = 0; i < size; ++i)
    data[i] = static_cast<std::uint8_t>(i * 7);
  return data;
}

} // namespace

TEST_CASE("the same records give the same hash on every machine") {
  auto frame = count_up(1'000);
  event line = node_logged{log_level::info, "alice", "a task has ended"};
  trace history;
  history.add(moment, step_record{1, 7, "worker", "N5artel5sweepE"});
  history.add(moment, make_frame_record(frame));
  history.add(moment, fault_record{fault_kind::crash, 2, ""});
  history.add(moment, event_record{1, -1, &line});
  CHECK(hash_text(history.hash()) == "434c00702e0fb832");
}

TEST_CASE("every field of a step counts") {
  step_record step{1, 7, "worker", "sweep"};
  std::vector hashes = {hash_after(step)};
  hashes.push_back(hash_after(step, moment + microseconds{1}));
  hashes.push_back(hash_after(step_record{2, 7, "worker", "sweep"}));
  hashes.push_back(hash_after(step_record{1, 8, "worker", "sweep"}));
  hashes.push_back(hash_after(step_record{1, 7, "job", "sweep"}));
  hashes.push_back(hash_after(step_record{1, 7, "worker", "flush"}));
  hashes.push_back(hash_after(step_record{1, 7, "worker", ""}));
  hashes.push_back(hash_after(step_record{1, 7, "workers", "weep"}));
  check_distinct(hashes);
}

TEST_CASE("texts count by what they say and not by where they lie") {
  std::string one = "artel::job_ended";
  std::string other = one;
  CHECK(hash_after(step_record{1, 7, "job", one})
        == hash_after(step_record{1, 7, "job", other}));
}

TEST_CASE("every field of a frame counts") {
  auto frame = count_up(40);
  auto base = make_frame_record(frame);
  std::vector hashes = {hash_after(base)};
  auto with = [&](auto change) {
    auto changed = base;
    change(changed);
    hashes.push_back(hash_after(changed));
  };
  with([](frame_record& item) { item.from = 5; });
  with([](frame_record& item) { item.to = 5; });
  with([](frame_record& item) { std::swap(item.from, item.to); });
  with([](frame_record& item) { item.fate = frame_fate::lost; });
  with([](frame_record& item) { ++item.delay; });
  with([](frame_record& item) { item.frame = item.frame.first(39); });
  check_distinct(hashes);
}

TEST_CASE("every byte of a frame counts, whatever its length") {
  for (std::size_t size : {1, 7, 8, 9, 31, 64, 127, 128, 133, 159, 160, 500}) {
    CAPTURE(size);
    auto frame = count_up(size);
    std::vector hashes = {hash_after(make_frame_record(frame))};
    for (auto& byte : frame) {
      byte ^= 0x80;
      hashes.push_back(hash_after(make_frame_record(frame)));
      byte ^= 0x80;
    }
    frame.push_back(0);
    hashes.push_back(hash_after(make_frame_record(frame)));
    check_distinct(hashes);
  }
}

TEST_CASE("pieces of a long frame count by their place") {
  auto frame = count_up(256);
  auto swapped = frame;
  std::swap_ranges(swapped.begin(), swapped.begin() + 8, swapped.begin() + 8);
  auto far = frame;
  std::swap_ranges(far.begin(), far.begin() + 8, far.begin() + 32);
  check_distinct({hash_after(make_frame_record(frame)),
                  hash_after(make_frame_record(swapped)),
                  hash_after(make_frame_record(far))});
}

TEST_CASE("every field of a fault counts") {
  check_distinct({
    hash_after(fault_record{fault_kind::crash, 1, "x"}),
    hash_after(fault_record{fault_kind::pause, 1, "x"}),
    hash_after(fault_record{fault_kind::crash, 2, "x"}),
    hash_after(fault_record{fault_kind::crash, no_node, "x"}),
    hash_after(fault_record{fault_kind::crash, 1, "y"}),
  });
}

TEST_CASE("an event counts with whom it is about and what it says") {
  auto task = make_task_id(0x3f);
  std::vector<std::uint64_t> hashes;
  auto verdict = make_verdict(task, 17);
  hashes.push_back(hash_after(verdict));
  hashes.push_back(hash_after(event_record{2, 0, &verdict}));
  hashes.push_back(hash_after(event_record{1, 1, &verdict}));
  hashes.push_back(hash_after(make_verdict(task, 18)));
  hashes.push_back(hash_after(make_verdict(task, 17, false)));
  hashes.push_back(hash_after(make_verdict(make_task_id(0x40), 17)));

  hashes.push_back(hash_after(make_plan(task, "primes", 20)));
  hashes.push_back(hash_after(make_plan(task, "primes", 21)));
  auto plan = std::get<task_planned>(make_plan(task, "primes", 20));
  plan.plan.candidates.emplace_back().display_name = "worker-1";
  hashes.push_back(hash_after(event{plan}));
  plan.plan.candidates[0].reputation = ppm{1};
  hashes.push_back(hash_after(event{plan}));

  receipt_recorded receipt;
  hashes.push_back(hash_after(event{receipt}));
  receipt.item.body.exit_code = 1;
  hashes.push_back(hash_after(event{receipt}));

  task_progress progress;
  hashes.push_back(hash_after(event{progress}));
  progress.jobs.completed = 1;
  hashes.push_back(hash_after(event{progress}));
  progress.running = 1;
  hashes.push_back(hash_after(event{progress}));

  hashes.push_back(
    hash_after(event{node_logged{log_level::info, "alice", "one"}}));
  hashes.push_back(
    hash_after(event{node_logged{log_level::info, "alice", "two"}}));
  check_distinct(hashes);
}

TEST_CASE("a task's end counts with its result and its credits") {
  auto base =
    std::get<task_finished>(make_finish(make_task_id(0x3f), "primes"));
  std::vector hashes = {hash_after(event{base})};
  auto with = [&](auto change) {
    auto changed = base;
    change(changed.report);
    hashes.push_back(hash_after(event{changed}));
  };
  with([](task_report& report) { report.state = task_state::failed; });
  with([](task_report& report) { report.result.push_back(0); });
  with([](task_report& report) { report.problem.message = "no workers"; });
  with([](task_report& report) { ++report.paid.micro; });
  with([](task_report& report) { ++report.refunded.micro; });
  with([](task_report& report) { ++report.network_after.micro; });
  with([](task_report& report) { ++report.jobs.failed; });
  with([](task_report& report) { report.nodes.emplace_back(); });
  with([](task_report& report) { report.failed_jobs.emplace_back(); });
  check_distinct(hashes);
}

TEST_CASE("the order of records counts") {
  step_record one{1, 7, "worker", "sweep"};
  step_record two{2, 9, "job", "flush"};
  trace ahead;
  ahead.add(moment, one);
  ahead.add(moment, two);
  trace back;
  back.add(moment, two);
  back.add(moment, one);
  CHECK(ahead.hash() != back.hash());
}

TEST_CASE("faults and fates of frames are counted") {
  trace history;
  auto frame = count_up(8);
  auto lost = make_frame_record(frame);
  lost.fate = frame_fate::lost;
  history.add(moment, lost);
  history.add(moment, lost);
  history.add(moment, make_frame_record(frame));
  history.add(moment, fault_record{fault_kind::join, 1, ""});
  CHECK(history.count(frame_fate::lost) == 2);
  CHECK(history.count(frame_fate::sent) == 1);
  CHECK(history.count(frame_fate::held) == 0);
  CHECK(history.count(fault_kind::join) == 1);
  CHECK(history.count(fault_kind::crash) == 0);
}

TEST_CASE("listeners hear each record once, in order, and change nothing") {
  trace history;
  std::vector<std::string> heard;
  for (auto* who : {"first", "second"})
    history.listen([&heard, who](microseconds when, const trace_record& item) {
      heard.push_back(std::string{who} + ' ' + std::to_string(when.count())
                      + ' ' + std::to_string(item.index()));
    });
  fault_record fault{fault_kind::heal, no_node, ""};
  history.add(moment, fault);
  history.add(moment + moment, step_record{});
  CHECK(heard
        == std::vector<std::string>{"first 1500 2", "second 1500 2",
                                    "first 3000 0", "second 3000 0"});
  trace silent;
  silent.add(moment, fault);
  silent.add(moment + moment, step_record{});
  CHECK(silent.hash() == history.hash());
}

TEST_CASE("a hash is shown as 16 hexadecimal digits") {
  CHECK(hash_text(0) == "0000000000000000");
  CHECK(hash_text(0x0123456789abcdef) == "0123456789abcdef");
  CHECK(hash_text(~std::uint64_t{0}) == "ffffffffffffffff");
}

TEST_CASE("every kind of fault has a name of its own") {
  std::set<std::string_view> names;
  for (int kind = 1; kind <= static_cast<int>(fault_kind::join); ++kind)
    names.insert(to_string(static_cast<fault_kind>(kind)));
  CHECK(names.size() == static_cast<std::size_t>(fault_kind::join));
  CHECK_FALSE(names.contains("unknown"));
  CHECK(to_string(fault_kind::power_loss) == "power loss");
}
