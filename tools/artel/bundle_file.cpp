#include "tools/artel/bundle_file.hpp"

#include "protocol/core/limits.hpp"
#include "tools/artel/file_access.hpp"

#include <array>

#include <sodium.h>

namespace artel::tools {

result<code_bundle> read_bundle_file(const std::string& path) {
  auto data = read_whole_file("bundle", path, limits::bundle_bytes_max);
  if (!data)
    return data.error();
  auto name = "bundle '" + path + "'";
  if (data->empty())
    return {errc::malformed, name + " is empty"};
  auto bundle = decode_bundle(*data);
  if (!bundle)
    return {bundle.error().code,
            name + " is no sound bundle: " + bundle.error().message};
  return bundle;
}

std::string content_hash(bytes_view data) {
  std::array<std::uint8_t, 32> hash{};
  crypto_generichash(hash.data(), hash.size(), data.data(), data.size(),
                     nullptr, 0);
  return to_hex(hash);
}

} // namespace artel::tools
