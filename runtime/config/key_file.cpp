#include "runtime/config/key_file.hpp"

#include "runtime/config/key_text.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace artel::runtime {

namespace fs = std::filesystem;

namespace {

/// A descriptor that closes itself.
class open_file {
public:
  explicit open_file(int descriptor) : descriptor_(descriptor) {}
  open_file(const open_file&) = delete;
  open_file& operator=(const open_file&) = delete;
  ~open_file() {
    if (descriptor_ >= 0)
      ::close(descriptor_);
  }

  int get() const noexcept { return descriptor_; }

private:
  int descriptor_;
};

failure problem_with(const fs::path& path, errc code, std::string what) {
  return {code, "key file '" + path.string() + "' " + std::move(what)};
}

failure system_problem(const fs::path& path, int error) {
  return problem_with(path,
                      error == ENOENT   ? errc::not_found
                      : error == EEXIST ? errc::already_exists
                                        : errc::system_failure,
                      std::string{"cannot be used: "} + std::strerror(error));
}

bool write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    auto count = ::write(descriptor, text.data(), text.size());
    if (count >= 0)
      text.remove_prefix(static_cast<std::size_t>(count));
    else if (errno != EINTR)
      return false;
  }
  return ::fsync(descriptor) == 0;
}

/// At most one byte more than a key file may have, so that longer ones show.
result<secret_text> read_all(int descriptor, const fs::path& path) {
  secret_text text{key_text_bytes_max + 1};
  while (true) {
    // Byte by byte, so that no copy of the secret stays in a buffer.
    char next = 0;
    auto count = ::read(descriptor, &next, 1);
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0)
      return system_problem(path, errno);
    if (count == 0 || !text.append({&next, 1}))
      return text;
  }
}

result<key_text> read_text(const fs::path& path) {
  open_file file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (file.get() < 0)
    return system_problem(path, errno);
  struct stat status {};
  if (::fstat(file.get(), &status) != 0)
    return system_problem(path, errno);
  if (!S_ISREG(status.st_mode))
    return problem_with(path, errc::malformed, "is not a regular file");
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    return problem_with(path, errc::refused,
                        "may be used by others than its owner; chmod 600 '"
                          + path.string() + "'");
  auto text = read_all(file.get(), path);
  if (!text)
    return text.error();
  auto parsed = parse_key_text(text->view());
  if (!parsed)
    return problem_with(path, parsed.error().code, parsed.error().message);
  return parsed;
}

result<secret_text> text_of(const fs::path& path, const key_pair& key,
                            const std::optional<key_protection>& protection) {
  if (!protection)
    return plain_key_text(key);
  auto boxed = box_seed(key, *protection);
  if (!boxed)
    return problem_with(path, boxed.error().code,
                        "cannot be written: " + boxed.error().message);
  return boxed_key_text(key.node(), *boxed);
}

/// A new file, gone again where not all of it could be written.
result<void> create(const fs::path& path, std::string_view text) {
  open_file file{::open(
    path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)};
  if (file.get() < 0 && errno == EEXIST)
    return problem_with(path, errc::already_exists,
                        "exists; a key is never replaced: give another name");
  if (file.get() < 0)
    return system_problem(path, errno);
  if (!write_all(file.get(), text)) {
    auto reason = errno;
    ::unlink(path.c_str());
    return system_problem(path, reason);
  }
  return {};
}

/// So that the new name is there after a loss of power.
void sync_directory(const fs::path& path) {
  auto parent = path.parent_path();
  open_file directory{::open(parent.empty() ? "." : parent.c_str(),
                             O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (directory.get() >= 0)
    ::fsync(directory.get());
}

} // namespace

result<void> write_key_file(const fs::path& path, const key_pair& key,
                            const std::optional<key_protection>& protection) {
  std::error_code error;
  if (auto parent = path.parent_path();
      !parent.empty() && !fs::exists(parent, error)) {
    fs::create_directories(parent, error);
    if (!error)
      fs::permissions(parent, fs::perms::owner_all, error);
    if (error)
      return {errc::system_failure,
              "directory '" + parent.string() + "': " + error.message()};
  }
  auto text = text_of(path, key, protection);
  if (!text)
    return text.error();
  auto written = create(path, text->view());
  if (written)
    sync_directory(path);
  return written;
}

result<void> protect_key_file(const fs::path& path, const key_pair& key,
                              const std::optional<key_protection>& protection) {
  auto held = inspect_key_file(path);
  if (!held)
    return held.error();
  if (held->node != key.node())
    return problem_with(path, errc::refused, "holds another key");
  auto text = text_of(path, key, protection);
  if (!text)
    return text.error();
  // Where the name is a link, what it leads to is replaced.
  std::error_code error;
  auto target = fs::canonical(path, error);
  if (error)
    return system_problem(path, error.value());
  auto fresh = target;
  fresh += ".new-" + std::to_string(::getpid());
  ::unlink(fresh.c_str());
  if (auto written = create(fresh, text->view()); !written)
    return written;
  if (::rename(fresh.c_str(), target.c_str()) != 0) {
    auto reason = errno;
    ::unlink(fresh.c_str());
    return system_problem(path, reason);
  }
  sync_directory(target);
  return {};
}

result<key_pair> read_key_file(const fs::path& path,
                               const passphrase_reader& passphrase) {
  auto text = read_text(path);
  if (!text)
    return text.error();
  if (auto* key = std::get_if<key_pair>(&text->secret))
    return std::move(*key);
  if (!passphrase)
    return problem_with(path, errc::refused,
                        "is protected by a passphrase, which is not given");
  auto given = passphrase();
  if (!given)
    return problem_with(path, given.error().code,
                        "is protected by a passphrase: "
                          + given.error().message);
  auto key = open_box(std::get<boxed_seed>(text->secret), given->view());
  if (!key)
    return problem_with(path, key.error().code, key.error().message);
  if (key->node() != text->node)
    return problem_with(path, errc::malformed,
                        "is damaged: its node is not that of its seed");
  return key;
}

result<key_file_summary> inspect_key_file(const fs::path& path) {
  auto text = read_text(path);
  if (!text)
    return text.error();
  return key_file_summary{text->node,
                          std::holds_alternative<boxed_seed>(text->secret)};
}

result<fs::path> default_key_path() {
  if (const char* config = std::getenv("XDG_CONFIG_HOME");
      config != nullptr && *config == '/')
    return fs::path{config} / "artel" / "node.key";
  if (const char* home = std::getenv("HOME"); home != nullptr && *home == '/')
    return fs::path{home} / ".config" / "artel" / "node.key";
  return {errc::not_found, "neither XDG_CONFIG_HOME nor HOME is set; say where"
                           " the key is"};
}

} // namespace artel::runtime
