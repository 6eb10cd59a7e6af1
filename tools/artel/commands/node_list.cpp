#include "tools/artel/commands/node_list.hpp"

#include "tools/artel/control_options.hpp"
#include "tools/artel/text_table.hpp"

namespace artel::tools {

namespace {

std::vector<std::string> row_of(const runtime::json& peer) {
  std::int64_t latency = 0;
  std::int64_t age = 0;
  auto ready = false;
  auto known = runtime::read_field(peer, "ready", ready)
               && runtime::read_field(peer, "latency_us", latency)
               && runtime::read_field(peer, "age_us", age);
  auto name = text_in(peer, "name");
  return {ready ? short_id(text_in(peer, "node")) : "-",
          name.empty() ? "-" : name,
          ready ? text_in(peer, "role") : "joining",
          ready ? short_id(text_in(peer, "owner")) : "-",
          text_in(peer, "address"),
          text_in(peer, "direction"),
          known && ready ? time_text(latency) : "-",
          known && ready ? time_text(age) : "-"};
}

std::string table_of(const runtime::json& peers) {
  std::vector<std::vector<std::string>> rows{
    {"NODE", "NAME", "ROLE", "OWNER", "ADDRESS", "LINK", "LATENCY", "AGE"}};
  for (const auto& peer : peers)
    rows.push_back(row_of(peer));
  constexpr std::size_t words = 6;
  return table_text(rows, 0, words);
}

exit_code run(const arguments& given) {
  return ask_and_print(
    given, runtime::json{{"request", "node.status"}},
    [](const runtime::json& status) -> result<printed_answer> {
      auto peers = status.value("peers", runtime::json::array());
      return printed_answer{runtime::json{{"peers", peers}}, table_of(peers)};
    });
}

} // namespace

command_info node_list_command() {
  command_info command;
  command.name = "node list";
  command.summary = "list the nodes that a node of this machine has links to";
  command.description = "Asks a running node over its control socket. A link "
                        "that is 'in' was opened"
                        " by the other side.";
  command.options = control_and_format_options();
  command.examples = {"artel node list", "artel node list -o json"};
  command.scope = command_scope::terminal;
  command.run = run;
  return command;
}

} // namespace artel::tools
