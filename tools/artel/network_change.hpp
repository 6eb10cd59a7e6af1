// What the commands share that change a network's config in its file: who signs
// it, and that nobody else writes the file meanwhile.
#pragma once

#include "protocol/core/result.hpp"
#include "protocol/governance/network_config.hpp"
#include "protocol/identity/certificates.hpp"
#include "protocol/identity/keys.hpp"
#include "runtime/launch/file_lock.hpp"
#include "tools/artel/command_table.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace artel::tools {

/// Of commands that the root or a seed may sign: --key with its passphrase, and
/// --certificate.
std::vector<option_info> network_signer_options();

/// Alone with the file until its end. timed_out where another process is for
/// too long.
result<runtime::write_lock> lock_network(const std::filesystem::path& path);

/// The next version of a config: it begins as the one in the file, and is the
/// file's once it is saved.
class network_change {
public:
  /// Of the file that the command's argument names; `key_option` names the key,
  /// --certificate may make it a seed's. Errors are for refuse_key().
  static result<network_change> begin(const arguments& given,
                                      const std::string& key_option = "key");

  /// The signature is of no meaning before sign().
  network_config& config() noexcept { return config_; }
  const key_pair& key() const noexcept { return key_; }
  bool is_by_root() const noexcept { return !certificate_; }

  /// Whether all nodes would take it: check_config()'s errors.
  result<void> sign();
  /// Replaces the file as a whole.
  result<void> save();
  /// Tells the version, and how it comes into force.
  void tell_version() const;

private:
  network_change(runtime::write_lock lock, network_config config, key_pair key,
                 std::optional<seed_certificate> certificate)
    : lock_(std::move(lock)),
      config_(std::move(config)),
      key_(std::move(key)),
      certificate_(std::move(certificate)) {}

  runtime::write_lock lock_;
  network_config config_;
  key_pair key_;
  /// Nothing: the root signs.
  std::optional<seed_certificate> certificate_;
};

} // namespace artel::tools
