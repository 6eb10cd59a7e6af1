// What a node daemon is told by its file, its environment and its flags. Plain
// values, complete and checked once load_node_settings() gave them.
//
// Every key, its default, its range and its meaning for people stand in
// runtime/config/settings_schema.cpp.
#pragma once

#include "actors/events.hpp"
#include "protocol/core/ids.hpp"
#include "protocol/core/time.hpp"
#include "protocol/overlay/address.hpp"
#include "protocol/wire/messages.hpp"
#include "sandbox/local_executor.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace artel::runtime {

/// [node]: who it is, and where it keeps things.
struct node_section {
  std::filesystem::path key;
  /// Where the key's passphrase is; neither: a key in the clear, or a terminal.
  std::filesystem::path passphrase_file;
  std::optional<int> passphrase_descriptor;
  /// For people; empty: the first digits of its id.
  std::string name;
  wire::node_role role = wire::node_role::public_;
  /// Directory of its own.
  std::filesystem::path state;
  /// The Unix socket that `artel node` and `artel job` talk to.
  std::filesystem::path control;

  bool operator==(const node_section&) const = default;
};

/// [network]: which one, and what this node shows to join it.
struct network_section {
  std::string name = "artel";
  /// The root's public key; none: an open network.
  std::optional<owner_id> root;
  /// Files; empty where there is none.
  std::filesystem::path config;
  std::filesystem::path seed_certificate;
  std::filesystem::path owner_certificate;
  std::filesystem::path join_token;

  bool operator==(const network_section&) const = default;
};

/// [listen]
struct listen_section {
  /// Empty: it dials, and nobody dials it.
  std::vector<node_address> addresses;
  /// What others should dial; none: the addresses that it listens on.
  std::optional<node_address> advertise;

  bool operator==(const listen_section&) const = default;
};

/// [links]
struct links_section {
  std::uint32_t links_max = 1'024;
  std::uint32_t per_address_max = 64;
  /// How many the node tries to have.
  std::uint32_t target = 16;
  milliseconds handshake_timeout{5'000};
  milliseconds keep_alive{15'000};
  milliseconds idle_timeout{60'000};
  /// What waits to be sent on one link, at most.
  std::uint64_t queue_bytes = 8u << 20;

  bool operator==(const links_section&) const = default;
};

/// [discovery]
struct discovery_section {
  std::vector<node_address> bootstrap;
  /// Calls into the local network, by broadcast and multicast.
  bool lan = false;
  std::uint16_t lan_port = 7'448;
  /// Multicast groups, IPv4 or IPv6 addresses.
  std::vector<std::string> lan_groups;
  /// Tells peers of peers, and asks them.
  bool exchange = true;

  bool operator==(const discovery_section&) const = default;
};

/// [work]: whether others' jobs run here, and what they may use.
struct work_section {
  bool enabled = true;
  /// Jobs that run at a time; 0: as many as the share of cores.
  std::uint32_t slots = 0;
  /// 0: all.
  std::uint32_t share_cores = 0;
  std::uint64_t share_memory_bytes = 0;
  /// 0: no cap.
  std::uint64_t cap_memory_bytes = 0;
  milliseconds cap_wall_time{0};
  /// What it runs, kernels apart.
  std::vector<sandbox_kind> kinds{sandbox_kind::process, sandbox_kind::wasm,
                                  sandbox_kind::container};
  sandbox::isolation_level isolation = sandbox::isolation_level::full;

  bool operator==(const work_section&) const = default;
};

/// [access]: whom it deals with. A list of those allowed that is not empty
/// leaves out all others; who is denied is left out whatever else is said.
struct access_section {
  std::vector<node_id> allow_nodes;
  std::vector<owner_id> allow_owners;
  std::vector<node_id> deny_nodes;
  std::vector<owner_id> deny_owners;
  /// From one peer; 0: no limit.
  std::uint32_t messages_per_second = 100'000;
  std::uint64_t bytes_per_second = 256u << 20;

  bool operator==(const access_section&) const = default;
};

/// [fetch]: inputs by http and https.
struct fetch_section {
  /// Whether this node, as a worker, fetches what a job names.
  bool workers = false;
  /// Hosts and address blocks that may be asked even where not public.
  std::vector<std::string> allow;
  std::uint64_t bytes_max = 64u << 20;
  milliseconds timeout{30'000};

  bool operator==(const fetch_section&) const = default;
};

enum class log_format : std::uint8_t { text = 1, json_lines };

/// [log]
struct log_section {
  log_level level = log_level::info;
  log_format format = log_format::text;
  /// Empty: standard error.
  std::filesystem::path file;

  bool operator==(const log_section&) const = default;
};

/// [shutdown]
struct shutdown_section {
  /// How long running jobs may take to end once the node was told to.
  milliseconds drain{30'000};

  bool operator==(const shutdown_section&) const = default;
};

struct node_settings {
  node_section node;
  network_section network;
  listen_section listen;
  links_section links;
  discovery_section discovery;
  work_section work;
  access_section access;
  fetch_section fetch;
  log_section log;
  shutdown_section shutdown;

  bool operator==(const node_settings&) const = default;
};

/// What runs this machine's share of jobs, as [work] says. `cache_directory` is
/// the caller's to choose.
sandbox::local_config sandbox_config_of(const work_section& work);

} // namespace artel::runtime
