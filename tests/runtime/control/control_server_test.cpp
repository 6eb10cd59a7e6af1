#include "runtime/control/control_client.hpp"
#include "runtime/control/control_server.hpp"
#include "tests/runtime/scratch_directory.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <condition_variable>
#include <fstream>
#include <functional>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <malloc.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
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
    // Far above what anything here takes.
    timeval limit{30, 0};
    ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
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

  /// Says nothing more; still listens.
  void hang_up_half() const { ::shutdown(descriptor_, SHUT_WR); }

  /// As much as goes without anybody reading it.
  void pour(const std::string& text) const {
    while (
      ::send(descriptor_, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT)
      > 0) {
    }
  }

  std::string hear_line() const {
    std::string heard;
    char byte = 0;
    while (::recv(descriptor_, &byte, 1, 0) == 1 && byte != '\n')
      heard += byte;
    return heard;
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

namespace {

/// What a line of a process's status in /proc says, in kB where it is a size.
std::uint64_t of_this_process(const std::string& name) {
  std::ifstream status{"/proc/self/status"};
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(name + ":"))
      return std::stoull(line.substr(name.size() + 1));
  return 0;
}

bool eventually(const std::function<bool()>& condition) {
  auto end = std::chrono::steady_clock::now() + std::chrono::seconds{30};
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end)
      return false;
    std::this_thread::yield();
  }
  return true;
}

/// A list of so many values.
std::string list_of(std::size_t values) {
  std::string text = "[0";
  for (std::size_t n = 1; n < values; ++n)
    text += ",0";
  return text + "]";
}

} // namespace

TEST_CASE("lines made to do harm are refused in a few words, and cheaply") {
  test::scratch_directory directory;
  auto path = directory.path() / "control";
  auto server = control_server::start(path, echo);
  REQUIRE(server.ok());
  auto honest = control_client::connect(path);
  REQUIRE(honest.ok());
  std::string fields = "{\"0\":0";
  while (fields.size() < control_request_bytes_max / 2)
    fields += ",\"" + std::to_string(fields.size()) + "\":0";
  for (const auto& words :
       {std::string("{\"a\":1\0}", 8), std::string(100, '\0'),
        std::string{"{\"a\":\"\xc3\x28\"}"}, std::string{"{} {}"},
        std::string{"\r"}, "{\"" + std::string(1u << 20, 'a'),
        "{\"a\":" + std::string(4u << 20, '[') + std::string(3u << 20, ']')
          + "}",
        "{\"a\":" + list_of(control_request_values_max) + "}", fields + "}"}) {
    raw_connection rude{path};
    rude.say(words + "\n");
    auto heard = rude.hear_all();
    CHECK(heard.starts_with("{\"failed\":{\"code\":\"malformed\""));
    CHECK(heard.size() < 400);
  }
  // A long line is nothing bad by itself.
  auto long_text = std::string((1u << 20) + (1u << 19), 'x');
  auto answer = honest->ask(json{{"text", long_text}});
  REQUIRE(answer.ok());
  CHECK((*answer)["asked"]["text"] == long_text);
  CHECK(honest->ask(json{{"list", json::array({1, 2, 3})}}).ok());
}

TEST_CASE("who says nothing more is answered, and then let go") {
  test::scratch_directory directory;
  auto path = directory.path() / "control";
  auto server = control_server::start(path, echo);
  REQUIRE(server.ok());
  raw_connection whole{path};
  whole.say("{\"a\":1}\n{\"b\":2}\n");
  whole.hang_up_half();
  CHECK(whole.hear_all()
        == "{\"done\":{\"asked\":{\"a\":1}}}\n"
           "{\"done\":{\"asked\":{\"b\":2}}}\n");
  raw_connection half{path};
  half.say("{\"a\":1}");
  half.hang_up_half();
  CHECK(half.hear_all().empty());
  CHECK(control_client::connect(path)->ask(json::object()).ok());
}

TEST_CASE("a request that breaks what answers it costs only its answer") {
  test::scratch_directory directory;
  auto path = directory.path() / "control";
  auto server = control_server::start(
    path, [](const json& request, control_reply& reply) -> result<json> {
      if (request.contains("throw"))
        throw std::runtime_error{"out of paper"};
      return echo(request, reply);
    });
  REQUIRE(server.ok());
  auto client = control_client::connect(path);
  REQUIRE(client.ok());
  auto answer = client->ask(json{{"throw", true}});
  REQUIRE_FALSE(answer.ok());
  CHECK(answer.error()
        == failure{errc::system_failure,
                   "the node daemon could not answer: out of paper"});
  CHECK(client->ask(json::object()).ok());
}

TEST_CASE("two hundred clients that never read hold up nobody for ever") {
  test::scratch_directory directory;
  auto path = directory.path() / "control";
  std::atomic<std::size_t> inside = 0;
  auto generous = [&inside](const json&, control_reply&) -> result<json> {
    ++inside;
    return json{{"much", std::string(1u << 20, 'x')}};
  };
  auto server = control_server::start(path, generous);
  REQUIRE(server.ok());
  auto threads = of_this_process("Threads");
  auto kilobytes = of_this_process("VmRSS");
  std::vector<std::unique_ptr<raw_connection>> silent;
  for (int n = 0; n < 200; ++n) {
    silent.push_back(std::make_unique<raw_connection>(path));
    silent.back()->pour("{\"request\":\"more\"}\n");
  }
  // Those that were let in wait for their first answer to be taken.
  REQUIRE(eventually([&] { return inside == control_server::clients_max; }));
  CHECK(of_this_process("Threads") <= threads + control_server::clients_max);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  // Sanitizers keep what is freed.
  CHECK(of_this_process("VmRSS") < kilobytes + (600u << 10));
#endif
  CHECK(kilobytes > 0);
  // All others were told, as who comes now is.
  std::size_t refused = 0;
  for (std::size_t n = control_server::clients_max; n < silent.size(); ++n)
    refused += silent[n]->hear_all().find("as many control connections as it"
                                          " takes")
               != std::string::npos;
  CHECK(refused == 200 - control_server::clients_max);
  auto late = control_client::connect(path);
  REQUIRE(late.ok());
  auto answer = late->ask(json::object());
  REQUIRE_FALSE(answer.ok());
  CHECK(answer.error().code == errc::refused);
  CHECK(inside == control_server::clients_max);
  SUBCASE("they go, and others come") {
    silent.clear();
    CHECK(eventually([&path] {
      auto next = control_client::connect(path);
      return next.ok() && next->ask(json::object()).ok();
    }));
  }
  SUBCASE("the server ends without them") {
    server->reset();
    CHECK_FALSE(std::filesystem::exists(path));
  }
}

TEST_CASE("the room of a long request is given back, the connection stays") {
  test::scratch_directory directory;
  auto path = directory.path() / "control";
  auto brief = [](const json&, control_reply&) -> result<json> {
    return json::object();
  };
  auto server = control_server::start(path, brief);
  REQUIRE(server.ok());
  // As in a daemon: large blocks go back to the system.
  ::mallopt(M_MMAP_THRESHOLD, 1 << 20);
  auto line = "{\"text\":\"" + std::string(6u << 20, 'x') + "\"}\n";
  std::vector<std::unique_ptr<raw_connection>> clients;
  auto kilobytes = of_this_process("VmRSS");
  for (int n = 0; n < 24; ++n) {
    clients.push_back(std::make_unique<raw_connection>(path));
    clients.back()->say(line);
    REQUIRE(clients.back()->hear_line() == "{\"done\":{}}");
  }
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  MESSAGE("sanitizers keep what is freed");
#else
  CHECK(of_this_process("VmRSS") < kilobytes + (100u << 10));
#endif
  CHECK(kilobytes > 0);
}

TEST_CASE(
  "without a thread for it a client is refused, and others are served") {
  test::scratch_directory directory;
  auto path = directory.path() / "control";
  auto server = control_server::start(path, echo);
  REQUIRE(server.ok());
  auto honest = control_client::connect(path);
  REQUIRE(honest.ok());
  REQUIRE(honest->ask(json::object()).ok());
  pthread_attr_t usual;
  REQUIRE(::pthread_getattr_default_np(&usual) == 0);
  auto boundless = usual;
  // No machine has room for such a stack.
  REQUIRE(::pthread_attr_setstacksize(&boundless, std::size_t{1} << 62) == 0);
  REQUIRE(::pthread_setattr_default_np(&boundless) == 0);
  {
    raw_connection late{path};
    auto heard = late.hear_all();
    CHECK(heard.find("system_failure") != std::string::npos);
    CHECK(heard.find("has no thread for it") != std::string::npos);
  }
  REQUIRE(::pthread_setattr_default_np(&usual) == 0);
  CHECK(honest->ask(json::object()).ok());
  CHECK(control_client::connect(path)->ask(json::object()).ok());
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
