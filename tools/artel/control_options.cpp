#include "tools/artel/control_options.hpp"

#include "runtime/observe/progress.hpp"
#include "tools/artel/console.hpp"
#include "tools/artel/node_options.hpp"

#include <utility>

namespace artel::tools {

namespace {

result<std::filesystem::path> control_path(const arguments& given) {
  if (auto path = given.value("control"))
    return std::filesystem::path{*path};
  auto sources = runtime::sources_of_process();
  if (auto file = given.value("config"))
    sources.file = *file;
  std::vector<runtime::config_problem> problems;
  auto loaded = runtime::load_node_settings(
    sources, runtime::named_files::unchecked, problems);
  if (!loaded)
    return {problems.empty() ? errc::invalid_argument : problems.front().code,
            problems.empty() ? "the settings can't be read"
                             : to_string(problems.front())};
  return loaded->settings.node.control;
}

} // namespace

std::vector<option_info> control_options() {
  return {
    {.name = "control",
     .kind = value_kind::file,
     .value_name = "SOCKET",
     .help = "the control socket of the node to ask",
     .default_text = "what the settings say"},
    {.name = "config",
     .kind = value_kind::file,
     .value_name = "FILE",
     .help = "the settings of the node to ask"},
  };
}

std::vector<option_info> control_and_format_options() {
  auto options = control_options();
  options.push_back({.name = "output",
                     .letter = 'o',
                     .kind = value_kind::choice,
                     .value_name = "FORMAT",
                     .help = "table, for people, or json (one document)",
                     .default_text = "table",
                     .choices = {"table", "json"}});
  return options;
}

result<runtime::control_client> connect_to_node(const arguments& given) {
  auto path = control_path(given);
  if (!path)
    return path.error();
  return runtime::control_client::connect(*path);
}

result<runtime::json> ask_node(const arguments& given,
                               const runtime::json& request,
                               const runtime::control_events& on_event) {
  auto node = connect_to_node(given);
  if (!node)
    return node.error();
  return node->ask(request, on_event);
}

exit_code ask_and_print(const arguments& given, const runtime::json& request,
                        const answer_printer& print) {
  auto format = output_format_of(given);
  if (!format)
    return refuse(format.error());
  auto answer = ask_node(given, request);
  if (!answer)
    return refuse(answer.error());
  auto printed = print(*answer);
  if (!printed)
    return refuse(printed.error());
  write_output(*format == output_format::json
                 ? runtime::document_of(printed->document)
                 : printed->text);
  return printed->code;
}

command_info task_command(std::string name) {
  command_info command;
  command.name = std::move(name);
  command.usage = "TASK [OPTION...]";
  command.options = control_and_format_options();
  command.positional = value_kind::text;
  command.positional_min = 1;
  command.positional_max = 1;
  command.scope = command_scope::terminal;
  return command;
}

runtime::json task_request(const std::string& name, const arguments& given) {
  return runtime::json{{"request", name},
                       {"task", runtime::json_of(given.positional.front())}};
}

result<runtime::task_summary> summary_in(const runtime::json& answer) {
  return runtime::read_summary(
    answer.value("summary", runtime::json::object()));
}

std::string text_in(const runtime::json& from, const std::string& field) {
  if (!from.is_object())
    return {};
  auto found = from.find(field);
  if (found == from.end())
    return {};
  return printable(found->is_string() ? found->get_ref<const std::string&>()
                                      : runtime::line_of(*found));
}

std::string short_id(const std::string& id) {
  constexpr std::size_t digits = 12;
  return id.substr(0, digits);
}

std::string time_text(std::int64_t microseconds_count) {
  if (microseconds_count < 1'000)
    return std::to_string(microseconds_count) + " us";
  if (microseconds_count < 1'000'000)
    return std::to_string(microseconds_count / 1'000) + "."
           + std::to_string(microseconds_count / 100 % 10) + " ms";
  return runtime::elapsed_text(milliseconds{microseconds_count / 1'000});
}

} // namespace artel::tools
