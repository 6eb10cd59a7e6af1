#include "tools/artel/commands/sandbox_check.hpp"

#include "runtime/observe/json.hpp"
#include "sandbox/self_test.hpp"
#include "tools/artel/console.hpp"
#include "tools/artel/sandbox_options.hpp"
#include "tools/artel/task_options.hpp"

#include <algorithm>

namespace artel::tools {

namespace {

using sandbox::layer_report;
using sandbox::layer_state;

std::string row(const layer_report& one) {
  constexpr std::size_t name_columns = 24;
  constexpr std::size_t state_columns = 8;
  auto name = one.name;
  std::string state{to_string(one.state)};
  name.resize(std::max(name.size(), name_columns), ' ');
  state.resize(std::max(state.size(), state_columns), ' ');
  auto text = name + state + printable(one.found);
  if (!one.advice.empty())
    text += "; to do: " + one.advice;
  return text + "\n";
}

layer_report cache_layer(const sandbox::local_config& config) {
  layer_report report;
  report.name = "cache";
  auto known = !config.cache_directory.empty();
  report.state = known ? layer_state::active : layer_state::weaker;
  report.found = known ? config.cache_directory.string()
                       : "compiled modules are kept only as long as artel runs";
  if (!known)
    report.advice = "set ARTEL_CACHE_DIR, XDG_CACHE_HOME or HOME";
  return report;
}

std::string table_text(const std::vector<layer_report>& layers) {
  std::string text;
  for (const auto& one : layers)
    text += row(one);
  return text + printable(verdict_text(layers)) + "\n";
}

runtime::json layers_json(const std::vector<layer_report>& layers) {
  runtime::json document;
  document["isolation"] = std::string{to_string(verdict_of(layers))};
  document["verdict"] = runtime::json_of(verdict_text(layers));
  auto& list = document["layers"] = runtime::json::array();
  for (const auto& one : layers) {
    runtime::json entry;
    entry["name"] = one.name;
    entry["state"] = std::string{to_string(one.state)};
    entry["required"] = one.required;
    entry["found"] = runtime::json_of(one.found);
    entry["advice"] = runtime::json_of(one.advice);
    list.push_back(std::move(entry));
  }
  return document;
}

exit_code run(const arguments& given) {
  auto format = output_format_of(given);
  if (!format)
    return refuse(format.error());
  auto config = local_config_of(given);
  if (!config)
    return refuse(config.error());
  sandbox::local_executor executor{*config};
  auto layers = check_layers(executor);
  layers.push_back(cache_layer(*config));
  write_output(*format == output_format::json
                 ? runtime::document_of(layers_json(layers))
                 : table_text(layers));
  return verdict_of(layers) == sandbox::isolation_verdict::full
           ? exit_code::done
           : exit_code::sandbox_unavailable;
}

} // namespace

command_info sandbox_check_command() {
  command_info command;
  command.name = "sandbox check";
  command.summary = "tell what isolates programs on this machine";
  command.usage = "[OPTION...]";
  command.description =
    "Runs a script in the sandbox that tells what it sees and can do from"
    " inside, compares that with this machine, and prints a line for each"
    " layer: whether it is active, weaker or absent, what was found, and what"
    " to do about it. The last line is the verdict. Ends with exit code 0 where"
    " all is active that full isolation needs, else with 8. Landlock, control"
    " groups, WebAssembly and containers are told, but not needed.";
  command.options =
    isolation_options()
    + std::vector<option_info>{{.name = "output",
                                .letter = 'o',
                                .kind = value_kind::choice,
                                .value_name = "FORMAT",
                                .help = "table (a line a layer) or json",
                                .default_text = "table",
                                .choices = {"table", "json"}}};
  command.examples = {"artel sandbox check", "artel sandbox check -o json",
                      "artel sandbox check --isolation reduced"};
  command.run = run;
  return command;
}

} // namespace artel::tools
