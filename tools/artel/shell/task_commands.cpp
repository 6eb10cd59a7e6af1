#include "protocol/task/message_text.hpp"
#include "runtime/config/task_file.hpp"
#include "runtime/sim/world.hpp"
#include "tools/artel/shell/figures.hpp"
#include "tools/artel/shell/session.hpp"
#include "tools/artel/shell/session_commands.hpp"
#include "tools/artel/shell/world_names.hpp"
#include "tools/artel/task_options.hpp"

#include <string>
#include <utility>

namespace artel::tools {

namespace {

/// The flag or file that a problem is about, for its column.
std::string about(const runtime::config_problem& problem,
                  const arguments& given) {
  if (problem.where.starts_with("--"))
    return problem.where;
  return given.positional.empty() ? std::string{} : given.positional[0];
}

exit_code refuse_task(session& in, const arguments& given,
                      const std::vector<runtime::config_problem>& problems) {
  auto code = exit_code::invalid_input;
  for (const auto& problem : problems)
    code = in.refuse({problem.code, to_string(problem)}, about(problem, given));
  return code;
}

result<void> check_name(const sim::world& world, const std::string& name) {
  if (is_reserved_name(name))
    return {errc::invalid_argument,
            artel::quoted(name)
              + " means something in expressions; expected another"
                " name"};
  if (world.find_node(name))
    return {errc::already_exists,
            "there is a node " + artel::quoted(name) + " already"};
  return {};
}

/// With as many nodes as it could be linked with now.
bool has_links(const sim::world& world, sim::node_index index) {
  std::size_t possible = 0;
  for (std::size_t i = 0; i < world.node_count(); ++i) {
    auto other = static_cast<sim::node_index>(i);
    auto is_meant = world.node(index).dials.contains(other)
                    || world.node(other).dials.contains(index);
    if (is_meant && world.node(other).status == sim::node_status::up
        && world.net().is_reachable(index, other)
        && world.net().is_reachable(other, index))
      ++possible;
  }
  return world.peer_count(index) >= possible;
}

/// Nodes that were just added have no links yet, and a task finds no workers.
exit_code wait_for_links(session& in, sim::node_index index) {
  constexpr microseconds limit{2'000'000};
  if (in.is_scheduled())
    return exit_code::done;
  auto& world = in.need_world();
  auto code = in.drive(limit, [&] { return has_links(world, index); });
  return code == exit_code::timed_out ? exit_code::done : code;
}

exit_code submit(session& in, const arguments& given,
                 runtime::submission submission) {
  auto& world = in.need_world();
  auto owner = world.find_node(*given.value("as"));
  if (!owner)
    return in.refuse({errc::not_found, unknown_node(world, *given.value("as"))},
                     "--as");
  if (auto code = wait_for_links(in, *owner); code != exit_code::done)
    return code;
  auto name = given.value("name").value_or("");
  if (auto sound =
        check_name(world, name.empty() ? submission.spec.name : name);
      !sound)
    return in.refuse(sound.error(), "--name");
  auto number = world.submit(*owner, std::move(submission), name);
  if (number)
    return exit_code::done;
  in.remember_refused_task(name);
  return in.refuse(number.error(), given.has("name") ? "--name" : "--as");
}

exit_code run_submit(session& in, const arguments& given) {
  if (!given.has("as"))
    return in.refuse({errc::invalid_argument,
                      "'job submit' lacks who it is for; expected --as NODE"});
  auto found = given;
  if (!found.positional.empty())
    found.positional[0] = in.find_path(found.positional[0]);
  std::vector<runtime::config_problem> problems;
  auto task = describe_task(found, problems);
  if (!task)
    return refuse_task(in, given, problems);
  // Files may be made by commands before: what is in them is looked at later.
  if (in.is_checking())
    return problems.empty() ? exit_code::done
                            : refuse_task(in, given, problems);
  auto submission = runtime::prepare(*task, problems);
  if (!submission)
    return refuse_task(in, given, problems);
  return submit(in, given, std::move(*submission));
}

exit_code run_cancel(session& in, const arguments& given) {
  if (in.is_checking())
    return exit_code::done;
  auto& world = in.need_world();
  const auto& name = given.positional[0];
  auto number = world.find_task(name);
  if (number) {
    world.cancel(*number);
    return exit_code::done;
  }
  if (in.was_refused(name))
    return in.refuse({errc::invalid_state, "the task " + artel::quoted(name)
                                             + " was never accepted"},
                     name);
  return in.refuse({errc::not_found, unknown_task(world, name)}, name);
}

} // namespace

std::vector<command_info> task_commands() {
  command_info submit;
  submit.name = "job submit";
  submit.summary = "hand a task to a node";
  submit.usage = "[FILE] --as NODE [OPTION...]";
  submit.description =
    "The task is a file (TOML), as for 'job run', or what the options say;"
    " options override the file. A file is looked for from the current"
    " directory, then from the script's own. The name is what expressions call"
    " it. Where the node's links are not up yet, time first passes until they"
    " are, for 2 s at most (not behind 'at'). For anything to happen, time has"
    " to pass: 'run', 'wait'.";
  submit.options = {{.name = "as",
                     .kind = value_kind::nodes,
                     .value_name = "NODE",
                     .help = "whose task it is"}};
  submit.options = submit.options + input_options() + terms_options();
  submit.positional = value_kind::file;
  submit.positional_max = 1;
  submit.takes_program = true;
  submit.examples = {
    "job submit examples/primes/kernel.toml --as alice --name primes",
    "job submit --as alice --kernel count_primes --range 1..1e6 --chunks 20"
    " --reduce sum",
  };
  submit.run_in_session = run_submit;
  command_info cancel;
  cancel.name = "job cancel";
  cancel.summary = "cancel a task";
  cancel.usage = "NAME";
  cancel.positional = value_kind::task;
  cancel.positional_min = 1;
  cancel.positional_max = 1;
  cancel.run_in_session = run_cancel;
  return {submit, cancel};
}

} // namespace artel::tools
