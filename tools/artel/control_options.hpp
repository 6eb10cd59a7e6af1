// How commands find a node daemon of this machine and ask it.
#pragma once

#include "runtime/control/control_client.hpp"
#include "runtime/control/kept_task.hpp"
#include "tools/artel/command_table.hpp"
#include "tools/artel/exit_codes.hpp"
#include "tools/artel/task_options.hpp"

#include <functional>
#include <string>
#include <vector>

namespace artel::tools {

/// --control and --config.
std::vector<option_info> control_options();

/// The same with -o.
std::vector<option_info> control_and_format_options();

/// Of --control; else what the settings say, of --config where it is given.
result<runtime::control_client> connect_to_node(const arguments& given);

/// One request without parameters, or with a task: asks and gives the answer.
result<runtime::json> ask_node(const arguments& given,
                               const runtime::json& request,
                               const runtime::control_events& on_event = {});

/// What a command makes of an answer, and how it ends.
struct printed_answer {
  /// With -o json.
  runtime::json document;
  std::string text;
  exit_code code = exit_code::done;
};

using answer_printer =
  std::function<result<printed_answer>(const runtime::json& answer)>;

/// Asks, and prints what becomes of the answer, as -o says.
exit_code ask_and_print(const arguments& given, const runtime::json& request,
                        const answer_printer& print);

/// A command about one task: its argument and options, to be completed.
command_info task_command(std::string name);

/// {"request": name, "task": the command's argument}
runtime::json task_request(const std::string& name, const arguments& given);

/// The "summary" of an answer about a task.
result<runtime::task_summary> summary_in(const runtime::json& answer);

/// Text of a field; empty where there is none. Made safe for a terminal.
std::string text_in(const runtime::json& from, const std::string& field);

/// The first digits of an id, enough for people.
std::string short_id(const std::string& id);

/// "850 us", "1.3 ms", "2 min 5 s".
std::string time_text(std::int64_t microseconds_count);

} // namespace artel::tools
