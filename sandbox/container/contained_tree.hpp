// A directory tree that is made after names which somebody else chose: nothing
// ever lands outside of it, whatever links are in it by then.
#pragma once

#include "protocol/core/result.hpp"
#include "sandbox/descriptor.hpp"

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace artel::sandbox {

/// The parts of a path below the tree's root; none for the root itself.
using path_parts = std::vector<std::string>;

/// "a/./b/" as {"a", "b"}. invalid_argument for absolute paths, ".." and bytes
/// of zero; limit_exceeded for parts that no file system takes.
result<path_parts> split_path(std::string_view path);

/// Anything from outside, fit to be shown: quoted, cut, without control
/// characters.
std::string shown_name(std::string_view name);

/// Not thread-safe. No one else may change the tree meanwhile; links in it are
/// never followed. All that is made is readable by everyone.
class contained_tree {
public:
  /// Makes the directory, which may not be there.
  static result<contained_tree> create(const std::filesystem::path& directory);
  static result<contained_tree> open(const std::filesystem::path& directory);

  /// With all its parents. A directory may be there before, nothing else.
  result<void> make_directory(const path_parts& path);

  /// Open for writing; finish_file() sets its mode. Like the links below, it
  /// replaces what is no directory, and makes missing parents.
  result<descriptor> make_file(const path_parts& path);
  result<void> make_link(const path_parts& path, const std::string& target);
  /// A second name of a file of the tree.
  result<void> make_hard_link(const path_parts& path,
                              const path_parts& existing);

  /// The type bits of a mode; 0 where there is nothing. An error where the way
  /// there leads through something that is no directory.
  result<mode_t> type_of(const path_parts& path);

  /// Removes an empty directory; whether it was one.
  bool remove_empty_directory(const path_parts& path);

  /// Of all kinds, parents included, replaced ones too.
  std::size_t entries_made() const noexcept { return entries_made_; }

private:
  explicit contained_tree(descriptor root) : root_(std::move(root)) {}

  /// The directory that holds the path's last part.
  result<descriptor> open_parent(const path_parts& path, bool create);
  result<descriptor> make_room(const path_parts& path);

  descriptor root_;
  std::size_t entries_made_ = 0;
};

/// Ends writing: read-only, executable or not.
result<void> finish_file(const descriptor& file, bool executable);

} // namespace artel::sandbox
