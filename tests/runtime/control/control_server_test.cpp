#include "runtime/control/control_client.hpp"
#include "runtime/control/control_server.hpp"
#include "tests/runtime/scratch_directory.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace artel;
using namespace artel::runtime;

namespace {

/// Gives back what it was asked; counts up to "count" on the way.
result<json> echo(const json& request, control_reply& reply) {
  std::uint64_t count = 0;
  if (read_field(request, "count", count))
    for (std::uint64_t i = 0; i < count; ++i)
      if (!reply.event(json{{"number", i}}))
        return {errc::unreachable, "gone"};
  if (request.contains("fail"))
    return {errc::not_found, "there is none"};
  return json{{"asked", request}};
}

/// A connection that says whatever it likes.
class raw_connection {
public:
  explicit raw_connection(const std::filesystem::path& path) {
    auto address = control_address(path);
    descriptor_ = ::socket(AF_UNIX, SOCK_STREAM, 0);
    REQUIRE(::connect(descriptor_, reinterpret_cast<const sockaddr*>(&*address),
                      sizeof(*address))
            == 0);
  }
  raw_connection(const raw_connection&) = delete;
  raw_connection& operator=(const raw_connection&) = delete;
  ~raw_connection() { ::close(descriptor_); }

  void say(const std::string& text) const {
    REQUIRE(::send(descriptor_, text.data(), text.size(), MSG_NOSIGNAL)
            == static_cast<ssize_t>(text.size()));
  }

  /// Until so much is said, or nobody listens any more.
  void flood(std::size_t size) const {
    std::string part(1u << 20, 'x');
    for (std::size_t sent = 0; sent < size; sent += part.size())
      if (::send(descriptor_, part.data(), part.size(), MSG_NOSIGNAL) <= 0)
        return;
  }

  std::string hear_all() const {
    std::string heard;
    char chunk[4096];
    for (;;) {
      auto count = ::recv(descriptor_, chunk, sizeof(chunk), 0);
      if (count <= 0)
        return heard;
      heard.append(chunk, static_cast<std::size_t>(count));
    }
  }

private:
  int descriptor_ = -1;
};

} // namespace

TEST_CASE("a request is answered, and others on the same connection") {
  test::scratch_directory directory;
  auto path = directory.path() / "control";
  auto server = control_server::start(path, echo);
  REQUIRE(server.ok());
  struct stat found {};
  REQUIRE(::stat(path.c_str(), &found) == 0);
  CHECK((found.st_mode & 0777) == 0600);
  auto client = control_client::connect(path);
  REQUIRE(client.ok());
  std::vector<std::uint64_t> numbers;
  auto answer = client->ask(json{{"count", 3}}, [&numbers](const json& event) {
    numbers.push_back(event["number"].get<std::uint64_t>());
    return true;
  });
  REQUIRE(answer.ok());
  CHECK((*answer)["asked"]["count"] == 3);
  CHECK(numbers == std::vector<std::uint64_t>{0, 1, 2});
  auto failed = client->ask(json{{"fail", true}});
  REQUIRE_FALSE(failed.ok());
  CHECK(failed.error() == failure{errc::not_found, "there is none"});
  CHECK(client->ask(json{{"again", 1}}).ok());
}

TEST_CASE("several clients are answered at once") {
  test::scratch_directory directory;
  auto path = directory.path() / "control";
  std::mutex mutex;
  std::condition_variable changed;
  int inside = 0;
  // Each waits until all are there.
  auto meet = [&](const json&, control_reply&) -> result<json> {
    std::unique_lock lock{mutex};
    ++inside;
    changed.notify_all();
    auto met = changed.wait_for(lock, std::chrono::seconds{20},
                                [&inside] { return inside == 4; });
    return json{{"met", met}};
  };
  auto server = control_server::start(path, meet);
  REQUIRE(server.ok());
  std::atomic<int> met = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&path, &met] {
      auto client = control_client::connect(path);
      if (!client)
        return;
      auto answer = client->ask(json::object());
      if (answer && (*answer)["met"] == true)
        ++met;
    });
  for (auto& thread : threads)
    thread.join();
  CHECK(met == 4);
}

TEST_CASE("what is no request ends the connection, and no other") {
  test::scratch_directory directory;
  auto path = directory.path() / "control";
  auto server = control_server::start(path, echo);
  REQUIRE(server.ok());
  auto honest = control_client::connect(path);
  REQUIRE(honest.ok());
  for (const std::string& words :
       {std::string{"[1]\n"}, std::string{"nonsense\n"}, std::string{"\n"},
        std::string(1000, '[') + "\n"}) {
    raw_connection rude{path};
    rude.say(words);
    CHECK(rude.hear_all().starts_with("{\"failed\":{\"code\":\"malformed\""));
  }
  CHECK(honest->ask(json::object()).ok());
}

TEST_CASE("a line without an end is cut off at its bound") {
  test::scratch_directory directory;
  auto path = directory.path() / "control";
  auto server = control_server::start(path, echo);
  REQUIRE(server.ok());
  raw_connection rude{path};
  rude.flood(2 * control_request_bytes_max);
  CHECK(rude.hear_all().find("limit_exceeded") != std::string::npos);
}

TEST_CASE("a server that ends lets those go who wait") {
  test::scratch_directory directory;
  auto path = directory.path() / "control";
  std::atomic<bool> waits = false;
  auto endless = [&waits](const json&, control_reply& reply) -> result<json> {
    waits = true;
    while (reply.is_wanted())
      std::this_thread::yield();
    return {errc::cancelled, "stopped"};
  };
  auto server = control_server::start(path, endless);
  REQUIRE(server.ok());
  std::thread client{[&path] {
    auto connected = control_client::connect(path);
    if (connected)
      CHECK_FALSE(connected->ask(json::object()).ok());
  }};
  while (!waits)
    std::this_thread::yield();
  server->reset();
  client.join();
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("whoever waits for a client that has gone is told") {
  test::scratch_directory directory;
  auto path = directory.path() / "control";
  std::atomic<bool> noticed = false;
  auto endless = [&noticed](const json&, control_reply& reply) -> result<json> {
    while (reply.is_wanted())
      std::this_thread::yield();
    noticed = true;
    return {errc::cancelled, "gone"};
  };
  auto server = control_server::start(path, endless);
  REQUIRE(server.ok());
  {
    raw_connection brief{path};
    brief.say("{}\n");
  }
  // Without the notice, the test runs into its time limit.
  while (!noticed)
    std::this_thread::yield();
  CHECK(noticed);
}

TEST_CASE("a socket that a dead process left is replaced, a living one not") {
  test::scratch_directory directory;
  auto path = directory.path() / "control";
  auto address = control_address(path);
  auto dead = ::socket(AF_UNIX, SOCK_STREAM, 0);
  REQUIRE(
    ::bind(dead, reinterpret_cast<const sockaddr*>(&*address), sizeof(*address))
    == 0);
  ::close(dead);
  auto nobody = control_client::connect(path);
  REQUIRE_FALSE(nobody.ok());
  CHECK(nobody.error().code == errc::unreachable);
  CHECK(nobody.error().message.find("artel node start") != std::string::npos);
  auto first = control_server::start(path, echo);
  REQUIRE(first.ok());
  auto second = control_server::start(path, echo);
  REQUIRE_FALSE(second.ok());
  CHECK(second.error().code == errc::already_exists);
  CHECK(control_client::connect(path).ok());
}

TEST_CASE("a file in the socket's place stays") {
  test::scratch_directory directory;
  auto path = directory.write("control", "precious");
  auto started = control_server::start(path, echo);
  REQUIRE_FALSE(started.ok());
  CHECK(started.error().code == errc::already_exists);
  CHECK(directory.read("control") == "precious");
}

TEST_CASE("a path that no socket can have is refused") {
  auto started = control_server::start(std::string(200, 'x'), echo);
  REQUIRE_FALSE(started.ok());
  CHECK(started.error().code == errc::invalid_argument);
}
