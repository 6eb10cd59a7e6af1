#include "tools/artel/commands/job_retry.hpp"

#include "runtime/observe/retry_plan.hpp"
#include "tools/artel/connect_options.hpp"
#include "tools/artel/console.hpp"
#include "tools/artel/machine_options.hpp"
#include "tools/artel/task_run.hpp"

namespace artel::tools {

namespace {

/// What the receipts say is to be done, checked against this machine.
result<runtime::retry_plan> plan_from(const std::string& path) {
  auto plan = runtime::plan_retry(path);
  if (!plan)
    return plan;
  if (plan->failed.empty())
    return {errc::invalid_argument,
            "there is nothing to run again: no job in receipts file '" + path
              + "' lacks an accepted verdict"};
  if (plan->task.reduce_program)
    return {errc::invalid_argument,
            "the task puts its results together by a program of its own, which"
            " needs them all at hand; run the whole task again"};
  if (auto sound = runtime::check_inputs(plan->record.source, plan->failed);
      !sound)
    return sound.error();
  return plan;
}

exit_code run(const arguments& given) {
  auto path = given.value("failed");
  if (!path) {
    tell("'artel job retry' needs to know what failed; expected --failed FILE,"
         " a file written by --receipts");
    return exit_code::invalid_input;
  }
  task_run_request request;
  if (auto refused = read_run_options(given, request))
    return *refused;
  auto plan = plan_from(*path);
  if (!plan) {
    refuse(plan.error());
    return exit_code::invalid_input;
  }
  std::vector<runtime::config_problem> problems;
  apply_terms(given, plan->task, problems);
  auto source = plan->record.source;
  source.only = plan->failed;
  auto submission = runtime::prepare(plan->task, problems, &source);
  if (!submission)
    return refuse_all(problems);
  auto earlier = runtime::gather_outputs(*path, submission->spec.reduce);
  if (!earlier) {
    refuse(earlier.error());
    return exit_code::invalid_input;
  }
  if (plan->has_partial_line)
    tell(*path
         + ": warning: the last line was written only in part, and is"
           " ignored");
  if (hash_of(submission->spec.code) != plan->record.code)
    tell("note: the program has changed since; the results of "
         + std::to_string(plan->accepted)
         + " jobs are still those of the former one");
  request.task = std::move(plan->task);
  request.submission = std::move(*submission);
  request.earlier_receipts = *path;
  request.earlier_outputs = std::move(*earlier);
  return run_task(std::move(request));
}

} // namespace

command_info job_retry_command() {
  command_info command;
  command.name = "job retry";
  command.summary = "run only those jobs of a task again that failed";
  command.usage = "--failed FILE [OPTION...]";
  command.description =
    "Reads the receipts of a task and runs the jobs without an accepted "
    "verdict:"
    " those that failed, and those that never ran because the task was"
    " interrupted. The result covers earlier outputs and new ones. With"
    " --receipts, the earlier receipts are kept and the new ones follow; naming"
    " the same file continues it. Not for tasks whose reduce step is a "
    "program.";
  command.options = std::vector<option_info>{{
                      "failed",
                      0,
                      value_kind::file,
                      "FILE",
                      "the receipts of the task",
                      "",
                      {},
                      false,
                    }}
                    + terms_options() + network_options() + connect_options()
                    + machine_options() + output_options();
  command.examples = {
    "artel job retry --failed receipts.jsonl",
    "artel job retry --failed receipts.jsonl --timeout 1m --receipts"
    " receipts.jsonl",
  };
  command.run = run;
  return command;
}

} // namespace artel::tools
