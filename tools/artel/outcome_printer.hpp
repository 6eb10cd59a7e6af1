// Gathers what the jobs of a task gave, as far as it is printed in the end, and
// prints it to standard output.
//
// What that is: the aggregate where there is a reduce step; else the output of
// a single job; else, unless outputs go to a directory of their own, a line
// "INDEX<tab>FIRST LINE" for each job, as they end. A document also lists the
// files that jobs left.
#pragma once

#include "actors/events.hpp"
#include "protocol/task/aggregator.hpp"
#include "runtime/observe/json.hpp"
#include "tools/artel/task_options.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

namespace artel::tools {

class outcome_printer {
public:
  struct settings {
    output_format format = output_format::table;
    reduce_operation reduce = reduce_operation::none;
    /// Of the task's source; what comes after are reduce jobs.
    std::uint64_t chunks = 0;
    /// Whether outputs are written elsewhere too.
    bool has_results_directory = false;
  };

  outcome_printer(settings wanted, std::unique_ptr<aggregator> earlier)
    : settings_(wanted),
      earlier_(std::move(earlier)) {}

  /// The accepted output of one job, as it comes.
  void take(const verdict_recorded& verdict);

  /// Whether take() writes to standard output.
  bool prints_lines() const noexcept;

  /// The first output that could not be added to those of earlier runs.
  const std::optional<failure>& problem() const noexcept { return problem_; }

  /// Prints the result, or the document with it; fuel_used is that of all
  /// replicas.
  void finish(const task_report& report, std::uint64_t fuel_used);

private:
  bool is_single() const noexcept;
  void list_files(const verdict_recorded& verdict);
  bytes result_of(const task_report& report) const;
  void print_table(const task_report& report) const;
  void print_json(const task_report& report, std::uint64_t fuel_used) const;

  settings settings_;
  std::unique_ptr<aggregator> earlier_;
  std::optional<failure> problem_;
  bytes single_output_;
  runtime::json outputs_ = runtime::json::array();
  std::uint64_t outputs_left_out_ = 0;
  runtime::json files_ = runtime::json::array();
  std::uint64_t files_listed_ = 0;
  std::uint64_t files_left_out_ = 0;
};

} // namespace artel::tools
