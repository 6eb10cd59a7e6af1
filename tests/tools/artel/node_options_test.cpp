#include "tools/artel/node_options.hpp"

#include "runtime/config/settings_schema.hpp"
#include "tools/artel/command_line.hpp"

#include <algorithm>

#include <doctest/doctest.h>

using namespace artel;
using namespace artel::tools;

TEST_CASE("every setting has a flag, with help and its default") {
  auto options = node_options();
  CHECK(options.size() == runtime::settings_schema().size() + 1);
  for (const auto& one : runtime::settings_schema()) {
    CAPTURE(one.name());
    auto found =
      std::find_if(options.begin(), options.end(), [&](const auto& option) {
        return option.name == one.flag();
      });
    REQUIRE(found != options.end());
    CHECK(found->help == one.help);
    CHECK_FALSE(found->value_name.empty());
    CHECK(found->repeatable == (one.kind == runtime::setting_kind::list));
  }
}

TEST_CASE("flags of a command line are settings") {
  auto parsed = parse_command_line(
    {"config", "show", "--log-level", "debug", "--discovery-bootstrap=a:1",
     "--discovery-bootstrap", "b:2,c:3", "--config", "/dev/null/none"});
  REQUIRE(parsed);
  auto sources = node_sources_of(parsed->given);
  CHECK(sources.file == "/dev/null/none");
  CHECK(sources.directory.is_absolute());
  sources.file.reset();
  sources.environment = {{"HOME", "/home/ada"}};
  std::vector<runtime::config_problem> problems;
  auto loaded = runtime::load_node_settings(
    sources, runtime::named_files::unchecked, problems);
  REQUIRE(loaded);
  CHECK(loaded->settings.log.level == log_level::debug);
  CHECK(loaded->settings.discovery.bootstrap.size() == 3);
  CHECK(loaded->origins.at("log.level") == "--log-level");
}

TEST_CASE("a mistyped flag of a setting is told with what was meant") {
  auto parsed = parse_command_line({"config", "show", "--log-levle", "debug"});
  REQUIRE_FALSE(parsed);
  CHECK(parsed.error().message.find("--log-level") != std::string::npos);
}
