#include "tools/artel/network_change.hpp"

#include "runtime/config/credential_file.hpp"
#include "tools/artel/console.hpp"
#include "tools/artel/credential_options.hpp"

#include <limits>

namespace artel::tools {

namespace {

/// Others hold the file for milliseconds.
constexpr milliseconds lock_patience{10'000};

result<network_config> read_sound(const std::filesystem::path& path,
                                  wall_time now) {
  auto config = runtime::read_credential<network_config>(path);
  if (!config)
    return config;
  if (auto sound = check_config(*config, config->network, config->root, now);
      !sound)
    return sound.error();
  return config;
}

/// Whether the key may sign with what else was given; the certificate itself is
/// looked at when it signs.
result<void> check_signer(const network_config& config, const key_pair& key,
                          const std::optional<seed_certificate>& certificate,
                          const std::string& key_option) {
  if (certificate && key.node() != certificate->seed)
    return {errc::invalid_argument,
            "the certificate is for seed " + short_name(certificate->seed)
              + ", and the key is of " + short_name(key.node())};
  if (!certificate && key.owner() != config.root)
    return {
      errc::invalid_argument,
      "the key of --" + key_option + " is not the network's root, which is "
        + short_name(config.root)
        + (key_option == "key" ? "; a seed also gives its --certificate" : "")};
  return {};
}

} // namespace

std::vector<option_info> network_signer_options() {
  auto options = signing_key_options("key", "the root's key, or a seed's");
  options.push_back({.name = "certificate",
                     .kind = value_kind::file,
                     .value_name = "FILE",
                     .help = "the seed's certificate"});
  return options;
}

result<runtime::write_lock> lock_network(const std::filesystem::path& path) {
  return runtime::write_lock::take(path, lock_patience);
}

result<network_change> network_change::begin(const arguments& given,
                                             const std::string& key_option) {
  std::filesystem::path path = given.positional.front();
  // Before anybody types a passphrase for nothing.
  if (auto readable = read_sound(path, wall_now()); !readable)
    return readable.error();
  std::optional<seed_certificate> certificate;
  if (auto file = given.value("certificate")) {
    auto read = runtime::read_credential<seed_certificate>(*file);
    if (!read)
      return read.error();
    certificate = *read;
  }
  auto key = signing_key_of(given, key_option);
  if (!key)
    return key.error();
  auto lock = lock_network(path);
  if (!lock)
    return lock.error();
  auto now = wall_now();
  auto config = read_sound(lock->path(), now);
  if (!config)
    return config.error();
  if (auto may = check_signer(*config, *key, certificate, key_option); !may)
    return may.error();
  if (config->version == std::numeric_limits<std::uint64_t>::max())
    return {errc::out_of_range, "there is no version after the config's "
                                  + std::to_string(config->version)};
  ++config->version;
  config->issued = now;
  return network_change{std::move(*lock), std::move(*config), std::move(*key),
                        std::move(certificate)};
}

result<void> network_change::sign() {
  if (certificate_)
    sign_config(config_, key_, *certificate_);
  else
    sign_config(config_, key_);
  return check_config(config_, config_.network, config_.root, config_.issued);
}

result<void> network_change::save() {
  return runtime::write_credential(lock_.path(), config_, true);
}

void network_change::tell_version() const {
  tell("the config's version is " + std::to_string(config_.version)
       + "; give it to a running node with artel network publish");
}

} // namespace artel::tools
