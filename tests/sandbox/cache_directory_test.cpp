#include "sandbox/bundle/cache_directory.hpp"

#include "tests/sandbox/content_store_samples.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <optional>

using namespace artel;
using namespace artel::sandbox;
using namespace artel::sandbox::samples;

namespace {

/// A variable of the environment, as it was at the end.
class environment_value {
public:
  environment_value(const char* name, const char* value) : name_(name) {
    if (const auto* old = std::getenv(name))
      old_ = old;
    set(value);
  }
  ~environment_value() { set(old_ ? old_->c_str() : nullptr); }
  environment_value(const environment_value&) = delete;
  void set(const char* value) {
    if (value)
      ::setenv(name_, value, 1);
    else
      ::unsetenv(name_);
  }

private:
  const char* name_;
  std::optional<std::string> old_;
};

} // namespace

TEST_CASE("a directory that others may write to is refused, with the cure") {
  temporary_directory directory;
  fs::create_directory(directory / "store");
  for (auto mode : {0777, 0770, 0702, 01777}) {
    fs::permissions(directory / "store", static_cast<fs::perms>(mode));
    auto store = content_store::open({directory / "store"});
    REQUIRE(!store.ok());
    CHECK(store.error().code == errc::invalid_argument);
    CHECK(store.error().message.find("chmod go-w") != std::string::npos);
  }
  // To read is no harm.
  fs::permissions(directory / "store", fs::perms{0755});
  CHECK(content_store::open({directory / "store"}).ok());
  auto is_root = ::geteuid() == 0;
  if (is_root)
    REQUIRE(::chown((directory / "store").c_str(), 65'533, 65'533) == 0);
  auto foreign =
    content_store::open({is_root ? directory / "store" : fs::path{"/usr"}});
  REQUIRE(!foreign.ok());
  CHECK(foreign.error().code == errc::invalid_argument);
  CHECK(foreign.error().message.find("chown " + std::to_string(::geteuid()))
        != std::string::npos);
}

TEST_CASE("a path where no directory can be is told") {
  temporary_directory directory;
  std::ofstream{directory / "file"} << "text";
  for (const auto& path :
       {directory / "file", directory / "file" / "store", fs::path{}}) {
    auto store = content_store::open({path});
    REQUIRE(!store.ok());
    CHECK(store.error().message.find(path.string()) != std::string::npos);
  }
}

TEST_CASE("caches lie where the environment says") {
  environment_value chosen{"ARTEL_CACHE_DIR", "/chosen"};
  environment_value caches{"XDG_CACHE_HOME", "/caches"};
  environment_value home{"HOME", "/home/someone"};
  auto found = [] {
    auto directory = default_cache_directory();
    REQUIRE(directory.ok());
    return directory->string();
  };
  CHECK(found() == "/chosen");
  chosen.set("here");
  auto relative = default_cache_directory();
  REQUIRE(!relative.ok());
  CHECK(relative.error().code == errc::invalid_argument);
  CHECK(relative.error().message.find("'here'") != std::string::npos);
  for (const char* unset : {"", static_cast<const char*>(nullptr)}) {
    chosen.set(unset);
    caches.set("/caches");
    home.set("/home/someone");
    CHECK(found() == "/caches/artel");
    caches.set(unset);
    CHECK(found() == "/home/someone/.cache/artel");
    caches.set("relative");
    CHECK(found() == "/home/someone/.cache/artel");
    home.set(unset);
    if (::geteuid() == 0) {
      CHECK(found() == "/var/cache/artel");
    } else {
      REQUIRE(!default_cache_directory().ok());
      CHECK(default_cache_directory().error().code == errc::not_found);
    }
  }
}
