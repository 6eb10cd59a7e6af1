#include "sandbox/container/machine_rootfs.hpp"

#include "sandbox/container/contained_tree.hpp"
#include "sandbox/container/rootfs_store.hpp"

#include <string>
#include <system_error>

namespace artel::sandbox {

namespace fs = std::filesystem;

namespace {

/// Mounts the path at its own place, or makes the same link.
result<void> show(contained_tree& tree, const char* path,
                  std::vector<shown_path>& mounts) {
  auto parts = split_path(path + 1);
  if (!parts)
    return parts.error();
  std::error_code error;
  if (auto target = fs::read_symlink(path, error); !error)
    return tree.make_link(*parts, target.string());
  if (fs::is_directory(path, error)) {
    mounts.push_back({path, path});
    return tree.make_directory(*parts);
  }
  if (!fs::is_regular_file(path, error))
    return {};
  mounts.push_back({path, path});
  auto file = tree.make_file(*parts);
  return file ? finish_file(*file, false) : file.error();
}

} // namespace

result<std::vector<shown_path>> make_machine_rootfs(const fs::path& directory) {
  auto tree = contained_tree::create(directory);
  if (!tree)
    return tree.error();
  std::vector<shown_path> mounts;
  // Where programs have several providers, /usr/bin links to /etc/alternatives.
  for (const auto* path : {"/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64",
                           "/libx32", "/etc/alternatives", "/etc/ld.so.cache"})
    if (auto shown = show(*tree, path, mounts); !shown)
      return shown.error();
  if (auto added = add_mount_points(directory); !added)
    return added.error();
  return mounts;
}

} // namespace artel::sandbox
