#include "runtime/net/http_fetch.hpp"

#include "runtime/net/http_inputs.hpp"
#include "tests/runtime/net/http_server.hpp"

#include <doctest/doctest.h>

#include <future>

using namespace artel;
using namespace artel::runtime;
using namespace artel::testing;

namespace {

http_fetch_options anywhere() {
  http_fetch_options options;
  options.timeout = milliseconds{5'000};
  options.allows = [](const http_location&, const ip_address&) { return true; };
  return options;
}

errc refusal(const std::string& url, const http_fetch_options& options) {
  auto fetched = http_fetch(url, options);
  REQUIRE_FALSE(fetched);
  CHECK(fetched.error().message.find(url) != std::string::npos);
  return fetched.error().code;
}

result<bytes> wait_for(http_inputs& inputs, std::vector<std::string> urls,
                       const blob_ref& blob) {
  std::promise<result<bytes>> fetched;
  inputs.fetch(std::move(urls), blob,
               [&](result<bytes> one) { fetched.set_value(std::move(one)); });
  return fetched.get_future().get();
}

} // namespace

TEST_CASE("only http and https URLs without credentials have a location") {
  CHECK(*locate_url("https://Example.org/a")
        == http_location{true, "example.org", 443});
  CHECK(*locate_url("http://[::1]:80/a") == http_location{false, "::1", 80});
  for (const auto* url :
       {"", "a", "/etc/passwd", "file:///etc/passwd", "ftp://host/a",
        "gopher://host/1", "https://user@host/a", "https://user:word@host/a",
        "http://", "http://host:0/a", "http://host:99999/a", "http://a b/"}) {
    CAPTURE(url);
    CHECK_FALSE(locate_url(url));
  }
  CHECK_FALSE(locate_url("http://host/" + std::string(5'000, 'a')));
}

TEST_CASE("a body comes whole; other answers are errors that name the URL") {
  std::string body(300'000, 'x');
  http_server server{[&body](const std::string& path) {
    if (path == "/body")
      return http_answer(200, body);
    if (path == "/cut")
      return http_answer(200, body).substr(0, 1'000);
    if (path == "/empty")
      return http_answer(200, "");
    if (path == "/garbage")
      return std::string{"\x01\x02\x03 no answer of a web server\r\n\r\n"};
    return http_answer(path == "/gone" ? 410 : 500, "no");
  }};
  auto options = anywhere();
  CHECK(as_text(*http_fetch(server.url("/body"), options)) == body);
  CHECK(http_fetch(server.url("/empty"), options)->empty());
  CHECK(refusal(server.url("/gone"), options) == errc::not_found);
  CHECK(refusal(server.url("/broken"), options) == errc::not_found);
  CHECK(refusal(server.url("/cut"), options) == errc::unreachable);
  CHECK(refusal(server.url("/garbage"), options) == errc::unreachable);
  options.bytes_max = body.size();
  CHECK(http_fetch(server.url("/body"), options));
  options.bytes_max = body.size() - 1;
  CHECK(refusal(server.url("/body"), options) == errc::limit_exceeded);
}

TEST_CASE("a body without a length ends at the limit all the same") {
  http_server server{[](const std::string&) {
    return "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"
           + std::string(200'000, 'x');
  }};
  auto options = anywhere();
  options.bytes_max = 100'000;
  CHECK(refusal(server.url("/"), options) == errc::limit_exceeded);
  options.bytes_max = 200'000;
  CHECK(http_fetch(server.url("/"), options)->size() == 200'000);
}

TEST_CASE(
  "a server that says nothing is given up, at once where it is wished") {
  http_server server{[](const std::string&) { return std::string{}; }};
  auto options = anywhere();
  options.timeout = milliseconds{100};
  CHECK(refusal(server.url("/"), options) == errc::timed_out);
  std::stop_source stop;
  stop.request_stop();
  options.timeout = milliseconds{60'000};
  options.stop = stop.get_token();
  CHECK(refusal(server.url("/"), options) == errc::cancelled);
}

TEST_CASE("an address that is not public is not asked unless allowed") {
  http_server server{
    [](const std::string&) { return http_answer(200, "secret"); }};
  http_fetch_options options;
  options.timeout = milliseconds{5'000};
  CHECK(refusal(server.url("/"), options) == errc::refused);
  // A name for it makes no difference, nor another way to write it.
  auto port = std::to_string(server.port());
  for (const auto* host : {"localhost", "127.1", "2130706433", "0x7f.0.0.1",
                           "[::ffff:127.0.0.1]", "0.0.0.0"}) {
    CAPTURE(host);
    CHECK(refusal("http://" + std::string{host} + ":" + port + "/", options)
          == errc::refused);
  }
  CHECK(server.requests() == 0);
}

TEST_CASE("redirects are few, and each is looked at like the first") {
  std::string target;
  http_server server{[&target](const std::string& path) {
    if (path == "/end")
      return http_answer(200, "here");
    if (path == "/loop")
      return http_answer(302, "", "Location: /loop\r\n");
    if (path == "/nowhere")
      return http_answer(302, "");
    return http_answer(302, "", "Location: " + target + "\r\n");
  }};
  auto options = anywhere();
  target = "/end";
  CHECK(as_text(*http_fetch(server.url("/"), options)) == "here");
  CHECK(refusal(server.url("/loop"), options) == errc::limit_exceeded);
  CHECK(refusal(server.url("/nowhere"), options) == errc::not_found);
  target = "file:///etc/passwd";
  CHECK_FALSE(http_fetch(server.url("/"), options));
  // To another host than that which is allowed.
  auto here = *locate_url(server.url("/"));
  options.allows = [&here](const http_location& location, const ip_address&) {
    return location == here;
  };
  target = "http://localhost:" + std::to_string(server.port()) + "/end";
  auto before = server.requests();
  CHECK(refusal(server.url("/"), options) == errc::refused);
  CHECK(server.requests() == before + 1);
}

TEST_CASE("a worker's inputs come from the first address that has them") {
  http_server server{[](const std::string& path) {
    return path == "/good" ? http_answer(200, "good")
                           : http_answer(200, "evil");
  }};
  auto blob = blob_ref_of(as_bytes("good"));
  http_inputs allowed{{{"127.0.0.0/8"}, 1'000, milliseconds{5'000}}};
  auto fetched =
    wait_for(allowed, {server.url("/evil"), server.url("/good")}, blob);
  REQUIRE(fetched);
  CHECK(as_text(*fetched) == "good");
  auto wrong = wait_for(allowed, {server.url("/evil")}, blob);
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().code == errc::bad_signature);
  CHECK_FALSE(wait_for(allowed, {}, blob));
  CHECK(wait_for(allowed, {server.url("/good")}, {blob.id, 1'001}).error().code
        == errc::limit_exceeded);
  auto before = server.requests();
  http_inputs strict{{}};
  auto refused = wait_for(strict, {server.url("/good")}, blob);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == errc::refused);
  CHECK(server.requests() == before);
  http_inputs by_name{{{"localhost"}, 1'000, milliseconds{5'000}}};
  CHECK(wait_for(
    by_name, {"http://localhost:" + std::to_string(server.port()) + "/good"},
    blob));
}

TEST_CASE("orders that wait when the worker stops are told so") {
  http_server server{[](const std::string&) { return std::string{}; }};
  std::vector<errc> told;
  {
    http_inputs inputs{{{"127.0.0.1"}, 1'000, milliseconds{60'000}}};
    for (auto i = 0; i < 3; ++i)
      inputs.fetch({server.url("/")}, blob_ref_of({}), [&](result<bytes> one) {
        told.push_back(one.error().code);
      });
  }
  CHECK(told == std::vector<errc>(3, errc::cancelled));
}
