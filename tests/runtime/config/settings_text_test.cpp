#include "runtime/config/settings_text.hpp"

#include "runtime/config/settings_schema.hpp"

#include <sstream>

#include <doctest/doctest.h>

using namespace artel;
using namespace artel::runtime;

namespace {

loaded_settings load(std::string_view text,
                     const std::string& name = "a.toml") {
  setting_sources sources;
  sources.file = name;
  sources.environment = {{"HOME", "/home/ada"}};
  sources.directory = "/work";
  std::vector<config_problem> problems;
  auto loaded =
    load_node_settings_text(text, sources, named_files::unchecked, problems);
  for (const auto& one : problems)
    MESSAGE(to_string(one));
  REQUIRE(loaded);
  return *loaded;
}

} // namespace

TEST_CASE("settings as they are shown read as the same settings") {
  auto loaded = load("[node]\nname = \"a \\\"b\\\" \\\\ \\u00e4\"\n"
                     "passphrase_fd = 5\n"
                     "[listen]\naddresses = [\"[::]:7447\", \"0.0.0.0:0\"]\n"
                     "advertise = \"seed.example:7447\"\n"
                     "[work]\nshare_memory = 1500\nkinds = []\n"
                     "[log]\nlevel = \"debug\"\nfile = \"x.log\"\n");
  auto text = settings_toml(loaded);
  CAPTURE(text);
  CHECK(load(text).settings == loaded.settings);
  CHECK(text.find("level = \"debug\"  # a.toml:11:9\n") != text.npos);
  CHECK(text.find("format = \"text\"  # default\n") != text.npos);
  CHECK(text.find("# root is not set  # default\n") != text.npos);
}

TEST_CASE("a file's name cannot end the comment that it stands in") {
  auto loaded = load("[log]\nlevel = \"debug\"\n", "a\n[work]\nslots=9#.toml");
  CHECK(load(settings_toml(loaded)).settings == loaded.settings);
}

TEST_CASE("as JSON each setting has its value and its origin") {
  auto loaded = load("[links]\nmax = 7\ntarget = 3\n");
  auto document = settings_json(loaded);
  const auto& max = document["settings"]["links"]["max"];
  CHECK(max["value"] == 7);
  CHECK(max["origin"] == "a.toml:2:7");
  CHECK(document["settings"]["network"]["root"]["value"].is_null());
  CHECK(document["settings"]["discovery"]["lan"]["value"] == false);
  CHECK(document["settings"]["listen"]["addresses"]["value"].is_array());
  std::size_t count = 0;
  for (const auto& section : document["settings"])
    count += section.size();
  CHECK(count == settings_schema().size());
}

TEST_CASE("the example says everything and sets nothing") {
  auto example = example_settings_file();
  CHECK(load(example).settings == load("").settings);
  for (const auto& one : load(example).origins)
    CHECK(one.second == "default");
  std::istringstream lines{example};
  for (std::string line; std::getline(lines, line);)
    CHECK(line.size() <= 120);
}

TEST_CASE("the example's keys are those of the schema, with its defaults") {
  std::string taken;
  std::istringstream lines{example_settings_file()};
  std::size_t keys = 0;
  for (std::string line; std::getline(lines, line);) {
    // A key stands directly behind the sign, a comment behind a blank.
    if (line.size() > 1 && line[0] == '#' && line[1] != ' ') {
      line.erase(0, 1);
      ++keys;
      if (line.starts_with("passphrase_fd"))
        continue;
    }
    taken += line + "\n";
  }
  CAPTURE(taken);
  CHECK(keys == settings_schema().size());
  CHECK(load(taken).settings == load("").settings);
}
