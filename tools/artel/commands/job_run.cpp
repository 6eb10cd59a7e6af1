#include "tools/artel/commands/job_run.hpp"

#include "tools/artel/connect_options.hpp"
#include "tools/artel/console.hpp"
#include "tools/artel/machine_options.hpp"
#include "tools/artel/task_run.hpp"

namespace artel::tools {

namespace {

exit_code run(const arguments& given) {
  task_run_request request;
  if (auto refused = read_run_options(given, request))
    return *refused;
  std::vector<runtime::config_problem> problems;
  auto task = describe_task(given, problems);
  if (!task)
    return refuse_all(problems);
  auto submission = runtime::prepare(*task, problems);
  if (!submission)
    return refuse_all(problems);
  request.task = std::move(*task);
  request.submission = std::move(*submission);
  return run_task(std::move(request));
}

} // namespace

command_info job_run_command() {
  command_info command;
  command.name = "job run";
  command.summary = "run a task: a file, or a program with its input";
  command.usage = "[FILE] [OPTION...] [-- PROGRAM ARGUMENT...]";
  command.description =
    "Runs a task to its end, verified and paid for. The task is a file (TOML),"
    " or what the options say about a program; options override the file. In a"
    " program's arguments, {first}, {last}, {file} and {index} stand for what a"
    " job computes; without {file}, a file's content comes on standard input."
    " Only the result goes to standard output: the aggregate, or the output of "
    "a"
    " single job, or (without --results) a line INDEX, tab, first line of "
    "output"
    " for each job, in the order in which they end. Everything else goes to"
    " standard error. A file that can't be written does not stop the task; the"
    " command then ends with exit code 1. The network is one of --local workers"
    " in this process, or with --connect one of other machines, which this"
    " command joins as a client and leaves at the end.";
  command.options = input_options() + terms_options() + network_options()
                    + connect_options() + machine_options() + output_options();
  command.positional = value_kind::file;
  command.positional_max = 1;
  command.takes_program = true;
  command.examples = {
    "artel run primes.toml",
    "artel run primes.toml -o json --receipts receipts.jsonl",
    "artel run --range 1..1000000 --reduce sum -- ./prog {first} {last}",
    "artel run --each 'texts/*.txt' --reduce merge-counts -- ./count {file}",
    "artel run --range 1..1e8 --kernel count_primes --reduce sum",
    "artel run primes.toml --connect seed.example:7447",
  };
  command.run = run;
  return command;
}

} // namespace artel::tools
