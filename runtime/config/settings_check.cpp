#include "runtime/config/settings_check.hpp"

#include "runtime/config/key_file.hpp"
#include "runtime/config/settings_schema.hpp"

#include <algorithm>
#include <initializer_list>
#include <string_view>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace artel::runtime {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view by_default = "default";

/// Where a name was set; empty where it was not.
std::string place_of(const settings_in_check& in, const std::string& name) {
  auto found = in.origins.find(name);
  return found == in.origins.end() || found->second == by_default
           ? std::string{}
           : found->second;
}

bool is_given(const settings_in_check& in, const std::string& name) {
  return !place_of(in, name).empty();
}

/// Tells a problem of the first of these names that somebody set; nothing where
/// one of them is known to be wrong already.
void tell(settings_in_check& in, std::initializer_list<std::string> names,
          errc code, std::string message) {
  for (const auto& name : names)
    if (in.unsound.contains(name))
      return;
  config_problem problem{{}, code, *names.begin() + ": " + std::move(message)};
  for (const auto& name : names)
    if (problem.where.empty())
      problem.where = place_of(in, name);
  in.problems.push_back(std::move(problem));
}

/// "60s" as it would stand in a file, and where it comes from.
std::string shown(const settings_in_check& in, const std::string& name) {
  auto found = in.origins.find(name);
  return name + " = " + toml_text(find_setting(name)->show(in.settings)) + " ("
         + (found == in.origins.end() ? std::string{by_default} : found->second)
         + ")";
}

bool is_any_address(const std::string& host) {
  return host == "0.0.0.0" || host == "::";
}

bool is_multicast(const std::string& host) {
  in_addr four{};
  if (::inet_pton(AF_INET, host.c_str(), &four) == 1)
    return IN_MULTICAST(ntohl(four.s_addr));
  in6_addr six{};
  return ::inet_pton(AF_INET6, host.c_str(), &six) == 1
         && IN6_IS_ADDR_MULTICAST(&six);
}

void check_node(settings_in_check& in) {
  const auto& node = in.settings.node;
  if (!node.passphrase_file.empty() && node.passphrase_descriptor)
    tell(in, {"node.passphrase_file", "node.passphrase_fd"},
         errc::invalid_argument,
         "given beside node.passphrase_fd; expected one of the two");
  constexpr auto longest = sizeof(sockaddr_un::sun_path) - 1;
  if (node.control.native().size() > longest)
    tell(in, {"node.control", "node.state"}, errc::limit_exceeded,
         "'" + node.control.string() + "' is longer than the "
           + std::to_string(longest)
           + " bytes that a socket's path may have; give a shorter one");
  if (node.key.empty())
    tell(in, {"node.key"}, errc::not_found,
         "neither XDG_CONFIG_HOME nor HOME is set; say where the key is");
  if (node.state.empty())
    tell(in, {"node.state"}, errc::not_found,
         "neither XDG_STATE_HOME nor HOME is set; say which directory");
}

void check_network(settings_in_check& in) {
  const auto& network = in.settings.network;
  auto is_seed = in.settings.node.role == wire::node_role::seed;
  if (network.name.empty())
    tell(in, {"network.name"}, errc::invalid_argument,
         "nothing given; expected the name of the network");
  if (!network.root) {
    const std::pair<std::string, const fs::path*> signed_by_root[] = {
      {"network.seed_certificate", &network.seed_certificate},
      {"network.config", &network.config},
      {"network.join_token", &network.join_token},
    };
    for (const auto& [name, path] : signed_by_root)
      if (!path->empty())
        tell(in, {name, "network.root"}, errc::invalid_argument,
             "given without network.root; expected the root key that it can"
             " be checked with");
  }
  auto certified = !network.seed_certificate.empty();
  if (certified && !is_seed)
    tell(in, {"network.seed_certificate", "node.role"}, errc::invalid_argument,
         "given to a node that is no seed: " + shown(in, "node.role"));
  if (is_seed && !network.root)
    tell(in, {"node.role", "network.root"}, errc::invalid_argument,
         "a seed is certified by its network's root key; expected network.root,"
         " or the role public");
  if (is_seed && network.root && !certified)
    tell(in, {"network.seed_certificate", "node.role", "network.root"},
         errc::invalid_argument,
         "missing; a seed of a network with a root needs the root's"
         " certificate");
}

void check_listen(settings_in_check& in) {
  const auto& listen = in.settings.listen;
  const auto& addresses = listen.addresses;
  for (std::size_t i = 0; i < addresses.size(); ++i)
    if (addresses[i].port != 0
        && std::find(addresses.begin(), addresses.begin() + i, addresses[i])
             != addresses.begin() + i)
      tell(in, {"listen.addresses"}, errc::invalid_argument,
           to_string(addresses[i]) + " is there twice");
  if (in.settings.node.role == wire::node_role::seed && addresses.empty())
    tell(in, {"listen.addresses", "node.role"}, errc::invalid_argument,
         "nothing given; a seed has to be reached: \"0.0.0.0:7447\"");
  if (!listen.advertise)
    return;
  if (addresses.empty())
    tell(in, {"listen.advertise", "listen.addresses"}, errc::invalid_argument,
         "given, but the node listens nowhere");
  if (is_any_address(listen.advertise->host))
    tell(in, {"listen.advertise"}, errc::invalid_argument,
         to_string(*listen.advertise)
           + " is no address that others could dial");
}

void check_links(settings_in_check& in) {
  const auto& links = in.settings.links;
  if (links.keep_alive >= links.idle_timeout)
    tell(in, {"links.keep_alive", "links.idle_timeout"}, errc::invalid_argument,
         "expected less than the idle timeout, or links close before they are"
         " asked for a sign: "
           + shown(in, "links.keep_alive") + ", "
           + shown(in, "links.idle_timeout"));
  for (std::string name : {"links.per_address_max", "links.target"}) {
    auto value = name == "links.target" ? links.target : links.per_address_max;
    // Who lowers the total need not lower what is a default.
    if (value > links.links_max && is_given(in, name))
      tell(in, {name, "links.max"}, errc::invalid_argument,
           "expected no more than the total: " + shown(in, name) + ", "
             + shown(in, "links.max"));
  }
}

void check_discovery(settings_in_check& in) {
  const auto& discovery = in.settings.discovery;
  for (const auto& one : discovery.bootstrap)
    if (one.port == 0 || is_any_address(one.host))
      tell(in, {"discovery.bootstrap"}, errc::invalid_argument,
           to_string(one) + " is no address that could be dialled");
  for (const auto& one : discovery.lan_groups)
    if (!is_multicast(one))
      tell(in, {"discovery.lan_group"}, errc::invalid_argument,
           "'" + one
             + "' is no multicast address; expected one such as"
               " \"239.255.74.47\" or \"ff02::7447\"");
}

void check_work(settings_in_check& in) {
  const auto& work = in.settings.work;
  if (work.enabled && in.settings.node.role == wire::node_role::seed)
    tell(in, {"work.enabled", "node.role"}, errc::invalid_argument,
         "a seed runs no jobs: " + shown(in, "node.role"));
  if (work.enabled && work.kinds.empty())
    in.warnings.push_back("work.kinds is empty: this node runs kernels alone");
}

template <class Id>
void check_lists(settings_in_check& in, const std::string& what,
                 const std::vector<Id>& allowed,
                 const std::vector<Id>& denied) {
  for (const auto& id : allowed)
    if (std::find(denied.begin(), denied.end(), id) != denied.end())
      tell(in, {"access.allow_" + what, "access.deny_" + what},
           errc::invalid_argument,
           to_string(id) + " is denied as well, at "
             + in.origins.at("access.deny_" + what));
}

void check_fetch(settings_in_check& in) {
  for (const auto& one : in.settings.fetch.allow) {
    if (one.find('/') == one.npos) {
      if (!is_host_name(one) && !parse_ip(one))
        tell(in, {"fetch.allow"}, errc::malformed,
             "'" + one
               + "' is no host; expected a name, an address, or a block such"
                 " as \"10.0.0.0/8\"");
    } else if (auto block = parse_address_block(one); !block) {
      tell(in, {"fetch.allow"}, block.error().code, block.error().message);
    }
  }
}

/// A regular file that this process may read.
bool check_readable(settings_in_check& in, const std::string& name,
                    const fs::path& path) {
  std::error_code error;
  auto status = fs::status(path, error);
  if (!fs::exists(status))
    tell(in, {name}, errc::not_found,
         "file '" + path.string() + "' does not exist");
  else if (!fs::is_regular_file(status))
    tell(in, {name}, errc::invalid_argument,
         "'" + path.string() + "' is not a regular file");
  else if (::access(path.c_str(), R_OK) != 0)
    tell(in, {name}, errc::system_failure,
         "file '" + path.string() + "' may not be read by this user");
  else
    return true;
  return false;
}

void check_key(settings_in_check& in) {
  const auto& node = in.settings.node;
  if (node.key.empty())
    return;
  std::error_code error;
  if (!fs::exists(node.key, error)) {
    tell(in, {"node.key"}, errc::not_found,
         "there is no key file '" + node.key.string()
           + "'; 'artel key new --out FILE' makes one");
    return;
  }
  auto key = inspect_key_file(node.key);
  if (!key) {
    tell(in, {"node.key"}, key.error().code, key.error().message);
    return;
  }
  auto has_passphrase =
    !node.passphrase_file.empty() || node.passphrase_descriptor;
  if (key->is_protected && !has_passphrase)
    in.warnings.push_back("node.key: the key is protected by a passphrase, and"
                          " neither node.passphrase_file nor"
                          " node.passphrase_fd says where it is: the node can"
                          " only start from a terminal");
  if (!key->is_protected && has_passphrase)
    in.warnings.push_back("node.key: the key has no passphrase; the one that"
                          " is given is not used");
}

} // namespace

void check_settings(settings_in_check& in) {
  check_node(in);
  check_network(in);
  check_listen(in);
  check_links(in);
  check_discovery(in);
  check_work(in);
  const auto& access = in.settings.access;
  check_lists(in, "nodes", access.allow_nodes, access.deny_nodes);
  check_lists(in, "owners", access.allow_owners, access.deny_owners);
  check_fetch(in);
}

void check_named_files(settings_in_check& in) {
  const auto& node = in.settings.node;
  const auto& network = in.settings.network;
  check_key(in);
  if (!node.passphrase_file.empty()
      && check_readable(in, "node.passphrase_file", node.passphrase_file)) {
    struct stat status {};
    if (::stat(node.passphrase_file.c_str(), &status) == 0
        && (status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
      tell(in, {"node.passphrase_file"}, errc::refused,
           "file '" + node.passphrase_file.string()
             + "' may be used by others than its owner; chmod 600");
  }
  const std::pair<const char*, const fs::path*> files[] = {
    {"network.config", &network.config},
    {"network.seed_certificate", &network.seed_certificate},
    {"network.owner_certificate", &network.owner_certificate},
    {"network.join_token", &network.join_token},
  };
  for (const auto& [name, path] : files)
    if (!path->empty())
      check_readable(in, name, *path);
  std::error_code error;
  if (auto parent = in.settings.log.file.parent_path();
      !in.settings.log.file.empty() && !fs::is_directory(parent, error))
    tell(in, {"log.file"}, errc::not_found,
         "directory '" + parent.string() + "' does not exist");
}

} // namespace artel::runtime
