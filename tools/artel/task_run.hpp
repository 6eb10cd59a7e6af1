// Runs one task, on a network in this process or on one of other machines, and
// tells what happens: progress, receipts, results, a summary, the result.
#pragma once

#include "protocol/task/aggregator.hpp"
#include "runtime/config/task_file.hpp"
#include "runtime/launch/client_node.hpp"
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
#include <stop_token>
#include <string>

namespace artel::tools {

/// A task with all that its command line said about running it.
struct task_run_request {
  runtime::task_description task;
  runtime::submission submission;
  runtime::embedded_options network;
  /// Of a network of other machines, which is joined instead.
  std::optional<runtime::client_options> client;
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

/// The network that the options named, ready for the task.
result<std::unique_ptr<runtime::task_network>>
open_network(const task_run_request& request, std::stop_token stop);

/// Runs it, prints everything, and gives the exit code.
exit_code run_task(task_run_request request);

/// Tells problems with a task, one a line, and gives their exit code.
exit_code refuse_all(const std::vector<runtime::config_problem>& problems);

} // namespace artel::tools
