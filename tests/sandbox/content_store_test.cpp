#include "sandbox/bundle/content_store.hpp"

#include "tests/sandbox/content_store_samples.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <vector>

#include <sys/stat.h>
#include <sys/wait.h>

using namespace artel;
using namespace artel::sandbox;
using namespace artel::sandbox::samples;

namespace {

void overwrite(const fs::path& path, const std::string& text) {
  fs::permissions(path, fs::perms{0600});
  std::ofstream{path, std::ios::binary | std::ios::trunc} << text;
}

} // namespace

TEST_CASE("what is kept is found, in this process and the next") {
  temporary_directory directory;
  auto content = content_of(1, 70'000);
  {
    auto store = opened(directory / "store");
    CHECK(!store->find(key_of(1)));
    CHECK(store->bytes_used() == 0);
    CHECK(store->keys().empty());
    REQUIRE(store->keep(key_of(1), content).ok());
    REQUIRE(store->keep(key_of(2), {}).ok());
    CHECK(store->find(key_of(1)) == content);
    CHECK(store->find(key_of(2)) == bytes{});
  }
  auto store = opened(directory / "store");
  CHECK(store->find(key_of(1)) == content);
  CHECK(store->find(key_of(2)) == bytes{});
  CHECK(store->keys() == std::vector{key_of(2), key_of(1)});
  CHECK(store->bytes_used() == 70'000 + 2 * entry_header_bytes);
  CHECK(store->bytes_used() == bytes_on_disk(directory / "store"));
  CHECK(store->corruptions() == 0);
  CHECK(is_tidy(directory / "store"));
}

TEST_CASE("files and directories of a store are its owner's alone") {
  temporary_directory directory;
  auto old_mask = ::umask(0);
  auto store = opened(directory / "parent" / "store");
  kept(*store, 1, 10);
  ::umask(old_mask);
  auto path = entry_path(directory / "parent" / "store", 1);
  auto mode = [](const fs::path& of) { return fs::status(of).permissions(); };
  CHECK(mode(directory / "parent") == fs::perms{0700});
  CHECK(mode(directory / "parent" / "store") == fs::perms{0700});
  CHECK(mode(directory / "parent" / "store" / "lock") == fs::perms{0600});
  CHECK(mode(path.parent_path()) == fs::perms{0700});
  CHECK(mode(path) == fs::perms{0400});
}

TEST_CASE("other content under the same key replaces it") {
  temporary_directory directory;
  auto store = opened(directory / "store");
  REQUIRE(store->keep(key_of(1), content_of(1, 500)).ok());
  REQUIRE(store->keep(key_of(1), content_of(2, 300)).ok());
  CHECK(store->find(key_of(1)) == content_of(2, 300));
  CHECK(store->bytes_used() == 300 + entry_header_bytes);
  // The same size.
  REQUIRE(store->keep(key_of(1), content_of(3, 300)).ok());
  CHECK(store->find(key_of(1)) == content_of(3, 300));
  CHECK(store->bytes_used() == bytes_on_disk(directory / "store"));
}

TEST_CASE("what is removed is gone, and its bytes are free") {
  temporary_directory directory;
  auto store = opened(directory / "store");
  kept(*store, 1, 100);
  kept(*store, 2, 200);
  store->remove(key_of(1));
  store->remove(key_of(7));
  CHECK(!has(*store, 1));
  CHECK(store->keys() == std::vector{key_of(2)});
  CHECK(store->bytes_used() == 200 + entry_header_bytes);
  store->remove(key_of(2));
  CHECK(store->bytes_used() == 0);
  CHECK(store->corruptions() == 0);
}

TEST_CASE("what was used least lately is evicted first") {
  temporary_directory directory;
  auto store = opened(directory / "store", 3 * (1000 + entry_header_bytes));
  for (auto number : {1, 2, 3})
    kept(*store, number, 1000);
  CHECK(has(*store, 1));
  // Written again: a use too.
  kept(*store, 2, 1000);
  kept(*store, 4, 1000);
  CHECK(store->keys() == std::vector{key_of(4), key_of(2), key_of(1)});
  kept(*store, 5, 1000);
  CHECK(store->keys() == std::vector{key_of(5), key_of(4), key_of(2)});
  // A large one makes all others go, a small one what it needs.
  kept(*store, 6, 3000);
  CHECK(store->keys() == std::vector{key_of(6)});
  kept(*store, 7, 1);
  kept(*store, 8, 1);
  kept(*store, 9, 1000);
  CHECK(store->keys() == std::vector{key_of(9), key_of(8), key_of(7)});
  CHECK(store->bytes_used() == bytes_on_disk(directory / "store"));
}

TEST_CASE("a pin is a use, and to look for what is not there is none") {
  temporary_directory directory;
  auto store = opened(directory / "store", 2 * (1000 + entry_header_bytes));
  kept(*store, 1, 1000);
  kept(*store, 2, 1000);
  CHECK(store->pin(key_of(1), directory / "").ok());
  CHECK(!has(*store, 3));
  kept(*store, 4, 1000);
  CHECK(store->keys() == std::vector{key_of(4), key_of(1)});
}

TEST_CASE("the order of use outlives the process, and so does a lower limit") {
  temporary_directory directory;
  {
    auto store = opened(directory / "store");
    for (auto number : {1, 2, 3, 4})
      kept(*store, number, 1000);
    CHECK(has(*store, 1));
  }
  auto store = opened(directory / "store", 2 * (1000 + entry_header_bytes));
  CHECK(store->keys() == std::vector{key_of(1), key_of(4)});
  CHECK(store->bytes_used() == 2 * (1000 + entry_header_bytes));
}

TEST_CASE("hundreds of entries are evicted in order, whoever used them") {
  temporary_directory directory;
  constexpr std::uint64_t held = 200;
  auto size = 10 + entry_header_bytes;
  auto store = opened(directory / "store", held * size);
  auto other = opened(directory / "store", held * size);
  for (std::uint64_t number = 0; number < held; ++number)
    kept(*store, number, 10);
  // The first eviction scans; what is used after it must not go.
  kept(*store, 1'000, 10);
  CHECK(!has(*store, 0));
  CHECK(has(*other, 1));
  for (std::uint64_t number = 1'001; number < 1'000 + held - 1; ++number)
    kept(*store, number, 10);
  CHECK(has(*store, 1));
  for (std::uint64_t number = 2; number < held; ++number)
    if (has(*store, number))
      FAIL(number);
  CHECK(store->bytes_used() == held * size);
}

TEST_CASE("content larger than the store is refused, and nothing is evicted") {
  temporary_directory directory;
  auto store = opened(directory / "store", 1000 + entry_header_bytes);
  kept(*store, 1, 100);
  auto refused = store->keep(key_of(2), content_of(2, 1001));
  REQUIRE(!refused.ok());
  CHECK(refused.error().code == errc::limit_exceeded);
  CHECK(refused.error().message.find("1001 bytes") != std::string::npos);
  CHECK(has(*store, 1));
  kept(*store, 2, 1000);
  CHECK(store->keys() == std::vector{key_of(2)});
  auto none = opened(directory / "none", 0);
  CHECK(none->keep(key_of(1), {}).error().code == errc::limit_exceeded);
}

TEST_CASE("damaged entries are absent, removed and counted") {
  temporary_directory directory;
  auto store = opened(directory / "store");
  kept(*store, 1, 5000);
  kept(*store, 2, 600);
  auto path = entry_path(directory / "store", 1);
  const auto sound = read_file(path);
  REQUIRE(sound.size() == 5000 + entry_header_bytes);
  std::vector<std::string> damages{
    sound + "x",
    sound + sound,
    "",
    "artelcs1",
    sound.substr(0, entry_header_bytes - 1),
    sound.substr(0, entry_header_bytes),
    sound.substr(0, sound.size() - 1),
    std::string(sound.size(), '\0'),
    read_file(entry_path(directory / "store", 2))};
  // Each part of the header, and both ends of the content.
  for (std::size_t position : {0, 7, 8, 15, 16, 47, 48, 2000, 5047}) {
    damages.push_back(sound);
    damages.back()[position] ^= 0x10;
  }
  std::uint64_t count = 0;
  for (const auto& damage : damages) {
    CAPTURE(count);
    overwrite(path, damage);
    CHECK(!has(*store, 1));
    CHECK(store->corruptions() == ++count);
    CHECK(!fs::exists(path));
    CHECK(store->bytes_used() == 600 + entry_header_bytes);
    CHECK(!has(*store, 1));
    CHECK(store->corruptions() == count);
    kept(*store, 1, 5000);
    CHECK(store->find(key_of(1)) == content_of(1, 5000));
    CHECK(store->bytes_used() == bytes_on_disk(directory / "store"));
  }
  CHECK(has(*store, 2));
}

TEST_CASE("sound content under another key's name is damaged") {
  temporary_directory directory;
  auto store = opened(directory / "store");
  kept(*store, 1, 100);
  kept(*store, 2, 100);
  fs::rename(entry_path(directory / "store", 1),
             entry_path(directory / "store", 2));
  CHECK(!has(*store, 2));
  CHECK(!has(*store, 1));
  CHECK(store->corruptions() == 1);
  CHECK(store->bytes_used() == 0);
}

TEST_CASE("what is no regular file is absent, and replaced") {
  temporary_directory directory;
  auto store = opened(directory / "store");
  kept(*store, 1, 100);
  auto path = entry_path(directory / "store", 1);
  auto elsewhere = directory / "elsewhere";
  fs::copy_file(path, elsewhere);
  std::vector<std::function<void()>> intruders{
    [&] { fs::create_symlink(elsewhere, path); },
    [&] { fs::create_symlink("/dev/zero", path); },
    [&] { fs::create_symlink(directory / "nowhere", path); },
    [&] { REQUIRE(::mkfifo(path.c_str(), 0600) == 0); },
    [&] { fs::create_directory(path); },
    [&] {
      // Larger than memory, and no byte on disk.
      std::ofstream{path}.close();
      fs::resize_file(path, std::uint64_t{1} << 42);
    },
    [&] {
      fs::copy_file(elsewhere, path);
      fs::permissions(path, fs::perms{0600});
      fs::resize_file(path, std::uint64_t{1} << 42);
    },
  };
  std::uint64_t count = 0;
  for (const auto& intrude : intruders) {
    CAPTURE(count);
    fs::remove(path);
    intrude();
    CHECK(!has(*store, 1));
    CHECK(store->corruptions() == ++count);
    CHECK(fs::symlink_status(path).type() == fs::file_type::not_found);
    // Without having been looked for.
    intrude();
    kept(*store, 1, 100);
    CHECK(store->find(key_of(1)) == content_of(1, 100));
    CHECK(fs::is_regular_file(fs::symlink_status(path)));
    CHECK(store->bytes_used() == bytes_on_disk(directory / "store"));
  }
  CHECK(fs::file_size(elsewhere) == 100 + entry_header_bytes);
}

TEST_CASE("a directory with files in an entry's place is told") {
  temporary_directory directory;
  auto store = opened(directory / "store");
  auto path = entry_path(directory / "store", 1);
  fs::create_directories(path / "more");
  CHECK(!has(*store, 1));
  CHECK(store->bytes_used() == 0);
  auto done = store->keep(key_of(1), content_of(1, 100));
  REQUIRE(!done.ok());
  CHECK(done.error().code == errc::system_failure);
  CHECK(done.error().message.find(path.filename().string())
        != std::string::npos);
  CHECK(fs::exists(path / "more"));
  CHECK(is_tidy(directory / "store"));
  kept(*store, 2, 100);
  CHECK(store->bytes_used() == 100 + entry_header_bytes);
}

TEST_CASE("links in place of a store's own directories are not followed") {
  temporary_directory directory;
  auto store = opened(directory / "store");
  kept(*store, 1, 100);
  auto fan_out = entry_path(directory / "store", 1).parent_path();
  fs::rename(fan_out, directory / "moved");
  fs::create_symlink(directory / "moved", fan_out);
  CHECK(!has(*store, 1));
  CHECK(!store->keep(key_of(1), content_of(1, 100)).ok());
  CHECK(store->keys().empty());
  CHECK(is_tidy(directory / "store"));
  store->remove(key_of(1));
  CHECK(fs::exists(directory / "moved" / to_string(key_of(1)).substr(2)));

  fs::remove(directory / "store" / "lock");
  fs::create_symlink(directory / "target", directory / "store" / "lock");
  auto done = store->keep(key_of(2), content_of(2, 100));
  REQUIRE(!done.ok());
  CHECK(done.error().message.find("lock") != std::string::npos);
  CHECK(!fs::exists(directory / "target"));
  CHECK(!content_store::open({directory / "store"}).ok());
}

TEST_CASE("files that are none of the store's are left alone") {
  temporary_directory directory;
  auto store = opened(directory / "store", 500);
  kept(*store, 1, 100);
  auto name = to_string(key_of(1));
  auto fan_out = directory / "store" / name.substr(0, 2);
  for (const auto* other : {"README", "0123", ".x"})
    std::ofstream{fan_out / other} << "mine";
  std::ofstream{directory / "store" / "README"} << "mine";
  kept(*store, 2, 400);
  CHECK(store->keys() == std::vector{key_of(2)});
  CHECK(store->bytes_used() == 400 + entry_header_bytes);
  CHECK(read_file(fan_out / "README") == "mine");
  CHECK(fs::exists(directory / "store" / "README"));
}

TEST_CASE("pinned content can be run, whatever becomes of its entry") {
  temporary_directory directory;
  auto store = opened(directory / "store");
  fs::create_directory(directory / "private");
  constexpr std::string_view script = "#!/bin/sh\nexit 7\n";
  REQUIRE(store->keep(key_of(1), as_bytes(script)).ok());
  auto absent = store->pin(key_of(2), directory / "private");
  REQUIRE(!absent.ok());
  CHECK(absent.error().code == errc::not_found);
  auto nowhere = store->pin(key_of(1), directory / "nowhere");
  REQUIRE(!nowhere.ok());
  CHECK(nowhere.error().code == errc::system_failure);
  fs::path path;
  {
    auto pinned = store->pin(key_of(1), directory / "private");
    REQUIRE(pinned.ok());
    auto again = store->pin(key_of(1), directory / "private");
    REQUIRE(again.ok());
    CHECK(again->path() != pinned->path());
    store->remove(key_of(1));
    auto holder = std::move(*pinned);
    path = holder.path();
    CHECK(read_file(path) == script);
    CHECK(fs::status(path).permissions() == fs::perms{0555});
    CHECK(WEXITSTATUS(std::system(path.c_str())) == 7);
  }
  CHECK(fs::is_empty(directory / "private"));
  // Damaged content is not handed out either.
  REQUIRE(store->keep(key_of(1), as_bytes(script)).ok());
  overwrite(entry_path(directory / "store", 1), "#!/bin/sh\n");
  CHECK(!store->pin(key_of(1), directory / "private").ok());
  CHECK(fs::is_empty(directory / "private"));
}

TEST_CASE("a store whose directory is removed finds nothing, keeps nothing") {
  temporary_directory directory;
  auto store = opened(directory / "store");
  kept(*store, 1, 100);
  fs::remove_all(directory / "store");
  CHECK(!has(*store, 1));
  CHECK(!store->keep(key_of(1), content_of(1, 100)).ok());
  store->remove(key_of(1));
  CHECK(store->bytes_used() == 0);
  CHECK(store->keys().empty());
}
