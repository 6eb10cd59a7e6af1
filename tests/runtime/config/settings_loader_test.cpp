#include "runtime/config/settings_loader.hpp"

#include "protocol/core/random.hpp"
#include "runtime/config/key_file.hpp"
#include "runtime/config/settings_schema.hpp"
#include "tests/runtime/scratch_directory.hpp"

#include <algorithm>

#include <sys/stat.h>

#include <doctest/doctest.h>

using namespace artel;
using namespace artel::runtime;

namespace {

setting_sources sources_at_home() {
  setting_sources sources;
  sources.file = "node.toml";
  sources.environment = {{"HOME", "/home/ada"}};
  sources.directory = "/work";
  return sources;
}

struct loading {
  std::optional<loaded_settings> loaded;
  std::vector<config_problem> problems;

  /// Whether one problem stands there and says that.
  bool tells(const std::string& where, const std::string& part) const {
    return std::any_of(problems.begin(), problems.end(), [&](const auto& one) {
      return one.where == where && one.message.find(part) != part.npos;
    });
  }
};

loading load(std::string_view text,
             const setting_sources& sources = sources_at_home(),
             named_files files = named_files::unchecked) {
  loading done;
  done.loaded = load_node_settings_text(text, sources, files, done.problems);
  for (const auto& one : done.problems)
    MESSAGE(to_string(one));
  return done;
}

const std::string id_a(64, 'a');
const std::string id_b(64, 'b');

} // namespace

TEST_CASE("without anything said, all is by default") {
  auto done = load("");
  REQUIRE(done.loaded);
  const auto& settings = done.loaded->settings;
  CHECK(settings.node.key == "/home/ada/.config/artel/node.key");
  CHECK(settings.node.state == "/home/ada/.local/state/artel");
  CHECK(settings.node.control == "/home/ada/.local/state/artel/control.sock");
  CHECK(settings.links == links_section{});
  CHECK(settings.work == work_section{});
  CHECK(done.loaded->warnings.empty());
  CHECK(done.loaded->origins.size() == settings_schema().size());
  for (const auto& [name, origin] : done.loaded->origins)
    CHECK(origin == "default");
}

TEST_CASE("a flag wins over a variable, that over the file, that over the "
          "default") {
  auto sources = sources_at_home();
  std::string text = "[links]\nmax = 100\ntarget = 10\nper_address_max = 9\n";
  auto of_links = [&] { return load(text, sources).loaded.value(); };
  CHECK(of_links().settings.links.links_max == 100);
  CHECK(of_links().origins.at("links.max") == "node.toml:2:7");
  sources.environment["ARTEL_LINKS_MAX"] = "200";
  sources.environment["ARTEL_LINKS_TARGET"] = "20";
  CHECK(of_links().settings.links.links_max == 200);
  CHECK(of_links().origins.at("links.max") == "environment ARTEL_LINKS_MAX");
  sources.flags["links-max"] = {"300"};
  auto loaded = of_links();
  CHECK(loaded.settings.links.links_max == 300);
  CHECK(loaded.origins.at("links.max") == "--links-max");
  CHECK(loaded.settings.links.target == 20);
  CHECK(loaded.settings.links.per_address_max == 9);
  CHECK(loaded.origins.at("links.queue") == "default");
}

TEST_CASE("every setting is read from a file, a variable and a flag") {
  std::map<std::string, std::string> texts{
    {"node.key", "/k"},
    {"node.passphrase_file", "/p"},
    {"node.passphrase_fd", "7"},
    {"node.name", "n"},
    {"node.role", "specialised"},
    {"node.state", "/s"},
    {"node.control", "/c"},
    {"network.name", "net"},
    {"network.root", id_a},
    {"network.config", "/nc"},
    {"network.seed_certificate", "/sc"},
    {"network.owner_certificate", "/oc"},
    {"network.join_token", "/jt"},
    {"listen.addresses", "0.0.0.0:0"},
    {"listen.advertise", "seed:1"},
    {"links.max", "7"},
    {"links.per_address_max", "6"},
    {"links.target", "5"},
    {"links.handshake_timeout", "700ms"},
    {"links.keep_alive", "701ms"},
    {"links.idle_timeout", "702ms"},
    {"links.queue", "70KiB"},
    {"discovery.bootstrap", "seed:2"},
    {"discovery.lan", "true"},
    {"discovery.lan_port", "77"},
    {"discovery.lan_group", "239.1.2.3"},
    {"discovery.exchange", "false"},
    {"work.enabled", "false"},
    {"work.slots", "71"},
    {"work.share_cores", "72"},
    {"work.share_memory", "71MiB"},
    {"work.cap_memory", "72MiB"},
    {"work.cap_wall_time", "73s"},
    {"work.kinds", "wasm"},
    {"work.isolation", "reduced"},
    {"access.allow_nodes", id_a},
    {"access.allow_owners", id_a},
    {"access.deny_nodes", id_b},
    {"access.deny_owners", id_b},
    {"access.messages_per_second", "74"},
    {"access.bytes_per_second", "75KiB"},
    {"fetch.workers", "true"},
    {"fetch.allow", "10.0.0.0/8"},
    {"fetch.bytes_max", "77KiB"},
    {"fetch.timeout", "78s"},
    {"log.level", "debug"},
    {"log.format", "json"},
    {"log.file", "/l"},
    {"shutdown.drain", "79s"},
  };
  const node_settings defaults;
  for (const auto& one : settings_schema()) {
    CAPTURE(one.name());
    REQUIRE(texts.contains(one.name()));
    const auto& text = texts.at(one.name());
    auto given = setting_from_text(one.kind, text);
    REQUIRE(given);
    node_settings settings;
    REQUIRE(one.read(*given, settings));
    // Nothing but this member, and not as it was.
    CHECK(one.show(settings) != one.show(defaults));
    CHECK(one.show(settings) == *given);
    for (const auto& other : settings_schema())
      if (other.name() != one.name())
        CHECK(other.show(settings) == other.show(defaults));
    auto from_file = load("[" + one.section + "]\n" + one.key + " = "
                          + toml_text(*given) + "\n");
    auto sources = sources_at_home();
    sources.environment[one.variable()] = text;
    auto from_variable = load("", sources);
    sources = sources_at_home();
    sources.flags[one.flag()] = {text};
    auto from_flag = load("", sources);
    // What needs others beside it says the same from everywhere.
    CHECK(from_file.loaded.has_value() == from_flag.loaded.has_value());
    if (!from_file.loaded)
      continue;
    CHECK(from_file.loaded->settings == from_flag.loaded->settings);
    CHECK(from_variable.loaded->settings == from_flag.loaded->settings);
    CHECK(one.show(from_flag.loaded->settings) == *given);
  }
}

TEST_CASE("every problem of a file is told at once, in the order of lines") {
  auto done = load("colour = 1\n"
                   "[links]\n"
                   "max = \"many\"\n"
                   "keep_alife = \"5s\"\n"
                   "idle_timeout = \"5 weeks\"\n"
                   "target = -1\n"
                   "[log]\n"
                   "level = \"loud\"\n"
                   "[lisen]\n"
                   "addresses = [\"0.0.0.0:7447\"]\n"
                   "[listen]\n"
                   "addresses = [\"::1:7447\"]\n"
                   "bootstrap = []\n"
                   "[work]\n"
                   "enabled = \"yes\"\n"
                   "kinds = \"wasm\"\n"
                   "[access]\n"
                   "deny_nodes = [\"12\"]\n"
                   "[discovery]\n"
                   "lan_port = 0\n");
  CHECK_FALSE(done.loaded);
  CHECK(done.tells("node.toml:1:1", "unknown key 'colour'"));
  CHECK(done.tells("node.toml:3:7", "links.max: a string given"));
  CHECK(done.tells("node.toml:4:1", "did you mean 'keep_alive'"));
  CHECK(done.tells("node.toml:5:16", "is not a time"));
  CHECK(done.tells("node.toml:6:10", "-1 given"));
  CHECK(done.tells("node.toml:8:9", "expected debug, info, warning or error"));
  CHECK(done.tells("node.toml:9:2", "did you mean 'listen'"));
  CHECK(done.tells("node.toml:12:13", "needs brackets"));
  CHECK(done.tells("node.toml:13:1", "belongs below [discovery]"));
  CHECK(done.tells("node.toml:15:11", "without quotes"));
  CHECK(done.tells("node.toml:16:9", "array of strings"));
  CHECK(done.tells("node.toml:18:14", "64 hexadecimal digits"));
  CHECK(done.tells("node.toml:20:12", "expected 1 to 65535"));
  CHECK(done.problems.size() == 13);
  auto line_of = [](const std::string& where) {
    return std::stoi(where.substr(where.find(':') + 1));
  };
  CHECK(std::is_sorted(done.problems.begin(), done.problems.end(),
                       [&](const auto& a, const auto& b) {
                         return line_of(a.where) < line_of(b.where);
                       }));
}

TEST_CASE("what is wrong with a variable or a flag is told by its name") {
  auto sources = sources_at_home();
  sources.environment["ARTEL_LOG_LEVEL"] = "loud";
  sources.environment["ARTEL_DISCOVERY_LAN"] = "maybe";
  sources.flags["links-max"] = {"0"};
  auto done = load("", sources);
  CHECK_FALSE(done.loaded);
  CHECK(done.problems.size() == 3);
  CHECK(done.tells("environment ARTEL_LOG_LEVEL", "log.level: 'loud'"));
  CHECK(done.tells("environment ARTEL_DISCOVERY_LAN", "true or false"));
  CHECK(done.tells("--links-max", "0 given; expected 1 to"));
}

TEST_CASE("variables that name no setting are warned of, others are not") {
  auto sources = sources_at_home();
  sources.environment["ARTEL_LOG_LEVLE"] = "debug";
  sources.environment["ARTEL_CACHE_DIR"] = "/tmp";
  sources.environment["ARTEL_LOG_FORMAT"] = "";
  sources.environment["ARTEL_NODE_LISTEN"] = "0.0.0.0:7447, [::]:7447";
  auto done = load("", sources);
  REQUIRE(done.loaded);
  REQUIRE(done.loaded->warnings.size() == 1);
  CHECK(done.loaded->warnings[0].find("did you mean 'ARTEL_LOG_LEVEL'")
        != std::string::npos);
  const auto& addresses = done.loaded->settings.listen.addresses;
  REQUIRE(addresses.size() == 2);
  CHECK(to_string(addresses[0]) == "0.0.0.0:7447");
  CHECK(to_string(addresses[1]) == "[::]:7447");
  CHECK(done.loaded->origins.at("log.format") == "default");
}

TEST_CASE("a flag for a list may be given more than once, in order") {
  auto sources = sources_at_home();
  sources.flags["discovery-bootstrap"] = {"a:1,b:2", "c:3"};
  sources.flags["log-level"] = {"debug"};
  sources.flags["output"] = {"json"};
  auto done = load("", sources);
  REQUIRE(done.loaded);
  CHECK(done.loaded->settings.discovery.bootstrap
        == std::vector<node_address>{{"a", 1}, {"b", 2}, {"c", 3}});
}

TEST_CASE(
  "a file's paths are relative to it, others to the working directory") {
  test::scratch_directory scratch;
  auto path = scratch.write("etc/node.toml", "[node]\nkey = \"../a.key\"\n");
  auto sources = sources_at_home();
  sources.file = path;
  sources.flags["log-file"] = {"x.log"};
  std::vector<config_problem> problems;
  auto loaded = load_node_settings(sources, named_files::unchecked, problems);
  REQUIRE(loaded);
  CHECK(loaded->settings.node.key == scratch.path() / "a.key");
  CHECK(loaded->settings.log.file == "/work/x.log");
  auto home = load("[node]\nkey = \"~/a.key\"\n");
  CHECK(home.tells("node.toml:2:7", "'~' is not replaced"));
}

TEST_CASE("without a home, places have to be said") {
  auto sources = sources_at_home();
  sources.environment.clear();
  auto done = load("", sources);
  CHECK(done.tells("", "node.key: neither XDG_CONFIG_HOME nor HOME"));
  CHECK(done.tells("", "node.state: neither XDG_STATE_HOME nor HOME"));
  sources.environment = {{"XDG_CONFIG_HOME", "/c"}, {"XDG_STATE_HOME", "/s"}};
  auto found = load("", sources);
  REQUIRE(found.loaded);
  CHECK(found.loaded->settings.node.key == "/c/artel/node.key");
  CHECK(found.loaded->settings.node.control == "/s/artel/control.sock");
}

TEST_CASE("contradictions are told with both sides") {
  auto done = load("[node]\nrole = \"client\"\n"
                   "passphrase_fd = 3\npassphrase_file = \"/p\"\n"
                   "[network]\nname = \"\"\nseed_certificate = \"/c\"\n"
                   "[listen]\nadvertise = \"0.0.0.0:7447\"\n"
                   "[links]\nmax = 10\ntarget = 11\nkeep_alive = \"60s\"\n"
                   "[discovery]\nbootstrap = [\"0.0.0.0:1\", \"a:0\"]\n"
                   "lan_group = [\"10.0.0.1\"]\n"
                   "[access]\nallow_nodes = [\""
                   + id_a + "\"]\ndeny_nodes = [\"" + id_a
                   + "\"]\n"
                     "[fetch]\nallow = [\"10.0.0.1/8\", \"a b\"]\n");
  CHECK_FALSE(done.loaded);
  CHECK(done.tells("node.toml:4:19", "expected one of the two"));
  CHECK(done.tells("node.toml:6:8", "expected the name of the network"));
  CHECK(done.tells("node.toml:7:20", "given without network.root"));
  CHECK(done.tells("node.toml:7:20", "no seed"));
  CHECK(done.tells("node.toml:9:13", "listens nowhere"));
  CHECK(done.tells("node.toml:9:13", "others could dial"));
  CHECK(done.tells("node.toml:12:10", "links.max = 10 (node.toml:11:7)"));
  CHECK(
    done.tells("node.toml:13:14", "links.idle_timeout = \"60s\" (default)"));
  CHECK(done.tells("node.toml:15:13", "0.0.0.0:1 is no address"));
  CHECK(done.tells("node.toml:15:13", "a:0 is no address"));
  CHECK(done.tells("node.toml:16:13", "no multicast address"));
  CHECK(done.tells("node.toml:18:15", "denied as well, at node.toml:19:14"));
  CHECK(done.tells("node.toml:21:9", "bits behind its first 8"));
  CHECK(done.tells("node.toml:21:9", "is no host"));
  CHECK(done.problems.size() == 14);
}

TEST_CASE("lists of whom to deal with are ids, and nobody is on both sides") {
  for (const auto* key :
       {"allow_nodes", "allow_owners", "deny_nodes", "deny_owners"}) {
    CAPTURE(key);
    auto load_list = [key](const std::string& value) {
      return load("[access]\n" + std::string{key} + " = " + value + "\n");
    };
    auto tells = [&](const std::string& value, const std::string& part) {
      auto done = load_list(value);
      return !done.loaded && done.problems.size() == 1
             && done.problems[0].message.find(part) != std::string::npos;
    };
    CHECK(tells("[\"abc\"]", "'abc' is no id"));
    CHECK(tells("[\"" + id_a + "a\"]", "is no id"));
    CHECK(tells("[\"" + id_a + "\", \"x" + id_a.substr(1) + "\"]",
                "is no id; expected 64 hexadecimal digits"));
    CHECK(tells("[\"" + std::string(64, '0') + "\"]", "nobody's"));
    CHECK(tells("[1]", "only strings"));
    CHECK(tells("true", "expected"));
    CHECK(load_list("[]").loaded);
    CHECK(load_list("[\"" + id_a + "\", \"" + id_b + "\"]").loaded);
  }
  for (const auto* who : {"nodes", "owners"}) {
    auto done =
      load("[access]\nallow_" + std::string{who} + " = [\"" + id_a
           + "\"]\ndeny_" + who + " = [\"" + id_b + "\", \"" + id_a + "\"]\n");
    CHECK_FALSE(done.loaded);
    REQUIRE(done.problems.size() == 1);
    CHECK(done.problems[0].message.find("is denied as well")
          != std::string::npos);
  }
}

TEST_CASE("a seed listens, runs no jobs, and shows the root's certificate") {
  auto bare = load("[node]\nrole = \"seed\"\n[network]\nroot = \"" + id_a
                   + "\"\n[work]\nenabled = true\n");
  CHECK(bare.problems.size() == 3);
  CHECK(bare.tells("node.toml:2:8", "a seed has to be reached"));
  CHECK(bare.tells("node.toml:2:8", "needs the root's certificate"));
  CHECK(bare.tells("node.toml:6:11", "a seed runs no jobs"));
  auto rootless = load("[node]\nrole = \"seed\"\n");
  CHECK(rootless.tells("node.toml:2:8", "network.root"));
  auto sound = load("[node]\nrole = \"seed\"\n[network]\nroot = \"" + id_a
                    + "\"\nseed_certificate = \"/c\"\n"
                      "[listen]\naddresses = [\"0.0.0.0:7447\"]\n");
  REQUIRE(sound.loaded);
  CHECK_FALSE(sound.loaded->settings.work.enabled);
  CHECK_FALSE(
    load("[node]\nrole = \"client\"\n").loaded->settings.work.enabled);
}

TEST_CASE("nothing follows from a setting that is known to be wrong") {
  auto done = load("[links]\nkeep_alive = \"90s\"\nidle_timeout = 5\n");
  CHECK(done.problems.size() == 1);
  CHECK(done.tells("node.toml:3:16", "expected a time"));
}

TEST_CASE("files that are missing, or open to others, are told") {
  test::scratch_directory scratch;
  initialize_crypto();
  auto random = random_generator::from_number(5);
  auto key = key_pair::generate(random);
  auto key_path = scratch.path() / "node.key";
  auto secret = scratch.write("secret", "open sesame\n");
  ::chmod(secret.c_str(), 0644);
  auto sources = sources_at_home();
  sources.directory = scratch.path();
  std::string text =
    "[node]\nkey = \"node.key\"\npassphrase_file = \"secret\"\n"
    "[network]\nowner_certificate = \"none\"\n"
    "[log]\nfile = \"nowhere/x.log\"\n";
  auto first = load(text, sources, named_files::checked);
  CHECK(first.problems.size() == 4);
  CHECK(first.tells("node.toml:2:7", "there is no key file"));
  CHECK(first.tells("node.toml:3:19", "chmod 600"));
  CHECK(first.tells("node.toml:5:21", "does not exist"));
  CHECK(first.tells("node.toml:7:8", "directory"));
  REQUIRE(write_key_file(key_path, key));
  ::chmod(secret.c_str(), 0600);
  scratch.write("none", "x");
  scratch.write("nowhere/keep", "");
  auto second = load(text, sources, named_files::checked);
  REQUIRE(second.loaded);
  // A passphrase for a key that has none.
  CHECK(second.loaded->warnings.size() == 1);
  ::chmod(key_path.c_str(), 0644);
  auto third = load(text, sources, named_files::checked);
  CHECK(third.tells("node.toml:2:7", "chmod 600"));
}

TEST_CASE("what is no text, or too much of it, is refused as a whole") {
  test::scratch_directory scratch;
  auto sources = sources_at_home();
  auto refused = [&](const std::filesystem::path& path) {
    sources.file = path;
    std::vector<config_problem> problems;
    auto loaded = load_node_settings(sources, named_files::unchecked, problems);
    return !loaded && problems.size() == 1 ? problems[0].code : errc{};
  };
  CHECK(refused(scratch.path() / "none.toml") == errc::not_found);
  CHECK(refused(scratch.path()) == errc::invalid_argument);
  CHECK(refused("/dev/zero") == errc::invalid_argument);
  std::string large((1u << 20) + 1, '\n');
  CHECK(refused(scratch.write("large", large)) == errc::limit_exceeded);
  large.pop_back();
  sources.file = scratch.write("largest", large);
  std::vector<config_problem> problems;
  CHECK(load_node_settings(sources, named_files::unchecked, problems));
}

TEST_CASE("made-up files never do more than tell problems") {
  using namespace std::string_literals;
  std::vector<std::string> seeds{
    "\0\0\0\0"s,
    "\xff\xfe[\0l\0o\0g\0"s,
    "\x7f"
    "ELF\x02\x01\x01",
    "[log]\n[log]\n",
    "[log]\nlevel = \"info\"\nlevel = \"info\"\n",
    "log = 3\n[log]\n",
    "[[log]]\nlevel = \"info\"\n",
    "log.level.deep = 1\n",
    "[log.level]\n",
    "[log]\nlevel = 1979-05-27\n",
    "[links]\nmax = 99999999999999999999\n",
    "[links]\nmax = 0x7fffffffffffffff\n",
    "[links]\nqueue = \"99999999999999999999TiB\"\n",
    "[listen]\naddresses = [[\"0.0.0.0:1\"]]\n",
    "[listen]\naddresses = [" + std::string(200, '[') + "\n",
    "[node]\nname = \"a\\u0000b\"\n",
    "[node]\nkey = \"a\\u0000b\"\n",
    "[node]\npassphrase_fd = -1\n",
    "[node]\ncontrol = \"/" + std::string(200, 'c') + "\"\n",
    "[\"\"]\n\"\" = 1\n",
    "= 1\n",
    "[log\n",
    "[access]\nallow_nodes = [\"" + std::string(64, '0') + "\"]\n",
  };
  for (const auto& text : seeds) {
    CAPTURE(text);
    auto done = load(text);
    CHECK_FALSE(done.loaded);
    CHECK_FALSE(done.problems.empty());
  }
  // Bytes changed at random: whatever comes of it, it ends.
  auto random = random_generator::from_number(11);
  const std::string sound = "[node]\nname = \"a\"\n[listen]\naddresses = "
                            "[\"[::1]:7447\"]\n[links]\nkeep_alive = \"5s\"\n";
  REQUIRE(load(sound).loaded);
  for (auto i = 0; i < 2'000; ++i) {
    auto text = sound;
    for (auto changes = 1 + random.below(4); changes > 0; --changes)
      text[random.below(text.size())] = static_cast<char>(random.below(256));
    std::vector<config_problem> problems;
    auto loaded = load_node_settings_text(text, sources_at_home(),
                                          named_files::unchecked, problems);
    CHECK(loaded.has_value() == problems.empty());
  }
}
