#include "tools/artel/node_options.hpp"

#include "runtime/config/settings_schema.hpp"
#include "runtime/config/settings_text.hpp"
#include "tools/artel/console.hpp"

#include <utility>

namespace artel::tools {

namespace {

using runtime::setting;
using runtime::setting_kind;

value_kind kind_of(const setting& one) {
  switch (one.kind) {
    case setting_kind::boolean:
    case setting_kind::choice: return value_kind::choice;
    case setting_kind::path:
      return one.value_name == "DIRECTORY" ? value_kind::directory
                                           : value_kind::file;
    default: return value_kind::text;
  }
}

std::string default_text(const setting& one) {
  if (!one.default_note.empty())
    return one.default_note;
  auto value = one.show(runtime::node_settings{});
  if (const auto* text = std::get_if<std::string>(&value))
    return *text;
  if (const auto* list = std::get_if<std::vector<std::string>>(&value)) {
    std::string joined;
    for (const auto& item : *list)
      joined += (joined.empty() ? "" : ",") + item;
    return joined;
  }
  return runtime::toml_text(value);
}

option_info option_of(const setting& one) {
  option_info option;
  option.name = one.flag();
  option.kind = kind_of(one);
  option.value_name = one.value_name;
  option.help = one.help;
  option.default_text = default_text(one);
  for (auto choice : one.choices)
    option.choices.emplace_back(choice);
  if (one.kind == setting_kind::boolean)
    option.choices = {"true", "false"};
  option.repeatable = one.kind == setting_kind::list;
  return option;
}

} // namespace

std::vector<option_info> node_options() {
  std::vector<option_info> options{
    {.name = "config",
     .kind = value_kind::file,
     .value_name = "FILE",
     .help = "settings in TOML; flags and variables (ARTEL_LOG_LEVEL) win over"
             " it"},
  };
  for (const auto& one : runtime::settings_schema())
    options.push_back(option_of(one));
  return options;
}

runtime::setting_sources node_sources_of(const arguments& given) {
  auto sources = runtime::sources_of_process();
  if (!given.positional.empty())
    sources.file = given.positional.front();
  else if (auto file = given.value("config"))
    sources.file = *file;
  sources.flags = given.options;
  return sources;
}

std::optional<runtime::loaded_settings>
load_settings(const runtime::setting_sources& sources,
              runtime::named_files files) {
  std::vector<runtime::config_problem> problems;
  auto loaded = runtime::load_node_settings(sources, files, problems);
  for (const auto& problem : problems)
    tell(to_string(problem));
  if (loaded)
    for (const auto& warning : loaded->warnings)
      tell("warning: " + warning);
  return loaded;
}

} // namespace artel::tools
