#include "runtime/control/result_stream.hpp"
#include "runtime/control/task_store.hpp"
#include "tests/runtime/observe/sample_run.hpp"
#include "tests/runtime/scratch_directory.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace artel;
using namespace artel::runtime;

namespace {

task_description description() {
  task_description task;
  task.directory = "/";
  task.range = "1..100";
  task.chunks = 4;
  task.kernel = "count_primes";
  task.file_name = "sample.toml";
  return task;
}

submission given_of(const test::sample_run& run, reduce_operation reduce) {
  submission given;
  given.spec.name = "sample";
  given.spec.source = run.record.source;
  given.spec.code.kernel = "count_primes";
  given.spec.reduce = reduce;
  return given;
}

/// Warnings of a store, for tests.
struct store_in {
  explicit store_in(const test::scratch_directory& directory)
    : store(directory.path() / "tasks",
            [this](const std::string& one) { warnings.push_back(one); }) {}

  std::vector<std::string> warnings;
  task_store store;
};

std::shared_ptr<kept_task> begin(task_store& store, const test::sample_run& run,
                                 reduce_operation reduce,
                                 wall_time submitted = {}) {
  auto task = store.begin(description(), given_of(run, reduce), submitted);
  REQUIRE(task.ok());
  return *task;
}

/// Begins, and lets it go through all its events.
std::shared_ptr<kept_task> run_through(task_store& store,
                                       const test::sample_run& run,
                                       reduce_operation reduce) {
  auto task = begin(store, run, reduce);
  REQUIRE(store.accept(task, {run.record.task, {}}).ok());
  plan_report plan;
  plan.task = run.record.task;
  plan.jobs = run.jobs;
  CHECK_FALSE(task->handle(task_planned{plan}));
  for (const auto& one : run.receipts)
    CHECK_FALSE(task->handle(one));
  for (const auto& one : run.verdicts)
    CHECK_FALSE(task->handle(one));
  CHECK(task->handle(task_finished{run.report}));
  store.end(run.record.task);
  return task;
}

class gathering final : public control_reply {
public:
  bool event(const json& what) override {
    events.push_back(what);
    return true;
  }
  bool is_wanted() const override { return true; }

  std::vector<json> events;
};

} // namespace

TEST_CASE(
  "a task goes from its submission to its end, also for those to come") {
  test::scratch_directory directory;
  test::sample_run run;
  auto id = run.record.task;
  {
    store_in in{directory};
    run_through(in.store, run, reduce_operation::sum);
    CHECK(in.store.running(id) == nullptr);
    CHECK(in.store.list().size() == 1);
  }
  store_in later{directory};
  auto summary = later.store.summary(id);
  REQUIRE(summary.ok());
  CHECK(summary->state == "completed");
  CHECK(summary->over);
  CHECK(summary->name == "sample");
  CHECK(summary->jobs.completed == 4);
  CHECK(summary->chunks == 4);
  CHECK(summary->reduce == reduce_operation::sum);
  CHECK(directory.read("tasks/" + to_string(id) + "/result") == "46");
  CHECK(later.warnings.empty());
}

TEST_CASE("what had not ended is lost with its daemon") {
  test::scratch_directory directory;
  test::sample_run run;
  {
    store_in in{directory};
    auto task = begin(in.store, run, reduce_operation::sum);
    REQUIRE(in.store.accept(task, {run.record.task, {}}).ok());
    // Another that was never submitted.
    begin(in.store, run, reduce_operation::sum);
  }
  for (int life = 0; life < 2; ++life) {
    store_in later{directory};
    REQUIRE(later.store.list().size() == 1);
    CHECK(later.store.list()[0].state == "lost");
    CHECK(later.store.list()[0].over);
    CHECK(later.store.running_count() == 0);
  }
  auto entries = 0;
  for ([[maybe_unused]] const auto& one :
       std::filesystem::directory_iterator{directory.path() / "tasks"})
    ++entries;
  CHECK(entries == 1);
}

TEST_CASE("a task is found by as much of its id as tells it from others") {
  test::scratch_directory directory;
  test::sample_run run;
  store_in in{directory};
  auto add = [&](std::uint8_t first, std::uint8_t second) {
    task_id id = run.record.task;
    id.value[0] = first;
    id.value[1] = second;
    auto task = begin(in.store, run, reduce_operation::sum);
    REQUIRE(in.store.accept(task, {id, {}}).ok());
    return id;
  };
  auto one = add(0xab, 0x10);
  auto other = add(0xab, 0x20);
  CHECK(*in.store.find("ab1") == one);
  CHECK(*in.store.find(to_string(other)) == other);
  CHECK(in.store.find("ab").error().code == errc::invalid_argument);
  CHECK(in.store.find("ac").error().code == errc::not_found);
  CHECK(in.store.find("").error().code == errc::invalid_argument);
  CHECK(in.store.find("../x").error().code == errc::invalid_argument);
}

TEST_CASE("so many tasks run at a time, and no more") {
  test::scratch_directory directory;
  test::sample_run run;
  store_in in{directory};
  std::vector<std::shared_ptr<kept_task>> all;
  for (std::size_t i = 0; i < task_store::running_max; ++i)
    all.push_back(begin(in.store, run, reduce_operation::sum));
  auto refused =
    in.store.begin(description(), given_of(run, reduce_operation::sum), {});
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == errc::refused);
  in.store.drop(all.front());
  CHECK(in.store.begin(description(), given_of(run, reduce_operation::sum), {})
          .ok());
}

TEST_CASE("a directory that can't be read is left out, and told") {
  test::scratch_directory directory;
  auto name = std::string(32, 'a');
  directory.write("tasks/" + name + "/task.json", "{\"task\":");
  directory.write("tasks/other/task.json", "{}");
  store_in in{directory};
  CHECK(in.store.list().empty());
  REQUIRE(in.warnings.size() == 1);
  CHECK(directory.read("tasks/" + name + "/task.json") == "{\"task\":");
}

TEST_CASE("outputs come over in pieces, and whole on the other side") {
  test::scratch_directory directory;
  test::sample_run run{{1}, {2}};
  // Longer than a piece, and no text.
  bytes large(result_piece_bytes * 2 + 5, 0xff);
  run.verdicts[3].output = large;
  store_in in{directory};
  run_through(in.store, run, reduce_operation::none);
  gathering reply;
  REQUIRE(send_results(in.store.directory_of(run.record.task), reply).ok());
  std::vector<verdict_recorded> jobs;
  result_receiver receiver;
  receiver.on_job = [&jobs](const verdict_recorded& one) {
    jobs.push_back(one);
    return result<void>{};
  };
  for (const auto& event : reply.events)
    REQUIRE(receiver.take(event).ok());
  CHECK_FALSE(receiver.aggregate().has_value());
  REQUIRE(jobs.size() == 3);
  CHECK(jobs[0].item.body.job == 0);
  CHECK(jobs[0].input_name == "1..25");
  CHECK(jobs[0].output == to_bytes("10"));
  CHECK(jobs[1].item.body.job == 2);
  CHECK(jobs[1].files == run.files_of(2));
  CHECK(jobs[2].output == large);
}

TEST_CASE("an aggregate comes over whole") {
  test::scratch_directory directory;
  test::sample_run run;
  store_in in{directory};
  run_through(in.store, run, reduce_operation::sum);
  gathering reply;
  REQUIRE(send_results(in.store.directory_of(run.record.task), reply).ok());
  result_receiver receiver;
  for (const auto& event : reply.events)
    REQUIRE(receiver.take(event).ok());
  REQUIRE(receiver.aggregate().has_value());
  CHECK(*receiver.aggregate() == to_bytes("46"));
}

TEST_CASE("events that are no results are malformed") {
  result_receiver receiver;
  CHECK_FALSE(receiver.take(json{{"piece", 1}}).ok());
  CHECK_FALSE(receiver.take(json{{"record", 1}}).ok());
  test::sample_run run;
  REQUIRE(receiver.take(json{{"record", record_json(run.record)}}).ok());
  CHECK_FALSE(receiver.take(json{{"piece", 1}}).ok());
  CHECK_FALSE(receiver.take(json{{"piece", json{{"part", "output"}}}}).ok());
  CHECK_FALSE(receiver.take(json::object()).ok());
}

TEST_CASE("who waits hears of what is new, once") {
  test::scratch_directory directory;
  test::sample_run run;
  store_in in{directory};
  auto task = begin(in.store, run, reduce_operation::sum);
  REQUIRE(in.store.accept(task, {run.record.task, {}}).ok());
  auto now = task->wait_past(0, std::chrono::milliseconds{0});
  task_progress progress;
  progress.state = task_state::running;
  progress.jobs.completed = 2;
  task->handle(progress);
  auto next = task->wait_past(now.version, std::chrono::seconds{10});
  CHECK(next.version > now.version);
  CHECK(next.summary.state == "running");
  CHECK(next.progress.jobs.completed == 2);
  CHECK(task->wait_past(next.version, std::chrono::milliseconds{1}).version
        == next.version);
}

TEST_CASE("the log tells of the plan, of failed runs and of the end") {
  test::scratch_directory directory;
  test::sample_run run{{1}};
  store_in in{directory};
  run_through(in.store, run, reduce_operation::sum);
  auto log =
    directory.read("tasks/" + to_string(run.record.task) + "/log.jsonl");
  CHECK(log.find("planned: 4 jobs") != std::string::npos);
  CHECK(log.find("no luck") != std::string::npos);
  CHECK(log.find("failed: jobs failed") != std::string::npos);
  for (std::size_t at = 0; at < log.size();) {
    auto end = log.find('\n', at);
    REQUIRE(end != std::string::npos);
    CHECK(parse_json(log.substr(at, end - at)).ok());
    at = end + 1;
  }
}
