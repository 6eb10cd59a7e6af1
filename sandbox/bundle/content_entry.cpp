#include "sandbox/bundle/content_entry.hpp"

#include "protocol/identity/hash.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <memory>
#include <new>
#include <optional>
#include <string>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

namespace artel::sandbox {

namespace {

constexpr const char* temporary_name = "new";

/// Tells the format; another one would have another.
constexpr std::string_view magic = "artelcs1";

using header_bytes = std::array<std::uint8_t, entry_header_bytes>;

struct entry_name {
  std::string directory;
  std::string file;
};

entry_name name_of(const hash256& key) {
  auto text = to_string(key);
  return {text.substr(0, 2), text.substr(2)};
}

descriptor open_fan_out(const descriptor& root, const std::string& name) {
  return descriptor{::openat(root.number(), name.c_str(),
                             O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
}

header_bytes header_of(std::uint64_t content_bytes, const hash256& digest) {
  header_bytes header;
  auto* position = std::copy(magic.begin(), magic.end(), header.begin());
  for (auto shift = 0; shift < 64; shift += 8)
    *position++ = static_cast<std::uint8_t>(content_bytes >> shift);
  std::copy(digest.value.begin(), digest.value.end(), position);
  return header;
}

/// False where the file ends before.
bool read_exactly(const descriptor& file, std::uint8_t* target,
                  std::size_t size) {
  while (size > 0) {
    auto count = ::read(file.number(), target, size);
    if (count < 0 && errno == EINTR)
      continue;
    if (count <= 0)
      return false;
    target += count;
    size -= static_cast<std::size_t>(count);
  }
  return true;
}

/// The kernel's own "now" counts in ticks of some milliseconds, too coarse to
/// tell which entry was used first.
void mark_used(const descriptor& file) {
  timespec times[2]{};
  times[0].tv_nsec = UTIME_OMIT;
  ::clock_gettime(CLOCK_REALTIME, &times[1]);
  ::futimens(file.number(), times);
}

std::int64_t used_ns(const struct stat& status) {
  return std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000
         + status.st_mtim.tv_nsec;
}

/// An entry as it is found: its file is open where the state is sound, and has
/// a header of the right size for the file. The content was not looked at.
struct opened_entry {
  entry_state state = entry_state::absent;
  descriptor file;
  std::uint64_t content_bytes = 0;
  header_bytes header{};
};

opened_entry open_entry(const descriptor& root, const hash256& key) {
  opened_entry entry;
  auto name = name_of(key);
  auto directory = open_fan_out(root, name.directory);
  if (!directory.is_open())
    return entry;
  // Opening a FIFO would wait for its other end.
  entry.file = descriptor{
    ::openat(directory.number(), name.file.c_str(),
             O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)};
  if (!entry.file.is_open()) {
    // A link, a socket, or without a right to read: none of our making.
    if (errno == ELOOP || errno == ENXIO || errno == EACCES)
      entry.state = entry_state::damaged;
    return entry;
  }
  entry.state = entry_state::damaged;
  struct stat status {};
  if (::fstat(entry.file.number(), &status) != 0 || !S_ISREG(status.st_mode)
      || status.st_size < static_cast<off_t>(entry_header_bytes)
      || !read_exactly(entry.file, entry.header.data(), entry.header.size()))
    return entry;
  entry.content_bytes =
    static_cast<std::uint64_t>(status.st_size) - entry_header_bytes;
  auto expected = header_of(entry.content_bytes, {});
  if (std::equal(expected.begin(), expected.end() - hash256::size,
                 entry.header.begin()))
    entry.state = entry_state::sound;
  return entry;
}

bool has_digest(const header_bytes& header, const hash256& digest) {
  return std::equal(digest.value.begin(), digest.value.end(),
                    header.end() - hash256::size);
}

std::uint64_t remove_file(const descriptor& directory, const char* name,
                          const struct stat& status) {
  if (S_ISDIR(status.st_mode)) {
    ::unlinkat(directory.number(), name, AT_REMOVEDIR);
    return 0;
  }
  auto removed = ::unlinkat(directory.number(), name, 0) == 0;
  return removed && S_ISREG(status.st_mode)
           ? static_cast<std::uint64_t>(status.st_size)
           : 0;
}

std::optional<struct stat> look_at(const descriptor& directory,
                                   const char* name) {
  struct stat status {};
  if (!directory.is_open()
      || ::fstatat(directory.number(), name, &status, AT_SYMLINK_NOFOLLOW) != 0)
    return std::nullopt;
  return status;
}

struct directory_closer {
  void operator()(DIR* stream) const noexcept { ::closedir(stream); }
};

void list_fan_out(const descriptor& root, const std::string& name,
                  std::vector<entry_info>& found) {
  auto number = ::openat(root.number(), name.c_str(),
                         O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (number < 0)
    return;
  std::unique_ptr<DIR, directory_closer> stream{::fdopendir(number)};
  if (!stream) {
    ::close(number);
    return;
  }
  while (const auto* one = ::readdir(stream.get())) {
    auto key = parse_id<hash256>(name + one->d_name);
    struct stat status {};
    // Only names as we write them: those in capitals are none of ours.
    if (key && name_of(*key).file == one->d_name
        && ::fstatat(number, one->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0
        && S_ISREG(status.st_mode))
      found.push_back(
        {*key, used_ns(status), static_cast<std::uint64_t>(status.st_size)});
  }
}

result<descriptor> make_fan_out(const descriptor& root,
                                const std::string& name) {
  if (::mkdirat(root.number(), name.c_str(), 0700) != 0 && errno != EEXIST)
    return system_error("cannot create '" + name + "'");
  auto directory = open_fan_out(root, name);
  if (!directory.is_open())
    return system_error("cannot open '" + name + "'");
  return directory;
}

result<void> write_temporary(const descriptor& root, const header_bytes& header,
                             bytes_view content) {
  descriptor file{::openat(root.number(), temporary_name,
                           O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                           0400)};
  if (!file.is_open())
    return system_error("cannot create a file");
  // Nothing is synced: what a power failure damages, the digest finds.
  if (auto written = write_all(file, header); !written)
    return written;
  if (auto written = write_all(file, content); !written)
    return written;
  mark_used(file);
  return {};
}

} // namespace

hash256 digest_of(const hash256& key, bytes_view content) noexcept {
  return hasher{"artel.content_entry.v1"}
    .update(key.view())
    .update(content)
    .finish();
}

loaded_entry load_entry(const descriptor& root, const hash256& key,
                        std::uint64_t size_max) {
  auto entry = open_entry(root, key);
  if (entry.state != entry_state::sound)
    return {entry.state, {}};
  if (entry.content_bytes + entry_header_bytes > size_max)
    return {};
  loaded_entry loaded;
  try {
    loaded.content.resize(entry.content_bytes);
  } catch (const std::bad_alloc&) {
    return {};
  }
  if (!read_exactly(entry.file, loaded.content.data(), loaded.content.size())
      || !has_digest(entry.header, digest_of(key, loaded.content)))
    return {entry_state::damaged, {}};
  mark_used(entry.file);
  loaded.state = entry_state::sound;
  return loaded;
}

bool touch_entry(const descriptor& root, const hash256& key,
                 std::uint64_t content_bytes, const hash256& digest) {
  auto entry = open_entry(root, key);
  if (entry.state != entry_state::sound || entry.content_bytes != content_bytes
      || !has_digest(entry.header, digest))
    return false;
  mark_used(entry.file);
  return true;
}

std::vector<entry_info> list_entries(const descriptor& root) {
  std::vector<entry_info> found;
  for (auto first = 0; first < 256; ++first) {
    auto byte = static_cast<std::uint8_t>(first);
    list_fan_out(root, to_hex({&byte, 1}), found);
  }
  return found;
}

std::uint64_t remove_entry(const descriptor& root, const hash256& key) {
  auto name = name_of(key);
  auto directory = open_fan_out(root, name.directory);
  auto status = look_at(directory, name.file.c_str());
  return status ? remove_file(directory, name.file.c_str(), *status) : 0;
}

std::uint64_t remove_unused_entry(const descriptor& root,
                                  const entry_info& entry) {
  auto name = name_of(entry.key);
  auto directory = open_fan_out(root, name.directory);
  auto status = look_at(directory, name.file.c_str());
  if (!status || used_ns(*status) != entry.used_ns)
    return 0;
  return remove_file(directory, name.file.c_str(), *status);
}

result<void> write_entry(const descriptor& root, const hash256& key,
                         const hash256& digest, bytes_view content) {
  auto name = name_of(key);
  auto directory = make_fan_out(root, name.directory);
  if (!directory)
    return directory.error();
  remove_temporary_entry(root);
  auto written =
    write_temporary(root, header_of(content.size(), digest), content);
  if (written
      && ::renameat(root.number(), temporary_name, directory->number(),
                    name.file.c_str())
           != 0)
    written = system_error("cannot rename a file to '" + name.directory + "/"
                           + name.file + "'");
  if (!written)
    remove_temporary_entry(root);
  return written;
}

void remove_temporary_entry(const descriptor& root) {
  if (auto status = look_at(root, temporary_name))
    remove_file(root, temporary_name, *status);
}

} // namespace artel::sandbox
