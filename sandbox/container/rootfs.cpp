#include "sandbox/container/rootfs.hpp"

#include "sandbox/container/contained_tree.hpp"
#include "sandbox/process/spawn.hpp"

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include <sys/stat.h>
#include <unistd.h>

#include <archive.h>
#include <archive_entry.h>

namespace artel::sandbox {

namespace fs = std::filesystem;

namespace {

struct archive_deleter {
  void operator()(archive* reader) const { ::archive_read_free(reader); }
};
using archive_reader = std::unique_ptr<archive, archive_deleter>;

failure broken_archive(archive* reader) {
  const auto* words = ::archive_error_string(reader);
  return {errc::malformed,
          std::string{"root file system: no sound tar file (plain or gzip): "}
            + (words ? words : "unknown error")};
}

result<archive_reader> open_archive(bytes_view tar) {
  archive_reader reader{::archive_read_new()};
  if (!reader)
    return {errc::system_failure, "cannot read archives: out of memory"};
  if (::archive_read_support_format_tar(reader.get()) != ARCHIVE_OK
      || ::archive_read_support_filter_gzip(reader.get()) != ARCHIVE_OK
      || ::archive_read_open_memory(reader.get(), tar.data(), tar.size())
           != ARCHIVE_OK)
    return broken_archive(reader.get());
  return reader;
}

/// Where the locale lacks a letter there is no plain text, but UTF-8.
std::string text_of(const char* plain, const char* utf8) {
  return plain ? plain : utf8 ? utf8 : "";
}

failure refuse(archive_entry* entry, errc code, const std::string& why) {
  auto name = text_of(::archive_entry_pathname(entry),
                      ::archive_entry_pathname_utf8(entry));
  return {code, "root file system: " + shown_name(name) + " " + why};
}

const char* kind_name(mode_t type) {
  switch (type) {
    case AE_IFCHR:
    case AE_IFBLK: return "a device";
    case AE_IFIFO: return "a named pipe";
    case AE_IFSOCK: return "a socket";
    default: return "of an unknown kind";
  }
}

class unpacker {
public:
  unpacker(archive* reader, contained_tree tree, const rootfs_limits& limits)
    : reader_(reader),
      tree_(std::move(tree)),
      limits_(limits) {}

  result<rootfs_summary> run() {
    for (;;) {
      archive_entry* entry = nullptr;
      auto status = ::archive_read_next_header(reader_, &entry);
      if (status == ARCHIVE_EOF)
        return rootfs_summary{total_bytes_, entries()};
      // A warning is about letters that the locale lacks, or times.
      if (status != ARCHIVE_OK && status != ARCHIVE_WARN)
        return broken_archive(reader_);
      ++headers_;
      if (auto done = add(entry); !done)
        return done.error().code == errc::malformed
                 ? done.error()
                 : refuse(entry, done.error().code, done.error().message);
    }
  }

private:
  /// The messages go on where the entry's name ends.
  result<void> add(archive_entry* entry) {
    auto path = path_of(text_of(::archive_entry_pathname(entry),
                                ::archive_entry_pathname_utf8(entry)));
    if (!path)
      return path.error();
    if (auto sound = account(entry); !sound)
      return sound;
    auto made = make(entry, *path);
    if (made && entries() > limits_.entries_max)
      return too_many_entries();
    return made;
  }

  result<path_parts> path_of(const std::string& name) const {
    if (name.empty())
      return {errc::invalid_argument, "has no name"};
    if (name.size() > limits_.name_bytes_max)
      return {errc::limit_exceeded, "is a name of more than "
                                      + std::to_string(limits_.name_bytes_max)
                                      + " bytes"};
    auto parts = split_path(name);
    if (parts && parts->size() > limits_.depth_max)
      return {errc::limit_exceeded, "lies more than "
                                      + std::to_string(limits_.depth_max)
                                      + " directories deep"};
    return parts;
  }

  /// What an entry says it holds counts before anything is read, also where it
  /// would only be skipped: that has to be unzipped, too.
  result<void> account(archive_entry* entry) {
    if (headers_ > limits_.entries_max)
      return too_many_entries();
    auto size = ::archive_entry_size_is_set(entry) ? ::archive_entry_size(entry)
                                                   : std::int64_t{0};
    if (size < 0)
      return {errc::malformed, "root file system: a file of negative size"};
    if (static_cast<std::uint64_t>(size)
        > limits_.total_bytes_max - total_bytes_)
      return {errc::limit_exceeded,
              "is " + std::to_string(size)
                + " bytes long, with which all files pass the limit of "
                + std::to_string(limits_.total_bytes_max) + " bytes"};
    total_bytes_ += static_cast<std::uint64_t>(size);
    return {};
  }

  result<void> make(archive_entry* entry, const path_parts& path) {
    auto hard_link = text_of(::archive_entry_hardlink(entry),
                             ::archive_entry_hardlink_utf8(entry));
    auto type = ::archive_entry_filetype(entry);
    if (path.empty() && type != AE_IFDIR)
      return {errc::invalid_argument, "is the root, but no directory"};
    if (!hard_link.empty()) {
      auto existing = path_of(hard_link);
      if (!existing)
        return {existing.error().code,
                "is a hard link to a name that " + existing.error().message};
      return tree_.make_hard_link(path, *existing);
    }
    switch (type) {
      case AE_IFDIR: return tree_.make_directory(path);
      case AE_IFREG: return make_file(entry, path);
      case AE_IFLNK: return make_link(entry, path);
      default:
        return {errc::invalid_argument,
                std::string{"is "} + kind_name(type)
                  + ", which no root file system may hold; /dev is made for"
                    " each run, so leave it out (tar --exclude=./dev)"};
    }
  }

  result<void> make_link(archive_entry* entry, const path_parts& path) {
    auto target = text_of(::archive_entry_symlink(entry),
                          ::archive_entry_symlink_utf8(entry));
    if (target.empty())
      return {errc::invalid_argument, "is a link to nothing"};
    return tree_.make_link(path, target);
  }

  result<void> make_file(archive_entry* entry, const path_parts& path) {
    auto file = tree_.make_file(path);
    if (!file)
      return file.error();
    if (auto copied = copy_data(entry, *file); !copied)
      return copied;
    // Interpreters compare a file's time with what they compiled it from.
    if (::archive_entry_mtime_is_set(entry)) {
      const timespec time{::archive_entry_mtime(entry), 0};
      const timespec both[] = {time, time};
      // A time that the file system can't hold is no loss.
      [[maybe_unused]] auto set = ::futimens(file->number(), both);
    }
    return finish_file(*file, (::archive_entry_perm(entry) & 0111) != 0);
  }

  result<void> copy_data(archive_entry* entry, const descriptor& file) {
    auto size = ::archive_entry_size_is_set(entry) ? ::archive_entry_size(entry)
                                                   : std::int64_t{0};
    for (;;) {
      const void* data = nullptr;
      std::size_t count = 0;
      la_int64_t offset = 0;
      auto status = ::archive_read_data_block(reader_, &data, &count, &offset);
      if (status == ARCHIVE_EOF)
        break;
      if (status != ARCHIVE_OK)
        return broken_archive(reader_);
      if (offset < 0 || offset > size
          || count > static_cast<std::uint64_t>(size - offset))
        return {errc::invalid_argument, "holds more than its size"};
      if (auto written = write_at(file, data, count, offset); !written)
        return written;
    }
    // It may end with a hole.
    if (::ftruncate(file.number(), size) != 0)
      return system_error("cannot be given its size");
    return {};
  }

  static result<void> write_at(const descriptor& file, const void* data,
                               std::size_t count, off_t offset) {
    if (::lseek(file.number(), offset, SEEK_SET) < 0)
      return system_error("cannot be written");
    return write_all(file, {static_cast<const std::uint8_t*>(data), count});
  }

  std::size_t entries() const noexcept {
    return std::max(headers_, tree_.entries_made());
  }

  failure too_many_entries() const {
    return {errc::limit_exceeded, "is one entry too many: the limit is "
                                    + std::to_string(limits_.entries_max)
                                    + ", directories included"};
  }

  archive* reader_;
  contained_tree tree_;
  const rootfs_limits& limits_;
  std::uint64_t total_bytes_ = 0;
  std::size_t headers_ = 0;
};

} // namespace

result<rootfs_summary> unpack_rootfs(bytes_view tar, const fs::path& directory,
                                     const rootfs_limits& limits) {
  auto reader = open_archive(tar);
  if (!reader)
    return reader.error();
  auto tree = contained_tree::create(directory);
  if (!tree)
    return tree.error();
  auto done = unpacker{reader->get(), std::move(*tree), limits}.run();
  {
    // A program can't be executed while any process has it open for writing:
    // waits for children of other threads that were born with our files.
    spawn_pause barrier;
  }
  if (!done) {
    std::error_code ignored;
    fs::remove_all(directory, ignored);
  }
  return done;
}

} // namespace artel::sandbox
