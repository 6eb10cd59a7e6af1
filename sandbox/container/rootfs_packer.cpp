#include "sandbox/container/rootfs_packer.hpp"

#include "sandbox/container/contained_tree.hpp"
#include "sandbox/container/rootfs.hpp"
#include "sandbox/descriptor.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

#include <archive.h>
#include <archive_entry.h>

namespace artel::sandbox {

namespace fs = std::filesystem;

namespace {

struct writer_deleter {
  void operator()(archive* writer) const { ::archive_write_free(writer); }
};
struct entry_deleter {
  void operator()(archive_entry* entry) const { ::archive_entry_free(entry); }
};
struct directory_closer {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

/// Sorted.
result<std::vector<std::string>> names_in(int directory,
                                          const std::string& path) {
  auto copy = ::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  std::unique_ptr<DIR, directory_closer> list{copy < 0 ? nullptr
                                                       : ::fdopendir(copy)};
  if (!list)
    return system_error("cannot list " + shown_name(path));
  std::vector<std::string> names;
  errno = 0;
  while (const auto* one = ::readdir(list.get()))
    if (std::string name = one->d_name; name != "." && name != "..")
      names.push_back(std::move(name));
  if (errno != 0)
    return system_error("cannot list " + shown_name(path));
  std::sort(names.begin(), names.end());
  return names;
}

class packer {
public:
  explicit packer(std::size_t packed_bytes_max)
    : packed_bytes_max_(packed_bytes_max) {}

  result<bytes> run(const fs::path& directory) {
    descriptor root{
      ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!root.is_open())
      return system_error("cannot open the root file system '"
                          + directory.string() + "'");
    if (!writer_ || !open_writer())
      return library_failure();
    if (auto done = add_directory(root.number(), "", 0); !done)
      return done.error();
    if (::archive_write_close(writer_.get()) != ARCHIVE_OK)
      return library_failure();
    return std::move(packed_);
  }

private:
  bool open_writer() {
    auto* writer = writer_.get();
    // gzip would note the time.
    return ::archive_write_set_format_gnutar(writer) == ARCHIVE_OK
           && ::archive_write_add_filter_gzip(writer) == ARCHIVE_OK
           && ::archive_write_set_filter_option(writer, "gzip", "timestamp",
                                                nullptr)
                == ARCHIVE_OK
           && ::archive_write_open(writer, this, nullptr, &packer::take,
                                   nullptr)
                == ARCHIVE_OK;
  }

  static la_ssize_t take(archive* writer, void* self, const void* data,
                         std::size_t count) {
    auto& target = *static_cast<packer*>(self);
    auto& packed = target.packed_;
    if (count > target.packed_bytes_max_ - packed.size()) {
      target.is_full_ = true;
      ::archive_set_error(writer, EFBIG, "too large");
      return -1;
    }
    const auto* first = static_cast<const std::uint8_t*>(data);
    packed.insert(packed.end(), first, first + count);
    return static_cast<la_ssize_t>(count);
  }

  failure library_failure() const {
    if (is_full_)
      return {errc::limit_exceeded,
              "the root file system is larger than "
                + std::to_string(packed_bytes_max_)
                + " bytes when packed, which is what a bundle may hold"};
    const auto* words =
      writer_ ? ::archive_error_string(writer_.get()) : nullptr;
    return {errc::system_failure,
            std::string{"cannot pack the root file system: "}
              + (words ? words : "out of memory")};
  }

  result<void> add_directory(int directory, const std::string& path,
                             std::size_t depth) {
    auto names = names_in(directory, path.empty() ? "/" : path);
    if (!names)
      return names.error();
    for (const auto& name : *names) {
      auto full = path.empty() ? name : path + "/" + name;
      if (full.size() > unpack_limits_.name_bytes_max
          || depth + 1 > unpack_limits_.depth_max)
        return {errc::invalid_argument, "root file system: " + shown_name(full)
                                          + " is too long a name, or too deep"};
      if (++entries_ > unpack_limits_.entries_max)
        return {errc::limit_exceeded,
                "the root file system has more than "
                  + std::to_string(unpack_limits_.entries_max)
                  + " files and directories"};
      if (auto added = add(directory, name, full, depth + 1); !added)
        return added;
    }
    return {};
  }

  result<void> add(int directory, const std::string& name,
                   const std::string& path, std::size_t depth) {
    struct stat status {};
    if (::fstatat(directory, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0)
      return system_error("cannot look at " + shown_name(path));
    switch (status.st_mode & S_IFMT) {
      case S_IFLNK: return add_link(directory, name, path);
      case S_IFREG: return add_file(directory, name, path);
      case S_IFDIR: break;
      default:
        return {errc::invalid_argument,
                "root file system: " + shown_name(path)
                  + " is a device, a named pipe or a socket; remove it (/dev"
                    " is made for each run)"};
    }
    auto below = open_at(directory, name, O_DIRECTORY);
    if (!below.is_open())
      return system_error("cannot open " + shown_name(path));
    if (auto written = write_header(path, AE_IFDIR, 0755, 0, nullptr); !written)
      return written;
    return add_directory(below.number(), path, depth);
  }

  static descriptor open_at(int directory, const std::string& name, int flags) {
    return descriptor{::openat(directory, name.c_str(),
                               O_RDONLY | O_NOFOLLOW | O_CLOEXEC | flags)};
  }

  result<void> add_link(int directory, const std::string& name,
                        const std::string& path) {
    std::array<char, PATH_MAX> target{};
    auto length =
      ::readlinkat(directory, name.c_str(), target.data(), target.size() - 1);
    if (length < 0)
      return system_error("cannot read the link " + shown_name(path));
    return write_header(path, AE_IFLNK, 0777, 0, target.data());
  }

  result<void> add_file(int directory, const std::string& name,
                        const std::string& path) {
    // A pipe put there meanwhile must not block.
    auto file = open_at(directory, name, O_NONBLOCK);
    struct stat status {};
    if (!file.is_open() || ::fstat(file.number(), &status) != 0)
      return system_error("cannot read " + shown_name(path));
    auto size = static_cast<std::uint64_t>(status.st_size);
    if (size > unpack_limits_.total_bytes_max - total_bytes_)
      return {errc::limit_exceeded,
              "root file system: with " + shown_name(path)
                + " all files pass the limit of "
                + std::to_string(unpack_limits_.total_bytes_max) + " bytes"};
    total_bytes_ += size;
    auto mode = (status.st_mode & 0111) != 0 ? 0755 : 0644;
    auto written = write_header(path, AE_IFREG, mode, status.st_size, nullptr);
    return written ? copy_data(file, size, path) : written;
  }

  result<void> copy_data(const descriptor& file, std::uint64_t size,
                         const std::string& path) {
    bytes buffer(std::size_t{64} << 10);
    while (size > 0) {
      auto wanted = std::min<std::uint64_t>(buffer.size(), size);
      auto count = ::read(file.number(), buffer.data(), wanted);
      if (count < 0 && errno == EINTR)
        continue;
      if (count < 0)
        return system_error("cannot read " + shown_name(path));
      if (count == 0)
        return {errc::system_failure,
                shown_name(path) + " became shorter while it was packed"};
      if (::archive_write_data(writer_.get(), buffer.data(),
                               static_cast<std::size_t>(count))
          != count)
        return library_failure();
      size -= static_cast<std::uint64_t>(count);
    }
    return {};
  }

  result<void> write_header(const std::string& path, mode_t type, int mode,
                            off_t size, const char* link_target) {
    std::unique_ptr<archive_entry, entry_deleter> entry{::archive_entry_new()};
    if (!entry)
      return library_failure();
    ::archive_entry_set_pathname(entry.get(), path.c_str());
    ::archive_entry_set_filetype(entry.get(), type);
    ::archive_entry_set_perm(entry.get(), static_cast<mode_t>(mode));
    ::archive_entry_set_size(entry.get(), size);
    ::archive_entry_set_mtime(entry.get(), 0, 0);
    if (link_target)
      ::archive_entry_set_symlink(entry.get(), link_target);
    if (::archive_write_header(writer_.get(), entry.get()) != ARCHIVE_OK)
      return library_failure();
    return {};
  }

  /// What workers take.
  const rootfs_limits unpack_limits_;
  const std::size_t packed_bytes_max_;
  bytes packed_;
  bool is_full_ = false;
  std::uint64_t total_bytes_ = 0;
  std::size_t entries_ = 0;
  /// Last: closing it may write once more.
  std::unique_ptr<archive, writer_deleter> writer_{::archive_write_new()};
};

} // namespace

result<bytes> pack_rootfs(const fs::path& directory,
                          std::size_t packed_bytes_max) {
  return packer{packed_bytes_max}.run(directory);
}

} // namespace artel::sandbox
