#include "runtime/observe/retry_plan.hpp"

#include "protocol/core/limits.hpp"
#include "protocol/task/chunk_plan.hpp"

#include <algorithm>
#include <functional>
#include <system_error>
#include <utility>

namespace artel::runtime {

namespace fs = std::filesystem;

namespace {

/// Calls a function for each line; stops at the first that is not sound.
result<bool>
for_each_line(const fs::path& path,
              const std::function<result<void>(receipt_line_content&)>& take) {
  auto reader = receipt_reader::open(path);
  if (!reader)
    return reader.error();
  while (auto line = reader->next()) {
    auto taken = line->problem    ? result<void>{*line->problem}
                 : !line->content ? result<void>{}
                                  : take(*line->content);
    if (!taken)
      return {taken.error().code, path.string() + ":"
                                    + std::to_string(line->number) + ": "
                                    + taken.error().message};
  }
  return reader->has_partial_line();
}

/// Runs in one file belong together when their jobs are cut alike.
bool is_same_cut(const task_source& a, const task_source& b) {
  return a.kind == b.kind && a.first == b.first && a.last == b.last
         && a.files == b.files && a.line_offsets == b.line_offsets
         && a.chunks == b.chunks;
}

/// Which jobs have an accepted verdict.
class accepted_jobs {
public:
  result<void> start(const task_source& source) {
    auto count = chunk_count(source);
    if (count == 0 || count > limits::jobs_per_task_max)
      return {errc::malformed, "the task has " + std::to_string(count)
                                 + " jobs; expected 1 to "
                                 + std::to_string(limits::jobs_per_task_max)};
    accepted_.resize(count);
    return {};
  }

  void accept(std::uint64_t job) {
    // Reduce jobs come after all others, and are none that is run alone.
    if (job < accepted_.size())
      accepted_[job] = true;
  }

  std::vector<std::uint64_t> missing() const {
    std::vector<std::uint64_t> jobs;
    for (std::uint64_t i = 0; i < accepted_.size(); ++i)
      if (!accepted_[i])
        jobs.push_back(i);
    return jobs;
  }

  std::uint64_t count() const {
    return static_cast<std::uint64_t>(
      std::count(accepted_.begin(), accepted_.end(), true));
  }

private:
  std::vector<bool> accepted_;
};

} // namespace

result<retry_plan> plan_retry(const fs::path& path) {
  retry_plan plan;
  accepted_jobs jobs;
  bool has_task = false;
  auto read = for_each_line(path, [&](auto& content) -> result<void> {
    if (auto* record = std::get_if<task_record>(&content)) {
      record->source.only.clear();
      if (has_task && !is_same_cut(plan.record.source, record->source))
        return {errc::invalid_argument,
                "the file holds runs of different tasks"};
      plan.record = std::move(*record);
      return std::exchange(has_task, true) ? result<void>{}
                                           : jobs.start(plan.record.source);
    }
    if (auto* verdict = std::get_if<verdict_line>(&content);
        verdict != nullptr && verdict->item.body.accepted)
      jobs.accept(verdict->item.body.job);
    return {};
  });
  if (!read)
    return read.error();
  if (!has_task)
    return {errc::not_found,
            "there is no task in receipts file '" + path.string() + "'"};
  plan.has_partial_line = *read;
  plan.failed = jobs.missing();
  plan.accepted = jobs.count();
  std::vector<config_problem> problems;
  auto task = parse_task_text(plan.record.text, path.string(),
                              plan.record.directory, problems);
  if (!task || !problems.empty())
    return {errc::malformed,
            "the task in receipts file '" + path.string()
              + "' cannot be read: " + to_string(problems.front())};
  plan.task = std::move(*task);
  plan.task.file_name = plan.record.file_name;
  plan.task.places.clear();
  return plan;
}

result<std::unique_ptr<aggregator>> gather_outputs(const fs::path& path,
                                                   reduce_operation operation) {
  if (operation == reduce_operation::none)
    return std::unique_ptr<aggregator>{};
  auto aggregate = make_aggregator(operation);
  std::uint64_t jobs = 0;
  auto read = for_each_line(path, [&](auto& content) -> result<void> {
    if (auto* record = std::get_if<task_record>(&content))
      jobs = chunk_count(record->source);
    auto* verdict = std::get_if<verdict_line>(&content);
    if (verdict == nullptr || !verdict->item.body.accepted
        || verdict->item.body.job >= jobs)
      return {};
    if (!verdict->output)
      return {errc::not_found, "the output of job "
                                 + std::to_string(verdict->item.body.job)
                                 + " is not in the file; run the whole task"
                                   " again"};
    return aggregate->add(verdict->item.body.job, *verdict->output);
  });
  if (!read)
    return read.error();
  return aggregate;
}

result<void> check_inputs(const task_source& source,
                          const std::vector<std::uint64_t>& jobs) {
  auto check = [](const source_file& file) -> result<void> {
    std::error_code error;
    auto size = fs::file_size(file.path, error);
    if (error)
      return {errc::not_found,
              "input file '" + file.path + "': " + error.message()};
    if (size != file.bytes)
      return {errc::invalid_argument,
              "input file '" + file.path + "' has changed since: it has "
                + std::to_string(size) + " bytes and had "
                + std::to_string(file.bytes) + "; run the whole task again"};
    return {};
  };
  if (source.kind == source_kind::lines)
    return check(source.files.front());
  if (source.kind == source_kind::files)
    for (auto job : jobs)
      if (auto sound = check(source.files[job]); !sound)
        return sound;
  return {};
}

} // namespace artel::runtime
