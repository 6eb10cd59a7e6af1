// One task that a node daemon runs for its user: follows its events into files
// of its own, and tells others where it stands. The directory holds
//
//   task.json       what it is and where it stands
//   receipts.jsonl  receipts, verdicts, settlement
//   log.jsonl       what happened, for people
//   results/        each job's output, of tasks without a reduce step
//   result          the aggregate, of tasks with one
//   report.json     how it ended
#pragma once

#include "actors/events.hpp"
#include "actors/messages.hpp"
#include "runtime/config/task_file.hpp"
#include "runtime/observe/json.hpp"
#include "runtime/observe/task_recorder.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace artel::runtime {

/// A task at a moment, as lists show it and task.json keeps it.
struct task_summary {
  task_id task;
  std::string name;
  /// "pending", "running", "completed", ...; "lost" where its daemon ended
  /// before it.
  std::string state = "pending";
  wall_time submitted{};
  bool over = false;
  job_counts jobs;
  milliseconds elapsed{0};
  /// Of its input; reduce jobs come after them.
  std::uint64_t chunks = 0;
  reduce_operation reduce = reduce_operation::none;
  /// Why it did not complete; no code: it did, or is not over.
  failure problem;
};

json summary_json(const task_summary& summary);
result<task_summary> read_summary(const json& from);

json progress_json(const task_progress& progress);
result<task_progress> read_progress(const json& from);

class kept_task {
public:
  /// What the log holds at most.
  static constexpr std::uint64_t log_bytes_max = 16u << 20;
  static constexpr std::uint64_t results_bytes_max = std::uint64_t{1} << 30;

  /// Makes the directory's files. It is moved to `final_directory` once the
  /// task has an id: see accept().
  static result<std::shared_ptr<kept_task>>
  create(const std::filesystem::path& directory, task_description task,
         submission given, wall_time submitted);

  /// Its id is known now, and where its files are.
  void accept(const task_accepted& answer, std::filesystem::path directory);

  /// On the observer's thread, one event after the other. True with the last.
  bool handle(const event& one);

  void cancel();
  coordinator_actor coordinator() const;
  task_summary summary() const;
  std::filesystem::path directory() const;
  const submission& given() const noexcept { return submission_; }

  struct moment {
    std::uint64_t version = 0;
    task_summary summary;
    task_progress progress;
  };
  /// Returns once there is something newer than that version, or patience is at
  /// an end.
  moment wait_past(std::uint64_t version, std::chrono::milliseconds patience);

private:
  kept_task(task_description task, submission given, wall_time submitted);

  void log(log_level level, const std::string& message,
           const std::string& node = {}, const std::string& detail = {});
  void log_event(const event& one);
  void log_receipt(const receipt_recorded& item);
  void log_plan(const plan_report& plan);
  void finish(task_report report);
  void write_end(const task_report& report,
                 const std::filesystem::path& directory);

  const task_description task_;
  const submission submission_;
  const wall_time submitted_;
  /// Of the observer's thread alone.
  task_recorder recorder_;
  std::ofstream log_;
  std::uint64_t log_bytes_ = 0;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  moment now_;
  std::filesystem::path directory_;
  bool accepted_ = false;
  bool cancelled_ = false;
  /// Null once the task is over.
  coordinator_actor coordinator_;
};

} // namespace artel::runtime
