// The tasks that a node daemon runs for its user, and those that it ran: one
// directory each, below the state directory's "tasks". Of tasks that are over
// the oldest are removed beyond tasks_max or bytes_max. A task whose daemon
// ended before it is listed as lost. Thread-safe.
#pragma once

#include "runtime/control/kept_task.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace artel::runtime {

class task_store {
public:
  static constexpr std::size_t tasks_max = 1'000;
  static constexpr std::uint64_t bytes_max = std::uint64_t{1} << 30;
  /// Of those that run.
  static constexpr std::size_t running_max = 64;

  using warn_handler = std::function<void(const std::string&)>;

  /// Reads what an earlier life left.
  task_store(std::filesystem::path directory, warn_handler warn);

  /// A task about to be submitted. refused where too many run. Then accept()
  /// or drop() follows.
  result<std::shared_ptr<kept_task>> begin(task_description task,
                                           submission given, wall_time now);
  result<void> accept(const std::shared_ptr<kept_task>& task,
                      const task_accepted& answer);
  void drop(const std::shared_ptr<kept_task>& task);
  /// It is over: its files are all there.
  void end(const task_id& task);

  /// By the first digits of its id. not_found; invalid_argument where several
  /// begin so.
  result<task_id> find(std::string_view prefix) const;

  /// Null where it does not run.
  std::shared_ptr<kept_task> running(const task_id& task) const;
  result<task_summary> summary(const task_id& task) const;
  std::filesystem::path directory_of(const task_id& task) const;

  /// The latest first.
  std::vector<task_summary> list() const;
  std::size_t running_count() const;

private:
  struct stored_task {
    task_summary summary;
    std::uint64_t bytes = 0;
  };

  void read_earlier();
  void read_one(const std::filesystem::path& directory);
  void remove_oldest();

  std::filesystem::path directory_;
  warn_handler warn_;
  mutable std::mutex mutex_;
  std::uint64_t next_new_ = 0;
  /// With a directory, but no id yet.
  std::map<const kept_task*, std::filesystem::path> beginning_;
  std::map<task_id, std::shared_ptr<kept_task>> running_;
  std::map<task_id, stored_task> over_;
};

} // namespace artel::runtime
