#include "runtime/launch/node_credentials.hpp"

#include "runtime/config/credential_file.hpp"
#include "runtime/config/key_file.hpp"

#include <array>
#include <utility>

#include <sodium.h>

namespace artel::runtime {

namespace fs = std::filesystem;

namespace {

failure at(const fs::path& path, const failure& problem) {
  return {problem.code, "'" + path.string() + "': " + problem.message};
}

key_pair made_up_key() {
  std::array<std::uint8_t, 32> seed;
  randombytes_buf(seed.data(), seed.size());
  auto key = key_pair::from_seed(seed);
  sodium_memzero(seed.data(), seed.size());
  return key;
}

result<key_pair> read_key(const credential_files& files) {
  if (files.key.empty())
    return made_up_key();
  return read_key_file(files.key,
                       [&files] { return read_passphrase(files.passphrase); });
}

/// Reads one, where it is named, and checks it.
template <class T, class Check>
result<void> take(const fs::path& path, T& into, const Check& check) {
  if (path.empty())
    return {};
  auto read = read_credential<T>(path);
  if (!read)
    return read.error();
  if (result<void> sound = check(*read); !sound)
    return at(path, sound.error());
  into = std::move(*read);
  return {};
}

} // namespace

credential_files credential_files_of(const node_settings& settings) {
  credential_files files;
  files.key = settings.node.key;
  files.passphrase.file = settings.node.passphrase_file;
  files.passphrase.descriptor = settings.node.passphrase_descriptor;
  files.passphrase.terminal = true;
  files.passphrase.prompt =
    "passphrase of " + settings.node.key.filename().string();
  files.network = settings.network.name;
  files.root = settings.network.root;
  files.owner_certificate = settings.network.owner_certificate;
  files.seed_certificate = settings.network.seed_certificate;
  files.join_token = settings.network.join_token;
  files.network_config = settings.network.config;
  return files;
}

node_environment node_credentials::environment() const {
  node_environment made;
  made.network = network;
  made.key = key;
  made.owner = owner_of(key->node(), ownership);
  made.ownership = ownership;
  made.seed = seed;
  made.token = token;
  made.root = root;
  return made;
}

result<node_credentials> read_credentials(const credential_files& files,
                                          wall_time now) {
  node_credentials found;
  found.network = files.network;
  found.root = files.root.value_or(owner_id{});
  auto key = read_key(files);
  if (!key)
    return key.error();
  found.key = std::make_shared<const key_pair>(std::move(*key));
  auto node = found.key->node();
  result<void> taken =
    take(files.owner_certificate, found.ownership, [&](const auto& item) {
      return check_certificate(item, node, files.network, now);
    });
  if (taken)
    taken = take(files.seed_certificate, found.seed, [&](const auto& item) {
      return check_certificate(item, found.root, node, files.network, now);
    });
  if (taken)
    taken = take(files.join_token, found.token, [&](const auto& item) {
      return check_certificate(
        item, found.root, owner_of(node, found.ownership), files.network, now);
    });
  if (!taken)
    return taken.error();
  if (!files.network_config.empty()) {
    auto config =
      read_network_config(files.network_config, files.network, found.root, now);
    if (!config)
      return config.error();
    found.config = std::move(*config);
  }
  return found;
}

result<network_config> read_network_config(const fs::path& path,
                                           const std::string& network,
                                           const owner_id& root,
                                           wall_time now) {
  network_config config;
  auto taken = take(path, config, [&](const auto& item) -> result<void> {
    if (root.is_zero())
      return {errc::invalid_argument,
              "a network config needs a root; expected network.root too"};
    return check_config(item, network, root, now);
  });
  if (!taken)
    return taken.error();
  return config;
}

} // namespace artel::runtime
