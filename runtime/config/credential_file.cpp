#include "runtime/config/credential_file.hpp"

#include "protocol/task/message_text.hpp"
#include "protocol/wire/codec.hpp"
#include "runtime/observe/json.hpp"
#include "sandbox/descriptor.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace artel::runtime {

namespace fs = std::filesystem;

namespace {

using sandbox::descriptor;

constexpr std::array<std::string_view, 4> kinds{
  owner_certificate::type_name, seed_certificate::type_name,
  join_token::type_name, network_config::type_name};

/// "owner_certificate" as people write it.
std::string words_of(std::string_view kind) {
  std::string words{kind};
  for (auto& c : words)
    if (c == '_')
      c = ' ';
  return words;
}

std::string named(std::string_view what, const fs::path& path) {
  return std::string{what} + " file '" + path.string() + "'";
}

failure system_problem(const std::string& name, int error) {
  return {error == ENOENT   ? errc::not_found
          : error == EEXIST ? errc::already_exists
                            : errc::system_failure,
          name + ": " + sandbox::error_text(error)};
}

// -- reading ------------------------------------------------------------------

/// At most credential_bytes_max.
result<std::string> read_all(const descriptor& file, const std::string& name) {
  constexpr std::size_t piece = 64u << 10;
  std::string text;
  for (;;) {
    auto length = text.size();
    text.resize(length + piece);
    auto count = ::read(file.number(), text.data() + length, piece);
    auto error = errno;
    text.resize(length + static_cast<std::size_t>(count > 0 ? count : 0));
    if (count < 0 && error != EINTR)
      return system_problem(name, error);
    if (text.size() > credential_bytes_max)
      return {errc::limit_exceeded, name + " is larger than the "
                                      + byte_count_text(credential_bytes_max)
                                      + " allowed"};
    if (count == 0)
      return text;
  }
}

result<std::string> read_text(const fs::path& path, const std::string& name) {
  // Without O_NONBLOCK a pipe that nobody writes to would be waited for.
  descriptor file{
    ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
  if (!file.is_open())
    return system_problem(name, errno);
  struct stat status {};
  if (::fstat(file.number(), &status) != 0)
    return system_problem(name, errno);
  if (!S_ISREG(status.st_mode))
    return {errc::invalid_argument, name + " is not a regular file"};
  return read_all(file, name);
}

struct document {
  std::string kind;
  /// All fields but the kind.
  json fields;
};

result<document> read_document(const fs::path& path, const std::string& name) {
  auto text = read_text(path, name);
  if (!text)
    return text.error();
  auto parsed = parse_json(*text);
  if (!parsed)
    return {errc::malformed,
            name + " is no JSON: " + artel::quoted(parsed.error().message)};
  auto kind = parsed->is_object() ? parsed->find("kind") : parsed->end();
  if (!parsed->is_object() || kind == parsed->end() || !kind->is_string())
    return {errc::malformed,
            name
              + " is no certificate, token or network config: it has no "
                "\"kind\""};
  document found{kind->get<std::string>(), std::move(*parsed)};
  found.fields.erase("kind");
  for (auto known : kinds)
    if (known == found.kind)
      return found;
  return {errc::malformed, name + " is of kind " + artel::quoted(found.kind)
                             + ", which is unknown"};
}

// -- writing ------------------------------------------------------------------

bool is_taken(const fs::path& path) {
  return ::faccessat(AT_FDCWD, path.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/// In the same directory, so that it can be moved into place at once. Removed
/// again unless it was.
class temporary_file {
public:
  explicit temporary_file(const fs::path& beside)
    : path_((beside.parent_path() / ".artel-XXXXXX").string()),
      file_(::mkostemp(path_.data(), O_CLOEXEC)) {}
  temporary_file(const temporary_file&) = delete;
  temporary_file& operator=(const temporary_file&) = delete;
  ~temporary_file() {
    if (file_.is_open() && !moved_)
      ::unlink(path_.c_str());
  }

  bool is_open() const { return file_.is_open(); }

  bool write(std::string_view text) {
    return ::fchmod(file_.number(), 0644) == 0
           && sandbox::write_all(file_, as_bytes(text)).ok()
           && ::fsync(file_.number()) == 0;
  }

  bool move_to(const fs::path& target, bool replace) {
    moved_ = replace ? ::rename(path_.c_str(), target.c_str()) == 0
                     : move_without_replacing(target);
    return moved_;
  }

private:
  /// Fails with EEXIST where the name is taken.
  bool move_without_replacing(const fs::path& target) {
    if (::renameat2(AT_FDCWD, path_.c_str(), AT_FDCWD, target.c_str(),
                    RENAME_NOREPLACE)
        == 0)
      return true;
    // Some file systems know only plain renames.
    if (errno != EINVAL && errno != ENOSYS)
      return false;
    return ::rename(path_.c_str(), target.c_str()) == 0;
  }

  std::string path_;
  descriptor file_;
  bool moved_ = false;
};

/// So that the new name outlives a loss of power; not all file systems can.
void keep_name(const fs::path& path) {
  auto parent = path.parent_path();
  descriptor directory{::open(parent.empty() ? "." : parent.c_str(),
                              O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (directory.is_open())
    ::fsync(directory.number());
}

result<void> write_text(const fs::path& path, const std::string& name,
                        std::string_view text, bool replace) {
  failure taken{errc::already_exists,
                name + " exists; give another name, or --force to replace it"};
  if (!replace && is_taken(path))
    return taken;
  temporary_file temporary{path};
  if (!temporary.is_open())
    return system_problem(name, errno);
  if (!temporary.write(text))
    return system_problem(name, errno);
  if (!temporary.move_to(path, replace))
    return errno == EEXIST ? taken : system_problem(name, errno);
  keep_name(path);
  return {};
}

} // namespace

template <class T>
result<T> read_credential(const fs::path& path) {
  auto name = named(words_of(T::type_name), path);
  auto content = read_document(path, name);
  if (!content)
    return content.error();
  if (content->kind != T::type_name)
    return {errc::invalid_argument,
            "'" + path.string() + "' holds a " + words_of(content->kind)
              + "; expected a " + words_of(T::type_name)};
  T item;
  if (auto taken = read_json(content->fields, item); !taken)
    return {taken.error().code, name + ": " + taken.error().message};
  // Whatever is read can be sent: within every bound of the wire.
  auto again = wire::decode<T>(wire::encode(item));
  if (!again)
    return {again.error().code, name + ": " + again.error().message};
  return item;
}

result<std::string> credential_kind(const fs::path& path) {
  auto content = read_document(path, "'" + path.string() + "'");
  if (!content)
    return content.error();
  return content->kind;
}

template <class T>
result<void> write_credential(const fs::path& path, const T& item,
                              bool replace) {
  auto content = json::object();
  content["kind"] = T::type_name;
  content.update(json_of(item));
  return write_text(path, named(words_of(T::type_name), path),
                    document_of(content), replace);
}

#define ARTEL_CREDENTIAL(type)                                               \
  template result<type> read_credential<type>(const fs::path&);              \
  template result<void> write_credential<type>(const fs::path&, const type&, \
                                               bool);

ARTEL_CREDENTIAL(owner_certificate)
ARTEL_CREDENTIAL(seed_certificate)
ARTEL_CREDENTIAL(join_token)
ARTEL_CREDENTIAL(network_config)

} // namespace artel::runtime
