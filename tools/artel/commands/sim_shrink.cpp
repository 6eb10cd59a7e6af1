#include "tools/artel/commands/sim_shrink.hpp"

#include "runtime/sim/swarm/plan_file.hpp"
#include "runtime/sim/swarm/plan_script.hpp"
#include "runtime/sim/swarm/shrink.hpp"
#include "runtime/sim/swarm/swarm.hpp"
#include "runtime/sim/swarm/trial.hpp"
#include "tools/artel/console.hpp"
#include "tools/artel/file_access.hpp"
#include "tools/artel/live_line.hpp"
#include "tools/artel/sim_options.hpp"
#include "tools/artel/stop_flag.hpp"
#include "tools/artel/task_options.hpp"

namespace artel::tools {

namespace {

struct request {
  sim::world_plan plan;
  sim::trial_options trial;
  sim::shrink_options shrink;
  std::optional<std::string> save;
};

result<request> request_of(const arguments& given) {
  request made;
  auto plan = plan_of(given);
  if (!plan)
    return plan.error();
  made.plan = std::move(*plan);
  constexpr std::uint64_t tries_max = 1'000'000;
  auto tries = number_of(given, "tries", 1, tries_max, 500);
  if (!tries)
    return tries.error();
  made.shrink.tries_max = *tries;
  made.trial.check_determinism = given.has("check-determinism");
  made.save = given.value("save");
  return made;
}

/// What is left: as a script for people, and as a file to be run again.
exit_code tell_outcome(const request& asked, const sim::trial_failure& failure,
                       const sim::shrink_outcome& outcome, bool interrupted) {
  auto text = "# " + failure.rule + "; " + size_text(outcome.plan) + " after "
              + std::to_string(outcome.tries) + " tries"
              + (outcome.is_smallest ? "" : ", not all was tried") + "\n";
  write_output(text + sim::to_script(outcome.plan));
  if (!asked.save) {
    tell("--save FILE keeps this world, for artel sim replay --plan FILE");
  } else {
    auto json = to_json(outcome.plan);
    if (auto written = write_whole_file(*asked.save, as_bytes(json), true);
        !written)
      return refuse(written.error());
    tell("run it again with: artel sim replay --plan " + *asked.save);
  }
  return interrupted ? exit_code::interrupted : exit_code::check_failed;
}

exit_code run(const arguments& given) {
  auto asked = request_of(given);
  if (!asked)
    return refuse(asked.error());
  stop_flag stop;
  asked->trial.stopped = [&stop] { return stop.is_set(); };
  asked->shrink.stopped = asked->trial.stopped;
  auto first = try_plan(asked->plan, asked->trial);
  if (!first)
    return refuse(first.error());
  if (!*first) {
    tell("this world does not fail: there is nothing to shrink");
    return exit_code::done;
  }
  const auto& failure = **first;
  tell("to be kept: " + failure.rule + ": " + failure.detail);
  live_line line;
  std::optional<artel::failure> problem;
  asked->shrink.progress = [&](const sim::world_plan& best,
                               std::uint64_t tries) {
    if (line.is_due())
      line.show(std::to_string(tries) + " tries: " + size_text(best));
  };
  auto still_fails = [&](const sim::world_plan& plan) {
    auto again = try_plan(plan, asked->trial);
    if (!again && again.error().code != errc::cancelled)
      problem = again.error();
    return again && *again && (*again)->identity == failure.identity;
  };
  auto outcome = shrink(asked->plan, still_fails, asked->shrink);
  line.clear();
  if (problem)
    return refuse(*problem);
  return tell_outcome(*asked, failure, outcome, stop.is_set());
}

} // namespace

command_info sim_shrink_command() {
  command_info command;
  command.name = "sim shrink";
  command.summary = "make the simulated network of a failure smaller";
  command.usage = "SEED [OPTION...]";
  command.description =
    "Runs the world of a seed that failed again and again, and leaves out"
    " faults, tasks, nodes, jobs and misbehaviour for as long as the same rule"
    " is broken. Prints the smallest world that it found, as a script for"
    " people; --save keeps it so that 'artel sim replay --plan' runs it "
    "exactly."
    " Ends with exit code 9, or 0 where the world does not fail at all.";
  command.options =
    std::vector<option_info>{
      {.name = "tries",
       .kind = value_kind::text,
       .value_name = "N",
       .help = "worlds to run at most",
       .default_text = "500"},
      {.name = "save",
       .kind = value_kind::file,
       .value_name = "FILE",
       .help = "write the smallest world there, as JSON; replaces it"},
      {.name = "check-determinism",
       .help = "run each world twice: a second run that differs is a failure"},
      plan_file_option(),
    }
    + world_options();
  command.positional = value_kind::text;
  command.positional_max = 1;
  command.examples = {
    "artel sim shrink 17 --faults heavy --save small.json",
    "artel sim replay --plan small.json",
  };
  command.scope = command_scope::terminal;
  command.run = run;
  return command;
}

} // namespace artel::tools
