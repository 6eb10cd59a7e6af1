#include "tools/artel/commands/bundle_hash.hpp"

#include "runtime/config/task_file.hpp"
#include "tools/artel/bundle_file.hpp"
#include "tools/artel/console.hpp"

#include <limits>

namespace artel::tools {

namespace {

/// Of the code that a task's jobs would run.
result<hash256> task_code_hash(const std::string& path) {
  std::vector<runtime::config_problem> problems;
  auto task = runtime::read_task_file(path, problems);
  if (task && problems.empty())
    if (auto ready = runtime::prepare(*task, problems)) {
      if (!ready->spec.code.kernel.empty())
        return {errc::invalid_argument,
                "'" + path + "' runs the built-in kernel "
                  + ready->spec.code.kernel + "; there is no bundle to hash"};
      return ready->spec.code.bundle;
    }
  auto more = problems.size() > 1
                ? " (and " + std::to_string(problems.size() - 1) + " more)"
                : std::string{};
  return problems.empty()
           ? result<hash256>{errc::invalid_argument, "'" + path + "'"}
           : result<hash256>{problems.front().code,
                             to_string(problems.front()) + more};
}

result<hash256> hash_of_file(const std::string& path) {
  if (path.ends_with(".toml"))
    return task_code_hash(path);
  auto bundle = read_bundle_file(path);
  if (!bundle)
    return bundle.error();
  return hash_of(*bundle);
}

exit_code run(const arguments& given) {
  auto code = exit_code::done;
  for (const auto& path : given.positional) {
    auto hash = hash_of_file(path);
    if (hash) {
      write_output(to_string(*hash) + "  " + printable(path) + "\n");
      continue;
    }
    tell(hash.error().message);
    code = exit_code::invalid_input;
  }
  return code;
}

} // namespace

command_info bundle_hash_command() {
  command_info command;
  command.name = "bundle hash";
  command.summary = "print the hashes of bundles, or of a task's code";
  command.usage = "FILE...";
  command.description =
    "Prints a line HASH, two blanks, NAME for each file: a bundle, or a task"
    " file (its name ends in .toml), whose program and files are packed as"
    " 'artel job run' would. The hash is what receipts call the code. Files"
    " that are no sound bundles are told; the command then ends with exit code"
    " 2.";
  command.positional = value_kind::file;
  command.positional_min = 1;
  command.positional_max = std::numeric_limits<std::size_t>::max();
  command.examples = {"artel bundle hash primes.bundle",
                      "artel bundle hash primes.toml *.bundle"};
  command.run = run;
  return command;
}

} // namespace artel::tools
