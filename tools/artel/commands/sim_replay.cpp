#include "tools/artel/commands/sim_replay.hpp"

#include "protocol/task/message_text.hpp"
#include "runtime/config/name_suggestion.hpp"
#include "runtime/sim/log/chrome_trace.hpp"
#include "runtime/sim/log/replay_log.hpp"
#include "runtime/sim/swarm/determinism.hpp"
#include "runtime/sim/swarm/plan_run.hpp"
#include "runtime/sim/swarm/plan_script.hpp"
#include "tools/artel/console.hpp"
#include "tools/artel/interrupt.hpp"
#include "tools/artel/shell/option_values.hpp"
#include "tools/artel/sim_options.hpp"
#include "tools/artel/task_options.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>
#include <optional>
#include <set>
#include <sstream>
#include <utility>

namespace artel::tools {

namespace {

/// What is to be shown; nodes are still names.
struct view {
  sim::log_filter filter;
  std::set<std::string> nodes;
  bool is_quiet = false;
};

/// "a,b" and repeated options alike.
std::set<std::string> words_of(const arguments& given,
                               const std::string& option) {
  std::set<std::string> words;
  for (const auto& text : given.values(option)) {
    std::istringstream parts{text};
    for (std::string word; std::getline(parts, word, ',');)
      words.insert(word);
  }
  return words;
}

result<void> check_kinds(const std::set<std::string>& kinds) {
  const auto& known = sim::replay_log::known_kinds();
  for (const auto& kind : kinds)
    if (std::find(known.begin(), known.end(), kind) == known.end()) {
      std::string possible;
      for (auto name : known)
        possible += (possible.empty() ? "" : ", ") + std::string{name};
      return {errc::invalid_argument, "--only: " + artel::quoted(kind)
                                        + " is no kind of record"
                                        + runtime::did_you_mean(kind, known)
                                        + "; expected " + possible};
    }
  return {};
}

result<void> check_nodes(const sim::world_plan& plan,
                         const std::set<std::string>& nodes) {
  std::vector<std::string_view> known;
  for (const auto& node : plan.nodes)
    known.push_back(node.name);
  for (const auto& name : nodes)
    if (std::find(known.begin(), known.end(), name) == known.end())
      return {errc::not_found, "--node: this world has no node "
                                 + artel::quoted(name)
                                 + runtime::did_you_mean(name, known)};
  return {};
}

result<void> read_time(const arguments& given, const std::string& option,
                       microseconds& into) {
  auto text = given.value(option);
  if (!text)
    return {};
  auto span = parse_span(*text);
  if (!span)
    return {span.error().code, "--" + option + ": " + span.error().message};
  into = *span;
  return {};
}

result<view> view_of(const arguments& given, const sim::world_plan& plan) {
  view made;
  made.filter.kinds = words_of(given, "only");
  made.nodes = words_of(given, "node");
  made.is_quiet = given.has("quiet");
  if (auto sound = check_kinds(made.filter.kinds); !sound)
    return sound.error();
  if (auto sound = check_nodes(plan, made.nodes); !sound)
    return sound.error();
  if (auto sound = read_time(given, "from", made.filter.from); !sound)
    return sound.error();
  if (auto sound = read_time(given, "to", made.filter.to); !sound)
    return sound.error();
  return made;
}

/// Hears of all that happens in a world, and writes it.
class recorder {
public:
  recorder(view what, std::ostream* trace)
    : view_(std::move(what)),
      trace_file_(trace) {}

  void on_world(const sim::world& made) {
    world_ = &made;
    auto name_of = [this](sim::node_index node) {
      return node < world_->node_count() ? world_->node(node).options.name
                                         : std::string{"world"};
    };
    if (!view_.is_quiet)
      log_.emplace(std::cout, view_.filter, name_of);
    if (trace_file_)
      trace_.emplace(*trace_file_, name_of);
  }

  void on_record(microseconds when, const sim::trace_record& record) {
    if (log_ && is_wanted(record))
      log_->on_record(when, record);
    if (trace_)
      trace_->on_record(when, record);
  }

  void finish() {
    if (trace_)
      trace_->finish();
  }

private:
  bool is_wanted(sim::node_index node) const {
    return node == sim::no_node || node >= world_->node_count()
           || view_.nodes.contains(world_->node(node).options.name);
  }
  /// By name: nodes that join later have no number yet.
  bool is_wanted(const sim::trace_record& record) const {
    if (view_.nodes.empty())
      return true;
    if (const auto* frame = std::get_if<sim::frame_record>(&record))
      return is_wanted(frame->from) || is_wanted(frame->to);
    return std::visit(
      [this](const auto& one) {
        if constexpr (requires { one.node; })
          return is_wanted(one.node);
        else
          return true;
      },
      record);
  }

  view view_;
  std::ostream* trace_file_;
  const sim::world* world_ = nullptr;
  std::optional<sim::replay_log> log_;
  std::optional<sim::chrome_trace> trace_;
};

result<std::optional<std::ofstream>> open_trace(const arguments& given) {
  auto path = given.value("trace");
  if (!path)
    return std::optional<std::ofstream>{};
  errno = 0;
  std::ofstream file{*path, std::ios::binary | std::ios::trunc};
  if (!file)
    return {errc::system_failure,
            "trace file " + artel::quoted(*path)
              + " cannot be written: " + std::strerror(errno)};
  return std::optional{std::move(file)};
}

exit_code code_of(const sim::plan_outcome& outcome, bool diverges) {
  if (outcome.end == sim::drive_end::interrupted)
    return exit_code::interrupted;
  return outcome.failed() || diverges ? exit_code::check_failed
                                      : exit_code::done;
}

exit_code run(const arguments& given) {
  auto plan = plan_of(given);
  if (!plan)
    return refuse(plan.error());
  if (given.has("script")) {
    write_output(sim::to_script(*plan));
    return exit_code::done;
  }
  auto shown = view_of(given, *plan);
  if (!shown)
    return refuse(shown.error());
  auto trace = open_trace(given);
  if (!trace)
    return refuse(trace.error());
  interrupt_guard guard{"the world ends here"};
  recorder heard{std::move(*shown), *trace ? &**trace : nullptr};
  sim::run_options options;
  options.stop = guard.token();
  options.on_world = [&](const sim::world& made) { heard.on_world(made); };
  options.listener = [&](microseconds when, const sim::trace_record& record) {
    heard.on_record(when, record);
  };
  sim::determinism_outcome outcome;
  if (given.has("check-determinism"))
    outcome = check_determinism(*plan, options);
  else
    outcome.first = run_plan(*plan, options);
  heard.finish();
  std::cout.flush();
  write_output(printable(to_text(outcome.first)));
  if (outcome.divergence)
    write_output("not deterministic: " + printable(*outcome.divergence) + "\n");
  if (*trace && !(*trace)->flush()) {
    tell("the trace could not be written");
    return exit_code::failure;
  }
  return code_of(outcome.first, outcome.divergence.has_value());
}

std::vector<option_info> replay_only_options() {
  using enum value_kind;
  return {
    {.name = "only",
     .kind = text,
     .value_name = "KIND,...",
     .help = "show these kinds of records: fault, event, step, or messages by"
             " name, such as job_assign",
     .default_text = "all but steps",
     .repeatable = true},
    {.name = "node",
     .kind = text,
     .value_name = "NAME,...",
     .help = "show what is about these nodes",
     .default_text = "all",
     .repeatable = true},
    {.name = "from",
     .kind = text,
     .value_name = "TIME",
     .help = "show what happens from then on, in the world's time"},
    {.name = "to", .kind = text, .value_name = "TIME", .help = "up to then"},
    {.name = "quiet", .letter = 'q', .help = "show the outcome alone"},
    {.name = "script", .help = "print the world as a script; run nothing"},
    {.name = "trace",
     .kind = file,
     .value_name = "FILE",
     .help = "write a time line for chrome://tracing and ui.perfetto.dev"},
    {.name = "check-determinism",
     .help = "run it twice, and tell the first difference"},
    plan_file_option(),
  };
}

} // namespace

command_info sim_replay_command() {
  command_info command;
  command.name = "sim replay";
  command.summary = "run one random simulated network, and show what happens";
  command.usage = "SEED [OPTION...]";
  command.description =
    "Runs the world that 'artel sim swarm' makes of the seed (with the same"
    " --nodes and --faults), and prints a line for each message, fault and"
    " event, in virtual time; then the outcome. The same seed always gives the"
    " same lines. Ends with exit code 9 where a rule was broken.";
  command.options = replay_only_options() + world_options();
  command.positional = value_kind::text;
  command.positional_max = 1;
  command.examples = {
    "artel sim replay 17 --nodes 8 --faults heavy",
    "artel sim replay 17 --only fault,verdict --from 2s --to 5s",
    "artel sim replay 17 --quiet --trace trace.json",
    "artel sim replay --plan small.json",
  };
  command.scope = command_scope::terminal;
  command.run = run;
  return command;
}

} // namespace artel::tools
