#include "runtime/launch/service_notify.hpp"

#include "tests/runtime/scratch_directory.hpp"

#include <array>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <map>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <doctest/doctest.h>

using namespace artel;
using namespace artel::runtime;

namespace {

using variables = std::map<std::string, std::string>;

service_notifier::lookup lookup_in(variables all) {
  return [all](const char* name) -> std::optional<std::string> {
    auto found = all.find(name);
    if (found == all.end())
      return std::nullopt;
    return found->second;
  };
}

/// A service manager's ear.
class manager {
public:
  explicit manager(const std::string& name) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    REQUIRE(name.size() < sizeof(address.sun_path));
    std::memcpy(address.sun_path, name.data(), name.size());
    if (name[0] == '@')
      address.sun_path[0] = '\0';
    descriptor_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    auto size = offsetof(sockaddr_un, sun_path) + name.size();
    REQUIRE(::bind(descriptor_, reinterpret_cast<const sockaddr*>(&address),
                   static_cast<socklen_t>(size))
            == 0);
  }
  ~manager() { ::close(descriptor_); }

  std::string heard() const {
    std::array<char, 4'096> text{};
    auto size = ::recv(descriptor_, text.data(), text.size(), MSG_DONTWAIT);
    return size < 0 ? "nothing"
                    : std::string{text.data(), static_cast<std::size_t>(size)};
  }

private:
  int descriptor_ = -1;
};

} // namespace

TEST_CASE("a manager hears each step in its own words") {
  test::scratch_directory scratch;
  auto path = (scratch.path() / "notify").string();
  manager listening{path};
  auto made = service_notifier::make(lookup_in({{"NOTIFY_SOCKET", path}}));
  REQUIRE(made);
  CHECK(made->is_heard());
  CHECK(made->ready("3 links"));
  CHECK(listening.heard() == "READY=1\nSTATUS=3 links");
  CHECK(made->reloading(microseconds{77}));
  CHECK(listening.heard() == "RELOADING=1\nMONOTONIC_USEC=77");
  CHECK(made->watchdog());
  CHECK(listening.heard() == "WATCHDOG=1");
  CHECK(made->stopping("draining"));
  CHECK(listening.heard() == "STOPPING=1\nSTATUS=draining");
  CHECK(made->status("a\nSTOPPING=1"));
  CHECK(listening.heard() == "STATUS=a STOPPING=1");
  CHECK(listening.heard() == "nothing");
}

TEST_CASE("a manager may listen where there is no file") {
  auto name = "@artel-test-" + std::to_string(::getpid());
  manager listening{name};
  auto made = service_notifier::make(lookup_in({{"NOTIFY_SOCKET", name}}));
  REQUIRE(made);
  auto moved = std::move(*made);
  CHECK(moved.ready("here"));
  CHECK(listening.heard() == "READY=1\nSTATUS=here");
}

TEST_CASE("without a manager nothing is said, and nothing fails") {
  auto made = service_notifier::make(lookup_in({}));
  REQUIRE(made);
  CHECK_FALSE(made->is_heard());
  CHECK(made->ready("nobody"));
  CHECK(made->watchdog());
  CHECK_FALSE(made->watchdog_interval());
}

TEST_CASE("a manager that is gone is told as such, and does not block") {
  test::scratch_directory scratch;
  auto path = (scratch.path() / "notify").string();
  auto made = service_notifier::make(lookup_in({{"NOTIFY_SOCKET", path}}));
  REQUIRE(made);
  CHECK(made->ready("").error().code == errc::system_failure);
  manager deaf{path};
  auto sent = made->status("again");
  for (auto i = 0; sent && i < 100'000; ++i)
    sent = made->status("again");
  CHECK_FALSE(sent);
}

TEST_CASE("a socket that is none is refused") {
  for (std::string name : {"relative", "@", "/", "vsock:2:1"})
    CHECK(
      service_notifier::make(lookup_in({{"NOTIFY_SOCKET", name}})).error().code
      == errc::malformed);
  CHECK_FALSE(service_notifier::make(
    lookup_in({{"NOTIFY_SOCKET", "/" + std::string(200, 'x')}})));
}

TEST_CASE("the watchdog is fed twice as often as it wants, if it is ours") {
  auto interval = [](variables all) {
    all["NOTIFY_SOCKET"] = "@artel-test";
    return service_notifier::make(lookup_in(std::move(all)))
      ->watchdog_interval();
  };
  CHECK(interval({{"WATCHDOG_USEC", "10000000"}}) == milliseconds{5'000});
  auto own = std::to_string(::getpid());
  CHECK(interval({{"WATCHDOG_USEC", "1000"}, {"WATCHDOG_PID", own}})
        == milliseconds{1});
  CHECK_FALSE(interval({{"WATCHDOG_USEC", "1000"}, {"WATCHDOG_PID", "1"}}));
  for (std::string bad : {"", "0", "-1", "1s", "99999999999999999999999"})
    CHECK_FALSE(interval({{"WATCHDOG_USEC", bad}}));
  CHECK(interval({{"WATCHDOG_USEC", "18446744073709551615"}})
        == milliseconds{43'200'000});
}

TEST_CASE("what this process starts does not speak for it") {
  ::setenv("NOTIFY_SOCKET", "@artel-test", 1);
  ::setenv("WATCHDOG_USEC", "2000000", 1);
  auto made = service_notifier::take_from_environment();
  REQUIRE(made);
  CHECK(made->is_heard());
  CHECK(made->watchdog_interval() == milliseconds{1'000});
  CHECK(std::getenv("NOTIFY_SOCKET") == nullptr);
  CHECK(std::getenv("WATCHDOG_USEC") == nullptr);
}
