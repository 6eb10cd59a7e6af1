#include "runtime/observe/report_json.hpp"

#include <sodium.h>

namespace artel::runtime {

namespace {

/// Parts per million as a fraction, for people.
double fraction_of(ppm ratio) {
  return static_cast<double>(ratio.value) / ppm_one;
}

json problem_json(const failure& problem) {
  return json{{"code", json_of(problem.code)},
              {"message", json_of(problem.message)}};
}

json candidate_json(const bid_summary& candidate) {
  const auto& offer = candidate.offer;
  return json{
    {"name", json_of(candidate.display_name)},
    {"node", json_of(candidate.node)},
    {"owner", json_of(candidate.owner)},
    {"price_per_job", json_of(offer.price_per_job)},
    {"slots", offer.offer.slots},
    {"cpu_score", offer.offer.cpu_score},
    {"queued_jobs", offer.queued_jobs},
    {"reputation", fraction_of(candidate.reputation)},
    {"score", candidate.score},
  };
}

json node_json(const node_report& node) {
  return json{
    {"name", json_of(node.display_name)},
    {"node", json_of(node.node)},
    {"owner", json_of(node.owner)},
    {"replicas", node.replicas},
    {"agreed", node.agreed},
    {"dissented", node.dissented},
    {"failed", node.failed},
    {"lost", node.lost},
    {"earned", json_of(node.earned)},
    {"reputation", fraction_of(node.reputation)},
  };
}

json failed_job_json(const failed_job& job) {
  return json{
    {"job", job.index},
    {"input", json_of(job.input_name)},
    {"code", json_of(job.code)},
    {"reason", json_of(job.reason)},
    {"stderr_tail", json_of(job.stderr_tail)},
  };
}

json settlement_json(const task_report& report) {
  json settlement{
    {"held", json_of(report.held)},
    {"paid", json_of(report.paid)},
    {"refunded", json_of(report.refunded)},
    {"balance_before", json_of(report.balance_before)},
    {"balance_after", json_of(report.balance_after)},
    {"network_before", json_of(report.network_before)},
    {"network_after", json_of(report.network_after)},
  };
  // Between processes: no third party knows of these payments yet.
  if (report.paid_by_claims)
    settlement["claims"] = json{
      {"sent", report.claims_sent},
      {"acknowledged", report.claims_acknowledged},
      {"witnessed", false},
    };
  return settlement;
}

json file_json(const output_file& file) {
  hash256 hash;
  static_assert(hash256::size == crypto_hash_sha256_BYTES);
  crypto_hash_sha256(hash.value.data(), file.data.data(), file.data.size());
  return json{
    {"name", json_of(file.name)},
    {"bytes", file.data.size()},
    {"sha256", json_of(hash)},
  };
}

template <class T, class Render>
json array_of(const std::vector<T>& values, const Render& render) {
  auto array = json::array();
  for (const auto& one : values)
    array.push_back(render(one));
  return array;
}

} // namespace

json plan_json(const plan_report& plan) {
  return json{
    {"task", json_of(plan.task)},
    {"name", json_of(plan.name)},
    {"jobs", plan.jobs},
    {"reduce_jobs", plan.reduce_jobs},
    {"replicas", plan.replicas},
    {"rate_per_minute", json_of(plan.rate_per_minute)},
    {"price_per_job", json_of(plan.price_per_job)},
    {"price_floor", json_of(plan.price_floor)},
    {"expected_cost", json_of(plan.expected_cost)},
    {"hold", json_of(plan.hold)},
    {"balance", json_of(plan.balance)},
    {"candidates", array_of(plan.candidates, candidate_json)},
    {"problems", array_of(plan.problems, problem_json)},
  };
}

json report_json(const task_report& report, std::uint64_t fuel_used) {
  json document{
    {"task", json_of(report.task)},
    {"name", json_of(report.name)},
    {"state", json_of(report.state)},
  };
  if (report.problem.code != errc{})
    document["problem"] = problem_json(report.problem);
  document["jobs"] = json{
    {"total", report.jobs.total},         {"started", report.jobs.started},
    {"completed", report.jobs.completed}, {"failed", report.jobs.failed},
    {"cancelled", report.jobs.cancelled},
  };
  document["replicas"] = json{
    {"run", report.replicas_run},
    {"agreed", report.replicas_agreed},
  };
  document["retries"] = report.retries;
  if (fuel_used > 0)
    document["fuel_used"] = fuel_used;
  document["elapsed_ms"] = json_of(report.elapsed);
  document["nodes"] = array_of(report.nodes, node_json);
  document["failed_jobs"] = array_of(report.failed_jobs, failed_job_json);
  document["settlement"] = settlement_json(report);
  return document;
}

json files_json(const std::vector<output_file>& files) {
  return array_of(files, file_json);
}

} // namespace artel::runtime
