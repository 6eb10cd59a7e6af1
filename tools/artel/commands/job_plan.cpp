#include "tools/artel/commands/job_plan.hpp"

#include "runtime/observe/report_json.hpp"
#include "tools/artel/connect_options.hpp"
#include "tools/artel/console.hpp"
#include "tools/artel/machine_options.hpp"
#include "tools/artel/report_text.hpp"
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
  auto network = open_network(request, {});
  if (!network)
    return refuse(network.error());
  auto plan = (*network)->plan(*submission);
  if (request.format == output_format::json)
    write_output(runtime::document_of(runtime::plan_json(plan)));
  else
    write_output(plan_text(plan, chunk_plan{submission->spec.source}));
  if (plan.problems.empty())
    return exit_code::done;
  for (const auto& problem : plan.problems)
    tell(problem.message);
  return exit_code_of(plan.problems.front().code);
}

std::vector<option_info> output_option() {
  auto options = output_options();
  std::erase_if(options, [](const auto& one) {
    return one.name != "output" && one.name != "verbose";
  });
  return options;
}

} // namespace

command_info job_plan_command() {
  command_info command;
  command.name = "job plan";
  command.summary = "show what a task would take, and run nothing";
  command.usage = "[FILE] [OPTION...] [-- PROGRAM ARGUMENT...]";
  command.description =
    "Checks a task and asks the workers of a network for their bids: how it is"
    " cut into jobs, what they cost, how much is held, which workers would take"
    " part. Nothing runs and nothing is paid. Ends with exit code 0 where the"
    " task could run.";
  command.options = input_options() + terms_options() + network_options()
                    + connect_options() + machine_options() + output_option();
  command.positional = value_kind::file;
  command.positional_max = 1;
  command.takes_program = true;
  command.examples = {"artel job plan primes.toml",
                      "artel job plan primes.toml --replicas 5 -o json"};
  command.run = run;
  return command;
}

} // namespace artel::tools
