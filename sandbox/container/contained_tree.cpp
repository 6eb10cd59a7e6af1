#include "sandbox/container/contained_tree.hpp"

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>

namespace artel::sandbox {

namespace fs = std::filesystem;

namespace {

/// As everywhere on Linux.
constexpr std::size_t part_bytes_max = 255;

constexpr mode_t directory_mode = 0755;
constexpr mode_t program_mode = 0555;
constexpr mode_t data_mode = 0444;

std::string joined(const path_parts& path, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i)
    text += (i == 0 ? "" : "/") + path[i];
  return shown_name(text);
}

std::string joined(const path_parts& path) {
  return joined(path, path.size());
}

failure cannot(const char* what, const path_parts& path) {
  return system_error(std::string{"cannot "} + what + " " + joined(path));
}

descriptor open_directory(int parent, const char* name) {
  return descriptor{
    ::openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
}

/// Sets the mode explicitly: the umask may take away more.
result<descriptor> make_one_directory(int parent, const path_parts& path,
                                      std::size_t count) {
  const auto* name = path[count - 1].c_str();
  if (::mkdirat(parent, name, 0700) != 0)
    return system_error("cannot create " + joined(path, count));
  auto made = open_directory(parent, name);
  if (!made.is_open() || ::fchmod(made.number(), directory_mode) != 0)
    return system_error("cannot open " + joined(path, count));
  return made;
}

mode_t type_at(int parent, const std::string& name) {
  struct stat status {};
  return ::fstatat(parent, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0
           ? status.st_mode & S_IFMT
           : 0;
}

} // namespace

result<path_parts> split_path(std::string_view path) {
  if (path.starts_with('/'))
    return {errc::invalid_argument, "is an absolute name"};
  path_parts parts;
  while (!path.empty()) {
    auto end = path.find('/');
    auto part = path.substr(0, end);
    path.remove_prefix(end == path.npos ? path.size() : end + 1);
    if (part.empty() || part == ".")
      continue;
    if (part == "..")
      return {errc::invalid_argument, "leads upwards by '..'"};
    if (part.find('\0') != part.npos)
      return {errc::invalid_argument, "holds a byte of zero"};
    if (part.size() > part_bytes_max)
      return {errc::limit_exceeded, "has a part of more than "
                                      + std::to_string(part_bytes_max)
                                      + " bytes"};
    parts.emplace_back(part);
  }
  return parts;
}

std::string shown_name(std::string_view name) {
  constexpr std::size_t shown_max = 120;
  std::string text{name.substr(0, shown_max)};
  for (auto& letter : text)
    if (static_cast<unsigned char>(letter) < ' ' || letter == '\x7f')
      letter = '?';
  return "'" + text + (name.size() > shown_max ? "...'" : "'");
}

result<contained_tree> contained_tree::create(const fs::path& directory) {
  if (::mkdir(directory.c_str(), 0700) != 0)
    return system_error("cannot create '" + directory.string() + "'");
  auto tree = open(directory);
  if (tree && ::fchmod(tree->root_.number(), directory_mode) != 0)
    return system_error("cannot set the mode of '" + directory.string() + "'");
  return tree;
}

result<contained_tree> contained_tree::open(const fs::path& directory) {
  auto root = open_directory(AT_FDCWD, directory.c_str());
  if (!root.is_open())
    return system_error("cannot open '" + directory.string() + "'");
  return contained_tree{std::move(root)};
}

result<descriptor> contained_tree::open_parent(const path_parts& path,
                                               bool create) {
  auto current = open_directory(root_.number(), ".");
  if (!current.is_open())
    return system_error("cannot open the tree");
  for (std::size_t i = 0; i + 1 < path.size(); ++i) {
    auto next = open_directory(current.number(), path[i].c_str());
    if (!next.is_open() && errno == ENOENT && create) {
      auto made = make_one_directory(current.number(), path, i + 1);
      if (!made)
        return made.error();
      ++entries_made_;
      next = std::move(*made);
    }
    if (!next.is_open() && (errno == ELOOP || errno == ENOTDIR))
      return {errc::invalid_argument,
              "lies below " + joined(path, i + 1) + ", which is no directory"};
    if (!next.is_open() && errno == ENOENT)
      return {errc::not_found, "there is no " + joined(path, i + 1)};
    if (!next.is_open())
      return system_error("cannot open " + joined(path, i + 1));
    current = std::move(next);
  }
  return current;
}

result<descriptor> contained_tree::make_room(const path_parts& path) {
  assert(!path.empty());
  auto parent = open_parent(path, true);
  if (!parent)
    return parent;
  auto type = type_at(parent->number(), path.back());
  if (type == S_IFDIR)
    return {errc::invalid_argument, "would replace a directory"};
  if (type != 0 && ::unlinkat(parent->number(), path.back().c_str(), 0) != 0)
    return cannot("replace", path);
  ++entries_made_;
  return parent;
}

result<void> contained_tree::make_directory(const path_parts& path) {
  if (path.empty())
    return {};
  auto parent = open_parent(path, true);
  if (!parent)
    return parent.error();
  auto type = type_at(parent->number(), path.back());
  if (type == S_IFDIR)
    return {};
  if (type != 0)
    return {errc::invalid_argument,
            "is a directory, but was a file or a link before"};
  ++entries_made_;
  auto made = make_one_directory(parent->number(), path, path.size());
  return made ? result<void>{} : made.error();
}

result<descriptor> contained_tree::make_file(const path_parts& path) {
  auto parent = make_room(path);
  if (!parent)
    return parent;
  descriptor file{::openat(parent->number(), path.back().c_str(),
                           O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                           0600)};
  if (!file.is_open())
    return cannot("create", path);
  return file;
}

result<void> contained_tree::make_link(const path_parts& path,
                                       const std::string& target) {
  auto parent = make_room(path);
  if (!parent)
    return parent.error();
  if (::symlinkat(target.c_str(), parent->number(), path.back().c_str()) != 0)
    return cannot("create the link", path);
  return {};
}

result<void> contained_tree::make_hard_link(const path_parts& path,
                                            const path_parts& existing) {
  auto type = type_of(existing);
  if (!type)
    return type.error();
  if (*type != S_IFREG)
    return {errc::invalid_argument, "is a hard link to " + joined(existing)
                                      + ", which is no file of the tree (yet)"};
  if (path == existing)
    return {};
  auto target = open_parent(existing, false);
  if (!target)
    return target.error();
  auto parent = make_room(path);
  if (!parent)
    return parent.error();
  if (::linkat(target->number(), existing.back().c_str(), parent->number(),
               path.back().c_str(), 0)
      != 0)
    return cannot("create the hard link", path);
  return {};
}

result<mode_t> contained_tree::type_of(const path_parts& path) {
  if (path.empty())
    return mode_t{S_IFDIR};
  auto parent = open_parent(path, false);
  if (!parent && parent.error().code == errc::not_found)
    return mode_t{0};
  if (!parent)
    return parent.error();
  return type_at(parent->number(), path.back());
}

bool contained_tree::remove_empty_directory(const path_parts& path) {
  assert(!path.empty());
  auto parent = open_parent(path, false);
  return parent
         && ::unlinkat(parent->number(), path.back().c_str(), AT_REMOVEDIR)
              == 0;
}

result<void> finish_file(const descriptor& file, bool executable) {
  if (::fchmod(file.number(), executable ? program_mode : data_mode) != 0)
    return system_error("cannot set the mode of a file");
  return {};
}

} // namespace artel::sandbox
