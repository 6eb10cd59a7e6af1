#include "sandbox/bundle/bundle_store.hpp"

#include "sandbox/descriptor.hpp"
#include "sandbox/process/spawn.hpp"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>

namespace artel::sandbox {

namespace fs = std::filesystem;

namespace {

/// What is kept beyond the bundles that are just being run.
constexpr std::size_t kept_bundles_max = 32;
constexpr std::uint64_t kept_bytes_max = 256u << 20;

constexpr mode_t directory_mode = 0755;
constexpr mode_t program_mode = 0555;
constexpr mode_t data_mode = 0444;

/// Sets the mode explicitly: the umask may take away more.
result<void> make_directory(const fs::path& path) {
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
    return system_error("cannot create '" + path.string() + "'");
  if (::chmod(path.c_str(), directory_mode) != 0)
    return system_error("cannot set the mode of '" + path.string() + "'");
  return {};
}

result<void> write_file(const fs::path& path, const bundle_file& file) {
  descriptor target{::open(
    path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)};
  if (!target.is_open())
    return system_error("cannot create '" + path.string() + "'");
  if (auto written = write_all(target, file.data); !written)
    return {written.error().code,
            "'" + path.string() + "': " + written.error().message};
  auto mode = file.executable ? program_mode : data_mode;
  if (::fchmod(target.number(), mode) != 0)
    return system_error("cannot set the mode of '" + path.string() + "'");
  return {};
}

result<void> unpack_files(const code_bundle& bundle, unpacked_bundle& target) {
  // A program can't be executed while any process has it open for writing.
  spawn_pause pause;
  if (auto made = make_directory(target.directory); !made)
    return made;
  for (const auto& file : bundle.files) {
    auto path = target.directory;
    auto relative = fs::path{file.name};
    for (const auto& part : relative.parent_path()) {
      path /= part;
      if (auto made = make_directory(path); !made)
        return made;
    }
    if (auto written = write_file(path / relative.filename(), file); !written)
      return written;
    // Sorted by name, so what shares its first part stands together.
    auto top = file.name.substr(0, file.name.find('/'));
    if (target.top_level_names.empty() || target.top_level_names.back() != top)
      target.top_level_names.push_back(std::move(top));
    target.size_bytes += file.data.size();
  }
  return {};
}

} // namespace

unpacked_bundle::~unpacked_bundle() {
  std::error_code ignored;
  fs::remove_all(directory, ignored);
}

bundle_store::bundle_store(fs::path directory)
  : directory_(std::move(directory)) {
  // nop
}

std::size_t
bundle_store::find_source(const std::shared_ptr<const code_bundle>& bundle) {
  return static_cast<std::size_t>(std::find_if(entries_.begin(), entries_.end(),
                                               [&bundle](const entry& one) {
                                                 return one.source.lock()
                                                        == bundle;
                                               })
                                  - entries_.begin());
}

result<std::shared_ptr<const unpacked_bundle>>
bundle_store::get(const std::shared_ptr<const code_bundle>& bundle) {
  std::lock_guard guard{mutex_};
  if (auto index = find_source(bundle); index < entries_.size())
    return use(index);
  if (auto sound = validate(*bundle); !sound)
    return sound.error();
  auto hash = hash_of(*bundle);
  auto found =
    std::find_if(entries_.begin(), entries_.end(),
                 [&hash](const entry& one) { return one.hash == hash; });
  if (found != entries_.end()) {
    found->source = bundle;
    return use(static_cast<std::size_t>(found - entries_.begin()));
  }
  auto unpacked = std::make_shared<unpacked_bundle>();
  unpacked->directory =
    directory_ / ("bundle-" + std::to_string(next_number_++));
  if (auto done = unpack_files(*bundle, *unpacked); !done)
    return done.error();
  entries_.push_back({hash, bundle, std::move(unpacked)});
  return use(entries_.size() - 1);
}

std::shared_ptr<const unpacked_bundle> bundle_store::use(std::size_t index) {
  auto position = entries_.begin() + static_cast<std::ptrdiff_t>(index);
  std::rotate(position, position + 1, entries_.end());
  std::uint64_t total = 0;
  for (const auto& one : entries_)
    total += one.unpacked->size_bytes;
  while (entries_.size() > 1
         && (entries_.size() > kept_bundles_max || total > kept_bytes_max)) {
    total -= entries_.front().unpacked->size_bytes;
    entries_.erase(entries_.begin());
  }
  return entries_.back().unpacked;
}

} // namespace artel::sandbox
