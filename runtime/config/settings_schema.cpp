#include "runtime/config/settings_schema.hpp"

#include "protocol/core/limits.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace artel::runtime {

namespace {

constexpr std::uint64_t second_ms = 1'000;
constexpr std::uint64_t minute_ms = 60 * second_ms;
constexpr std::uint64_t hour_ms = 60 * minute_ms;
constexpr std::uint64_t day_ms = 24 * hour_ms;
/// Lists in files are written by people.
constexpr std::uint64_t items_max = 4'096;
/// As large as TOML's numbers get.
constexpr std::uint64_t bytes_any = std::numeric_limits<std::int64_t>::max();
constexpr std::uint64_t links_any = 1'000'000;

/// What every kind of setting says of itself.
struct wording {
  std::string_view name;
  std::string_view value_name;
  std::string_view help;
  setting_change change = setting_change::restart;
  std::string_view default_note = {};
};

constexpr auto reload = setting_change::reload;

setting described(const wording& words) {
  auto dot = words.name.find('.');
  setting made;
  made.section = words.name.substr(0, dot);
  made.key = words.name.substr(dot + 1);
  made.value_name = words.value_name;
  made.help = words.help;
  made.change = words.change;
  made.default_note = words.default_note;
  return made;
}

/// `reach` gives the member; its type says how it is written.
template <class Reach>
setting value(const wording& words, Reach reach, setting_bounds bounds = {}) {
  using type = std::decay_t<decltype(reach(std::declval<node_settings&>()))>;
  using codec = setting_codec<type>;
  auto made = described(words);
  made.kind = codec::kind;
  made.bounds = bounds;
  made.read = [reach, bounds](const setting_value& given,
                              node_settings& target) {
    return codec::read(given, bounds, reach(target));
  };
  made.show = [reach](const node_settings& from) {
    return codec::show(reach(from));
  };
  return made;
}

template <class Enum>
using word_list = std::vector<std::pair<std::string_view, Enum>>;

template <class Reach, class Enum>
setting choice(const wording& words, Reach reach, word_list<Enum> list) {
  auto made = described(words);
  made.kind = setting_kind::choice;
  for (const auto& one : list)
    made.choices.push_back(one.first);
  made.read = [reach, list,
               choices = made.choices](const setting_value& given,
                                       node_settings& target) -> result<void> {
    auto found = find_word(given, choices);
    if (!found)
      return found.error();
    reach(target) = list[*found].second;
    return {};
  };
  made.show = [reach, list](const node_settings& from) -> setting_value {
    for (const auto& [word, one] : list)
      if (one == reach(from))
        return std::string{word};
    return std::string{};
  };
  return made;
}

// The members' names are said once: a lambda for each would drown them.
#define ARTEL_REACH(section, member) \
  [](auto& given) -> auto& {         \
    return given.section.member;     \
  }

void add_node(std::vector<setting>& all) {
  using role = wire::node_role;
  all.push_back(
    value({"node.key", "FILE", "the node's key, made by 'artel key new'",
           setting_change::restart,
           "$XDG_CONFIG_HOME/artel/node.key or ~/.config/artel/node.key"},
          ARTEL_REACH(node, key)));
  all.push_back(value({"node.passphrase_file", "FILE",
                       "a file that only you may read, whose first line is the"
                       " key's passphrase"},
                      ARTEL_REACH(node, passphrase_file)));
  all.push_back(value({"node.passphrase_fd", "N",
                       "an open descriptor to read the key's passphrase from"},
                      ARTEL_REACH(node, passphrase_descriptor), {0, 65'535}));
  all.push_back(
    value({"node.name", "NAME", "what people call the node; it proves nothing",
           setting_change::restart, "the first digits of the node's id"},
          ARTEL_REACH(node, name), {0, limits::name_bytes_max}));
  all.push_back(
    choice({"node.role", "ROLE",
            "seed: runs no jobs, and needs the root's certificate; public:"
            " works for others; client: submits; specialised: works for a"
            " premium"},
           ARTEL_REACH(node, role),
           word_list<role>{{"seed", role::seed},
                           {"public", role::public_},
                           {"client", role::client},
                           {"specialised", role::specialised}}));
  all.push_back(value(
    {"node.state", "DIRECTORY", "where the node keeps what it learned",
     setting_change::restart, "$XDG_STATE_HOME/artel or ~/.local/state/artel"},
    ARTEL_REACH(node, state)));
  all.push_back(
    value({"node.control", "SOCKET",
           "the Unix socket by which 'artel node' and 'artel job'"
           " reach the node",
           setting_change::restart, "control.sock in the state directory"},
          ARTEL_REACH(node, control)));
}

void add_network(std::vector<setting>& all) {
  all.push_back(value({"network.name", "NAME", "the network to join"},
                      ARTEL_REACH(network, name), {0, limits::name_bytes_max}));
  all.push_back(value({"network.root", "ID",
                       "the network's root key, 64 hexadecimal digits; none: an"
                       " open network that nobody governs"},
                      ARTEL_REACH(network, root)));
  all.push_back(
    value({"network.config", "FILE", "a signed network config to start with"},
          ARTEL_REACH(network, config)));
  all.push_back(value({"network.seed_certificate", "FILE",
                       "the root's certificate for this node, a seed"},
                      ARTEL_REACH(network, seed_certificate)));
  all.push_back(value({"network.owner_certificate", "FILE",
                       "the owner's certificate for this node"},
                      ARTEL_REACH(network, owner_certificate)));
  all.push_back(value({"network.join_token", "FILE",
                       "the token by which a seed lets this owner in"},
                      ARTEL_REACH(network, join_token)));
}

void add_listen(std::vector<setting>& all) {
  all.push_back(value({"listen.addresses", "HOST:PORT,...",
                       "where to accept links, such as \"0.0.0.0:7447\" and"
                       " \"[::]:7447\"; port 0 is any that is free; none: the"
                       " node only dials"},
                      ARTEL_REACH(listen, addresses), {0, 64}));
  all.push_back(value({"listen.advertise", "HOST:PORT",
                       "what others should dial, where that is another address",
                       setting_change::restart, "the addresses listened on"},
                      ARTEL_REACH(listen, advertise)));
}

void add_links(std::vector<setting>& all) {
  all.push_back(value({"links.max", "N", "links at most, in both directions"},
                      ARTEL_REACH(links, links_max), {1, links_any}));
  all.push_back(
    value({"links.per_address_max", "N", "links with one address at most"},
          ARTEL_REACH(links, per_address_max), {1, links_any}));
  all.push_back(
    value({"links.target", "N",
           "links the node tries to have; it dials known peers until"
           " then",
           reload},
          ARTEL_REACH(links, target), {0, links_any}));
  all.push_back(value({"links.handshake_timeout", "TIME",
                       "a link that is not ready by then is closed"},
                      ARTEL_REACH(links, handshake_timeout), {100, minute_ms}));
  all.push_back(
    value({"links.keep_alive", "TIME",
           "a link without traffic for so long is asked for a sign"},
          ARTEL_REACH(links, keep_alive), {100, hour_ms}));
  all.push_back(value({"links.idle_timeout", "TIME",
                       "a link without any sign for so long is closed"},
                      ARTEL_REACH(links, idle_timeout), {200, day_ms}));
  all.push_back(value({"links.queue", "SIZE",
                       "what may wait to be sent on one link; then its senders"
                       " are slowed down"},
                      ARTEL_REACH(links, queue_bytes),
                      {64u << 10, std::uint64_t{1} << 40}));
}

void add_discovery(std::vector<setting>& all) {
  all.push_back(value({"discovery.bootstrap", "HOST:PORT,...",
                       "nodes to dial first, each in turn", reload},
                      ARTEL_REACH(discovery, bootstrap), {0, items_max}));
  all.push_back(value({"discovery.lan", "BOOL",
                       "call into the local network for peers, and answer"},
                      ARTEL_REACH(discovery, lan)));
  all.push_back(value({"discovery.lan_port", "PORT", "the port of such calls"},
                      ARTEL_REACH(discovery, lan_port), {1, 65'535}));
  all.push_back(value({"discovery.lan_group", "ADDRESS,...",
                       "multicast groups of such calls, beside broadcast"},
                      ARTEL_REACH(discovery, lan_groups), {0, 16}));
  all.push_back(value(
    {"discovery.exchange", "BOOL", "tell peers of other peers, and ask them"},
    ARTEL_REACH(discovery, exchange)));
}

void add_work(std::vector<setting>& all) {
  using level = sandbox::isolation_level;
  all.push_back(
    value({"work.enabled", "BOOL", "run others' jobs", setting_change::restart,
           "true for public and specialised nodes"},
          ARTEL_REACH(work, enabled)));
  all.push_back(value({"work.slots", "N",
                       "jobs that run at a time; 0: as many as cores may be"
                       " used"},
                      ARTEL_REACH(work, slots), {0, 65'536}));
  all.push_back(
    value({"work.share_cores", "N", "use no more cores for jobs; 0: all"},
          ARTEL_REACH(work, share_cores), {0, 100'000}));
  all.push_back(value({"work.share_memory", "SIZE",
                       "use no more memory for jobs: they wait until there is"
                       " room; 0: all"},
                      ARTEL_REACH(work, share_memory_bytes), {0, bytes_any}));
  all.push_back(value({"work.cap_memory", "SIZE",
                       "refuse tasks whose runs may use more memory; 0: no"
                       " cap"},
                      ARTEL_REACH(work, cap_memory_bytes), {0, bytes_any}));
  all.push_back(value({"work.cap_wall_time", "TIME",
                       "refuse tasks whose runs may take longer; 0s: no cap"},
                      ARTEL_REACH(work, cap_wall_time), {0, 10'000 * day_ms}));
  all.push_back(value({"work.kinds", "KIND,...",
                       "kinds of sandboxes that tasks may ask for: process,"
                       " wasm, container; kernels always run"},
                      ARTEL_REACH(work, kinds), {0, 16}));
  all.push_back(choice(
    {"work.isolation", "LEVEL",
     "full, or reduced where this machine has no user"
     " namespaces: a program can then read what everybody"
     " can read here"},
    ARTEL_REACH(work, isolation),
    word_list<level>{{"full", level::full}, {"reduced", level::reduced}}));
}

void add_access(std::vector<setting>& all) {
  all.push_back(value({"access.allow_nodes", "ID,...",
                       "deal with these nodes alone; none: with all", reload},
                      ARTEL_REACH(access, allow_nodes), {0, items_max}));
  all.push_back(
    value({"access.allow_owners", "ID,...",
           "deal with nodes of these owners alone; none: with all", reload},
          ARTEL_REACH(access, allow_owners), {0, items_max}));
  all.push_back(value({"access.deny_nodes", "ID,...",
                       "refuse these nodes, whatever else is said", reload},
                      ARTEL_REACH(access, deny_nodes), {0, items_max}));
  all.push_back(
    value({"access.deny_owners", "ID,...",
           "refuse nodes of these owners, whatever else is said", reload},
          ARTEL_REACH(access, deny_owners), {0, items_max}));
  all.push_back(value({"access.messages_per_second", "N",
                       "taken from one peer; what comes faster waits; 0: no"
                       " limit",
                       reload},
                      ARTEL_REACH(access, messages_per_second),
                      {0, std::numeric_limits<std::uint32_t>::max()}));
  all.push_back(value({"access.bytes_per_second", "SIZE",
                       "taken from one peer; what comes faster waits; 0: no"
                       " limit",
                       reload},
                      ARTEL_REACH(access, bytes_per_second), {0, bytes_any}));
}

void add_fetch(std::vector<setting>& all) {
  all.push_back(value({"fetch.workers", "BOOL",
                       "let jobs of others name http and https inputs that this"
                       " node fetches"},
                      ARTEL_REACH(fetch, workers)));
  all.push_back(value({"fetch.allow", "HOST,...",
                       "hosts and blocks of addresses to fetch from even where"
                       " they are not public, such as \"10.0.0.0/8\""},
                      ARTEL_REACH(fetch, allow), {0, items_max}));
  all.push_back(
    value({"fetch.bytes_max", "SIZE", "the most that one input may have"},
          ARTEL_REACH(fetch, bytes_max), {1, std::uint64_t{1} << 50}));
  all.push_back(value({"fetch.timeout", "TIME", "for one input"},
                      ARTEL_REACH(fetch, timeout), {100, day_ms}));
}

void add_log(std::vector<setting>& all) {
  all.push_back(choice({"log.level", "LEVEL", "what is worth a line", reload},
                       ARTEL_REACH(log, level),
                       word_list<log_level>{{"debug", log_level::debug},
                                            {"info", log_level::info},
                                            {"warning", log_level::warning},
                                            {"error", log_level::error}}));
  all.push_back(
    choice({"log.format", "FORMAT", "text for people, json: one object a line",
            reload},
           ARTEL_REACH(log, format),
           word_list<log_format>{{"text", log_format::text},
                                 {"json", log_format::json_lines}}));
  all.push_back(value({"log.file", "FILE",
                       "where to; opened again on SIGHUP, so that it can be"
                       " moved away",
                       reload, "standard error"},
                      ARTEL_REACH(log, file)));
}

void add_shutdown(std::vector<setting>& all) {
  all.push_back(value({"shutdown.drain", "TIME",
                       "how long jobs that run may take to end once the node is"
                       " told to",
                       reload},
                      ARTEL_REACH(shutdown, drain), {0, day_ms}));
}

#undef ARTEL_REACH

std::string joined(const setting& one, char separator, bool upper) {
  auto text = one.section + separator + one.key;
  for (auto& c : text)
    if (upper && c >= 'a' && c <= 'z')
      c = static_cast<char>(c - 'a' + 'A');
    else if (separator == '-' && c == '_')
      c = '-';
  return text;
}

} // namespace

std::string setting::name() const {
  return joined(*this, '.', false);
}

std::string setting::flag() const {
  return joined(*this, '-', false);
}

std::string setting::variable() const {
  return "ARTEL_" + joined(*this, '_', true);
}

const std::vector<section_info>& settings_sections() {
  static const std::vector<section_info> sections{
    {"node", "who the node is, and where it keeps things"},
    {"network", "which network it joins, and what it shows there"},
    {"listen", "where others reach it"},
    {"links", "how many links, and how they are kept"},
    {"discovery", "how it finds peers"},
    {"work", "whether others' jobs run here, and what they may use"},
    {"access", "whom it deals with, and how much it takes from them"},
    {"fetch", "inputs that are fetched by http and https"},
    {"log", "what it tells"},
    {"shutdown", "how it ends"},
  };
  return sections;
}

const std::vector<setting>& settings_schema() {
  static const auto schema = [] {
    std::vector<setting> all;
    add_node(all);
    add_network(all);
    add_listen(all);
    add_links(all);
    add_discovery(all);
    add_work(all);
    add_access(all);
    add_fetch(all);
    add_log(all);
    add_shutdown(all);
    return all;
  }();
  return schema;
}

const setting* find_setting(std::string_view name) {
  const auto& all = settings_schema();
  auto found = std::find_if(all.begin(), all.end(), [name](const auto& one) {
    return one.name() == name;
  });
  return found == all.end() ? nullptr : &*found;
}

} // namespace artel::runtime
