#include "runtime/config/input_urls.hpp"

#include "protocol/core/bytes.hpp"
#include "protocol/task/blob.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include <sodium.h>
#include <stdlib.h>

using namespace artel;
using namespace artel::runtime;

namespace fs = std::filesystem;

namespace {

struct cache {
  cache() {
    auto name = (fs::temp_directory_path() / "artel-inputs-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~cache() { fs::remove_all(path); }

  fs::path path;
};

/// Of "abc".
const std::string abc =
  "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

} // namespace

TEST_CASE("a URL carries its hash, and names the job's file") {
  auto input = parse_input_url("https://host/dir/a%20b.csv?v=1#sha256=" + abc);
  REQUIRE(input);
  CHECK(input->url == "https://host/dir/a%20b.csv?v=1");
  CHECK(input->name == "a_20b.csv");
  CHECK(to_hex(input->digest.view()) == abc);
  CHECK(input->kind == digest_kind::sha256);
  CHECK(parse_input_url("http://host/x#blob=" + abc)->kind
        == digest_kind::blob);
  auto name = [](const std::string& path) {
    return parse_input_url("http://host" + path + "#sha256=" + abc)->name;
  };
  CHECK(name("") == "input");
  CHECK(name("/") == "input");
  CHECK(name("/..") == "_.");
  CHECK(name("/.profile") == "_profile");
  CHECK(name("/a\\b") == "a_b");
  CHECK(name("/" + std::string(400, 'a')).size() == 255);
}

TEST_CASE("a URL without a sound hash is refused") {
  for (const auto& text :
       {std::string{"https://host/a"}, "https://host/a#" + abc,
        "https://host/a#md5=" + abc, std::string{"https://host/a#sha256="},
        "https://host/a#sha256=" + abc.substr(2),
        "https://host/a#sha256=" + abc + "00",
        "https://host/a#sha256=" + abc.substr(1) + "g",
        "file:///etc/passwd#sha256=" + abc, "#sha256=" + abc, std::string{}}) {
    CAPTURE(text);
    CHECK_FALSE(parse_input_url(text));
  }
}

TEST_CASE("an input is fetched once, and again where it was damaged") {
  cache directory;
  auto calls = 0;
  url_getter get = [&calls](const std::string& url) -> result<bytes> {
    ++calls;
    CHECK(url == "https://host/a.txt");
    return to_bytes("abc");
  };
  for (const auto& text :
       {"https://host/a.txt#sha256=" + abc,
        "https://host/a.txt#blob=" + to_hex(blob_id(as_bytes("abc")).view())}) {
    calls = 0;
    auto input = *parse_input_url(text);
    for (auto i = 0; i < 3; ++i) {
      auto file = fetch_input(input, directory.path, get);
      REQUIRE(file);
      CHECK(file->bytes == 3);
      CHECK(file->urls == std::vector<std::string>{"https://host/a.txt"});
      CHECK(fs::path{file->path}.filename() == "a.txt");
      CHECK(calls == 1);
    }
    std::ofstream{fetch_input(input, directory.path, get)->path} << "abd";
    CHECK(fetch_input(input, directory.path, get));
    CHECK(calls == 2);
  }
}

TEST_CASE("other bytes than the hash says are not kept") {
  cache directory;
  auto input = *parse_input_url("https://host/a.txt#sha256=" + abc);
  auto evil = [](const std::string&) -> result<bytes> {
    return to_bytes("evil");
  };
  auto file = fetch_input(input, directory.path, evil);
  REQUIRE_FALSE(file);
  CHECK(file.error().code == errc::bad_signature);
  CHECK(file.error().message.starts_with("'https://host/a.txt': "));
  CHECK_FALSE(fs::exists(directory.path / "inputs"));
  auto failing = [](const std::string&) -> result<bytes> {
    return {errc::timed_out, "it took too long"};
  };
  CHECK(fetch_input(input, directory.path, failing).error().code
        == errc::timed_out);
}
