// Who a node is and what it may show of itself: its key and what others signed
// about it, read from files and checked against each other before it starts.
#pragma once

#include "actors/environment.hpp"
#include "protocol/governance/network_config.hpp"
#include "runtime/config/node_settings.hpp"
#include "runtime/config/passphrase.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace artel::runtime {

/// Empty paths: none of these.
struct credential_files {
  /// Empty: a key that is made up and forgotten.
  std::filesystem::path key;
  passphrase_source passphrase;
  std::string network;
  std::optional<owner_id> root;
  std::filesystem::path owner_certificate;
  std::filesystem::path seed_certificate;
  std::filesystem::path join_token;
  std::filesystem::path network_config;
};

credential_files credential_files_of(const node_settings& settings);

struct node_credentials {
  std::string network;
  std::shared_ptr<const key_pair> key;
  owner_certificate ownership;
  seed_certificate seed;
  join_token token;
  /// Zero: an open network.
  owner_id root;
  /// Version 0 where none is named.
  network_config config;

  /// Its display name, role and address are still to be filled in.
  node_environment environment() const;
};

/// Errors name the file, and say what does not hold.
result<node_credentials> read_credentials(const credential_files& files,
                                          wall_time now);

/// A config's file alone, checked for that network.
result<network_config> read_network_config(const std::filesystem::path& path,
                                           const std::string& network,
                                           const owner_id& root, wall_time now);

} // namespace artel::runtime
