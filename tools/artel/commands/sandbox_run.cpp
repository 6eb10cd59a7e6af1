#include "tools/artel/commands/sandbox_run.hpp"

#include "protocol/core/limits.hpp"
#include "runtime/config/units_text.hpp"
#include "sandbox/bundle/arguments.hpp"
#include "sandbox/self_test.hpp"
#include "tools/artel/bundle_file.hpp"
#include "tools/artel/code_options.hpp"
#include "tools/artel/console.hpp"
#include "tools/artel/file_access.hpp"
#include "tools/artel/interrupt.hpp"
#include "tools/artel/limit_options.hpp"
#include "tools/artel/run_report.hpp"
#include "tools/artel/sandbox_options.hpp"
#include "tools/artel/task_options.hpp"
#include "tools/artel/task_run.hpp"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <utility>

namespace artel::tools {

namespace {

/// What --output-dir allows where --output-files says nothing.
constexpr std::uint64_t output_files_default = 16u << 20;

/// A run with all that its command line said about it.
struct sandbox_run_request {
  sandbox::run_request run;
  sandbox::local_config machine;
  output_format format = output_format::table;
  std::string output_directory;
  bool force = false;
  bool quiet = false;
};

result<code_bundle> bundle_of(const arguments& given, sandbox_terms& terms) {
  if (given.has("bundle") == given.program.has_value())
    return {errc::invalid_argument,
            given.program ? "a bundle and a program are given; expected one of"
                            " them"
                          : "there is nothing to run; expected a program after"
                            " '--', or --bundle FILE"};
  auto path = given.value("bundle");
  for (const auto* flag : {"file", "stdin", "rootfs"})
    if (path && given.has(flag))
      return {errc::invalid_argument, "--" + std::string{flag}
                                        + " belongs to a program; a bundle has"
                                          " all that it needs"};
  result<code_bundle> bundle{code_bundle{}};
  if (path)
    bundle = read_bundle_file(*path);
  if (!bundle)
    return bundle;
  auto implied = path
                   ? implied_kind(bundle->main, !bundle->rootfs.empty())
                   : implied_kind(given.program->front(), given.has("rootfs"));
  auto wanted = sandbox_terms_of(given, implied);
  if (!wanted)
    return wanted.error();
  terms = *wanted;
  return path ? bundle : pack_code(given, *given.program, terms.kind);
}

result<void> read_range(const std::string& text, job_input& input) {
  auto range = runtime::parse_range(text);
  if (!range)
    return {range.error().code, "--range: " + range.error().message};
  if (range->first > range->last || range->last > limits::range_value_max)
    return {errc::out_of_range,
            "--range: " + text
              + " given; expected A..B with A at most B, and B at most "
              + std::to_string(limits::range_value_max)};
  input.kind = input_kind::range;
  input.first = range->first;
  input.last = range->last;
  return {};
}

result<void> read_input_file(const std::string& path, job_input& input) {
  auto data = read_whole_file("input", path, limits::input_bytes_max);
  if (!data)
    return data.error();
  input.kind = input_kind::data;
  input.name = std::filesystem::path{path}.filename().string();
  input.data = std::move(*data);
  return {};
}

result<void> read_job(const arguments& given, sandbox::run_request& run) {
  auto range = given.value("range");
  auto path = given.value("input-file");
  if (range && path)
    return {errc::invalid_argument,
            "--range and --input-file are given; a job has one of them"};
  if (auto text = given.value("index")) {
    auto index = runtime::parse_whole_number(*text);
    if (!index)
      return {index.error().code, "--index: " + index.error().message};
    run.index = *index;
  }
  if (range)
    return read_range(*range, run.input);
  return path ? read_input_file(*path, run.input) : result<void>{};
}

/// What the job gives must be what the arguments ask for; else the run could
/// only fail.
result<void> check_job(const arguments& given,
                       const sandbox::run_request& run) {
  auto rendered = sandbox::render_arguments(*run.bundle, run.index, run.input);
  if (!rendered)
    return rendered.error();
  if (given.has("stdin") && run.input.kind == input_kind::data
      && !takes_file_argument(*run.bundle))
    return {errc::invalid_argument,
            "--stdin and --input-file are given, but no argument says {file}:"
            " both would come on standard input"};
  return {};
}

void read_limits(const arguments& given, execution_limits& limits,
                 std::vector<runtime::config_problem>& problems) {
  apply_limits(given, limits, problems);
  if (!given.has("output-dir") || given.has("output-files")
      || !problems.empty())
    return;
  // Both share what one message holds.
  auto left =
    limits::output_bytes_max
    - std::min<std::uint64_t>(limits.stdout_bytes, limits::output_bytes_max);
  limits.output_files_bytes = std::min(output_files_default, left);
}

/// Everything but the limits; those are told all at once.
result<void> read_request(const arguments& given,
                          sandbox_run_request& request) {
  auto format = output_format_of(given);
  if (!format)
    return format.error();
  request.format = *format;
  auto machine = local_config_of(given);
  if (!machine)
    return machine.error();
  request.machine = std::move(*machine);
  auto bundle = bundle_of(given, request.run.sandbox);
  if (!bundle)
    return bundle.error();
  request.run.bundle = std::make_shared<const code_bundle>(std::move(*bundle));
  if (auto job = read_job(given, request.run); !job)
    return job;
  request.output_directory = given.value("output-dir").value_or("");
  request.force = given.has("force");
  request.quiet = given.has("quiet");
  return check_job(given, request.run);
}

/// Before anything runs: a run whose results can't be kept is not worth it.
result<void> make_output_directory(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error)
    return {errc::system_failure,
            "--output-dir '" + path + "': " + error.message()};
  return {};
}

void print(const sandbox_run_request& request, const run_report& report) {
  if (request.format == output_format::json) {
    write_output(runtime::document_of(run_json(report)));
  } else {
    write_output(as_text(report.result.output));
    auto errors = printable(report.result.stderr_tail);
    if (!errors.empty() && errors.back() != '\n')
      errors += '\n';
    write_error(errors);
  }
  if (!request.quiet)
    write_error(run_summary(report));
  else if (report.result.outcome != run_outcome::completed)
    tell(report.program + ": " + report.result.detail);
}

exit_code execute(const sandbox_run_request& request) {
  interrupt_guard interrupts{"ending the run"};
  sandbox::local_executor executor{request.machine};
  run_report report;
  report.result = executor.execute(request.run, interrupts.token());
  report.program = request.run.bundle->main;
  report.bundle = hash_of(*request.run.bundle);
  report.sandbox = request.run.sandbox;
  report.limits = request.run.limits;
  report.isolation = isolation_text(executor, request.machine.policy.isolation,
                                    report.sandbox.kind);
  report.memory_measured = memory_watch_text(executor);
  report.output_directory = request.output_directory;
  auto code = exit_code_of(report.result.outcome);
  result<void> written;
  if (!request.output_directory.empty())
    written = write_output_files(request.output_directory, report.result.files,
                                 request.force);
  // What could not be written is only to be had here.
  if (!written)
    report.output_directory.clear();
  print(request, report);
  if (written)
    return code;
  auto problem = refuse(written.error());
  return code == exit_code::done ? problem : code;
}

exit_code run(const arguments& given) {
  sandbox_run_request request;
  std::vector<runtime::config_problem> problems;
  read_limits(given, request.run.limits, problems);
  if (!problems.empty())
    return refuse_all(problems);
  if (auto read = read_request(given, request); !read) {
    refuse(read.error());
    return exit_code::invalid_input;
  }
  if (!request.output_directory.empty())
    if (auto made = make_output_directory(request.output_directory); !made)
      return refuse(made.error());
  return execute(request);
}

std::vector<option_info> job_options() {
  using enum value_kind;
  return {
    {.name = "bundle",
     .kind = file,
     .value_name = "FILE",
     .help = "run what 'artel bundle pack' wrote, instead of a program"},
    {.name = "input-file",
     .kind = file,
     .value_name = "FILE",
     .help = "the job's data: at {file} where an argument says so, else on"
             " standard input"},
    {.name = "range",
     .kind = text,
     .value_name = "A..B",
     .help = "the job's numbers: what {first} and {last} stand for"},
    {.name = "index",
     .kind = text,
     .value_name = "N",
     .help = "the job's number: what {index} stands for",
     .default_text = "0"},
  };
}

std::vector<option_info> result_options() {
  using enum value_kind;
  return {
    {.name = "output-dir",
     .kind = directory,
     .value_name = "DIR",
     .help = "give the program a directory /output, and write the files that it"
             " leaves there to DIR; allows 16MiB of them unless --output-files"
             " says else"},
    {.name = "output",
     .letter = 'o',
     .kind = choice,
     .value_name = "FORMAT",
     .help = "table (the program's own output) or json (one document with"
             " everything)",
     .default_text = "table",
     .choices = {"table", "json"}},
    {.name = "force", .help = "replace existing files in DIR"},
    {.name = "quiet", .letter = 'q', .help = "no summary"},
  };
}

} // namespace

command_info sandbox_run_command() {
  command_info command;
  command.name = "sandbox run";
  command.summary = "run a program once, isolated as a worker would";
  command.usage = "[OPTION...] -- PROGRAM [ARGUMENT...]";
  command.description =
    "Packs a program with its files, and runs it once on this machine: in the"
    " same sandbox, with the same limits and the same environment as on a"
    " worker. A relative PROGRAM is a file that is packed; an absolute one,"
    " below /usr, /bin and so on, is this machine's own. In its arguments,"
    " {first}, {last}, {file} and {index} stand for what a job computes; '{{'"
    " is a brace. Its standard output goes to standard output, exactly as it"
    " is; the end of its standard error, and then what was used and how the"
    " run was isolated, go to standard error. Ends with exit code 3 where the"
    " run failed, 5 where it passed its wall or cpu time, 8 where this machine"
    " can't isolate it ('artel sandbox check' tells why), 2 where the input is"
    " wrong. Ctrl-C kills the program with all that it started.";
  command.options = sandbox_terms_options() + code_options() + job_options()
                    + limit_options() + isolation_options() + result_options();
  command.takes_program = true;
  command.examples = {
    "artel sandbox run -- ./prog 1 2 3",
    "artel sandbox run --range 1..1000 -- ./primes {first} {last}",
    "artel sandbox run --input-file big.txt -- /usr/bin/wc -l {file}",
    "artel sandbox run --memory 64MiB --wall-time 2s -- ./prog",
    "artel sandbox run --output-dir results --file data.csv -- ./plot data.csv",
    "artel sandbox run --fuel 1e9 --tier interpreted -- ./module.wasm",
    "artel sandbox run --rootfs busybox.tar -- /bin/sh -c 'ls /'",
    "artel sandbox run --bundle job.bundle -o json",
  };
  command.run = run;
  return command;
}

} // namespace artel::tools
