// What the tests of content stores share: a directory that vanishes, content
// that tells its key, and a look at what is on disk.
#pragma once

#include "protocol/core/random.hpp"
#include "protocol/identity/hash.hpp"
#include "sandbox/bundle/content_store.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

namespace artel::sandbox::samples {

namespace fs = std::filesystem;

class temporary_directory {
public:
  temporary_directory() {
    auto pattern = (fs::temp_directory_path() / "artel-store-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ~temporary_directory() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  temporary_directory(const temporary_directory&) = delete;

  fs::path operator/(const fs::path& name) const { return path_ / name; }

private:
  fs::path path_;
};

inline hash256 key_of(std::uint64_t number) {
  return hasher{"test.key"}.update(number).finish();
}

/// What a key's content is, so that whoever finds some can tell.
inline bytes content_of(std::uint64_t number, std::size_t size) {
  auto random = random_generator::from_number(number);
  bytes content(size);
  random.fill(content);
  return content;
}

inline bytes content_of(std::uint64_t number) {
  return content_of(number, 100 + number * 7'919 % 20'000);
}

inline std::unique_ptr<content_store>
opened(const fs::path& directory, std::uint64_t bytes_max = 1u << 30) {
  auto store = content_store::open({directory, bytes_max});
  REQUIRE_MESSAGE(store.ok(), (store ? "" : store.error().message));
  return std::move(*store);
}

inline void kept(content_store& store, std::uint64_t number, std::size_t size) {
  auto done = store.keep(key_of(number), content_of(number, size));
  REQUIRE_MESSAGE(done.ok(), (done ? "" : done.error().message));
}

inline bool has(content_store& store, std::uint64_t number) {
  return store.find(key_of(number)).has_value();
}

inline fs::path entry_path(const fs::path& directory, std::uint64_t number) {
  auto name = to_string(key_of(number));
  return directory / name.substr(0, 2) / name.substr(2);
}

/// The sizes of all files that have the place of an entry.
inline std::uint64_t bytes_on_disk(const fs::path& directory) {
  std::uint64_t total = 0;
  for (const auto& one : fs::recursive_directory_iterator{directory})
    if (one.is_regular_file() && one.path().parent_path() != directory)
      total += one.file_size();
  return total;
}

/// Beside the entries there is the lock, and nothing else.
inline bool is_tidy(const fs::path& directory) {
  for (const auto& one : fs::directory_iterator{directory})
    if (!one.is_directory() && one.path().filename() != "lock")
      return false;
  return true;
}

inline std::string read_file(const fs::path& path) {
  std::ifstream stream{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{stream}, {}};
}

} // namespace artel::sandbox::samples
