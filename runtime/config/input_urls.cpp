#include "runtime/config/input_urls.hpp"

#include "protocol/core/limits.hpp"
#include "protocol/task/blob.hpp"
#include "protocol/task/message_text.hpp"
#include "runtime/net/http_fetch.hpp"
#include "sandbox/bundle/cache_directory.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <optional>
#include <system_error>
#include <utility>

#include <sodium.h>
#include <unistd.h>

namespace artel::runtime {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view how_to_write =
  "expected its hash behind it, as in https://host/data.csv#sha256=... (64 "
  "digits, from sha256sum)";

/// Letters, digits, '.', '-' and '_'; never hidden, never a directory.
std::string plain_name(std::string_view path) {
  auto name = std::string{path.substr(path.rfind('/') + 1)};
  std::replace_if(
    name.begin(), name.end(),
    [](unsigned char c) {
      auto is_letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
      auto is_digit = c >= '0' && c <= '9';
      return !is_letter && !is_digit && c != '.' && c != '-' && c != '_';
    },
    '_');
  if (name.size() > limits::name_bytes_max)
    name.resize(limits::name_bytes_max);
  if (name.empty())
    return "input";
  if (name.front() == '.')
    name.front() = '_';
  return name;
}

hash256 digest_of(digest_kind kind, bytes_view data) {
  if (kind == digest_kind::blob)
    return blob_id(data);
  hash256 digest;
  static_assert(crypto_hash_sha256_BYTES == hash256::size);
  crypto_hash_sha256(digest.value.data(), data.data(), data.size());
  return digest;
}

std::string_view name_of(digest_kind kind) {
  return kind == digest_kind::blob ? "blob" : "sha256";
}

std::optional<bytes> read_file(const fs::path& path) {
  std::error_code error;
  auto size = fs::file_size(path, error);
  if (error || size > limits::input_bytes_max)
    return std::nullopt;
  std::ifstream file{path, std::ios::binary};
  bytes data(size);
  file.read(reinterpret_cast<char*>(data.data()),
            static_cast<std::streamsize>(size));
  if (!file || static_cast<std::uintmax_t>(file.gcount()) != size)
    return std::nullopt;
  return data;
}

/// All or nothing: others may fetch the same at the same time.
result<void> write_file(const fs::path& path, const bytes& data) {
  auto failed = [&path] {
    return failure{errc::system_failure, "the cache's file "
                                           + artel::quoted(path.string())
                                           + " cannot be written"};
  };
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  auto temporary = path.parent_path() / ".XXXXXX";
  auto text = temporary.string();
  auto descriptor = ::mkstemp(text.data());
  if (error || descriptor < 0)
    return failed();
  std::size_t done = 0;
  while (done < data.size()) {
    auto count = ::write(descriptor, data.data() + done, data.size() - done);
    if (count <= 0)
      break;
    done += static_cast<std::size_t>(count);
  }
  ::close(descriptor);
  if (done == data.size())
    fs::rename(text, path, error);
  if (done == data.size() && !error)
    return {};
  fs::remove(text, error);
  return failed();
}

} // namespace

result<input_url> parse_input_url(const std::string& text) {
  auto hash = text.find('#');
  input_url input;
  input.url = text.substr(0, hash);
  if (auto location = locate_url(input.url); !location)
    return location.error();
  auto rest = hash == text.npos ? std::string_view{}
                                : std::string_view{text}.substr(hash);
  auto value = rest.find('=');
  auto key = rest.substr(0, value);
  if (key == "#blob")
    input.kind = digest_kind::blob;
  else if (key != "#sha256")
    return {errc::invalid_argument, artel::quoted(input.url)
                                      + " without a hash; "
                                      + std::string{how_to_write}};
  auto digits =
    value == rest.npos ? std::string_view{} : rest.substr(value + 1);
  auto digest = from_hex(digits);
  if (!digest || digest->size() != hash256::size)
    return {errc::malformed, artel::quoted(input.url) + ": "
                               + artel::quoted(digits)
                               + " is no hash of 64 digits"};
  std::copy(digest->begin(), digest->end(), input.digest.value.begin());
  auto path = std::string_view{input.url};
  path = path.substr(0, path.find('?'));
  path.remove_prefix(path.find("://") + 3);
  auto slash = path.find('/');
  input.name =
    plain_name(slash == path.npos ? std::string_view{} : path.substr(slash));
  return input;
}

result<bytes> get_url(const std::string& url) {
  auto origin = locate_url(url);
  if (!origin)
    return origin.error();
  http_fetch_options options;
  options.bytes_max = limits::input_bytes_max;
  options.timeout = milliseconds{300'000};
  // Whoever writes a task may name a machine of their own; what a server on the
  // Internet redirects to is its choice.
  options.allows = [origin = *origin](const http_location& location,
                                      const ip_address& address) {
    return location == origin || is_public(address);
  };
  return http_fetch(url, options);
}

result<source_file> fetch_input(const input_url& input,
                                const fs::path& cache_directory,
                                const url_getter& get) {
  if (auto opened = sandbox::open_cache_directory(cache_directory); !opened)
    return opened.error();
  auto path =
    cache_directory / "inputs"
    / (std::string{name_of(input.kind)} + "-" + to_hex(input.digest.view()))
    / input.name;
  source_file found{path.string(), 0, {input.url}};
  if (auto kept = read_file(path);
      kept && digest_of(input.kind, *kept) == input.digest) {
    found.bytes = kept->size();
    return found;
  }
  auto fetched = get(input.url);
  if (!fetched)
    return fetched.error();
  auto digest = digest_of(input.kind, *fetched);
  if (digest != input.digest)
    return {errc::bad_signature,
            artel::quoted(input.url) + ": what came has the "
              + std::string{name_of(input.kind)} + " " + to_hex(digest.view())
              + "; expected " + to_hex(input.digest.view())};
  if (auto kept = write_file(path, *fetched); !kept)
    return kept.error();
  found.bytes = fetched->size();
  return found;
}

} // namespace artel::runtime
