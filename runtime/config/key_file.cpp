#include "runtime/config/key_file.hpp"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <system_error>

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

namespace artel::runtime {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view first_line = "artel-key v1\n";
constexpr std::string_view node_label = "node ";
constexpr std::string_view seed_label = "seed ";
constexpr std::size_t digits = 64;
constexpr std::size_t file_bytes = first_line.size() + node_label.size()
                                   + digits + 1 + seed_label.size() + digits
                                   + 1;

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

/// Text of a key file; wiped when it goes.
struct secret_text {
  std::string value;

  secret_text() = default;
  secret_text(const secret_text&) = delete;
  secret_text& operator=(const secret_text&) = delete;
  ~secret_text() { sodium_memzero(value.data(), value.size()); }
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

/// At most one byte more than a key file has, so that longer ones show.
bool read_all(int descriptor, std::string& text) {
  text.assign(file_bytes + 1, '\0');
  std::size_t length = 0;
  while (length < text.size()) {
    auto count = ::read(descriptor, text.data() + length, text.size() - length);
    if (count < 0 && errno != EINTR)
      return false;
    if (count == 0)
      break;
    if (count > 0)
      length += static_cast<std::size_t>(count);
  }
  text.resize(length);
  return true;
}

result<key_pair> parse_key(const fs::path& path, std::string_view text) {
  auto malformed = [&path](std::string what) {
    return result<key_pair>{
      problem_with(path, errc::malformed, std::move(what))};
  };
  auto node_at = first_line.size() + node_label.size();
  auto seed_at = node_at + digits + 1 + seed_label.size();
  auto line_ends = text.size() == file_bytes && text[node_at + digits] == '\n'
                   && text[seed_at + digits] == '\n';
  if (!line_ends || !text.starts_with(first_line)
      || text.substr(first_line.size(), node_label.size()) != node_label
      || text.substr(node_at + digits + 1, seed_label.size()) != seed_label)
    return malformed("is no key file of artel, version 1");
  auto node = parse_id<node_id>(text.substr(node_at, digits));
  std::array<std::uint8_t, 32> seed{};
  std::size_t length = 0;
  auto failed = sodium_hex2bin(seed.data(), seed.size(), text.data() + seed_at,
                               digits, nullptr, &length, nullptr);
  if (!node || failed != 0 || length != seed.size())
    return malformed("does not hold 64 hexadecimal digits for node and seed");
  auto key = key_pair::from_seed(seed);
  sodium_memzero(seed.data(), seed.size());
  if (key.node() != *node)
    return malformed("is damaged: its node is not that of its seed");
  return key;
}

} // namespace

result<void> write_key_file(const fs::path& path, const key_pair& key) {
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
  secret_text text;
  text.value.reserve(file_bytes);
  text.value.append(first_line).append(node_label);
  text.value.append(to_string(key.node())).append("\n").append(seed_label);
  auto seed = key.seed();
  std::array<char, digits + 1> seed_digits{};
  sodium_bin2hex(seed_digits.data(), seed_digits.size(), seed.data(),
                 seed.size());
  text.value.append(seed_digits.data()).append("\n");
  sodium_memzero(seed.data(), seed.size());
  sodium_memzero(seed_digits.data(), seed_digits.size());
  open_file file{::open(
    path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)};
  if (file.get() < 0 && errno == EEXIST)
    return problem_with(path, errc::already_exists,
                        "exists; a key is never replaced: give another name");
  if (file.get() < 0)
    return system_problem(path, errno);
  if (!write_all(file.get(), text.value)) {
    auto reason = errno;
    ::unlink(path.c_str());
    return system_problem(path, reason);
  }
  return {};
}

result<key_pair> read_key_file(const fs::path& path) {
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
  secret_text text;
  if (!read_all(file.get(), text.value))
    return system_problem(path, errno);
  return parse_key(path, text.value);
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
