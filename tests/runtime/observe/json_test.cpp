#include "runtime/observe/json.hpp"

#include "protocol/core/random.hpp"
#include "protocol/task/code_bundle.hpp"
#include "tests/runtime/observe/sample_run.hpp"

#include <doctest/doctest.h>

using namespace artel;
using namespace artel::runtime;

namespace {

/// Through text, as a file would hold it.
template <class T>
T there_and_back(const T& value) {
  auto parsed = parse_json(line_of(json_of(value)));
  REQUIRE(parsed);
  T copy{};
  auto taken = read_json(*parsed, copy);
  INFO((taken ? "" : taken.error().message));
  REQUIRE(taken);
  return copy;
}

template <class T>
bool refuses(const json& from) {
  T value{};
  auto taken = read_json(from, value);
  return !taken && taken.error().code == errc::malformed
         && !taken.error().message.empty();
}

} // namespace

TEST_CASE("receipts and verdicts read as what they were written from") {
  test::sample_run run{{1}};
  for (const auto& one : run.receipts) {
    auto copy = there_and_back(one.item);
    CHECK(copy == one.item);
    CHECK(verify(copy));
  }
  for (const auto& one : run.verdicts) {
    auto copy = there_and_back(one.item);
    CHECK(copy == one.item);
    CHECK(verify(copy));
  }
}

TEST_CASE("random receipts of any value survive the way") {
  auto random = random_generator::from_number(3);
  for (int i = 0; i < 500; ++i) {
    signed_receipt item;
    auto& body = item.body;
    bytes name(random.below(20));
    random.fill(name);
    body.network = as_text(name);
    body.task = random.id<task_id>();
    body.job = random.next();
    body.attempt = static_cast<std::uint32_t>(random.next());
    body.worker = random.id<node_id>();
    body.output = random.id<hash256>();
    body.outcome = static_cast<run_outcome>(1 + random.below(16));
    body.exit_code = static_cast<std::int32_t>(random.next());
    body.price.micro =
      static_cast<std::int64_t>(random.next() >> 1) * (i % 2 == 0 ? 1 : -1);
    body.wall_time_used =
      milliseconds{static_cast<std::int64_t>(random.below(1'000'000'000))};
    item.proof.path.resize(random.below(5));
    for (auto& one : item.proof.path)
      one = random.id<hash256>();
    CHECK(there_and_back(item) == item);
  }
}

TEST_CASE("bytes are text where they can be, base64 where not") {
  CHECK(line_of(json_of(to_bytes("a\n\"b\" \xe2\x82\xac")))
        == "\"a\\n\\\"b\\\" \xe2\x82\xac\"");
  CHECK(line_of(json_of(bytes{0xff, 0x00, 0x10})) == "{\"base64\":\"/wAQ\"}");
  auto random = random_generator::from_number(4);
  for (std::size_t size = 0; size < 300; ++size) {
    bytes data(size);
    random.fill(data);
    CHECK(there_and_back(data) == data);
    bytes zeros(size);
    CHECK(there_and_back(zeros) == zeros);
  }
}

TEST_CASE("amounts of credits are exact decimal text") {
  CHECK(line_of(json_of(credits{16'700})) == "\"0.0167\"");
  for (std::int64_t micro : {std::int64_t{0}, std::int64_t{-500'000},
                             std::numeric_limits<std::int64_t>::max()}) {
    CHECK(there_and_back(credits{micro}) == credits{micro});
  }
}

TEST_CASE("values that we would not write are refused") {
  CHECK(refuses<credits>(json("1.50")));
  CHECK(refuses<credits>(json("-0")));
  CHECK(refuses<credits>(json(1.5)));
  CHECK(refuses<bool>(json(1)));
  CHECK(refuses<std::string>(json(1)));
  CHECK(refuses<bytes>(json{{"base64", "!!"}}));
  CHECK(refuses<bytes>(json{{"base64", "AAAA"}, {"more", 1}}));
  CHECK(refuses<std::uint32_t>(json(4'294'967'296u)));
  CHECK(refuses<std::uint32_t>(json(-1)));
  CHECK(refuses<std::uint64_t>(json(1.0)));
  CHECK(refuses<std::int32_t>(json(2'147'483'648u)));
  CHECK(refuses<std::int32_t>(json(~std::uint64_t{0})));
  CHECK(refuses<milliseconds>(json(2'000'000'000'000'000)));
  CHECK(refuses<task_id>(json("00")));
  CHECK(refuses<task_id>(json("0000000000000000000000000000000A")));
  CHECK(refuses<task_id>(json(nullptr)));
  CHECK(refuses<run_outcome>(json("unknown")));
  CHECK(refuses<run_outcome>(json(1)));
  CHECK(refuses<task_state>(json("done")));
  CHECK(refuses<std::vector<std::uint32_t>>(json{{"0", 1}}));
}

TEST_CASE("a struct has exactly its fields") {
  auto good = json_of(batch_proof{7, 9, {hash256{}}, {}});
  CHECK_FALSE(refuses<batch_proof>(good));
  auto more = good;
  more["extra"] = 1;
  CHECK(refuses<batch_proof>(more));
  for (const char* field : {"index", "count", "path", "root_signature"}) {
    auto less = good;
    less.erase(field);
    batch_proof value;
    auto taken = read_json(less, value);
    REQUIRE_FALSE(taken);
    CHECK(taken.error().message.find(field) != std::string::npos);
  }
  CHECK(refuses<batch_proof>(json::array()));
}

TEST_CASE("what is no JSON is told, not thrown") {
  for (const char* text : {"", "{", "{\"a\":}", "nul", "1 2", "\xff"})
    CHECK(parse_json(text).error().code == errc::malformed);
}

TEST_CASE(
  "what is deep, or has very many fields, is refused before it is made") {
  auto nested = [](std::size_t depth, const std::string& open,
                   const std::string& close) {
    std::string text;
    for (std::size_t n = 0; n < depth; ++n)
      text += open;
    text += "1";
    for (std::size_t n = 0; n < depth; ++n)
      text += close;
    return text;
  };
  CHECK(parse_json(nested(64, "[", "]")).ok());
  CHECK(parse_json(nested(64, "{\"a\":", "}")).ok());
  for (const auto& text :
       {nested(65, "[", "]"), nested(65, "{\"a\":", "}"),
        nested(4u << 20, "[", "]"), std::string(8u << 20, '['),
        nested(1u << 20, "[{\"a\":", "}]")}) {
    auto parsed = parse_json(text);
    REQUIRE_FALSE(parsed.ok());
    CHECK(parsed.error()
          == failure{errc::malformed,
                     "more than 64 values within each other in a JSON text"});
  }
  auto fields = [](std::size_t count) {
    std::string text = "{";
    for (std::size_t n = 0; n < count; ++n)
      text += (n > 0 ? ",\"" : "\"") + std::to_string(n) + "\":[{\"a\":1}]";
    return text + "}";
  };
  CHECK(parse_json(fields(256)).ok());
  CHECK(parse_json(fields(257)).error().code == errc::malformed);
  CHECK(parse_json(fields(400'000)).error().code == errc::malformed);
  // Many beside each other are no harm.
  CHECK(parse_json("[" + fields(256) + "," + fields(256) + "]").ok());
}

TEST_CASE("values are counted, and what stands in texts is none") {
  auto parse = [](const std::string& text, std::size_t values) {
    json_bounds bounds;
    bounds.values_max = values;
    return parse_json(text, bounds).ok();
  };
  CHECK(parse("[1,2,3]", 4));
  CHECK_FALSE(parse("[1,2,3]", 3));
  CHECK(parse(R"(["[[[,,,{{{::\\\"[,[,[\\"])", 2));
  CHECK(parse(R"({"a,b[c":"d"})", 2));
  std::string commas(100'000, ',');
  CHECK(parse("\"" + commas + "\"", 1));
  CHECK_FALSE(parse("[" + commas + "]", 1'000));
}

TEST_CASE("the reason why something is no JSON is short and can be printed") {
  for (const auto& text :
       {std::string(1u << 20, 'x'), "\"" + std::string(1u << 20, 'x'),
        "[\"" + std::string(1u << 20, '\xe4') + "\"]", std::string(1'000, '\0'),
        std::string{"\x1b[31m"}}) {
    auto parsed = parse_json(text);
    REQUIRE_FALSE(parsed.ok());
    const auto& message = parsed.error().message;
    CHECK(message.size() < 300);
    CHECK_FALSE(message.empty());
    for (auto c : message)
      CHECK((c >= ' ' && c <= '~'));
  }
}
