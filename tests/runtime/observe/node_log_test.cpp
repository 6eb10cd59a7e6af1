#include "runtime/observe/node_log.hpp"

#include "tests/runtime/scratch_directory.hpp"

#include <algorithm>
#include <sstream>
#include <thread>
#include <vector>

#include <nlohmann/json.hpp>

#include <doctest/doctest.h>

using namespace artel;
using namespace artel::runtime;

namespace {

/// A log in a file, at times of the test's own.
class sample_log {
public:
  explicit sample_log(log_format format = log_format::text,
                      log_level level = log_level::debug,
                      line_limits limits = {}) {
    settings.level = level;
    settings.format = format;
    settings.file = scratch.path() / "node.log";
    log_clocks clocks{[] { return wall_time{milliseconds{1'795'283'332'123}}; },
                      [this] { return now; }};
    auto opened = node_log::open(settings, clocks, limits);
    REQUIRE(opened);
    log = std::move(*opened);
  }

  std::vector<std::string> lines(const std::string& name = "node.log") const {
    std::vector<std::string> all;
    std::istringstream text{scratch.read(name)};
    for (std::string line; std::getline(text, line);)
      all.push_back(line);
    return all;
  }

  test::scratch_directory scratch;
  log_section settings;
  instant now{};
  std::unique_ptr<node_log> log;
};

} // namespace

TEST_CASE("a line of text has its time in UTC, level, node, message, fields") {
  sample_log sample;
  std::vector<log_field> fields{{"peer", "5f3c"}, {"why", "said \"no\""}};
  sample.log->write(log_level::info, "seed-1", "a link is up", fields);
  CHECK(sample.lines()
        == std::vector<std::string>{
          "2026-11-21T17:48:52.123Z info: seed-1: a link is up peer=5f3c"
          " why=\"said \\\"no\\\"\""});
}

TEST_CASE("a line of JSON is one object, and fields don't hide what is ours") {
  sample_log sample{log_format::json_lines};
  std::vector<log_field> fields{
    {"peer", "5f3c"}, {"node", "false"}, {"level", "x"}, {"peer", "again"}};
  sample.log->write(log_level::warning, "seed-1", "a \"link\" is up", fields);
  auto lines = sample.lines();
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].starts_with("{\"time\":\"2026-11-21T17:48:52.123Z\","
                             "\"level\":\"warning\",\"node\":\"seed-1\","));
  auto line = nlohmann::json::parse(lines[0]);
  CHECK(line["message"] == "a \"link\" is up");
  CHECK(line["peer"] == "5f3c");
  CHECK(line["peer_"] == "again");
  CHECK(line["node_"] == "false");
  CHECK(line["level_"] == "x");
}

TEST_CASE("whatever a peer writes, it is one line and moves no cursor") {
  std::string hostile = "a\nb\r\x1b[2J\x7f\x9b\xc2\x9b\xff\xc3\xa4 %v {} %";
  hostile.push_back('\0');
  std::vector<log_field> fields{{"peer", hostile}};
  for (auto format : {log_format::text, log_format::json_lines}) {
    sample_log sample{format};
    sample.log->write(log_level::info, hostile, hostile, fields);
    auto lines = sample.lines();
    REQUIRE(lines.size() == 1);
    for (auto c : lines[0]) {
      CHECK(static_cast<unsigned char>(c) >= 0x20);
      CHECK(c != '\x7f');
    }
    CHECK(lines[0].find("\xc2\x9b") == std::string::npos);
    CHECK(lines[0].find("%v {} %") != std::string::npos);
    if (format == log_format::json_lines) {
      auto line = nlohmann::json::parse(lines[0]);
      CHECK(line["peer"].get<std::string>().starts_with("a\\x0ab\\x0d\\x1b"));
    }
  }
}

TEST_CASE("a line is not longer than allowed, whatever is in it") {
  sample_log sample;
  std::string large(1'000'000, 'x');
  std::string wide(10'000, 'y');
  std::vector<log_field> fields(1'000, log_field{wide, wide});
  sample.log->write(log_level::info, large, large, fields);
  CHECK(sample.lines().at(0).size() < 64'000);
}

TEST_CASE("what is below the level is not told, also after it changed") {
  sample_log sample{log_format::text, log_level::warning};
  sample.log->write(log_level::info, "a", "no");
  sample.log->write(log_level::warning, "a", "yes");
  sample.settings.level = log_level::debug;
  sample.settings.format = log_format::json_lines;
  REQUIRE(sample.log->change(sample.settings));
  sample.log->write(log_level::debug, "a", "now");
  auto lines = sample.lines();
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].ends_with("warning: a: yes"));
  CHECK(nlohmann::json::parse(lines[1])["message"] == "now");
}

TEST_CASE("a file that was moved away is made anew") {
  sample_log sample;
  sample.log->write(log_level::info, "a", "one");
  std::filesystem::rename(sample.settings.file,
                          sample.scratch.path() / "old.log");
  sample.log->write(log_level::info, "a", "two");
  REQUIRE(sample.log->change(sample.settings));
  sample.log->write(log_level::info, "a", "three");
  CHECK(sample.lines("old.log").size() == 2);
  REQUIRE(sample.lines().size() == 1);
  CHECK(sample.lines()[0].ends_with("three"));
}

TEST_CASE("a file that cannot be opened changes nothing") {
  sample_log sample;
  auto other = sample.settings;
  other.file = sample.scratch.path();
  other.level = log_level::error;
  CHECK_FALSE(sample.log->change(other));
  sample.log->write(log_level::info, "a", "still here");
  CHECK(sample.lines().size() == 1);
  CHECK(node_log::open(other).error().code == errc::system_failure);
}

TEST_CASE("a flood becomes a number") {
  sample_log sample{log_format::json_lines, log_level::debug, {.per_kind = 5}};
  for (auto i = 0; i < 10'000; ++i)
    sample.log->write(log_level::info, "a",
                      "frame " + std::to_string(i) + " is malformed");
  CHECK(sample.lines().size() == 5);
  sample.now += std::chrono::seconds{2};
  sample.log->tick();
  auto lines = sample.lines();
  REQUIRE(lines.size() == 6);
  auto last = nlohmann::json::parse(lines.back());
  CHECK(last["left_out"] == "9995");
  CHECK(last["message"] == "9995 more lines like this: frame 5 is malformed");
  CHECK(last["node"] == "a");
}

TEST_CASE("a log that ends tells what it left out") {
  sample_log sample{log_format::text, log_level::debug, {.per_kind = 1}};
  sample.log->write(log_level::info, "a", "one");
  sample.log->write(log_level::info, "a", "one");
  sample.log.reset();
  REQUIRE(sample.lines().size() == 2);
  CHECK(sample.lines()[1].find("1 more lines like this: one")
        != std::string::npos);
}

TEST_CASE("threads may write at once, each line whole") {
  sample_log sample{log_format::json_lines,
                    log_level::debug,
                    {.per_kind = 100'000, .per_level = 100'000}};
  std::vector<std::jthread> writers;
  for (auto i = 0; i < 4; ++i)
    writers.emplace_back([&log = *sample.log] {
      for (auto k = 0; k < 200; ++k)
        log.write(log_level::info, "a", "busy");
    });
  writers.clear();
  auto lines = sample.lines();
  CHECK(lines.size() == 800);
  CHECK(std::all_of(lines.begin(), lines.end(), [](const auto& line) {
    return nlohmann::json::accept(line);
  }));
}
