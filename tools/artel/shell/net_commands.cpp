#include "protocol/task/message_text.hpp"
#include "runtime/sim/world.hpp"
#include "tools/artel/shell/link_options.hpp"
#include "tools/artel/shell/option_reader.hpp"
#include "tools/artel/shell/session.hpp"
#include "tools/artel/shell/session_commands.hpp"
#include "tools/artel/shell/world_names.hpp"

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace artel::tools {

namespace {

using node_set = std::set<sim::node_index>;

/// The nodes of a list; nothing: what is wrong was told, with the code.
std::optional<node_set> nodes_of(session& in, const std::string& list,
                                 exit_code& code) {
  std::string about;
  auto chosen = select_nodes(in.need_world(), list, about);
  if (const auto* wrong = std::get_if<std::string>(&chosen)) {
    code = in.refuse({errc::not_found, *wrong}, about);
    return std::nullopt;
  }
  const auto& nodes = std::get<0>(chosen);
  return node_set{nodes.begin(), nodes.end()};
}

using path_action = std::function<void(sim::node_index, sim::node_index)>;

/// Calls the function for each node of the first list with each of the second.
exit_code for_each_path(session& in, const arguments& given,
                        const path_action& act) {
  if (in.is_checking())
    return exit_code::done;
  auto code = exit_code::done;
  auto from = nodes_of(in, given.positional[0], code);
  if (!from)
    return code;
  auto to = nodes_of(in, given.positional[1], code);
  if (!to)
    return code;
  for (auto a : *from)
    for (auto b : *to)
      if (a != b)
        act(a, b);
  return exit_code::done;
}

exit_code run_link(session& in, const arguments& given) {
  option_reader read{in, given};
  sim::link_profile trial;
  read_link_options(read, trial);
  if (auto refused = read.refused())
    return *refused;
  return for_each_path(in, given, [&](sim::node_index a, sim::node_index b) {
    auto& world = in.need_world();
    if (!has_link_options(given))
      return world.connect(a, b);
    auto change = [&](sim::node_index from, sim::node_index to) {
      auto profile = world.net().profile(from, to);
      read_link_options(read, profile);
      world.net().set_profile(from, to, profile);
    };
    change(a, b);
    if (!given.has("one-way"))
      change(b, a);
  });
}

exit_code run_set(session& in, const arguments& given) {
  const auto& names = given.positional;
  if (!has_link_options(given))
    return in.refuse({errc::invalid_argument,
                      "'net set' lacks what to set; expected an option such as"
                      " --loss 10%"});
  if (names.size() == 2)
    return run_link(in, given);
  if (names.size() == 1 && names[0] != "all")
    return in.refuse({errc::invalid_argument,
                      "expected two nodes (or lists of them), or 'all'"},
                     names[0]);
  option_reader read{in, given};
  sim::link_profile profile;
  if (!in.is_checking())
    profile = in.need_world().net().standard();
  read_link_options(read, profile);
  if (auto refused = read.refused())
    return *refused;
  if (!in.is_checking())
    in.need_world().net().set_standard(profile);
  return exit_code::done;
}

node_set all_others(const sim::world& world, const node_set& nodes) {
  node_set others;
  for (std::size_t i = 0; i < world.node_count(); ++i)
    if (auto index = static_cast<sim::node_index>(i); !nodes.contains(index))
      others.insert(index);
  return others;
}

exit_code run_partition(session& in, const arguments& given) {
  const auto& words = given.positional;
  if (words.size() > 1 && (words[1] != "from" || words.size() != 3))
    return in.refuse({errc::invalid_argument,
                      "expected 'from' and the nodes of the other side here;"
                      " usage: net partition A,B [from C,D | from rest]"},
                     words[1]);
  if (in.is_checking())
    return exit_code::done;
  auto& world = in.need_world();
  auto code = exit_code::done;
  auto side = nodes_of(in, words[0], code);
  if (!side)
    return code;
  auto others = all_others(world, *side);
  if (words.size() == 3 && words[2] != "rest") {
    auto chosen = nodes_of(in, words[2], code);
    if (!chosen)
      return code;
    for (auto one : *chosen)
      if (side->contains(one))
        return in.refuse(
          {errc::invalid_argument,
           artel::quoted(world.node(one).options.name) + " is on both sides"},
          words[2]);
    others = std::move(*chosen);
  }
  if (others.empty())
    return in.refuse(
      {errc::invalid_state, "there is no node on the other side"}, words[0]);
  auto id =
    world.net().partition(*side, std::move(others), given.has("one-way"));
  in.remember_partition(std::move(*side), id);
  return exit_code::done;
}

exit_code run_heal(session& in, const arguments& given) {
  if (in.is_checking())
    return exit_code::done;
  auto& world = in.need_world();
  if (given.positional.empty()) {
    world.net().heal_all();
    return exit_code::done;
  }
  auto code = exit_code::done;
  auto side = nodes_of(in, given.positional[0], code);
  if (!side)
    return code;
  auto ids = in.take_partitions(*side);
  if (ids.empty())
    return in.refuse({errc::invalid_state, "there is no partition of "
                                             + given.positional[0]
                                             + "; 'net heal' alone ends all"},
                     given.positional[0]);
  for (auto id : ids)
    world.net().heal(id);
  return exit_code::done;
}

exit_code run_clog(session& in, const arguments& given) {
  return for_each_path(in, given, [&](sim::node_index a, sim::node_index b) {
    in.need_world().net().clog(a, b);
  });
}

exit_code run_unclog(session& in, const arguments& given) {
  return for_each_path(in, given, [&](sim::node_index a, sim::node_index b) {
    in.need_world().net().unclog(a, b);
  });
}

exit_code run_break(session& in, const arguments& given) {
  return for_each_path(in, given, [&](sim::node_index a, sim::node_index b) {
    in.need_world().net().break_links(a, b);
  });
}

command_info net_command(std::string name, std::string summary,
                         exit_code (*run)(session&, const arguments&)) {
  command_info command;
  command.name = std::move(name);
  command.summary = std::move(summary);
  command.usage = "A B";
  command.description = "A and B are nodes or lists of nodes: a,b or worker-*.";
  command.positional = value_kind::nodes;
  command.positional_min = 2;
  command.positional_max = 2;
  command.run_in_session = run;
  return command;
}

option_info one_way(std::string help) {
  return {.name = "one-way", .help = std::move(help)};
}

command_info link_command() {
  auto link =
    net_command("net link", "link nodes, or change their paths", run_link);
  link.usage = "A B [OPTION...]";
  link.description +=
    " Without options, A links itself to B, and does so again whenever the link"
    " is lost. With options, the paths between them are so from now on, both"
    " ways; what is not said stays.";
  link.options = link_options();
  for (auto& one : link.options)
    one.default_text.clear();
  link.options.push_back(one_way("change the path from A to B alone"));
  link.examples = {"net link alice worker-1",
                   "net link alice worker-* --latency 80ms --loss 5%"};
  return link;
}

command_info set_command() {
  auto set = net_command("net set", "change all paths, or some", run_set);
  set.usage = "[all | A B] OPTION...";
  set.description =
    "Without nodes, the paths that have nothing of their own are so from now"
    " on; with A and B, those between them, as by 'net link'. What is not said"
    " stays.";
  set.positional_min = 0;
  set.options = link_options();
  for (auto& one : set.options)
    one.default_text.clear();
  set.options.push_back(one_way("change the path from A to B alone"));
  set.examples = {"net set --loss 10%", "net set alice worker-1 --capacity"
                                        " 1MB/s"};
  return set;
}

command_info partition_command() {
  auto partition = net_command("net partition",
                               "let nothing pass between nodes", run_partition);
  partition.usage = "A,B [from C,D | from rest] [--one-way]";
  partition.description =
    "Frames from one side to the other are lost and nobody can be dialled "
    "there;"
    " links stay. Without the second side it is all others. Partitions add up,"
    " until 'net heal'.";
  partition.positional_min = 1;
  partition.positional_max = 3;
  partition.options = {
    one_way("what goes from the first side to the other is lost, what comes"
            " back is not")};
  partition.examples = {"net partition worker-1,worker-2",
                        "net partition alice from worker-* --one-way"};
  return partition;
}

} // namespace

std::vector<command_info> net_commands() {
  auto heal = net_command("net heal", "end partitions", run_heal);
  heal.usage = "[A,B]";
  heal.description = "All of them, or those that 'net partition A,B' made.";
  heal.positional_min = 0;
  heal.positional_max = 1;
  auto clog = net_command("net clog", "let frames from A to B wait", run_clog);
  auto unclog =
    net_command("net unclog", "let them go on, in order", run_unclog);
  auto broken = net_command("net break",
                            "break the links between A and B, once", run_break);
  return {link_command(), set_command(), partition_command(), heal, clog,
          unclog,         broken};
}

} // namespace artel::tools
