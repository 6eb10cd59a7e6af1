// The command line that builds one sandbox: what a program sees, and nothing
// else of this machine.
#pragma once

#include "protocol/task/execution_limits.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace artel::sandbox {

/// The sandbox's own paths.
inline constexpr const char* bundle_directory = "/job";
inline constexpr const char* work_directory = "/work";
inline constexpr const char* output_directory = "/output";
inline constexpr const char* shim_path = "/artel-shim";

/// Descriptors that bubblewrap is started with, in this order.
enum sandbox_descriptor {
  input_descriptor,
  output_descriptor,
  error_descriptor,
  status_descriptor,
  info_descriptor,
  filter_descriptor,
};

/// Something of the host that is shown in a sandbox, read-only.
struct shown_path {
  std::filesystem::path host;
  std::string inside;
};

struct sandbox_plan {
  std::filesystem::path bubblewrap;
  std::filesystem::path shim;
  /// From shared_system().
  std::vector<std::string> system_options;
  /// None where empty.
  std::filesystem::path bundle;
  std::vector<shown_path> shown;
  /// Appear in the work directory as links into the bundle.
  std::vector<std::string> bundle_names;
  /// The directory with the job's data; none where empty.
  std::filesystem::path input;
  execution_limits limits;
  /// Whether the program is trusted to tell by itself how it ended.
  bool program_reports = false;
  /// As seen in the sandbox.
  std::string program;
  std::vector<std::string> arguments;
};

/// Options that show this machine's /usr, and its /bin, /lib and so on as they
/// are here: links into /usr or directories of their own. Read once a process.
std::vector<std::string> shared_system();

std::vector<std::string> bubblewrap_command(const sandbox_plan& plan);

/// What artel-shim is called with: limits, options, program, arguments. The
/// links are for those sandboxes that can't make them beforehand.
std::vector<std::string> shim_command(const sandbox_plan& plan,
                                      const std::vector<std::string>& links);

/// The program's whole environment.
std::vector<std::string> sandbox_environment(const execution_limits& limits);

} // namespace artel::sandbox
