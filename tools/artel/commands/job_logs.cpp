#include "tools/artel/commands/job_logs.hpp"

#include "tools/artel/console.hpp"
#include "tools/artel/control_options.hpp"
#include "tools/artel/report_text.hpp"

#include <algorithm>
#include <cstdio>

namespace artel::tools {

namespace {

std::string text_of(const runtime::json& line) {
  wall_time when{};
  auto timed = runtime::read_field(line, "time", when).ok();
  auto text = (timed ? moment_text(when) + " " : "") + text_in(line, "level");
  if (auto node = text_in(line, "node"); !node.empty())
    text += ": " + node;
  text += ": " + text_in(line, "message") + "\n";
  auto tail = text_in(line, "stderr");
  for (std::size_t at = 0; at < tail.size();) {
    auto end = std::min(tail.find('\n', at), tail.size());
    text += "    " + tail.substr(at, end - at) + "\n";
    at = end + 1;
  }
  return text;
}

exit_code run(const arguments& given) {
  auto format = output_format_of(given);
  if (!format)
    return refuse(format.error());
  auto request = task_request("task.logs", given);
  request["follow"] = given.has("follow");
  auto answer = ask_node(given, request, [&format](const runtime::json& event) {
    auto line = event.find("line");
    if (line == event.end())
      return true;
    return write_output(*format == output_format::json
                          ? runtime::line_of(*line) + "\n"
                          : text_of(*line))
           && std::fflush(stdout) == 0;
  });
  // The reader of our output has had enough.
  if (!answer && answer.error().code == errc::cancelled)
    return exit_code::failure;
  return answer ? exit_code::done : refuse(answer.error());
}

} // namespace

command_info job_logs_command() {
  auto command = task_command("job logs");
  command.summary = "print what happened in a task";
  command.description =
    "Prints the log that a node of this machine keeps of a task: how it was"
    " planned, runs that failed with the end of their standard error, jobs that"
    " failed, and its end. With -o json one object a line. TASK is the first"
    " digits of its id.";
  command.options.push_back(
    {.name = "follow", .letter = 'f', .help = "go on until the task is over"});
  command.examples = {"artel job logs 5f3c", "artel job logs 5f3c --follow"};
  command.run = run;
  return command;
}

} // namespace artel::tools
