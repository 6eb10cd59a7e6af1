// A node whose process runs out of descriptors: it refuses what it can't take,
// and is there again when there are some.
#include "tests/runtime/net/tls_nodes.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <iterator>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace artel;
using namespace artel::runtime;
using namespace artel::testing;

namespace {

constexpr std::size_t descriptors_max = 200;

enum class order : char {
  tell = 't',
  /// Open files until none can be opened any more, and close them.
  fill = 'f',
  empty = 'e',
  /// The system gives no descriptor at all, and gives some again.
  starve = 's',
  feed = 'g',
  /// Dial the address, and tell what came of it.
  dial = 'd',
};

struct command {
  order what{};
  char address[64] = "";
};

struct report {
  std::uint64_t accepted = 0;
  std::uint64_t refused = 0;
  std::uint64_t handshakes = 0;
  std::uint64_t links = 0;
  std::uint64_t dials_failed = 0;
  std::uint64_t descriptors = 0;
  std::uint64_t filled = 0;
  std::uint64_t cpu_us = 0;
  char text[200] = "";

  std::string said() const { return text; }
  /// As much of it as there is room for.
  void say(const std::string& what) {
    std::copy_n(what.begin(), std::min(what.size(), sizeof(text) - 1), text);
  }
};

tls_transport_limits patient_limits() {
  tls_transport_limits limits;
  limits.handshakes_max = 1'000;
  limits.per_address_max = 1'000;
  limits.handshake_timeout = milliseconds{60'000};
  return limits;
}

void set_descriptors_max(std::size_t soft) {
  rlimit limit{soft, descriptors_max};
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

/// What the process does that is to run out of descriptors.
class starving_node {
public:
  report obey(const command& asked) {
    report told;
    switch (asked.what) {
      case order::tell: break;
      case order::fill:
        for (int one; (one = ::open("/dev/null", O_RDONLY)) >= 0;)
          filled_.emplace_back(one);
        break;
      case order::empty: filled_.clear(); break;
      case order::starve: set_descriptors_max(3); break;
      case order::feed: set_descriptors_max(descriptors_max); break;
      case order::dial: {
        auto end = node_.open(asked.address);
        end->wait([](const end_log& l) { return l.link != 0 || l.closed; });
        end->change([&told](end_log& l) {
          told.say(l.reason);
          if (l.link != 0)
            told.say("linked");
        });
        break;
      }
    }
    const auto& counters = node_.counters();
    told.accepted = counters.accepted;
    told.refused = counters.refused_descriptors;
    told.handshakes = counters.handshakes_open;
    told.links = counters.links_open;
    told.dials_failed = counters.dials_failed;
    told.filled = filled_.size();
    std::error_code none;
    std::filesystem::directory_iterator all{"/proc/self/fd", none};
    told.descriptors =
      static_cast<std::uint64_t>(std::distance(begin(all), end(all)));
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    for (const auto& part : {used.ru_utime, used.ru_stime})
      told.cpu_us += static_cast<std::uint64_t>(part.tv_sec) * 1'000'000
                     + static_cast<std::uint64_t>(part.tv_usec);
    return told;
  }

  const std::string& address() const { return node_.address(); }

private:
  links_config config_;
  caf::actor_system system_{config_};
  linked_node node_{system_, 1, patient_limits()};
  std::vector<owned_socket> filled_;
};

/// That process, seen from the test.
class starving_process {
public:
  starving_process() {
    int there[2];
    int back[2];
    REQUIRE(::pipe2(there, O_CLOEXEC) == 0);
    REQUIRE(::pipe2(back, O_CLOEXEC) == 0);
    process_ = ::fork();
    REQUIRE(process_ >= 0);
    if (process_ == 0) {
      ::close(there[1]);
      ::close(back[0]);
      live(there[0], back[1]);
    }
    ::close(there[0]);
    ::close(back[1]);
    commands_ = owned_socket{there[1]};
    reports_ = owned_socket{back[0]};
    address_ = ask(order::tell).text;
    REQUIRE_FALSE(address_.empty());
    // From then on it has all the descriptors that it keeps, and no others.
    REQUIRE(serves());
    auto held = tell().descriptors;
    REQUIRE(eventually([&] {
      auto now = tell();
      auto settled = std::exchange(held, now.descriptors) == now.descriptors;
      return settled && now.handshakes == 0 && now.links == 0;
    }));
  }
  starving_process(const starving_process&) = delete;
  starving_process& operator=(const starving_process&) = delete;
  /// It ends when nobody asks any more.
  ~starving_process() {
    ::close(commands_.release());
    int status = 0;
    ::waitpid(process_, &status, 0);
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
  }

  report ask(order what, const std::string& address = {}) {
    command asked{what, {}};
    REQUIRE(address.size() < sizeof(asked.address));
    std::copy(address.begin(), address.end(), asked.address);
    REQUIRE(::write(commands_.get(), &asked, sizeof(asked)) == sizeof(asked));
    pollfd answer{reports_.get(), POLLIN, 0};
    constexpr std::chrono::milliseconds limit = patience;
    REQUIRE(::poll(&answer, 1, static_cast<int>(limit.count())) == 1);
    report told;
    REQUIRE(::read(reports_.get(), &told, sizeof(told)) == sizeof(told));
    return told;
  }

  report tell() { return ask(order::tell); }
  const std::string& address() const { return address_; }

  /// Of a core, in percent, over the next moments.
  std::uint64_t load_percent() {
    constexpr std::chrono::microseconds span{500'000};
    auto before = tell().cpu_us;
    auto start = std::chrono::steady_clock::now();
    std::this_thread::sleep_for(span);
    auto after = tell().cpu_us;
    auto took = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now() - start);
    return (after - before) * 100 / static_cast<std::uint64_t>(took.count());
  }

  bool serves() {
    raw_link honest{address_, some_key(2)};
    return honest.shake_hands();
  }

private:
  [[noreturn]] static void live(int commands, int reports) {
    try {
      set_descriptors_max(descriptors_max);
      starving_node node;
      command asked;
      while (::read(commands, &asked, sizeof(asked)) == sizeof(asked)) {
        auto told = node.obey(asked);
        if (told.said().empty())
          told.say(node.address());
        if (::write(reports, &told, sizeof(told)) != sizeof(told))
          ::_exit(2);
      }
    } catch (...) {
      ::_exit(3);
    }
    ::_exit(0);
  }

  pid_t process_ = -1;
  owned_socket commands_;
  owned_socket reports_;
  std::string address_;
};

/// Connections that say nothing.
std::vector<std::unique_ptr<raw_connection>>
silent_connections(const std::string& address, std::size_t count) {
  std::vector<std::unique_ptr<raw_connection>> all;
  for (std::size_t n = 0; n < count; ++n)
    all.push_back(std::make_unique<raw_connection>(address));
  return all;
}

bool is_closed_by_now(const raw_connection& connection) {
  std::uint8_t byte = 0;
  return ::recv(connection.descriptor(), &byte, 1, MSG_DONTWAIT) == 0
         || (errno != EAGAIN && errno != EINTR);
}

} // namespace

TEST_CASE("links leave the reserve to the rest of the process") {
  starving_process node;
  constexpr std::size_t reserve = tls_transport_limits{}.descriptor_reserve;
  auto before = node.tell();
  auto silent = silent_connections(node.address(), descriptors_max);
  CHECK(eventually([&] {
    auto now = node.tell();
    return now.accepted - before.accepted + now.refused == silent.size();
  }));
  auto full = node.tell();
  CHECK(full.refused >= reserve);
  CHECK(full.accepted - before.accepted
        >= descriptors_max - reserve - before.descriptors);
  CHECK(full.descriptors <= descriptors_max - reserve + 4);
  // Who is refused is told by the end of its connection.
  CHECK(eventually([&] {
    return std::count_if(silent.begin(), silent.end(),
                         [](const auto& one) { return is_closed_by_now(*one); })
           == static_cast<std::ptrdiff_t>(full.refused);
  }));
  CHECK(node.load_percent() < 25);
  CHECK(node.ask(order::fill).filled >= reserve - 1);
  node.ask(order::empty);
  silent.clear();
  CHECK(eventually([&] {
    auto now = node.tell();
    return now.handshakes == 0 && now.descriptors <= before.descriptors + 1;
  }));
  CHECK(node.serves());
  CHECK(node.tell().refused == full.refused);
}

TEST_CASE("without any descriptor left, connections are refused one by one") {
  starving_process node;
  auto before = node.tell();
  CHECK(node.ask(order::fill).filled > 100);
  constexpr std::size_t count = 30;
  for (auto& one : silent_connections(node.address(), count))
    REQUIRE(one->is_closed());
  auto after = node.tell();
  CHECK(after.refused == before.refused + count);
  CHECK(after.accepted == before.accepted);
  CHECK(node.load_percent() < 25);
  node.ask(order::empty);
  CHECK(node.serves());
  CHECK(node.tell().refused == after.refused);
}

TEST_CASE("who can't even be refused waits, and is served when it can be") {
  starving_process node;
  node.ask(order::starve);
  raw_link first{node.address(), some_key(2)};
  raw_link second{node.address(), some_key(3)};
  // A listener that is told of them again and again takes a whole core.
  CHECK(node.load_percent() < 25);
  CHECK(node.tell().refused == 0);
  node.ask(order::feed);
  CHECK(first.shake_hands());
  CHECK(second.shake_hands());
  CHECK(node.serves());
}

TEST_CASE("a dial without a descriptor fails, says why, and may be repeated") {
  starving_process node;
  links_config config;
  caf::actor_system system{config};
  linked_node other{system, 2};
  node.ask(order::starve);
  for (int n = 0; n < 3; ++n)
    CHECK(node.ask(order::dial, other.address()).said()
          == "can't dial " + other.address() + ": Too many open files");
  auto by_name = "localhost:" + other.port(0);
  CHECK(node.ask(order::dial, by_name)
          .said()
          .starts_with("can't dial " + by_name + ": "));
  CHECK(node.tell().dials_failed == 4);
  CHECK(node.load_percent() < 25);
  node.ask(order::feed);
  CHECK(node.ask(order::dial, other.address()).said() == "linked");
  CHECK(node.ask(order::dial, by_name).said() == "linked");
}
