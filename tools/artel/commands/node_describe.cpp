#include "tools/artel/commands/node_describe.hpp"

#include "tools/artel/console.hpp"
#include "tools/artel/control_options.hpp"
#include "tools/artel/text_table.hpp"

namespace artel::tools {

namespace {

using rows = std::vector<std::vector<std::string>>;

void add(rows& all, const std::string& label, const std::string& text) {
  all.push_back({label, text});
}

std::string worker_text(const runtime::json& status) {
  auto worker = status.find("worker");
  if (worker == status.end())
    return "runs no jobs";
  return text_in(*worker, "running") + " running, " + text_in(*worker, "queued")
         + " waiting, of " + text_in(*worker, "slots") + " at a time; "
         + text_in(*worker, "completed") + " completed, "
         + text_in(*worker, "failed") + " failed";
}

std::string claims_text(const runtime::json& status) {
  auto claims = status.find("claims_total");
  if (claims == status.end())
    return "none";
  return text_in(*claims, "amount") + " credits in "
         + text_in(*claims, "claims") + " signed claims, not witnessed yet";
}

/// What was counted and is not zero.
void add_counters(rows& all, const std::string& group,
                  const runtime::json& counters) {
  for (const auto& [name, value] : counters.items())
    if (value.is_number() && value != 0)
      add(all, group + " " + printable(name), runtime::line_of(value));
}

std::string list_text(const runtime::json& list) {
  std::string text;
  for (const auto& one : list)
    if (one.is_string())
      text += (text.empty() ? "" : ", ")
              + printable(one.get_ref<const std::string&>());
  return text.empty() ? "nowhere" : text;
}

std::string description_of(const runtime::json& status) {
  rows all;
  auto none = runtime::json::array();
  add(all, "node", text_in(status, "node"));
  add(all, "name", text_in(status, "name"));
  add(all, "owner", text_in(status, "owner"));
  add(all, "role", text_in(status, "role"));
  add(all, "network",
      text_in(status, "network") + ", config version "
        + text_in(status, "config_version"));
  add(all, "listens", list_text(status.value("listens", none)));
  add(all, "state", text_in(status, "state"));
  std::int64_t uptime = 0;
  if (runtime::read_field(status, "uptime_ms", uptime))
    add(all, "process",
        text_in(status, "pid") + ", for " + time_text(uptime * 1'000));
  add(all, "peers",
      std::to_string(status.value("peers", none).size()) + ", "
        + text_in(status, "known_addresses") + " addresses known");
  add(all, "draining", text_in(status, "draining") == "true" ? "yes" : "no");
  add(all, "worker", worker_text(status));
  add(all, "tasks", text_in(status, "tasks_running") + " running");
  add(all, "claims", claims_text(status));
  auto empty = runtime::json::object();
  add_counters(all, "messages:", status.value("counters", empty));
  add_counters(all, "links:", status.value("links", empty));
  constexpr std::size_t words = 2;
  return table_text(all, 0, words);
}

exit_code run(const arguments& given) {
  return ask_and_print(
    given, runtime::json{{"request", "node.status"}},
    [](const runtime::json& status) -> result<printed_answer> {
      return printed_answer{status, description_of(status)};
    });
}

} // namespace

command_info node_describe_command() {
  command_info command;
  command.name = "node describe";
  command.summary = "tell how a node of this machine is";
  command.description =
    "Asks a running node over its control socket: who it is, what it does, what"
    " others owe it, and what was counted, also of messages and links that it"
    " refused. What others owe are signed claims; nobody has witnessed them "
    "yet.";
  command.options = control_and_format_options();
  command.examples = {"artel node describe", "artel node describe -o json"};
  command.scope = command_scope::terminal;
  command.run = run;
  return command;
}

} // namespace artel::tools
