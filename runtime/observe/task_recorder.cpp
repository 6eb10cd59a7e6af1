#include "runtime/observe/task_recorder.hpp"

#include "protocol/core/limits.hpp"
#include "protocol/task/chunk_plan.hpp"
#include "runtime/observe/receipt_record.hpp"

#include <string>

namespace artel::runtime {

std::size_t task_recorder::kept_output_bytes() const {
  return submission_.spec.reduce == reduce_operation::none
           ? kept_output_bytes_max
           : limits::output_bytes_max;
}

void task_recorder::note(const std::optional<failure>& problem) {
  if (problem && !problem_)
    problem_ = problem;
}

void task_recorder::on(const task_planned& item) {
  plan_problems_ = item.plan.problems;
  if (!receipts_ || !plan_problems_.empty())
    return;
  const auto& spec = submission_.spec;
  task_record record;
  record.task = item.plan.task;
  record.started = started_;
  record.file_name = task_.file_name;
  record.directory = task_.directory;
  record.text = write_task_text(task_);
  record.source = spec.source;
  record.code = hash_of(spec.code);
  if (spec.reduce == reduce_operation::program)
    record.reduce_code = hash_of(spec.reduce_code);
  receipts_->put(record_json(record));
}

void task_recorder::on(const worker_certified& item) {
  if (receipts_)
    receipts_->put(record_json(item));
}

void task_recorder::on(const receipt_recorded& item) {
  // A liar can name any figure: the sum ends where the type does.
  constexpr auto most = std::numeric_limits<std::uint64_t>::max();
  auto used = item.item.body.fuel_used;
  fuel_used_ = used > most - fuel_used_ ? most : fuel_used_ + used;
  if (receipts_)
    receipts_->put(record_json(item));
}

void task_recorder::on(const verdict_recorded& item) {
  if (receipts_) {
    receipts_->put(record_json(item, kept_output_bytes()));
    note(receipts_->problem());
  }
  if (item.item.body.accepted)
    keep_output(item);
}

void task_recorder::keep_output(const verdict_recorded& item) {
  auto job = item.item.body.job;
  if (job >= chunk_count(submission_.spec.source)) {
    dropped_reduce_files_ += item.files.size();
    return;
  }
  if (!results_) {
    dropped_files_ += item.files.size();
    return;
  }
  std::uint64_t size = item.output.size();
  for (const auto& file : item.files)
    size += file.data.size();
  if (size > results_bytes_left_) {
    note(failure{errc::limit_exceeded,
                 "the outputs of the jobs are too much to be kept: those from"
                 " job "
                   + std::to_string(job) + " on are dropped"});
    results_bytes_left_ = 0;
    return;
  }
  results_bytes_left_ -= size;
  if (auto written = results_->write(job, item.output, item.files); !written)
    note(written.error());
}

void task_recorder::on(const task_progress&) {
  // Several times a second: what is written is there soon, also for others.
  if (receipts_)
    receipts_->flush();
}

void task_recorder::finish(const task_report& report) {
  if (!receipts_)
    return;
  if (!is_refused(report))
    receipts_->put(record_json(report));
  receipts_->flush();
  note(receipts_->problem());
}

} // namespace artel::runtime
