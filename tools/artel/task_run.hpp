// Runs one task on an embedded network and tells what happens: progress,
// receipts, results, a summary, the result.
#pragma once

#include "protocol/task/aggregator.hpp"
#include "runtime/config/task_file.hpp"
#include "runtime/launch/embedded_network.hpp"
#include "runtime/observe/progress.hpp"
#include "runtime/observe/receipt_file.hpp"
#include "runtime/observe/results_directory.hpp"
#include "tools/artel/command_table.hpp"
#include "tools/artel/task_options.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace artel::tools {

/// A task with all that its command line said about running it.
struct task_run_request {
  runtime::task_description task;
  runtime::submission submission;
  runtime::embedded_options network;
  output_format format = output_format::table;
  bool force = false;
  bool quiet = false;
  std::optional<std::filesystem::path> receipts;
  std::optional<std::filesystem::path> results;

  /// For a retry: the receipts so far, and the outputs that they hold, put
  /// together (null without a reduce step).
  std::optional<std::filesystem::path> earlier_receipts;
  std::unique_ptr<aggregator> earlier_outputs;
};

/// What the output options say; problems are told.
std::optional<exit_code> read_run_options(const arguments& given,
                                          task_run_request& request);

/// Runs it, prints everything, and gives the exit code.
exit_code run_task(task_run_request request);

/// Tells problems with a task, one a line, and gives their exit code.
exit_code refuse_all(const std::vector<runtime::config_problem>& problems);

} // namespace artel::tools
