// Attacks one running node over the network, as strangers and as peers that it
// let in, while honest peers go on using it. Prints what the node counted and
// how much memory it took; ends with 1 where it fell, served somebody badly,
// grew without bound, or did not count an attack.
//
//   hostile_net ARTEL [--quick]
#include "tests/hostile_net/link_client.hpp"
#include "tests/hostile_net/node_process.hpp"

#include "protocol/core/random.hpp"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstring>
#include <exception>
#include <map>
#include <mutex>
#include <stdexcept>
#include <thread>

#include <openssl/bio.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

namespace artel::hostile_net {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

struct scale {
  std::size_t links = 1'000;
  seconds hold{60};
  std::size_t silent = 1'200;
  std::size_t slow = 50;
  std::size_t each = 20;
  std::size_t malformed = 500;
  std::size_t replays = 1'000'000;
};

constexpr scale quick{100, seconds{3}, 150, 5, 3, 20, 20'000};

/// The node may grow by this much over what its links need: queues, buffers and
/// what the allocator keeps.
constexpr std::uint64_t growth_max = 256u << 20;

void check(bool holds, const std::string& what) {
  if (!holds)
    throw std::runtime_error{what};
}

/// Peers that ping every 200 ms, on a thread of their own, as long as it lives.
class honest_peers {
public:
  honest_peers(std::uint16_t port, std::size_t count) {
    auto random = random_generator::from_number(7);
    for (std::size_t i = 0; i < count; ++i) {
      keys_.push_back(key_pair::generate(random));
    }
    for (const auto& key : keys_) {
      client_options options;
      options.port = port;
      options.network = node_process::network();
      options.identity = &key;
      clients_.push_back(std::make_unique<link_client>(options));
    }
    thread_ = std::thread{[this] { run(); }};
  }

  ~honest_peers() {
    stopping_ = true;
    thread_.join();
  }

  milliseconds worst() const { return milliseconds{worst_ms_.load()}; }
  std::uint64_t served() const { return served_.load(); }
  std::uint64_t lost() const { return lost_.load(); }

private:
  void run() {
    std::vector<link_client*> all;
    for (const auto& client : clients_) {
      client->open();
      all.push_back(client.get());
    }
    while (!stopping_) {
      pump_until(
        all, [] { return false; }, milliseconds{200});
      std::uint64_t served = 0;
      std::uint64_t lost = 0;
      for (auto* client : all) {
        served += client->pongs();
        lost += client->is_open() ? 0 : 1;
        auto slowest = std::max(client->latency(), client->waiting()).count();
        if (slowest > worst_ms_)
          worst_ms_ = slowest;
        if (client->is_ready() && client->waiting() == milliseconds{0})
          client->ping();
      }
      served_ = served;
      lost_ = lost;
    }
  }

  std::vector<key_pair> keys_;
  std::vector<std::unique_ptr<link_client>> clients_;
  std::atomic<bool> stopping_{false};
  std::atomic<std::int64_t> worst_ms_{0};
  std::atomic<std::uint64_t> served_{0};
  std::atomic<std::uint64_t> lost_{0};
  std::thread thread_;
};

class siege {
public:
  siege(const std::string& program, const scale& how)
    : how_(how),
      random_(random_generator::from_number(11)),
      revoked_(key_pair::generate(random_)),
      node_(program, revoked_.node()) {}

  void run();

private:
  /// What an attack should add to a sum of the node's counters.
  void expect(const std::string& attack, std::size_t made,
              const std::vector<std::string>& counters,
              const std::map<std::string, std::uint64_t>& before);
  std::map<std::string, std::uint64_t> counts() const;
  std::unique_ptr<link_client> client(const key_pair& key,
                                      credentials shows = credentials::honest,
                                      const key_pair* greets_as = nullptr);
  std::unique_ptr<link_client> ready_client(const key_pair& key);
  void tell(const std::string& line);

  void hold_links();
  void silent_connections();
  void slow_handshakes();
  void wrong_credentials(const std::string& attack, credentials shows,
                         const std::string& counter);
  void greet_as_another();
  void greet_revoked();
  void bad_framing();
  void malformed_messages();
  void replayed_messages();

  scale how_;
  random_generator random_;
  key_pair revoked_;
  node_process node_;
  std::uint64_t start_bytes_ = 0;
  std::uint64_t peak_bytes_ = 0;
};

constexpr const char* counter_names[] = {
  "handshake_timeouts", "evicted",       "refused_total",
  "refused_address",    "tls_version",   "tls_no_certificate",
  "tls_bad_binding",    "tls_failed",    "oversized",
  "malformed",          "replayed",      "forged",
  "throttled",          "links_refused", "refused_descriptors",
};

std::map<std::string, std::uint64_t> siege::counts() const {
  auto status = node_.describe();
  std::map<std::string, std::uint64_t> found;
  for (const auto* name : counter_names)
    found[name] = node_process::count(status, name);
  return found;
}

void siege::tell(const std::string& line) {
  auto now = node_.resident_bytes();
  peak_bytes_ = std::max(peak_bytes_, now);
  std::printf("%-62s %5llu MB\n", line.c_str(),
              static_cast<unsigned long long>(now >> 20));
  std::fflush(stdout);
}

void siege::expect(const std::string& attack, std::size_t made,
                   const std::vector<std::string>& counters,
                   const std::map<std::string, std::uint64_t>& before) {
  check(node_.is_running(), attack + ": the node ended:\n" + node_.log_tail());
  std::uint64_t counted = 0;
  for (int i = 0; i < 100 && counted < made; ++i) {
    if (i > 0)
      std::this_thread::sleep_for(milliseconds{100});
    auto now = counts();
    counted = 0;
    for (const auto& name : counters)
      counted += now[name] - before.at(name);
  }
  std::string names;
  for (const auto& name : counters)
    names += (names.empty() ? "" : "+") + name;
  tell(attack + ": " + std::to_string(made) + " made, "
       + std::to_string(counted) + " counted (" + names + ")");
  check(counted >= made, attack + ": the node counted "
                           + std::to_string(counted) + " of "
                           + std::to_string(made));
}

std::unique_ptr<link_client> siege::client(const key_pair& key,
                                           credentials shows,
                                           const key_pair* greets_as) {
  client_options options;
  options.port = node_.port();
  options.network = node_process::network();
  options.identity = &key;
  options.shows = shows;
  options.greets_as = greets_as;
  auto made = std::make_unique<link_client>(options);
  made->open();
  return made;
}

std::unique_ptr<link_client> siege::ready_client(const key_pair& key) {
  auto made = client(key);
  auto* one = made.get();
  pump_until(
    {one}, [one] { return one->is_ready() || !one->is_open(); }, seconds{20});
  check(one->is_ready(), "an honest greeting was not answered: "
                           + (one->farewell().empty() ? "the link was closed"
                                                      : one->farewell()));
  return made;
}

void siege::hold_links() {
  std::vector<key_pair> keys;
  std::vector<std::unique_ptr<link_client>> clients;
  std::vector<link_client*> all;
  for (std::size_t i = 0; i < how_.links; ++i)
    keys.push_back(key_pair::generate(random_));
  auto ready = [&all] {
    return std::count_if(all.begin(), all.end(),
                         [](const auto* one) { return one->is_ready(); });
  };
  // In steps, as the node takes so many strangers at a time.
  for (const auto& key : keys) {
    clients.push_back(client(key));
    all.push_back(clients.back().get());
    if (all.size() % 50 == 0 || all.size() == keys.size())
      pump_until(
        all, [&] { return static_cast<std::size_t>(ready()) == all.size(); },
        seconds{30});
  }
  check(static_cast<std::size_t>(ready()) == all.size(),
        std::to_string(ready()) + " of " + std::to_string(all.size())
          + " links came up");
  tell(std::to_string(all.size()) + " links are up");
  auto end = steady::now() + how_.hold;
  std::uint64_t pings = 0;
  while (steady::now() < end) {
    for (auto* one : all) {
      one->ping();
      ++pings;
    }
    pump_until(
      all, [] { return false; }, milliseconds{1'000});
  }
  std::uint64_t pongs = 0;
  for (const auto* one : all) {
    check(one->is_open(),
          "a link that was held was closed: " + one->farewell());
    pongs += one->pongs();
  }
  tell("held for " + std::to_string(how_.hold.count()) + " s: "
       + std::to_string(pings) + " pings, " + std::to_string(pongs) + " pongs");
  check(pongs >= pings, "pings were not answered");
}

void siege::silent_connections() {
  auto before = counts();
  std::vector<int> open;
  for (std::size_t i = 0; i < how_.silent; ++i)
    if (auto descriptor = connect_plain(node_.port()); descriptor >= 0)
      open.push_back(descriptor);
  expect("connections that never speak", open.size(),
         {"handshake_timeouts", "evicted", "refused_total", "refused_address"},
         before);
  for (auto descriptor : open)
    ::close(descriptor);
}

void siege::slow_handshakes() {
  auto before = counts();
  // A real client's opening, a byte every now and then.
  runtime::ssl_context context{SSL_CTX_new(TLS_client_method())};
  runtime::ssl_connection ssl{SSL_new(context.get())};
  auto* out = BIO_new(BIO_s_mem());
  SSL_set_bio(ssl.get(), BIO_new(BIO_s_mem()), out);
  SSL_set_connect_state(ssl.get());
  SSL_do_handshake(ssl.get());
  char* data = nullptr;
  auto size = BIO_get_mem_data(out, &data);
  std::vector<int> open;
  for (std::size_t i = 0; i < how_.slow; ++i)
    open.push_back(connect_plain(node_.port()));
  auto end = steady::now() + seconds{7};
  for (long at = 0; steady::now() < end; at = std::min(at + 1, size - 2)) {
    for (auto descriptor : open)
      ::send(descriptor, data + at, 1, MSG_NOSIGNAL);
    std::this_thread::sleep_for(milliseconds{100});
  }
  expect("slow handshakes", open.size(), {"handshake_timeouts", "evicted"},
         before);
  for (auto descriptor : open)
    ::close(descriptor);
}

void siege::wrong_credentials(const std::string& attack, credentials shows,
                              const std::string& counter) {
  auto before = counts();
  for (std::size_t i = 0; i < how_.each; ++i) {
    auto key = key_pair::generate(random_);
    auto one = client(key, shows);
    auto* link = one.get();
    check(pump_until(
            {link}, [link] { return !link->is_open(); }, seconds{10}),
          attack + ": the link stayed open");
    check(!link->is_ready(), attack + ": the node let it in");
  }
  expect(attack, how_.each, {counter}, before);
}

void siege::greet_as_another() {
  auto before = counts();
  for (std::size_t i = 0; i < how_.each; ++i) {
    auto key = key_pair::generate(random_);
    auto other = key_pair::generate(random_);
    auto one = client(key, credentials::honest, &other);
    auto* link = one.get();
    check(pump_until(
            {link}, [link] { return !link->is_open(); }, seconds{10}),
          "a greeting in another's name: the link stayed open");
    check(!link->is_ready(), "a greeting in another's name was taken");
  }
  expect("greetings in another node's name", how_.each,
         {"links_refused", "forged"}, before);
}

void siege::greet_revoked() {
  auto before = counts();
  for (std::size_t i = 0; i < how_.each; ++i) {
    auto one = client(revoked_);
    auto* link = one.get();
    check(pump_until(
            {link}, [link] { return !link->is_open(); }, seconds{10}),
          "a revoked key: the link stayed open");
    check(!link->is_ready(), "a revoked key was let in");
    check(link->farewell().starts_with("revoked"),
          "a revoked key was told '" + link->farewell() + "'");
  }
  expect("a revoked key", how_.each, {"links_refused"}, before);
}

void siege::bad_framing() {
  struct kind {
    const char* name;
    bytes data;
    bool as_frames;
    const char* counter;
  };
  const kind kinds[] = {
    {"a frame of 4 GiB", {0xff, 0xff, 0xff, 0xff, 0}, true, "oversized"},
    {"a segment of no class", {9, 0, 0, 1, 0}, false, "malformed"},
    {"a segment of no length", {1, 0, 0, 0}, false, "malformed"},
    {"a segment above its limit", {2, 0xff, 0xff, 0xff}, false, "malformed"},
  };
  for (const auto& one : kinds) {
    auto before = counts();
    for (std::size_t i = 0; i < how_.each; ++i) {
      auto key = key_pair::generate(random_);
      auto link = ready_client(key);
      if (one.as_frames)
        link->send_raw_frames(wire::traffic_class::control, one.data);
      else
        link->send_raw_segments(one.data);
      check(pump_until(
              {link.get()}, [&link] { return !link->is_open(); }, seconds{10}),
            std::string{one.name} + ": the link stayed open");
    }
    expect(one.name, how_.each, {one.counter}, before);
  }
}

void siege::malformed_messages() {
  auto before = counts();
  auto key = key_pair::generate(random_);
  for (std::size_t i = 0; i < how_.malformed; ++i) {
    auto link = ready_client(key);
    auto item = link->seal(wire::ping{1});
    auto frame = wire::encode_frame({&item, 1});
    // Behind the lengths, so that it is the message that is wrong.
    for (int flips = 0; flips < 8; ++flips)
      frame[8 + random_.below(frame.size() - 8)] ^=
        static_cast<std::uint8_t>(1 + random_.below(255));
    link->send_raw_frames(wire::traffic_class::control, frame);
    // Some changes only spoil an id or a time, and then the link stays.
    link->send_raw_frames(wire::traffic_class::control,
                          bytes{0, 0, 0, 5, 0, 0, 0, 1, 0xc1});
    check(pump_until(
            {link.get()}, [&link] { return !link->is_open(); }, seconds{10}),
          "malformed messages: the link stayed open");
  }
  expect("malformed messages", how_.malformed, {"malformed"}, before);
}

void siege::replayed_messages() {
  auto before = counts();
  auto key = key_pair::generate(random_);
  auto link = ready_client(key);
  std::size_t made = 0;
  while (made < how_.replays) {
    if (!link->is_open())
      link = ready_client(key);
    auto item = link->seal(wire::ping{2});
    std::vector<wire::envelope> copies(65, item);
    auto frame = wire::encode_frame(copies);
    for (int i = 0; i < 16; ++i)
      link->send_raw_frames(wire::traffic_class::control, frame);
    pump_until(
      {link.get()},
      [&link] { return link->unsent_bytes() == 0 || !link->is_open(); },
      seconds{30});
    // What was on the way when the node closed the link was not looked at.
    if (link->is_open())
      made += 16 * 64;
  }
  expect("the same message again and again", how_.replays * 9 / 10,
         {"replayed", "throttled"}, before);
}

void siege::run() {
  node_.start();
  start_bytes_ = node_.resident_bytes();
  tell("the node is up, memory in the last column");
  {
    honest_peers honest{node_.port(), 3};
    hold_links();
    auto links_bytes = node_.resident_bytes();
    silent_connections();
    slow_handshakes();
    wrong_credentials("TLS 1.2", credentials::old_tls, "tls_version");
    wrong_credentials("no certificate", credentials::none,
                      "tls_no_certificate");
    wrong_credentials("a certificate that names no node", credentials::unbound,
                      "tls_bad_binding");
    wrong_credentials("another key's binding", credentials::stolen_binding,
                      "tls_bad_binding");
    greet_as_another();
    greet_revoked();
    bad_framing();
    malformed_messages();
    replayed_messages();
    std::printf("honest peers: %llu pings answered, the slowest in %lld ms\n",
                static_cast<unsigned long long>(honest.served()),
                static_cast<long long>(honest.worst().count()));
    check(honest.lost() == 0,
          std::to_string(honest.lost()) + " honest peers lost their links");
    check(honest.worst() < seconds{5}, "an honest peer waited too long");
    check(peak_bytes_ < std::max(links_bytes, start_bytes_) + growth_max,
          "the node grew to " + std::to_string(peak_bytes_ >> 20) + " MB");
  }
  tell("all attackers are gone");
  std::printf("memory: %llu MB at the start, %llu MB at the peak\n",
              static_cast<unsigned long long>(start_bytes_ >> 20),
              static_cast<unsigned long long>(peak_bytes_ >> 20));
  auto code = node_.stop();
  check(code == 0, "the node ended with exit code " + std::to_string(code)
                     + ":\n" + node_.log_tail());
}

void raise_descriptor_limit() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

} // namespace

} // namespace artel::hostile_net

int main(int argc, char** argv) {
  using namespace artel;
  using namespace artel::hostile_net;
  if (argc < 2 || argc > 3
      || (argc == 3 && std::strcmp(argv[2], "--quick") != 0)) {
    std::fputs("usage: hostile_net ARTEL [--quick]\n", stderr);
    return 2;
  }
  initialize_crypto();
  raise_descriptor_limit();
  try {
    siege{argv[1], argc == 3 ? quick : scale{}}.run();
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "FAILED: %s\n", problem.what());
    return 1;
  }
  std::puts("the node held");
  return 0;
}
