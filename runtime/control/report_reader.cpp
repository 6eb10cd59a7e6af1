#include "runtime/control/report_reader.hpp"

#include <cmath>
#include <string_view>

namespace artel::runtime {

namespace {

/// Reads fields one after the other; the first error stays.
class reader {
public:
  explicit reader(const json& from) : from_(from) {
    if (!from.is_object())
      outcome_ = {errc::malformed, "expected an object"};
  }

  template <class T>
  reader& take(std::string_view name, T& into) {
    if (outcome_)
      outcome_ = read_field(from_, name, into);
    return *this;
  }

  template <class Read>
  reader& part(std::string_view name, const Read& read) {
    if (!outcome_)
      return *this;
    auto found = from_.find(std::string{name});
    if (found == from_.end())
      outcome_ = {errc::malformed, "no field '" + std::string{name} + "'"};
    else
      outcome_ = read(*found);
    return *this;
  }

  template <class Read>
  reader& each(std::string_view name, const Read& read) {
    return part(name, [&](const json& list) -> result<void> {
      if (!list.is_array())
        return {errc::malformed, std::string{name} + ": expected an array"};
      for (const auto& one : list)
        if (result<void> taken = read(one); !taken)
          return {taken.error().code,
                  std::string{name} + ": " + taken.error().message};
      return {};
    });
  }

  bool has(std::string_view name) const {
    return from_.is_object() && from_.contains(std::string{name});
  }

  const result<void>& outcome() const { return outcome_; }

private:
  const json& from_;
  result<void> outcome_;
};

result<void> read_fraction(const json& from, ppm& into) {
  if (!from.is_number())
    return {errc::malformed, "expected a number"};
  auto value = from.get<double>();
  if (!(value >= 0 && value <= 1))
    return {errc::malformed, "expected a number from 0 to 1"};
  into.value = static_cast<decltype(into.value)>(std::lround(value * ppm_one));
  return {};
}

result<void> read_node(const json& from, std::vector<node_report>& into) {
  node_report node;
  auto taken = reader{from}
                 .take("name", node.display_name)
                 .take("node", node.node)
                 .take("owner", node.owner)
                 .take("replicas", node.replicas)
                 .take("agreed", node.agreed)
                 .take("dissented", node.dissented)
                 .take("failed", node.failed)
                 .take("lost", node.lost)
                 .take("earned", node.earned)
                 .part("reputation",
                       [&](const json& one) {
                         return read_fraction(one, node.reputation);
                       })
                 .outcome();
  into.push_back(std::move(node));
  return taken;
}

result<void> read_failed(const json& from, std::vector<failed_job>& into) {
  failed_job job;
  auto taken = reader{from}
                 .take("job", job.index)
                 .take("input", job.input_name)
                 .take("code", job.code)
                 .take("reason", job.reason)
                 .take("stderr_tail", job.stderr_tail)
                 .outcome();
  into.push_back(std::move(job));
  return taken;
}

result<void> read_settlement(const json& from, task_report& report) {
  reader fields{from};
  report.paid_by_claims = fields.has("claims");
  if (report.paid_by_claims)
    fields.part("claims", [&](const json& one) {
      return reader{one}
        .take("sent", report.claims_sent)
        .take("acknowledged", report.claims_acknowledged)
        .outcome();
    });
  return fields.take("held", report.held)
    .take("paid", report.paid)
    .take("refunded", report.refunded)
    .take("balance_before", report.balance_before)
    .take("balance_after", report.balance_after)
    .take("network_before", report.network_before)
    .take("network_after", report.network_after)
    .outcome();
}

result<void> read_jobs(const json& from, job_counts& jobs) {
  return reader{from}
    .take("total", jobs.total)
    .take("started", jobs.started)
    .take("completed", jobs.completed)
    .take("failed", jobs.failed)
    .take("cancelled", jobs.cancelled)
    .outcome();
}

} // namespace

result<told_report> read_report(const json& from) {
  told_report told;
  auto& report = told.report;
  reader fields{from};
  fields.take("task", report.task)
    .take("name", report.name)
    .take("state", report.state);
  if (fields.has("problem"))
    fields.part("problem", [&](const json& one) {
      return reader{one}
        .take("code", report.problem.code)
        .take("message", report.problem.message)
        .outcome();
    });
  fields
    .part("jobs", [&](const json& one) { return read_jobs(one, report.jobs); })
    .part("replicas",
          [&](const json& one) {
            return reader{one}
              .take("run", report.replicas_run)
              .take("agreed", report.replicas_agreed)
              .outcome();
          })
    .take("retries", report.retries);
  if (fields.has("fuel_used"))
    fields.take("fuel_used", told.fuel_used);
  fields.take("elapsed_ms", report.elapsed)
    .each("nodes",
          [&](const json& one) { return read_node(one, report.nodes); })
    .each("failed_jobs",
          [&](const json& one) { return read_failed(one, report.failed_jobs); })
    .part("settlement",
          [&](const json& one) { return read_settlement(one, report); });
  if (!fields.outcome())
    return {fields.outcome().error().code,
            "report: " + fields.outcome().error().message};
  return told;
}

} // namespace artel::runtime
