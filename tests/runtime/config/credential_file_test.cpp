#include "runtime/config/credential_file.hpp"

#include "protocol/wire/codec.hpp"
#include "runtime/observe/json.hpp"
#include "tests/protocol/wire/fill.hpp"
#include "tests/runtime/scratch_directory.hpp"

#include <doctest/doctest.h>

#include <sys/stat.h>

using namespace artel;
using namespace artel::runtime;

namespace {

namespace fs = std::filesystem;

/// Names are text here, as any that people give.
template <class T>
T example() {
  auto item = testing::counted<T>();
  if constexpr (requires { item.network; })
    item.network = "n\u00e4tz \"x\"";
  if constexpr (std::is_same_v<T, network_config>)
    item.price_floor = microcredits(1'500'000);
  return item;
}

template <class T>
errc code_of(const result<T>& outcome) {
  return outcome ? errc{} : outcome.error().code;
}

std::size_t entries_of(const fs::path& directory) {
  return static_cast<std::size_t>(
    std::distance(fs::directory_iterator{directory}, fs::directory_iterator{}));
}

} // namespace

TEST_CASE_TEMPLATE("a credential is read as it was written", T,
                   owner_certificate, seed_certificate, join_token,
                   network_config) {
  test::scratch_directory scratch;
  auto path = scratch.path() / "item.json";
  for (const auto& item : {example<T>(), T{}}) {
    REQUIRE(write_credential(path, item, true).ok());
    auto again = read_credential<T>(path);
    REQUIRE_MESSAGE(again.ok(), (again ? "" : again.error().message));
    CHECK(*again == item);
    CHECK(*credential_kind(path) == T::type_name);
  }
}

TEST_CASE("random credentials of every size survive the way through a file") {
  test::scratch_directory scratch;
  auto path = scratch.path() / "item.json";
  auto random = random_generator::from_number(1);
  for (int round = 0; round < 200; ++round) {
    auto item = testing::random_message<network_config>(random);
    // The least amount has no positive counterpart to be written from.
    item.price_floor.micro = std::abs(item.price_floor.micro / 2);
    REQUIRE(write_credential(path, item, true).ok());
    auto again = read_credential<network_config>(path);
    REQUIRE_MESSAGE(again.ok(), (again ? "" : again.error().message));
    CHECK(*again == item);
  }
}

TEST_CASE("the largest config fits a file") {
  test::scratch_directory scratch;
  auto path = scratch.path() / "item.json";
  auto random = random_generator::from_number(2);
  network_config item;
  for (std::size_t i = 0; i < limits::revoked_keys_max; ++i) {
    item.revoked_nodes.push_back(random.id<node_id>());
    item.revoked_owners.push_back(random.id<owner_id>());
  }
  REQUIRE(write_credential(path, item, false).ok());
  CHECK(fs::file_size(path) < credential_bytes_max);
  CHECK(*read_credential<network_config>(path) == item);
  // One more would not go over the wire.
  item.revoked_nodes.push_back(random.id<node_id>());
  REQUIRE(write_credential(path, item, true).ok());
  CHECK(code_of(read_credential<network_config>(path)) == errc::limit_exceeded);
}

TEST_CASE("a file of another kind is named as what it is") {
  test::scratch_directory scratch;
  auto path = scratch.path() / "item.json";
  REQUIRE(write_credential(path, example<join_token>(), false).ok());
  auto taken = read_credential<network_config>(path);
  REQUIRE_FALSE(taken.ok());
  CHECK(taken.error().code == errc::invalid_argument);
  CHECK(taken.error().message
        == "'" + path.string()
             + "' holds a join token; expected a network config");
}

TEST_CASE("what exists is replaced only where that is allowed") {
  test::scratch_directory scratch;
  auto path = scratch.write("item.json", "mine");
  CHECK(code_of(write_credential(path, example<join_token>(), false))
        == errc::already_exists);
  CHECK(scratch.read("item.json") == "mine");
  REQUIRE(write_credential(path, example<join_token>(), true).ok());
  CHECK(read_credential<join_token>(path).ok());
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0644);
  // Nothing else is left behind.
  CHECK(entries_of(scratch.path()) == 1);
}

TEST_CASE("a failed write leaves nothing behind") {
  test::scratch_directory scratch;
  auto item = example<join_token>();
  CHECK(code_of(write_credential(scratch.path() / "no" / "x.json", item, false))
        == errc::not_found);
  fs::create_directory(scratch.path() / "taken");
  CHECK_FALSE(write_credential(scratch.path() / "taken", item, true).ok());
  CHECK(entries_of(scratch.path()) == 1);
}

TEST_CASE("what is no credential is refused, and told what it is") {
  test::scratch_directory scratch;
  auto code_with = [&scratch](std::string_view text) {
    return code_of(read_credential<join_token>(scratch.write("x.json", text)));
  };
  CHECK(code_with("") == errc::malformed);
  CHECK(code_with("{") == errc::malformed);
  CHECK(code_with("[]") == errc::malformed);
  CHECK(code_with("3") == errc::malformed);
  CHECK(code_with("{}") == errc::malformed);
  CHECK(code_with(R"({"kind": 3})") == errc::malformed);
  CHECK(code_with(R"({"kind": "key"})") == errc::malformed);
  CHECK(code_with(R"({"kind": "join_token"})") == errc::malformed);
  CHECK(code_with(std::string(1'000'000, '[')) == errc::malformed);
  CHECK(code_of(read_credential<join_token>(scratch.path() / "none"))
        == errc::not_found);
  CHECK(code_of(read_credential<join_token>(scratch.path()))
        == errc::invalid_argument);
  auto fifo = scratch.path() / "fifo";
  REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  CHECK(code_of(read_credential<join_token>(fifo)) == errc::invalid_argument);
}

TEST_CASE("too large a file is not read to its end") {
  test::scratch_directory scratch;
  auto path = scratch.write("x.json", "{}");
  fs::resize_file(path, std::uintmax_t{1} << 40);
  CHECK(code_of(read_credential<join_token>(path)) == errc::limit_exceeded);
}

TEST_CASE("a field that is missing, unknown or out of bounds is named") {
  test::scratch_directory scratch;
  auto path = scratch.path() / "item.json";
  REQUIRE(write_credential(path, example<owner_certificate>(), false).ok());
  auto sound = *parse_json(scratch.read("item.json"));
  auto with = [&](auto change) {
    auto content = sound;
    change(content);
    auto taken = read_credential<owner_certificate>(
      scratch.write("item.json", document_of(content)));
    return taken ? std::string{} : taken.error().message;
  };
  auto says = [](const std::string& message, const char* part) {
    return message.find(part) != std::string::npos;
  };
  CHECK(with([](json&) {}).empty());
  CHECK(says(with([](json& j) { j.erase("node"); }), "node"));
  CHECK(says(with([](json& j) { j["more"] = 1; }), "fields"));
  CHECK(says(with([](json& j) { j["scope"] = "every"; }), "scope"));
  CHECK(says(with([](json& j) { j["expires"] = "soon"; }), "expires"));
  CHECK(says(with([](json& j) { j["owner"] = "00"; }), "owner"));
  CHECK(says(with([](json& j) { j["network"] = std::string(256, 'n'); }),
             "network"));
}
