#include "tools/artel/shell/session_commands.hpp"

#include <iterator>
#include <utility>

namespace artel::tools {

std::vector<command_info> session_commands() {
  struct part {
    const char* group;
    std::vector<command_info> (*commands)();
  };
  std::vector<command_info> all;
  for (auto [group, part_commands] :
       {part{"The world", world_commands}, part{"Nodes", node_commands},
        part{"The network", net_commands}, part{"Tasks", task_commands},
        part{"Time", time_commands},
        part{"Looking, and scripts", script_commands}}) {
    auto commands = part_commands();
    for (auto& one : commands) {
      one.scope = command_scope::session;
      one.group = group;
    }
    all.insert(all.end(), std::make_move_iterator(commands.begin()),
               std::make_move_iterator(commands.end()));
  }
  return all;
}

} // namespace artel::tools
