// Trace records made by hand: for tests of what reads a trace.
#pragma once

#include "actors/events.hpp"
#include "protocol/core/bytes.hpp"
#include "protocol/wire/envelope.hpp"
#include "runtime/sim/trace.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace artel::sim::testing {

inline task_id make_task_id(std::uint8_t first) {
  task_id task;
  task.value[0] = first;
  task.value[1] = 0xa8;
  task.value[2] = 0x1c;
  task.value[3] = 0x02;
  return task;
}

inline node_id make_node_id(std::uint8_t first) {
  node_id node;
  node.value[0] = first;
  return node;
}

/// Of the node that has this number in the world.
inline node_id node_id_of(node_index index) {
  return make_node_id(static_cast<std::uint8_t>(index + 1));
}

inline wire::envelope make_envelope(node_index from,
                                    const wire::payload& item) {
  wire::envelope made;
  made.network = "simulated";
  made.type = wire::type_of(item);
  made.sender = node_id_of(from);
  made.sequence = 1;
  made.payload = wire::encode_payload(item);
  return made;
}

inline bytes make_frame(node_index from,
                        const std::vector<wire::payload>& payloads) {
  std::vector<wire::envelope> items;
  for (const auto& one : payloads)
    items.push_back(make_envelope(from, one));
  return wire::encode_frame(items);
}

inline wire::job_assign make_assign(const task_id& task,
                                    std::vector<std::uint64_t> jobs,
                                    std::uint32_t attempt = 1) {
  wire::job_assign batch;
  batch.terms.task = task;
  batch.terms.code.kernel = "count_primes";
  for (auto job : jobs) {
    wire::job_assignment one;
    one.job = job;
    one.attempt = attempt;
    one.input.kind = input_kind::range;
    one.input.first = 1;
    one.input.last = 100;
    batch.jobs.push_back(one);
  }
  return batch;
}

/// A run by the node, in times of the world.
inline wire::job_result_entry make_entry(node_index worker, const task_id& task,
                                         std::uint64_t job,
                                         milliseconds started,
                                         milliseconds used,
                                         std::string_view output = "25") {
  wire::job_result_entry entry;
  entry.body.task = task;
  entry.body.job = job;
  entry.body.attempt = 1;
  entry.body.worker = node_id_of(worker);
  entry.body.started = world_epoch + started;
  entry.body.wall_time_used = used;
  entry.output = to_bytes(output);
  return entry;
}

inline wire::job_result make_result(wire::job_result_entry entry) {
  wire::job_result batch;
  batch.entries.push_back(std::move(entry));
  return batch;
}

inline wire::heartbeat make_heartbeat(const task_id& task, std::uint64_t job,
                                      bool running) {
  wire::heartbeat beat;
  beat.leases.push_back({{task, job, 1}, running});
  return beat;
}

inline event make_plan(const task_id& task, std::string name,
                       std::uint64_t jobs) {
  task_planned told;
  told.plan.task = task;
  told.plan.name = std::move(name);
  told.plan.jobs = jobs;
  return told;
}

inline event make_verdict(const task_id& task, std::uint64_t job,
                          bool accepted = true) {
  verdict_recorded told;
  told.item.body.task = task;
  told.item.body.job = job;
  told.item.body.accepted = accepted;
  told.item.body.agreeing = {1, 2};
  told.output = to_bytes("25");
  if (!accepted) {
    told.failure_code = errc::verification_failed;
    told.item.body.reason = "no agreement";
  }
  return told;
}

inline event make_finish(const task_id& task, std::string name,
                         task_state state = task_state::completed) {
  task_finished told;
  told.report.task = task;
  told.report.name = std::move(name);
  told.report.state = state;
  told.report.result = to_bytes("5761455");
  told.report.elapsed = milliseconds{2'340};
  told.report.held = whole_credits(3);
  told.report.paid = whole_credits(2);
  return told;
}

inline std::string test_name_of(node_index node) {
  return node == 0 ? "alice" : "worker-" + std::to_string(node);
}

} // namespace artel::sim::testing
