#include "runtime/control/control_request.hpp"

#include "protocol/core/limits.hpp"
#include "protocol/core/random.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <vector>

using namespace artel;
using namespace artel::runtime;

namespace {

network_config some_config() {
  network_config config;
  config.network = "lab";
  config.version = 3;
  config.admission = admission_rule::token;
  config.seeds = {{node_id{{1}}, "seed:7447"}};
  config.witnesses = {node_id{{2}}};
  config.revoked_nodes = {node_id{{3}}};
  config.revoked_owners = {owner_id{{4}}};
  auto random = random_generator::from_number(1);
  sign_config(config, key_pair::generate(random));
  return config;
}

/// One of each kind that is as it should be.
std::vector<json> sound_requests() {
  auto named = [](const char* name) {
    return json{{"request", name}, {"task", "0123"}};
  };
  auto logs = named("task.logs");
  logs["follow"] = true;
  return {
    json{{"request", "node.status"}},
    json{{"request", "node.ping"},
         {"address", "there:7447"},
         {"node", ""},
         {"count", 5}},
    json{{"request", "node.drain"}, {"deadline_ms", 1'000}},
    json{{"request", "network.update"}, {"config", json_of(some_config())}},
    json{{"request", "task.submit"},
         {"text", "[task]\n"},
         {"directory", "/tmp"},
         {"file_name", "task.toml"}},
    json{{"request", "task.list"}},
    named("task.describe"),
    named("task.explain"),
    named("task.wait"),
    logs,
    named("task.results"),
    named("task.stop"),
  };
}

/// Of each kind that JSON has, and some that are nearly right.
std::vector<json> odd_values() {
  return {json(),
          json(true),
          json(0),
          json(-1),
          json(1.5),
          json(1e300),
          json(18'446'744'073'709'551'615u),
          json("text"),
          json(std::string("a\0b", 3)),
          json::array(),
          json::array({json::array()}),
          json::object(),
          json{{"base64", "AGE="}},
          json{{"base64", "*"}},
          json{{"base64", 5}},
          json{{"a", 1}, {"b", 2}}};
}

bool is_text(const json& value) {
  return value.is_string()
         || (value.is_object() && value.size() == 1 && value.contains("base64")
             && value["base64"] == "AGE=");
}

bool has_zero(const json& value) {
  std::string text;
  return read_json(value, text) && text.find('\0') != text.npos;
}

/// Whether the value is one that such a field may have. Of the fields below
/// "config" none is in question: all are checked by their types' own tests.
bool may_be(const std::string& field, const json& value) {
  auto is_count = value.is_number_integer();
  if (field == "count")
    return false;
  if (field == "deadline_ms")
    return is_count && value.get<double>() < 1e15;
  if (field == "follow")
    return value.is_boolean();
  if (field == "text")
    return is_text(value);
  if (field == "directory" || field == "address")
    return false;
  return field != "config" && field != "request" && is_text(value)
         && !has_zero(value);
}

failure problem_with(const json& request) {
  auto asked = read_control_request(request);
  REQUIRE_FALSE(asked.ok());
  return asked.error();
}

} // namespace

TEST_CASE("every request is read as what it says") {
  auto all = sound_requests();
  REQUIRE(all.size() == std::variant_size_v<control_request>);
  for (std::size_t i = 0; i < all.size(); ++i) {
    CAPTURE(all[i]["request"]);
    auto asked = read_control_request(all[i]);
    REQUIRE(asked.ok());
    CHECK(asked->index() == i);
  }
  auto ping = *read_control_request(all[1]);
  CHECK(std::get<ping_request>(ping).address == "there:7447");
  CHECK(std::get<ping_request>(ping).count == 5);
  auto update = *read_control_request(all[3]);
  CHECK(std::get<update_request>(update).config == some_config());
  auto submit = *read_control_request(all[4]);
  CHECK(std::get<submit_request>(submit).text == "[task]\n");
  CHECK(std::get<submit_request>(submit).directory == "/tmp");
  auto logs = *read_control_request(all[9]);
  CHECK(std::get<logs_request>(logs).follow);
  CHECK(std::get<logs_request>(logs).task == "0123");
}

TEST_CASE("a field that is missing, or of another kind, is told by its name") {
  for (const auto& sound : sound_requests())
    for (const auto& [field, value] : sound.items()) {
      auto missing = sound;
      missing.erase(field);
      CAPTURE(line_of(missing));
      CHECK(problem_with(missing)
            == failure{errc::malformed, "no field '" + field + "'"});
      for (const auto& odd : odd_values()) {
        auto wrong = sound;
        wrong[field] = odd;
        CAPTURE(line_of(wrong));
        auto asked = read_control_request(wrong);
        if (asked.ok() != may_be(field, odd)) {
          FAIL_CHECK("read otherwise than expected");
          continue;
        }
        if (!asked && field != "request")
          CHECK(asked.error().message.starts_with(field + ": "));
      }
    }
}

TEST_CASE("a network's config has exactly its fields, each of its kind") {
  auto config = json_of(some_config());
  auto ask = [](const json& given) {
    return json{{"request", "network.update"}, {"config", given}};
  };
  for (const auto& [field, value] : config.items()) {
    auto wrong = config;
    wrong[field] = json{{"no", "such"}};
    CAPTURE(field);
    CHECK(problem_with(ask(wrong)).message.starts_with("config: " + field));
    wrong.erase(field);
    CHECK(problem_with(ask(wrong)).message
          == "config: no field '" + field + "'");
  }
  config["more"] = 1;
  CHECK(problem_with(ask(config)).code == errc::malformed);
}

TEST_CASE("a config that no message could carry is not taken") {
  auto config = some_config();
  auto ask = [&config] {
    return read_control_request(
      json{{"request", "network.update"}, {"config", json_of(config)}});
  };
  for (std::size_t n = 1; n <= limits::revoked_keys_max; ++n) {
    node_id id{{5}};
    id.value[1] = static_cast<std::uint8_t>(n >> 8);
    id.value[2] = static_cast<std::uint8_t>(n);
    config.revoked_nodes.push_back(id);
  }
  CHECK(ask().error().code == errc::limit_exceeded);
  config.revoked_nodes.pop_back();
  CHECK(ask().ok());
}

TEST_CASE("an address is one, or there is none") {
  auto ping = sound_requests()[1];
  for (const auto* address :
       {"there", "there:", ":7447", "there:0", "there:70000", "a b:1", "\n",
        "../../x:1", "[::1]", "there:7447 ", "there:7447,other:7447"}) {
    ping["address"] = address;
    CAPTURE(address);
    CHECK(problem_with(ping).message.starts_with("address: "));
  }
  for (const auto* address : {"", "there:1", "127.0.0.1:7447", "[::1]:7447"}) {
    ping["address"] = address;
    CHECK(read_control_request(ping).ok());
  }
}

TEST_CASE("numbers keep within their bounds") {
  auto ping = sound_requests()[1];
  for (auto count : {0, -1, 1'001}) {
    ping["count"] = count;
    auto code = problem_with(ping).code;
    CHECK((code == errc::out_of_range || code == errc::malformed));
  }
  ping["count"] = 1'000;
  CHECK(read_control_request(ping).ok());
  auto drained = [](std::int64_t given) {
    auto asked = read_control_request(
      json{{"request", "node.drain"}, {"deadline_ms", given}});
    REQUIRE(asked.ok());
    return std::get<drain_request>(*asked).deadline;
  };
  CHECK(drained(-5) == milliseconds{0});
  CHECK(drained(1'234) == milliseconds{1'234});
  CHECK(drained(limits::time_ms_max) == control_drain_max);
}

TEST_CASE("what is no request is told") {
  for (const auto* name :
       {"", "node", "node.statu", "node.status ", "TASK.LIST", "task.submit\n"})
    CHECK(problem_with(json{{"request", name}})
          == failure{errc::malformed, "there is no request of that name"});
  CHECK(problem_with(json::object()).code == errc::malformed);
  CHECK(problem_with(json{{"request", json{{"request", "task.list"}}}}).code
        == errc::malformed);
}

TEST_CASE("a line is one object, of so many values and no deeper than that") {
  auto refuses = [](const std::string& line, std::size_t values = 10) {
    auto parsed = parse_control_line(line, values);
    return !parsed.ok() && parsed.error().code == errc::malformed
           && parsed.error().message.size() < 300;
  };
  CHECK(parse_control_line(R"({"a":[1,2,{"b":"[[[{{{,,,:::"}]})", 10).ok());
  for (const auto* line : {"", "1", "\"a\"", "[]", "null", "{", "{}}", "{} {}",
                           "{\"a\":1,}", "{'a':1}", "{\"a\":\"\n\"}"})
    CHECK(refuses(line));
  CHECK(refuses(std::string("{\"a\":1\0}", 8)));
  CHECK(refuses(std::string("\0\0\0", 3)));
  CHECK(refuses("{\"a\":\"\xc3\x28\"}"));
  CHECK(refuses(R"({"a":[1,2,3,4,5,6,7,8,9,10]})"));
  CHECK(parse_control_line(R"({"a":[1,2,3,4,5,6,7]})", 10).ok());
  // However long what can't be read is.
  CHECK(refuses("{\"" + std::string(1u << 20, 'x')));
  CHECK(refuses(std::string(1u << 20, 'x')));
}
