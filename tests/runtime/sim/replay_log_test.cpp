#include "runtime/sim/log/replay_log.hpp"

#include "runtime/sim/log/payload_text.hpp"
#include "tests/runtime/sim/trace_records.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

using namespace artel;
using namespace artel::sim;
using namespace artel::sim::testing;

namespace {

const auto task = make_task_id(0x3f);

/// Writes records into a text.
struct log_run {
  explicit log_run(log_filter filter = {})
    : log(out, std::move(filter), test_name_of) {}

  void frame(microseconds when, node_index from, node_index to,
             const std::vector<wire::payload>& payloads,
             frame_fate fate = frame_fate::sent) {
    raw(when, from, to, make_frame(from, payloads), fate);
  }

  void raw(microseconds when, node_index from, node_index to, const bytes& data,
           frame_fate fate = frame_fate::sent) {
    log.on_record(when, frame_record{from, to, fate, {}, data});
  }

  void tell(microseconds when, node_index node, const event& what) {
    log.on_record(when, event_record{node, 0, &what});
  }

  std::string text() const { return out.str(); }

  std::ostringstream out;
  replay_log log;
};

/// One of everything.
void write_all(log_run& run) {
  run.log.on_record(microseconds{1},
                    step_record{1, 12, "worker", "N5artel5sweepE"});
  run.frame(microseconds{2}, 0, 1, {make_assign(task, {17})});
  run.frame(microseconds{3}, 1, 0, {wire::ping{5}}, frame_fate::lost);
  run.frame(microseconds{4}, 2, 0, {make_heartbeat(task, 17, true)},
            frame_fate::blocked);
  run.raw(microseconds{5}, 2, 0, bytes(120, 0xff));
  run.log.on_record(microseconds{6}, fault_record{fault_kind::crash, 1, ""});
  run.tell(microseconds{7}, 0, make_verdict(task, 17));
  run.tell(microseconds{8}, 2,
           node_logged{log_level::warning, "worker-2", "a frame is bad"});
}

std::string text_with(log_filter filter) {
  log_run run{std::move(filter)};
  write_all(run);
  return run.text();
}

std::string text_of_kinds(std::set<std::string> kinds) {
  log_filter filter;
  filter.kinds = std::move(kinds);
  return text_with(std::move(filter));
}

std::string text_of_nodes(std::set<node_index> nodes) {
  log_filter filter;
  filter.nodes = std::move(nodes);
  return text_with(std::move(filter));
}

std::size_t lines_in(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("a log shows who sent what, what was done and what was told") {
  CHECK('\n' + text_with({}) == R"(
    0.000002 s  alice      -> worker-1    job_assign      task 3fa81c02: job 17 attempt 1 of 1..100
    0.000003 s  worker-1   -> alice       ping            nonce 5  lost
    0.000004 s  worker-2   -> alice       heartbeat       1 lease, 1 running  blocked
    0.000005 s  worker-2   -> alice       garbage         120 bytes
    0.000006 s  -- crash worker-1
    0.000007 s  alice                     verdict         task 3fa81c02: job 17 accepted '25', 2 agree
    0.000008 s  worker-2                  log             warning: a frame is bad
)");
}

TEST_CASE("each payload of a frame has a line of its own") {
  log_run run;
  auto result = make_entry(1, task, 17, milliseconds{0}, milliseconds{5});
  run.frame(microseconds{2'340'512}, 1, 0,
            {make_result(result), wire::pong{7}});
  CHECK('\n' + run.text() == R"(
    2.340512 s  worker-1   -> alice       job_result      task 3fa81c02: job 17 attempt 1 completed '25'
    2.340512 s  worker-1   -> alice       pong            nonce 7
)");
}

TEST_CASE("columns follow the longest name so far") {
  log_run run;
  run.log.on_record(microseconds{0}, fault_record{fault_kind::join, 1, ""});
  run.frame(microseconds{1}, 0, 1'234'567, {wire::ping{1}});
  run.frame(microseconds{2}, 1, 0, {wire::ping{2}});
  auto text = run.text();
  auto first = text.find("ping");
  auto second = text.rfind("ping");
  auto column = [&text](std::size_t at) { return at - text.rfind('\n', at); };
  CHECK(column(first) == column(second));
  CHECK(has(text, "alice          -> worker-1234567  ping"));
}

TEST_CASE("steps are written only where asked for") {
  CHECK_FALSE(has(text_with({}), "step"));
  auto text = text_of_kinds({"step"});
  CHECK(lines_in(text) == 1);
  CHECK(has(text, "worker-1"));
  CHECK(has(text, "worker 12 takes sweep"));
}

TEST_CASE("a filter by kind takes payloads, fates, faults and events") {
  auto only = [](std::string kind, std::string_view part) {
    CAPTURE(kind);
    auto text = text_of_kinds({std::move(kind)});
    CAPTURE(text);
    return lines_in(text) == 1 && has(text, part);
  };
  CHECK(only("job_assign", "job 17 attempt 1"));
  CHECK(only("ping", "nonce 5"));
  CHECK(only("lost", "nonce 5"));
  CHECK(only("blocked", "1 lease, 1 running"));
  CHECK(only("heartbeat", "blocked"));
  CHECK(only("garbage", "120 bytes"));
  CHECK(only("fault", "-- crash worker-1"));
  CHECK(only("verdict", "accepted"));
  CHECK(only("log", "a frame is bad"));
  CHECK(lines_in(text_of_kinds({"event"})) == 2);
  CHECK(lines_in(text_of_kinds({"ping", "fault"})) == 2);
  CHECK(text_of_kinds({"bid"}).empty());
  CHECK(text_of_kinds({"held"}).empty());
}

TEST_CASE("a filter by node takes what it sends, receives, suffers and tells") {
  auto text = text_of_nodes({2});
  CHECK(lines_in(text) == 3);
  CHECK(has(text, "heartbeat"));
  CHECK(has(text, "garbage"));
  CHECK(has(text, "a frame is bad"));
  CHECK(lines_in(text_of_nodes({1})) == 3);
  CHECK(lines_in(text_of_nodes({0})) == 5);
  CHECK(text_of_nodes({9}).empty());
}

TEST_CASE("what is about no node passes any filter by node") {
  log_filter filter;
  filter.nodes = {9};
  log_run run{filter};
  run.log.on_record(
    microseconds{0},
    fault_record{fault_kind::partition, no_node, "worker-2 | all others"});
  CHECK(run.text() == "    0.000000 s  -- partition: worker-2 | all others\n");
}

TEST_CASE("a filter by time has both its ends") {
  log_filter filter;
  filter.from = microseconds{3};
  filter.to = microseconds{5};
  auto text = text_with(filter);
  CHECK(lines_in(text) == 3);
  CHECK(has(text, "0.000003 s"));
  CHECK(has(text, "0.000005 s"));
}

TEST_CASE("each fate but the common one is shown") {
  for (auto [fate, word] : std::vector<std::pair<frame_fate, std::string>>{
         {frame_fate::duplicated, "  duplicated"},
         {frame_fate::lost, "  lost"},
         {frame_fate::blocked, "  blocked"},
         {frame_fate::held, "  held"},
         {frame_fate::sent, "nonce 5"}}) {
    log_run run;
    run.frame(microseconds{0}, 0, 1, {wire::ping{5}}, fate);
    CAPTURE(run.text());
    CHECK(run.text().ends_with(word + '\n'));
  }
}

TEST_CASE("a payload that does not decode is garbage with its type") {
  log_run run;
  auto item = make_envelope(1, wire::ping{5});
  item.payload.pop_back();
  item.type = "ping";
  run.raw(microseconds{0}, 1, 0, wire::encode_frame({&item, 1}));
  CHECK(has(run.text(), "garbage"));
  CHECK(has(run.text(), " bytes as 'ping'\n"));
}

TEST_CASE("nothing that a node says breaks a line") {
  log_run run;
  wire::handshake hello;
  hello.display_name = "a\nb";
  hello.address = "\x1b[31m";
  run.frame(microseconds{0}, 1, 0, {hello});
  run.tell(microseconds{0}, 1,
           node_logged{log_level::info, "worker-1", "one\ntwo\x1b[0m"});
  CHECK(lines_in(run.text()) == 2);
  CHECK_FALSE(has(run.text(), "\x1b"));
}

TEST_CASE("each payload is told with what matters in it") {
  auto told = [](const wire::payload& item) { return payload_text(item); };

  wire::handshake hello;
  hello.display_name = "worker-1";
  hello.address = "here";
  hello.reply = true;
  CHECK(told(hello) == "'worker-1' public at 'here', reply");
  CHECK(told(wire::handshake_refused{errc::network_mismatch, "not mine"})
        == "network_mismatch: 'not mine'");
  CHECK(told(wire::peer_exchange{true, {}}) == "asks, gives 0 addresses");
  CHECK(told(wire::peer_exchange{false, {{}}}) == "1 address");

  wire::bid_request request;
  request.task = task;
  request.code.kernel = "count_primes";
  request.jobs = 20;
  request.estimate = milliseconds{1'500};
  CHECK(told(request)
        == "task 3fa81c02: 20 jobs of 1.5 s, kernel 'count_primes'");

  wire::bid offer;
  offer.task = task;
  offer.refusal = "full";
  CHECK(told(offer) == "task 3fa81c02: refused, 'full'");
  offer.accepted = true;
  offer.price_per_job = microcredits(1'000);
  offer.offer.slots = 4;
  CHECK(told(offer) == "task 3fa81c02: 0.001 a job, 4 slots, 0 queued");

  CHECK(told(make_assign(task, {17}, 2))
        == "task 3fa81c02: job 17 attempt 2 of 1..100");
  auto failed = make_entry(1, task, 17, milliseconds{0}, milliseconds{5}, "");
  failed.body.outcome = run_outcome::nonzero_exit;
  failed.body.exit_code = 3;
  CHECK(told(make_result(failed))
        == "task 3fa81c02: job 17 attempt 1 nonzero_exit 3");
  CHECK(told(wire::job_fail{{task, 17, 1}, errc::refused, "full"})
        == "task 3fa81c02: job 17 attempt 1 refused: 'full'");
  CHECK(told(wire::job_ack{}) == "nothing");
  CHECK(told(wire::heartbeat{}) == "0 leases, 0 running");

  CHECK(told(wire::goodbye{errc::revoked, "not any more"})
        == "revoked: 'not any more'");
  wire::network_update update;
  update.config.network = "home";
  update.config.version = 7;
  CHECK(told(update) == "config 7 of 'home': open");
  update.config.admission = admission_rule::token;
  update.config.revoked_nodes.resize(2);
  CHECK(told(update) == "config 7 of 'home': token, 2 keys revoked");

  wire::payment paid;
  paid.claim.task = task;
  paid.claim.amount = whole_credits(2);
  paid.claim.jobs = 1;
  CHECK(told(paid) == "task 3fa81c02: 2 for 1 job");
  CHECK(told(wire::payment_ack{task, whole_credits(2)}) == "task 3fa81c02: 2");

  hash256 blob;
  blob.value[0] = 0xab;
  CHECK(told(wire::blob_request{blob, {0, 1}}) == "blob ab000000: 2 pieces");
  CHECK(told(wire::blob_piece{blob, 4'096, 3, false, {}, {}})
        == "blob ab000000: piece 3 not here");
  CHECK(told(wire::blob_piece{blob, 4'096, 0, true, {}, bytes(16)})
        == "blob ab000000: piece 0, 16 of 4 KiB");
  auto assigned = make_assign(task, {17}, 2);
  assigned.jobs[0].input_blob = {blob, 1'500};
  CHECK(told(assigned)
        == "task 3fa81c02: job 17 attempt 2 of 1..100 from blob ab000000 of "
           "1500 bytes");
  auto large = make_entry(1, task, 17, milliseconds{0}, milliseconds{5}, "");
  large.output_blob = {blob, 4'096};
  CHECK(told(make_result(large))
        == "task 3fa81c02: job 17 attempt 1 completed as blob ab000000 of "
           "4 KiB");
}

TEST_CASE("of a batch the first entries are told, and each new task") {
  auto other = make_task_id(0x40);
  wire::job_cancel batch;
  batch.attempts = {{task, 1, 1}, {task, 2, 1}, {other, 3, 2}, {other, 4, 1}};
  CHECK(payload_text(batch)
        == "task 3fa81c02: job 1 attempt 1, job 2 attempt 1, "
           "task 40a81c02: job 3 attempt 2, 1 more");
}

TEST_CASE("each event is told with what matters in it") {
  CHECK(event_text(make_verdict(task, 17))
        == "task 3fa81c02: job 17 accepted '25', 2 agree");
  CHECK(event_text(make_verdict(task, 17, false))
        == "task 3fa81c02: job 17 failed, verification_failed: "
           "'no agreement'");
  CHECK(event_text(make_finish(task, "primes"))
        == "task 3fa81c02 'primes' completed in 2.3 s: '5761455'; "
           "paid 2 of 3");
  CHECK(event_text(make_plan(task, "primes", 20))
        == "task 3fa81c02 'primes': 20 jobs, 0 candidates, 0 a job, hold 0");
  receipt_recorded receipt;
  receipt.item.body.task = task;
  receipt.item.body.wall_time_used = milliseconds{12};
  receipt.worker_name = "worker-1";
  CHECK(event_text(receipt)
        == "task 3fa81c02: job 0 attempt 0 by 'worker-1' completed in 12 ms");
  task_progress progress;
  progress.state = task_state::running;
  progress.jobs.total = 20;
  progress.jobs.completed = 12;
  progress.running = 4;
  CHECK(event_text(progress) == "running: 12 of 20 jobs completed, 4 running");
}

TEST_CASE("types are named as in the source") {
  CHECK(plain_type_name("N5artel13replica_ackedE") == "replica_acked");
  CHECK(plain_type_name("N5artel3sim7do_thisE") == "do_this");
  CHECK(plain_type_name("artel::job_ended") == "job_ended");
  CHECK(plain_type_name("sweep") == "sweep");
  CHECK(plain_type_name("N99artelE") == "N99artelE");
  CHECK(plain_type_name("") == "");
}

TEST_CASE("all kinds are listed once") {
  auto kinds = replay_log::known_kinds();
  auto is_known = [&kinds](std::string_view kind) {
    return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
  };
  for (auto* kind : {"handshake", "job_assign", "bid", "blob_piece", "lost",
                     "garbage", "step", "fault", "event", "verdict", "log"})
    CHECK_MESSAGE(is_known(kind), kind);
  CHECK_FALSE(is_known(""));
  CHECK_FALSE(is_known("sent"));
  std::sort(kinds.begin(), kinds.end());
  CHECK(std::adjacent_find(kinds.begin(), kinds.end()) == kinds.end());
}
