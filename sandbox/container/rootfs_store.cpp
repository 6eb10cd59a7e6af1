#include "sandbox/container/rootfs_store.hpp"

#include "protocol/identity/hash.hpp"
#include "sandbox/bundle/arguments.hpp"
#include "sandbox/container/contained_tree.hpp"
#include "sandbox/process/bubblewrap.hpp"
#include "sandbox/process/spawn.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <system_error>
#include <utility>

#include <sys/stat.h>

namespace artel::sandbox {

namespace fs = std::filesystem;

namespace {

/// What is kept beyond those that are just being run.
constexpr std::size_t kept_max = 8;
constexpr std::uint64_t kept_bytes_max = std::uint64_t{1} << 30;

result<bytes_view> find_rootfs(const code_bundle& bundle) {
  auto found = std::find_if(
    bundle.files.begin(), bundle.files.end(),
    [&bundle](const auto& one) { return one.name == bundle.rootfs; });
  if (found == bundle.files.end())
    return {errc::invalid_argument, "the root file system "
                                      + shown_name(bundle.rootfs)
                                      + " is no file of the bundle"};
  return bytes_view{found->data};
}

result<void> expect(contained_tree& tree, const std::string& name,
                    mode_t wanted) {
  auto type = tree.type_of({name});
  if (!type)
    return type.error();
  if (*type == wanted)
    return {};
  if (*type != 0)
    return {errc::invalid_argument,
            "root file system: '" + name + "' is a link or file; a container"
              + " needs " + (wanted == S_IFDIR ? "a directory" : "the name")
              + " there, so leave it out"};
  if (wanted == S_IFDIR)
    return tree.make_directory({name});
  auto file = tree.make_file({name});
  return file ? finish_file(*file, true) : file.error();
}

} // namespace

unpacked_rootfs::~unpacked_rootfs() {
  std::error_code ignored;
  fs::remove_all(directory, ignored);
}

rootfs_store::rootfs_store(fs::path directory, rootfs_limits limits)
  : directory_(std::move(directory)),
    limits_(limits) {
  // nop
}

result<shared_rootfs>
rootfs_store::get(const std::shared_ptr<const code_bundle>& bundle) {
  auto tar = find_rootfs(*bundle);
  if (!tar)
    return tar.error();
  auto place = find_slot(bundle, *tar);
  std::lock_guard guard{place->mutex};
  if (!place->unpacked) {
    auto made = unpack(*tar);
    if (!made) {
      forget(*place);
      return made;
    }
    place->unpacked = std::move(*made);
    note_size(*place, place->unpacked->summary.total_bytes);
  }
  return place->unpacked;
}

std::shared_ptr<rootfs_store::slot>
rootfs_store::find_slot(const std::shared_ptr<const code_bundle>& bundle,
                        bytes_view tar) {
  auto use = [this](std::vector<entry>::iterator position) {
    std::rotate(position, position + 1, entries_.end());
    return entries_.back().place;
  };
  {
    std::lock_guard guard{mutex_};
    auto known = std::find_if(
      entries_.begin(), entries_.end(),
      [&bundle](const entry& one) { return one.source.lock() == bundle; });
    if (known != entries_.end())
      return use(known);
  }
  // Takes a while where it is large, so nobody waits for it.
  auto hash = hash_of("artel.rootfs.v1", tar);
  std::lock_guard guard{mutex_};
  auto same =
    std::find_if(entries_.begin(), entries_.end(),
                 [&hash](const entry& one) { return one.hash == hash; });
  if (same == entries_.end())
    same = entries_.insert(entries_.end(),
                           entry{hash, bundle, std::make_shared<slot>(), 0});
  same->source = bundle;
  return use(same);
}

result<shared_rootfs> rootfs_store::unpack(bytes_view tar) {
  auto made = std::make_shared<unpacked_rootfs>();
  {
    std::lock_guard guard{mutex_};
    made->directory = directory_ / ("rootfs-" + std::to_string(next_number_++));
  }
  auto summary = unpack_rootfs(tar, made->directory, limits_);
  if (!summary)
    return summary.error();
  made->summary = *summary;
  if (auto added = add_mount_points(made->directory); !added)
    return added.error();
  return shared_rootfs{std::move(made)};
}

void rootfs_store::forget(const slot& failed) {
  std::lock_guard guard{mutex_};
  std::erase_if(entries_, [&failed](const entry& one) {
    return one.place.get() == &failed;
  });
}

void rootfs_store::note_size(const slot& used, std::uint64_t size_bytes) {
  std::vector<entry> dropped;
  std::lock_guard guard{mutex_};
  std::uint64_t total = 0;
  for (auto& one : entries_) {
    if (one.place.get() == &used)
      one.size_bytes = size_bytes;
    total += one.size_bytes;
  }
  while (entries_.size() > 1
         && (entries_.size() > kept_max || total > kept_bytes_max)
         && entries_.front().place.get() != &used) {
    total -= entries_.front().size_bytes;
    dropped.push_back(std::move(entries_.front()));
    entries_.erase(entries_.begin());
  }
}

result<void> add_mount_points(const fs::path& rootfs) {
  auto tree = contained_tree::open(rootfs);
  if (!tree)
    return tree.error();
  for (const auto* path : {"/proc", "/dev", work_directory, bundle_directory,
                           input_directory, output_directory})
    if (auto made = expect(*tree, path + 1, S_IFDIR); !made)
      return made;
  if (auto made = expect(*tree, shim_path + 1, S_IFREG); !made)
    return made;
  const path_parts temporary{"tmp"};
  auto type = tree->type_of(temporary);
  if (!type)
    return type.error();
  if (*type == 0
      || (*type == S_IFDIR && tree->remove_empty_directory(temporary)))
    return tree->make_link(temporary, work_directory);
  return {};
}

} // namespace artel::sandbox
