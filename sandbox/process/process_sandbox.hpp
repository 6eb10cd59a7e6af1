// What runs programs behind bubblewrap, and what all runs share: helpers, the
// system call filter, unpacked bundles, control groups. The executors turn
// requests into programs; here they run.
#pragma once

#include "sandbox/bundle/bundle_store.hpp"
#include "sandbox/bundle/private_directory.hpp"
#include "sandbox/executor.hpp"
#include "sandbox/isolation_level.hpp"
#include "sandbox/process/bubblewrap.hpp"
#include "sandbox/process/control_group.hpp"

#include <atomic>
#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace artel::sandbox {

/// Where the helpers are, where bundles are unpacked, what may be used.
struct process_config {
  /// Absolute path of bwrap; found on PATH where empty.
  std::filesystem::path bubblewrap;
  /// Absolute path of artel-shim, which sets limits and reports how the program
  /// ended; found by find_helper("artel-shim") where empty.
  std::filesystem::path shim;
  /// Parent of the run directories; a fresh private directory below the
  /// system's temporary one where empty.
  std::filesystem::path work_root;
  isolation_level isolation = isolation_level::full;
  /// Use control groups where this machine has writable ones.
  bool control_groups = true;
  /// What all runs together may use.
  control_groups::share share;
};

struct program_run {
  /// Seen at /job, its top-level names in the work directory; may be null.
  std::shared_ptr<const code_bundle> bundle;
  /// As seen in the sandbox.
  std::string program;
  std::vector<std::string> arguments;
  bytes_view standard_input;
  /// The job's data, put at /input/NAME; may be null.
  const job_input* input_file = nullptr;
  std::vector<shown_path> shown;
  /// Whether the program is trusted to tell by itself how it ended.
  bool reports = false;
  execution_limits limits;
  /// What messages call the program.
  std::string name;
};

/// May be used by several threads at once.
class process_sandbox {
public:
  /// Resolves empty paths; system_failure or sandbox_unavailable otherwise.
  static result<std::shared_ptr<process_sandbox>> make(process_config config);

  run_result run(const program_run& run, std::stop_token stop);

  /// The unpacked bundle, or the run that failed because of it.
  result<std::shared_ptr<const unpacked_bundle>>
  unpack(const std::shared_ptr<const code_bundle>& bundle);

  /// The job's data as a file, for as long as one run; none where the run has
  /// no such file.
  class input_directory_handle;
  result<input_directory_handle> put_input(const job_input* input);

  /// A control group for one run: null where there are none.
  result<std::unique_ptr<control_group>>
  acquire_group(const execution_limits& limits);

  const std::filesystem::path& directory() const noexcept {
    return directory_.path();
  }
  std::filesystem::path shim() const { return directory() / "artel-shim"; }

  /// Null where there are none; then why_no_groups() tells why.
  const control_groups* groups() const noexcept { return groups_.get(); }
  const std::string& why_no_groups() const noexcept { return why_no_groups_; }

private:
  process_sandbox(process_config config, private_directory directory);

  std::filesystem::path filter_path() const { return directory() / "filter"; }
  result<void> install_helpers();
  bool is_reduced() const noexcept {
    return config_.isolation == isolation_level::reduced;
  }
  run_result start(const sandbox_plan& plan, const program_run& run,
                   std::stop_token stop);

  process_config config_;
  /// Destroyed after the bundles in it.
  private_directory directory_;
  bundle_store bundles_;
  std::vector<std::string> system_options_;
  std::unique_ptr<control_groups> groups_;
  std::string why_no_groups_;
  std::atomic<std::uint64_t> next_run_{0};
};

/// A directory with one file, removed with its owner.
class process_sandbox::input_directory_handle {
public:
  input_directory_handle() = default;
  explicit input_directory_handle(std::filesystem::path directory)
    : directory_(std::move(directory)) {}
  input_directory_handle(input_directory_handle&& other) noexcept
    : directory_(std::exchange(other.directory_, {})) {}
  input_directory_handle& operator=(input_directory_handle&& other) noexcept {
    std::swap(directory_, other.directory_);
    return *this;
  }
  ~input_directory_handle();

  /// Empty where there is none.
  const std::filesystem::path& path() const noexcept { return directory_; }

private:
  std::filesystem::path directory_;
};

/// The outcome of a run that could not be prepared: the machine's fault, or the
/// request's.
run_result unprepared_run(const failure& problem);

} // namespace artel::sandbox
