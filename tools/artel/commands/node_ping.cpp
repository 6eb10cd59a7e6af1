#include "tools/artel/commands/node_ping.hpp"

#include "runtime/config/units_text.hpp"
#include "runtime/launch/client_node.hpp"
#include "tools/artel/console.hpp"
#include "tools/artel/control_options.hpp"

namespace artel::tools {

namespace {

bool is_id_prefix(const std::string& text) {
  return text.find_first_not_of("0123456789abcdef") == text.npos;
}

/// Who is meant: an address, where it looks like one, else a node's id.
result<runtime::json> request_of(const arguments& given) {
  const auto& target = given.positional.front();
  runtime::json request{
    {"request", "node.ping"}, {"address", ""}, {"node", ""}, {"count", 5}};
  if (is_id_prefix(target)) {
    request["node"] = target;
  } else {
    auto address = runtime::parse_node_address(target);
    if (!address)
      return address.error();
    request["address"] = to_string(*address);
  }
  if (auto text = given.value("count")) {
    auto count = runtime::parse_whole_number(*text);
    if (!count)
      return {count.error().code, "--count: " + count.error().message};
    request["count"] = *count;
  }
  return request;
}

std::string summary_of(const runtime::json& answer) {
  std::int64_t least = 0;
  std::int64_t mean = 0;
  std::int64_t most = 0;
  auto known = runtime::read_field(answer, "min_us", least)
               && runtime::read_field(answer, "avg_us", mean)
               && runtime::read_field(answer, "max_us", most);
  if (!known)
    return {};
  return text_in(answer, "sent") + " sent, " + text_in(answer, "lost")
         + " lost; round trip min " + time_text(least) + ", avg "
         + time_text(mean) + ", max " + time_text(most) + "\n";
}

exit_code run(const arguments& given) {
  auto format = output_format_of(given);
  if (!format)
    return refuse(format.error());
  auto request = request_of(given);
  if (!request)
    return refuse(request.error());
  auto answer =
    ask_node(given, *request, [&format](const runtime::json& event) {
      std::int64_t latency = 0;
      if (*format == output_format::table)
        write_output(runtime::read_field(event, "latency_us", latency)
                       ? time_text(latency) + "\n"
                       : "no answer\n");
      return true;
    });
  if (!answer)
    return refuse(answer.error());
  write_output(*format == output_format::json ? runtime::document_of(*answer)
                                              : summary_of(*answer));
  return exit_code::done;
}

} // namespace

command_info node_ping_command() {
  command_info command;
  command.name = "node ping";
  command.summary =
    "measure round trips from a node of this machine to another";
  command.usage = "ADDRESS|NODE [OPTION...]";
  command.description =
    "Asks a running node to ping another over their link. An address is dialled"
    " where there is no link yet; a node is named by the first digits of its "
    "id,"
    " as 'artel node list' shows them. The port is 7447 where none is given.";
  command.options = control_and_format_options();
  command.options.push_back({.name = "count",
                             .letter = 'n',
                             .kind = value_kind::text,
                             .value_name = "N",
                             .help = "how many pings",
                             .default_text = "5"});
  command.positional = value_kind::text;
  command.positional_min = 1;
  command.positional_max = 1;
  command.examples = {"artel node ping seed.example:7447",
                      "artel node ping 5f3c --count 20"};
  command.scope = command_scope::terminal;
  command.run = run;
  return command;
}

} // namespace artel::tools
