// Inputs by http and https: always with the hash of what must come, so that it
// matters little who gives it. Fetched once, and kept in the cache directory.
#pragma once

#include "protocol/core/ids.hpp"
#include "protocol/core/result.hpp"
#include "protocol/task/task_spec.hpp"

#include <filesystem>
#include <functional>
#include <string>

namespace artel::runtime {

enum class digest_kind : std::uint8_t {
  /// As sha256sum prints it.
  sha256 = 1,
  /// blob_id().
  blob = 2,
};

struct input_url {
  /// Without what names the digest.
  std::string url;
  digest_kind kind = digest_kind::sha256;
  hash256 digest;
  /// What the job calls its file: the path's last part.
  std::string name;

  bool operator==(const input_url&) const = default;
};

/// "https://host/data.csv#sha256=HEX", or "#blob=HEX"; malformed,
/// invalid_argument. The message begins with the URL.
result<input_url> parse_input_url(const std::string& text);

/// Gives a URL's bytes.
using url_getter = std::function<result<bytes>(const std::string& url)>;

/// Over the network: http_fetch(), whatever address the URL itself has, and
/// public ones only where it redirects to.
result<bytes> get_url(const std::string& url);

/// The input as a file below `cache_directory`: what is there already and whole
/// is not fetched. bad_signature where other bytes come, system_failure, and
/// what `get` says.
result<source_file> fetch_input(const input_url& input,
                                const std::filesystem::path& cache_directory,
                                const url_getter& get);

} // namespace artel::runtime
