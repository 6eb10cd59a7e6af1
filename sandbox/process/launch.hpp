// One run from a command line that builds a sandbox to its result: pipes,
// start, supervision, verdict. What bubblewrap and container runtimes share.
#pragma once

#include "sandbox/descriptor.hpp"
#include "sandbox/executor.hpp"
#include "sandbox/process/control_group.hpp"
#include "sandbox/process/supervisor.hpp"

#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

namespace artel::sandbox {

struct launch_request {
  /// The first is the absolute path of what builds the sandbox.
  std::vector<std::string> command;
  /// Its whole environment.
  std::vector<std::string> environment;
  /// Who tells the id of the run's first process.
  first_process_source first_process = first_process_source::bubblewrap;
  /// For first_process_source::file.
  std::filesystem::path process_id_file;
  /// The system call filter, for who takes it from a descriptor: bubblewrap
  /// from 5, artel-shim from 4. May be null.
  const descriptor* filter = nullptr;
  /// Give up root for sandbox_user before.
  bool drop_root = false;
  /// For standard input.
  bytes_view input;
  const execution_limits& limits;
  /// May be null.
  control_group* group = nullptr;
  /// What messages call the program.
  std::string program_name;
};

/// Returns when the last process of the run is dead. What the request refers to
/// must outlive the call.
run_result launch(const launch_request& request, std::stop_token stop);

/// The same limits, such that sums with them stay within their types: they come
/// from other nodes.
execution_limits bounded(execution_limits limits);

} // namespace artel::sandbox
