#include "protocol/task/message_text.hpp"
#include "runtime/config/units_text.hpp"
#include "runtime/sim/byzantine/behaviour.hpp"
#include "runtime/sim/world.hpp"
#include "tools/artel/shell/figures.hpp"
#include "tools/artel/shell/option_reader.hpp"
#include "tools/artel/shell/option_values.hpp"
#include "tools/artel/shell/session.hpp"
#include "tools/artel/shell/session_commands.hpp"
#include "tools/artel/shell/world_names.hpp"

#include <functional>
#include <optional>
#include <string>
#include <utility>

namespace artel::tools {

namespace {

constexpr std::uint64_t nodes_max = 100'000;

result<std::uint32_t> parse_small(std::string_view text, std::uint64_t least) {
  constexpr std::uint64_t most = 1'000'000;
  auto count = parse_count(text, least, most);
  if (!count)
    return count.error();
  return static_cast<std::uint32_t>(*count);
}

void read_traits(option_reader& read, const arguments& given,
                 sim::behaviour& how) {
  for (auto name : sim::trait_names()) {
    std::string option{name};
    auto value = given.value(option);
    if (!value)
      continue;
    if (auto set = sim::set_trait(how, name, *value); !set)
      read.refuse(set.error(), "--" + option);
  }
}

void read_speed(option_reader& read, std::optional<std::uint32_t>& target) {
  std::uint32_t score = 0;
  for (const char* option : {"speed", "score"}) {
    read.read(option, parse_cpu_score, score);
    if (score > 0)
      target = score;
  }
}

void read_node_options(option_reader& read, sim::node_options& target) {
  auto one_or_more = [](const std::string& text) {
    return parse_small(text, 1);
  };
  auto any = [](const std::string& text) { return parse_small(text, 0); };
  read.read("role", parse_node_role, target.role);
  read.read("credits", parse_credits, target.grant);
  read.read("cpu", one_or_more, target.cores);
  read.read("memory", runtime::parse_bytes, target.ram_bytes);
  read.read("disk", runtime::parse_bytes, target.disk_bytes);
  read.read("slots", any, target.slots);
  std::optional<std::uint32_t> score;
  read_speed(read, score);
  target.cpu_score = score.value_or(target.cpu_score);
}

/// The names to give: NAME, or NAME-1 to NAME-COUNT.
result<std::vector<std::string>> names_to_add(const arguments& given) {
  const auto& name = given.positional[0];
  if (is_reserved_name(name))
    return {errc::invalid_argument,
            artel::quoted(name)
              + " means something in expressions; expected another"
                " name"};
  if (given.positional.size() == 1)
    return std::vector{name};
  auto count = parse_count(given.positional[1], 1, nodes_max);
  if (!count)
    return count.error();
  std::vector<std::string> names;
  for (std::uint64_t i = 1; i <= *count; ++i)
    names.push_back(name + "-" + std::to_string(i));
  return names;
}

exit_code add_nodes(session& in, sim::node_options options,
                    const arguments& given,
                    const std::vector<std::string>& names) {
  auto& world = in.need_world();
  if (auto owner = given.value("owner")) {
    options.same_owner_as = world.find_node(*owner);
    if (!options.same_owner_as)
      return in.refuse({errc::not_found, unknown_node(world, *owner)},
                       "--owner");
  }
  for (const auto& name : names) {
    if (world.find_task(name))
      return in.refuse({errc::already_exists,
                        "there is a task " + artel::quoted(name) + " already"},
                       given.positional[0]);
    options.name = name;
    if (auto added = world.add_node(options); !added)
      return in.refuse(added.error(), given.positional[0]);
  }
  return exit_code::done;
}

exit_code run_add(session& in, const arguments& given) {
  auto names = names_to_add(given);
  if (!names)
    return in.refuse(names.error(), given.positional.back());
  sim::node_options options;
  option_reader read{in, given};
  read_node_options(read, options);
  options.lonely = given.has("lonely");
  read_traits(read, given, options.how);
  if (auto refused = read.refused())
    return *refused;
  return in.is_checking() ? exit_code::done
                          : add_nodes(in, std::move(options), given, *names);
}

/// Calls the function for each node of the first argument; what it says is
/// wrong ends it.
exit_code
for_each_node(session& in, const arguments& given,
              const std::function<result<void>(sim::node_index)>& act) {
  if (in.is_checking())
    return exit_code::done;
  std::string about;
  auto chosen = select_nodes(in.need_world(), given.positional[0], about);
  if (const auto* wrong = std::get_if<std::string>(&chosen))
    return in.refuse({errc::not_found, *wrong}, about);
  for (auto index : std::get<0>(chosen))
    if (auto done = act(index); !done)
      if (auto code = in.refuse(done.error(), given.positional[0]);
          code != exit_code::done)
        return code;
  return exit_code::done;
}

exit_code run_set(session& in, const arguments& given) {
  option_reader read{in, given};
  sim::behaviour trial;
  read_traits(read, given, trial);
  std::optional<std::uint32_t> score;
  read_speed(read, score);
  if (auto refused = read.refused())
    return *refused;
  if (given.options.empty())
    return in.refuse({errc::invalid_argument,
                      "'node set' lacks what to set; expected an option such as"
                      " --lies always ('help node set' lists all)"});
  return for_each_node(in, given, [&](sim::node_index index) -> result<void> {
    auto& world = in.need_world();
    auto how = world.node(index).options.how;
    read_traits(read, given, how);
    world.set_behaviour(index, how);
    if (score)
      world.set_cpu_score(index, *score);
    return {};
  });
}

exit_code run_kill(session& in, const arguments& given) {
  auto kind =
    given.has("power") ? sim::crash_kind::power : sim::crash_kind::process;
  return for_each_node(in, given, [&](sim::node_index index) {
    return in.need_world().kill(index, kind);
  });
}

exit_code run_pause(session& in, const arguments& given) {
  return for_each_node(in, given, [&](sim::node_index index) {
    return in.need_world().pause(index);
  });
}

exit_code run_resume(session& in, const arguments& given) {
  return for_each_node(in, given, [&](sim::node_index index) {
    return in.need_world().resume(index);
  });
}

exit_code run_restart(session& in, const arguments& given) {
  return for_each_node(in, given, [&](sim::node_index index) {
    return in.need_world().restart(index);
  });
}

std::string trait_value_name(std::string_view name) {
  if (name == "lies")
    return "HOW";
  if (name == "slow")
    return "FACTOR";
  if (name == "crashes")
    return "SHARE";
  return name == "floods" ? "RATE" : "YES|NO";
}

std::string trait_help(std::string_view name) {
  if (name == "lies")
    return "give wrong answers: always, never, colluding (all liars give the"
           " same one) or a share of them: 30%";
  if (name == "silent")
    return "take jobs and never answer";
  if (name == "slow")
    return "take so many times as long: 4x";
  if (name == "crashes")
    return "share of runs that fail: 20%";
  if (name == "answers-twice")
    return "send a second, different answer";
  if (name == "replays")
    return "send old frames again";
  if (name == "forges")
    return "change receipts after they were signed";
  if (name == "floods")
    return "send so much garbage to every peer: 100/s";
  return "change how the node behaves";
}

std::vector<std::string> trait_choices(std::string_view name) {
  if (name == "lies")
    return {"always", "never", "colluding"};
  if (name == "slow" || name == "crashes" || name == "floods")
    return {};
  return {"yes", "no"};
}

std::vector<option_info> behaviour_options() {
  std::vector<option_info> options;
  for (auto name : sim::trait_names())
    options.push_back({.name = std::string{name},
                       .kind = value_kind::text,
                       .value_name = trait_value_name(name),
                       .help = trait_help(name),
                       .choices = trait_choices(name)});
  options.push_back({.name = "speed",
                     .kind = value_kind::text,
                     .value_name = "FACTOR",
                     .help = "how fast a core is: 1.5x the reference machine,"
                             " or its score",
                     .default_text = "1x"});
  options.push_back({.name = "score",
                     .kind = value_kind::text,
                     .value_name = "N",
                     .help = "the same as a score: 1000 is the reference"
                             " machine"});
  return options;
}

command_info node_command(std::string name, std::string summary,
                          exit_code (*run)(session&, const arguments&)) {
  command_info command;
  command.name = std::move(name);
  command.summary = std::move(summary);
  command.usage = "NAME[,NAME...]";
  command.description =
    "'*' in a name stands for any characters: worker-*; '*' alone for all"
    " nodes.";
  command.positional = value_kind::nodes;
  command.positional_min = 1;
  command.positional_max = 1;
  command.run_in_session = run;
  return command;
}

command_info add_command() {
  using enum value_kind;
  auto add =
    node_command("node add", "start nodes, linked with earlier ones", run_add);
  add.usage = "NAME [COUNT] [OPTION...]";
  add.description =
    "With a count, the nodes are called NAME-1 to NAME-COUNT. Each has an owner"
    " of its own.";
  add.positional = text;
  add.positional_max = 2;
  add.options = {
    {.name = "role",
     .kind = choice,
     .value_name = "ROLE",
     .help = "client (runs no jobs), public, seed or specialised",
     .default_text = "public",
     .choices = {"client", "public", "seed", "specialised"}},
    {.name = "credits",
     .kind = text,
     .value_name = "CREDITS",
     .help = "what its owner's account begins with",
     .default_text = "100"},
    {.name = "cpu",
     .kind = text,
     .value_name = "N",
     .help = "cores",
     .default_text = "4"},
    {.name = "memory",
     .kind = text,
     .value_name = "SIZE",
     .help = "memory it offers",
     .default_text = "8GiB"},
    {.name = "disk",
     .kind = text,
     .value_name = "SIZE",
     .help = "disk space it offers",
     .default_text = "64GiB"},
    {.name = "slots",
     .kind = text,
     .value_name = "N",
     .help = "jobs that it runs at a time; 0: none",
     .default_text = "one a core, none for clients"},
    {.name = "owner",
     .kind = nodes,
     .value_name = "NODE",
     .help = "belong to that node's owner"},
    {.name = "lonely", .help = "link itself to nobody"},
  };
  for (auto& one : behaviour_options())
    add.options.push_back(std::move(one));
  add.examples = {"node add alice --role client --credits 500",
                  "node add worker 8 --cpu 4 --speed 0.5x",
                  "node add liar 2 --lies colluding"};
  return add;
}

} // namespace

std::vector<command_info> node_commands() {
  auto set =
    node_command("node set", "change how nodes behave, from now on", run_set);
  set.usage = "NAME[,NAME...] OPTION...";
  set.options = behaviour_options();
  set.examples = {"node set worker-3 --lies always",
                  "node set worker-* --slow 4x --crashes 20%"};
  auto kill = node_command("node kill", "end nodes at once", run_kill);
  kill.options = {{.name = "power",
                   .help = "as if its power failed: nobody hears that its links"
                           " are gone"}};
  kill.examples = {"node kill worker-1", "at 2s node kill worker-* --power"};
  auto pause =
    node_command("node pause", "stop nodes, with all they hold", run_pause);
  auto resume =
    node_command("node resume", "let paused nodes go on", run_resume);
  auto restart = node_command("node restart", "start nodes again that are down",
                              run_restart);
  restart.description += " They have their keys and nothing else of what they"
                         " had.";
  return {add_command(), set, kill, pause, resume, restart};
}

} // namespace artel::tools
