#include "runtime/sim/log/chrome_trace.hpp"

#include "tests/runtime/sim/trace_records.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <functional>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace artel;
using namespace artel::sim;
using namespace artel::sim::testing;
using nlohmann::json;

namespace {

const auto task = make_task_id(0x3f);

/// A trace of records made by hand, read back as what a viewer would see.
struct trace_run {
  explicit trace_run(
    std::function<std::string(node_index)> name_of = test_name_of)
    : trace(out, std::move(name_of)) {}

  void send(std::int64_t at_ms, node_index from, node_index to,
            const wire::payload& item, frame_fate fate = frame_fate::sent) {
    auto frame = make_frame(from, {item});
    trace.on_record(milliseconds{at_ms},
                    frame_record{from, to, fate, {}, frame});
  }

  void tell(std::int64_t at_ms, node_index node, const event& what) {
    trace.on_record(milliseconds{at_ms}, event_record{node, 0, &what});
  }

  void fault(std::int64_t at_ms, fault_kind kind, node_index node,
             std::string text = {}) {
    trace.on_record(milliseconds{at_ms},
                    fault_record{kind, node, std::move(text)});
  }

  /// All events with the phase, as the finished file has them.
  std::vector<json> events(std::string_view phase) {
    trace.finish();
    auto file = json::parse(out.str(), nullptr, false);
    REQUIRE_FALSE(file.is_discarded());
    std::vector<json> found;
    for (const auto& one : file.at("traceEvents"))
      if (one.at("ph") == phase)
        found.push_back(one);
    return found;
  }

  /// The spans of a category, as "name pid from..to outcome", in ms.
  std::vector<std::string> spans(std::string_view category) {
    std::vector<std::string> found;
    for (const auto& one : events("X")) {
      if (one.at("cat") != category)
        continue;
      auto from = one.at("ts").get<std::int64_t>() / 1'000;
      auto to = from + one.at("dur").get<std::int64_t>() / 1'000;
      found.push_back(one.at("name").get<std::string>() + " pid "
                      + one.at("pid").dump() + ' ' + std::to_string(from) + ".."
                      + std::to_string(to) + ' '
                      + one.at("args").at("outcome").get<std::string>());
    }
    return found;
  }

  std::ostringstream out;
  chrome_trace trace;
};

using texts = std::vector<std::string>;

wire::payload run_of(node_index worker, std::uint64_t job,
                     std::int64_t started_ms, std::int64_t used_ms) {
  return make_result(make_entry(worker, task, job, milliseconds{started_ms},
                                milliseconds{used_ms}));
}

} // namespace

TEST_CASE("a trace without any record is a whole file") {
  trace_run run;
  CHECK(run.events("X").empty());
}

TEST_CASE("nodes are processes with their names") {
  trace_run run{[](node_index node) {
    return node == 0 ? "al\"ice\\\n" : "w\xff" + std::to_string(node);
  }};
  run.send(1, 0, 1, wire::ping{1});
  run.send(2, 1, 0, wire::ping{1});
  auto named = run.events("M");
  REQUIRE(named.size() == 2);
  CHECK(named[0].at("name") == "process_name");
  CHECK(named[0].at("pid") == 1);
  CHECK(named[0].at("args").at("name") == "al\"ice\\\n");
  CHECK(named[1].at("pid") == 2);
  CHECK(named[1].at("args").at("name")
        == "w\xef\xbf\xbd"
           "1");
}

TEST_CASE("a run is a span as its receipt has it, however often it is sent") {
  trace_run run;
  run.send(60, 1, 0, run_of(1, 17, 10, 40), frame_fate::lost);
  run.send(160, 1, 0, run_of(1, 17, 10, 40));
  run.send(160, 1, 0, run_of(1, 17, 10, 40), frame_fate::duplicated);
  CHECK(run.spans("run") == texts{"3fa81c02 17 pid 2 10..50 completed"});
}

TEST_CASE("runs at the same time are on tracks of their own") {
  trace_run run;
  run.send(90, 1, 0, run_of(1, 1, 10, 40));
  run.send(90, 1, 0, run_of(1, 2, 30, 40));
  // Room on the first track before and after, and none on either.
  run.send(99, 1, 0, run_of(1, 3, 0, 10));
  run.send(99, 1, 0, run_of(1, 4, 50, 40));
  run.send(99, 1, 0, run_of(1, 5, 5, 80));
  // Another worker has its own.
  run.send(99, 2, 0, run_of(2, 6, 10, 40));
  std::vector<int> tids;
  for (const auto& one : run.events("X"))
    tids.push_back(one.at("tid"));
  CHECK(tids == std::vector{1, 2, 1, 1, 3, 1});
  texts names;
  for (const auto& one : run.events("M"))
    if (one.at("name") == "thread_name")
      names.push_back(one.at("pid").dump() + ' '
                      + one.at("args").at("name").get<std::string>());
  CHECK(names == texts{"2 slot 1", "2 slot 2", "2 slot 3", "3 slot 1"});
}

TEST_CASE("a worker's runs need no more tracks than it has slots") {
  // Each slot takes its next job when it is free; the one that took a longer
  // job first is heard of last.
  trace_run run;
  run.send(40, 1, 0, run_of(1, 1, 0, 30));
  run.send(50, 1, 0, run_of(1, 2, 0, 44));
  run.send(90, 1, 0, run_of(1, 3, 45, 30));
  run.send(99, 1, 0, run_of(1, 4, 31, 60));
  std::vector<int> tids;
  for (const auto& one : run.events("X"))
    tids.push_back(one.at("tid"));
  CHECK(tids == std::vector{1, 2, 2, 1});
}

TEST_CASE("runs too short to be measured share a track") {
  trace_run run;
  run.send(20, 1, 0, run_of(1, 1, 10, 0));
  run.send(20, 1, 0, run_of(1, 2, 10, 0));
  run.send(20, 1, 0, run_of(1, 3, 10, 5));
  run.send(20, 1, 0, run_of(1, 4, 12, 1));
  std::vector<int> tids;
  for (const auto& one : run.events("X"))
    tids.push_back(one.at("tid"));
  CHECK(tids == std::vector{1, 1, 1, 2});
}

TEST_CASE("times that can't be are cut to what can") {
  trace_run run;
  run.send(60, 1, 0, run_of(1, 1, -500, 40));
  run.send(60, 1, 0, run_of(1, 2, 50, 1'000'000));
  run.send(60, 1, 0, run_of(1, 3, 70, 10));
  auto longest = make_entry(1, task, 4, milliseconds{0}, milliseconds{0});
  longest.body.started = wall_time{milliseconds{-1'000'000'000'000'000}};
  longest.body.wall_time_used = milliseconds{1'000'000'000'000'000};
  run.send(60, 1, 0, make_result(longest));
  CHECK(run.spans("run")
        == texts{"3fa81c02 1 pid 2 0..40 completed",
                 "3fa81c02 2 pid 2 50..60 completed",
                 "3fa81c02 3 pid 2 60..60 completed",
                 "3fa81c02 4 pid 2 0..60 completed"});
}

TEST_CASE("a result in another worker's name is no run") {
  trace_run run;
  run.send(60, 2, 0, run_of(1, 17, 10, 40));
  CHECK(run.spans("run").empty());
}

TEST_CASE("a run that its worker's crash ended is as long as it lived") {
  trace_run run;
  run.send(100, 1, 0, make_heartbeat(task, 1, false));
  run.send(200, 1, 0, make_heartbeat(task, 1, true));
  run.send(300, 1, 0, make_heartbeat(task, 1, true));
  run.send(300, 2, 0, make_heartbeat(task, 2, true));
  run.fault(350, fault_kind::crash, 1);
  run.send(900, 2, 0, run_of(2, 2, 290, 600));
  run.send(950, 1, 0, wire::ping{1});
  CHECK(run.spans("run")
        == texts{"3fa81c02 1 pid 2 200..350 crash",
                 "3fa81c02 2 pid 3 290..890 completed"});
}

TEST_CASE("a run that was never answered ends when it was last heard of") {
  trace_run run;
  run.send(200, 1, 0, make_heartbeat(task, 1, true));
  run.send(300, 1, 0, make_heartbeat(task, 1, true));
  run.send(5'000, 1, 0, make_heartbeat(task, 2, true));
  run.send(5'100, 1, 0, wire::ping{1});
  CHECK(run.spans("run")
        == texts{"3fa81c02 1 pid 2 200..300 no result",
                 "3fa81c02 2 pid 2 5000..5100 unfinished"});
}

TEST_CASE("tasks and jobs are spans of their owner") {
  trace_run run;
  run.tell(5, 0, make_plan(task, "primes", 2));
  run.send(10, 0, 1, make_assign(task, {0, 1}));
  run.send(11, 0, 2, make_assign(task, {0, 1}));
  run.tell(50, 0, make_verdict(task, 1));
  run.tell(60, 0, make_verdict(task, 0, false));
  // Late, and sent again.
  run.send(65, 0, 1, make_assign(task, {0, 1}));
  run.tell(70, 0, make_finish(task, "primes"));
  run.send(75, 0, 1, make_assign(task, {0, 1}));
  CHECK(run.spans("job")
        == texts{"primes 1 pid 1 10..50 accepted",
                 "primes 0 pid 1 10..60 failed: no agreement"});
  CHECK(run.spans("task") == texts{"primes pid 1 5..70 completed"});
  texts counts;
  for (const auto& one : run.events("C"))
    counts.push_back(one.at("ts").dump() + ' ' + one.at("args").dump());
  CHECK(
    counts
    == texts{"10000 {\"jobs\":2}", "50000 {\"jobs\":1}", "60000 {\"jobs\":0}"});
}

TEST_CASE("jobs without a verdict end with their task") {
  trace_run run;
  run.send(10, 0, 1, make_assign(task, {0}));
  run.send(10, 0, 1, make_assign(make_task_id(0x40), {0}));
  run.tell(70, 0, make_finish(task, "primes", task_state::cancelled));
  run.send(80, 1, 0, wire::ping{1});
  CHECK(run.spans("job")
        == texts{"primes 0 pid 1 10..70 cancelled",
                 "40a81c02 0 pid 1 10..80 unfinished"});
  CHECK(run.spans("task")
        == texts{"primes pid 1 10..70 cancelled",
                 "40a81c02 pid 1 10..80 unfinished"});
}

TEST_CASE("an owner's crash ends its tasks") {
  trace_run run;
  run.send(10, 0, 1, make_assign(task, {0}));
  run.fault(30, fault_kind::power_loss, 0);
  run.send(40, 1, 2, wire::ping{1});
  CHECK(run.spans("job") == texts{"3fa81c02 0 pid 1 10..30 power loss"});
  CHECK(run.spans("task") == texts{"3fa81c02 pid 1 10..30 power loss"});
}

TEST_CASE("faults are marks on their node, or over all") {
  trace_run run;
  run.fault(30, fault_kind::pause, 1, "for \"now\"");
  run.fault(40, fault_kind::partition, no_node, "worker-1 | all others");
  auto marks = run.events("i");
  REQUIRE(marks.size() == 2);
  CHECK(marks[0].at("name") == "pause");
  CHECK(marks[0].at("s") == "p");
  CHECK(marks[0].at("pid") == 2);
  CHECK(marks[0].at("ts") == 30'000);
  CHECK(marks[0].at("args").at("text") == "for \"now\"");
  CHECK(marks[1].at("s") == "g");
  CHECK(marks[1].at("pid") == 0);
}

TEST_CASE("the file is whole when the trace goes in the middle of a task") {
  std::ostringstream out;
  {
    chrome_trace trace{out, test_name_of};
    auto frame = make_frame(0, {make_assign(task, {0})});
    trace.on_record(milliseconds{10},
                    frame_record{0, 1, frame_fate::sent, {}, frame});
  }
  auto file = json::parse(out.str(), nullptr, false);
  REQUIRE_FALSE(file.is_discarded());
  std::size_t spans = 0;
  for (const auto& one : file.at("traceEvents"))
    spans += one.at("ph") == "X";
  CHECK(spans == 2);
}

TEST_CASE("what comes after the end changes nothing") {
  trace_run run;
  run.fault(30, fault_kind::pause, 1);
  run.trace.finish();
  auto before = run.out.str();
  run.fault(40, fault_kind::resume, 1);
  run.trace.finish();
  CHECK(run.out.str() == before);
}

TEST_CASE("garbage is passed over") {
  trace_run run;
  bytes junk(50, 0xff);
  run.trace.on_record(milliseconds{1},
                      frame_record{1, 0, frame_fate::sent, {}, junk});
  auto item = make_envelope(1, run_of(1, 17, 10, 40));
  item.payload.pop_back();
  auto frame = wire::encode_frame({&item, 1});
  run.trace.on_record(milliseconds{60},
                      frame_record{1, 0, frame_fate::sent, {}, frame});
  CHECK(run.events("X").empty());
}
