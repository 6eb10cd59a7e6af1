#include "protocol/overlay/address_book.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>

using namespace artel;

namespace {

constexpr instant start{microseconds{1'000'000}};
constexpr wall_time today{milliseconds{1'800'000'000'000}};
constexpr milliseconds second{1'000};

node_id node(std::size_t number) {
  node_id id;
  id.value[0] = 1;
  id.value[1] = static_cast<std::uint8_t>(number >> 8);
  id.value[2] = static_cast<std::uint8_t>(number);
  return id;
}

std::string host(std::size_t number) {
  return "h" + std::to_string(number) + ".example:7447";
}

address_hint told(std::size_t number, const node_id& from,
                  const node_id& claimed = {}) {
  return {host(number), claimed, address_source::exchange, from, true};
}

/// A book, a generator, and the nodes with links of any direction.
struct fixture {
  address_book book;
  random_generator random = random_generator::from_number(1);
  std::set<node_id> linked;
  instant now = start;

  explicit fixture(address_book_config config = {}) : book(config) {}

  std::vector<std::string> due(std::size_t wanted = 100) {
    return book.due(
      now, wanted, [this](const node_id& id) { return linked.contains(id); },
      random);
  }

  bool is_due(const std::string& address) {
    auto all = due();
    return std::count(all.begin(), all.end(), address) == 1;
  }

  void connect(const std::string& address, const node_id& id) {
    book.on_dialling(address, now);
    book.on_connected(address, id, wire::node_role::public_, now, today);
    linked.insert(id);
  }

  void lose(const std::string& address, const node_id& id) {
    book.on_lost(address, now, random);
    linked.erase(id);
  }

  void fail(const std::string& address) {
    book.on_dialling(address, now);
    book.on_failed(address, now, random);
  }

  /// Addresses that would be passed on.
  std::set<std::string> passed_on(std::size_t count = 1000,
                                  bool local_too = true) {
    std::set<std::string> all;
    for (const auto& one : book.proven(count, local_too, random))
      all.insert(one.address);
    return all;
  }
};

errc code_of(const result<bool>& outcome) {
  return outcome ? errc{} : outcome.error().code;
}

} // namespace

// -- learning -----------------------------------------------------------------

TEST_CASE("an address is listed once, however it is written") {
  fixture f;
  CHECK(*f.book.learn({"Seed.Example:7447", {}, address_source::lan, {}, true},
                      f.now));
  CHECK_FALSE(*f.book.learn(
    {"seed.example.:7447", {}, address_source::lan, {}, true}, f.now));
  CHECK(f.book.size() == 1);
  CHECK(f.due() == std::vector<std::string>{"seed.example:7447"});
}

TEST_CASE("what is no address is refused, unless names of any kind are") {
  fixture f;
  CHECK(code_of(
          f.book.learn({"worker-1", {}, address_source::lan, {}, true}, f.now))
        == errc::malformed);
  address_book_config config;
  config.plain_names = true;
  fixture plain{config};
  CHECK(
    plain.book.learn({"worker-1", {}, address_source::lan, {}, true}, plain.now)
      .ok());
  CHECK(code_of(
          plain.book.learn({"", {}, address_source::lan, {}, true}, plain.now))
        == errc::malformed);
  CHECK(
    code_of(plain.book.learn(
      {std::string(256, 'a'), {}, address_source::lan, {}, true}, plain.now))
    == errc::malformed);
}

TEST_CASE("a far peer sends nobody knocking in the local network") {
  fixture f;
  for (const auto* address :
       {"127.0.0.1:22", "10.0.0.1:22", "[fe80::1]:22",
        "[::ffff:192.168.1.1]:22", "localhost:22", "printer.local:22"}) {
    address_hint hint{address, {}, address_source::exchange, node(1), false};
    CHECK(code_of(f.book.learn(hint, f.now)) == errc::refused);
    hint.local_allowed = true;
    CHECK(f.book.learn(hint, f.now).ok());
  }
  CHECK(f.book
          .learn({"8.8.8.8:7447", {}, address_source::exchange, node(1), false},
                 f.now)
          .ok());
}

TEST_CASE("one peer fills no more than its share, until nodes are met there") {
  address_book_config config;
  config.entries_per_peer_max = 3;
  fixture f{config};
  for (std::size_t i = 0; i < 3; ++i)
    CHECK(f.book.learn(told(i, node(1)), f.now).ok());
  CHECK(code_of(f.book.learn(told(3, node(1)), f.now)) == errc::limit_exceeded);
  CHECK(f.book.learn(told(3, node(2)), f.now).ok());
  f.connect(host(0), node(10));
  CHECK(f.book.learn(told(4, node(1)), f.now).ok());
  CHECK(code_of(f.book.learn(told(5, node(1)), f.now)) == errc::limit_exceeded);
  f.book.check_invariants();
}

TEST_CASE("where there is no room, the oldest unproven address goes") {
  address_book_config config;
  config.entries_max = 4;
  fixture f{config};
  CHECK(f.book.replace_bootstrap({host(0)}, f.now).empty());
  CHECK(f.book.learn(told(1, node(1)), f.now).ok());
  CHECK(f.book.learn(told(2, node(1)), f.now).ok());
  CHECK(f.book.learn(told(3, node(1)), f.now).ok());
  f.connect(host(1), node(11));
  CHECK(f.book.learn(told(4, node(1)), f.now).ok());
  CHECK_FALSE(f.book.contains(host(2)));
  for (auto i : {0, 1, 3, 4})
    CHECK(f.book.contains(host(static_cast<std::size_t>(i))));
  f.book.check_invariants();
}

TEST_CASE("proven addresses don't make room for rumours, but for seeds") {
  address_book_config config;
  config.entries_max = 2;
  fixture f{config};
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(f.book.learn(told(i, node(1)), f.now).ok());
    f.book.on_dialling(host(i), f.now);
    f.book.on_connected(host(i), node(10 + i), wire::node_role::public_, f.now,
                        today + static_cast<int>(i) * second);
    f.now += 20 * second;
    f.book.on_lost(host(i), f.now, f.random);
  }
  CHECK(code_of(f.book.learn(told(5, node(1)), f.now)) == errc::limit_exceeded);
  CHECK(
    f.book.replace_seeds({{host(6), node(16), {}, {}, true}}, f.now).empty());
  CHECK_FALSE(f.book.contains(host(0)));
  CHECK(f.book.contains(host(1)));
}

// -- dialling -----------------------------------------------------------------

TEST_CASE("an address is not dialled twice at a time, nor while it is linked") {
  fixture f;
  CHECK(f.book.learn(told(1, node(9)), f.now).ok());
  REQUIRE(f.is_due(host(1)));
  f.book.on_dialling(host(1), f.now);
  CHECK(f.due().empty());
  f.book.on_connected(host(1), node(1), wire::node_role::public_, f.now, today);
  CHECK(f.due().empty());
}

TEST_CASE("a node is not dialled twice at a time, nor while it is linked") {
  fixture f;
  CHECK(f.book.learn(told(1, node(9), node(1)), f.now).ok());
  CHECK(f.book.learn(told(2, node(9), node(1)), f.now).ok());
  CHECK(f.due().size() == 1);
  f.book.on_dialling(host(1), f.now);
  CHECK(f.due().empty());
  f.book.on_failed(host(1), f.now, f.random);
  CHECK(f.is_due(host(2)));
  f.linked.insert(node(1));
  f.now += 60 * second;
  CHECK(f.due().empty());
}

TEST_CASE("no more are given than wanted") {
  fixture f;
  for (std::size_t i = 0; i < 10; ++i)
    CHECK(f.book.learn(told(i, node(9)), f.now).ok());
  CHECK(f.due(0).empty());
  CHECK(f.due(3).size() == 3);
  CHECK(f.due(30).size() == 10);
}

TEST_CASE("proven addresses come before rumours, the reliable before others") {
  fixture f;
  for (std::size_t i = 0; i < 20; ++i)
    CHECK(f.book.learn(told(i, node(9)), f.now).ok());
  for (std::size_t i : {3, 7}) {
    f.connect(host(i), node(i));
    f.now += 20 * second;
    f.lose(host(i), node(i));
  }
  f.now += second;
  REQUIRE(f.is_due(host(3)));
  f.fail(host(3));
  f.now += 60 * second;
  auto due = f.due();
  REQUIRE(due.size() == 20);
  CHECK(due[0] == host(7));
  CHECK(due[1] == host(3));
}

TEST_CASE(
  "without a link to any, bootstrap addresses take turns at the front") {
  fixture f;
  CHECK(f.book.replace_bootstrap({host(0), host(1), host(2)}, f.now).empty());
  CHECK(f.book.learn(told(5, node(9)), f.now).ok());
  f.connect(host(5), node(5));
  f.now += 20 * second;
  f.lose(host(5), node(5));
  std::vector<std::string> turns;
  for (int i = 0; i < 6; ++i) {
    f.now += 70 * second;
    turns.push_back(f.due(1).front());
    f.fail(turns.back());
  }
  CHECK(turns
        == std::vector<std::string>{host(0), host(1), host(2), host(0), host(1),
                                    host(2)});
  f.now += 70 * second;
  f.connect(host(1), node(1));
  CHECK(f.due(1).front() == host(5));
}

TEST_CASE("a link that a bootstrap node opened counts as one to it") {
  fixture f;
  CHECK(f.book
          .replace_seeds({{host(0), node(1), {}, {}, true},
                          {host(1), node(2), {}, {}, true}},
                         f.now)
          .empty());
  CHECK(f.book.learn(told(5, node(9)), f.now).ok());
  f.connect(host(5), node(5));
  f.now += 20 * second;
  f.lose(host(5), node(5));
  f.now += second;
  CHECK(f.due(1).front() != host(5));
  f.linked.insert(node(1));
  CHECK(f.due(1).front() == host(5));
}

TEST_CASE("a failing address waits longer and longer, and then rests") {
  fixture f;
  CHECK(f.book.replace_bootstrap({host(0)}, f.now).empty());
  for (int failures = 1; failures <= 4; ++failures) {
    f.fail(host(0));
    f.now += milliseconds{500} * (1 << (failures - 1));
    CHECK(f.is_due(host(0)));
  }
  f.fail(host(0));
  f.now += 29 * second;
  CHECK_FALSE(f.is_due(host(0)));
  f.now += second;
  CHECK(f.is_due(host(0)));
  f.fail(host(0));
  f.now += 59 * second;
  CHECK_FALSE(f.is_due(host(0)));
  f.now += second;
  CHECK(f.is_due(host(0)));
}

TEST_CASE("a rumour that fails five times is forgotten, a met node is not") {
  fixture f;
  CHECK(f.book.learn(told(1, node(9)), f.now).ok());
  CHECK(f.book.learn(told(2, node(9)), f.now).ok());
  f.connect(host(2), node(2));
  f.now += 20 * second;
  f.lose(host(2), node(2));
  for (int i = 0; i < 5; ++i) {
    f.now += 60 * second;
    f.fail(host(1));
    f.fail(host(2));
  }
  CHECK_FALSE(f.book.contains(host(1)));
  CHECK(f.book.contains(host(2)));
  f.book.check_invariants();
}

TEST_CASE("a link that breaks at once counts as a failure, a long one not") {
  fixture f;
  CHECK(f.book.replace_bootstrap({host(0)}, f.now).empty());
  for (int i = 0; i < 5; ++i) {
    f.connect(host(0), node(1));
    f.now += 9 * second;
    f.lose(host(0), node(1));
  }
  CHECK_FALSE(f.is_due(host(0)));
  f.now += 29 * second;
  CHECK_FALSE(f.is_due(host(0)));
  f.now += second;
  CHECK(f.is_due(host(0)));
  f.connect(host(0), node(1));
  f.now += 10 * second;
  f.lose(host(0), node(1));
  f.now += milliseconds{500};
  CHECK(f.is_due(host(0)));
}

TEST_CASE("who refuses us is left alone for a while") {
  fixture f;
  CHECK(f.book.replace_bootstrap({host(0)}, f.now).empty());
  CHECK(f.book.learn(told(1, node(9)), f.now).ok());
  for (auto i : {0u, 1u}) {
    f.book.on_dialling(host(i), f.now);
    f.book.on_refused(host(i), f.now);
  }
  CHECK_FALSE(f.book.contains(host(1)));
  f.now += 299 * second;
  CHECK_FALSE(f.is_due(host(0)));
  f.now += second;
  CHECK(f.is_due(host(0)));
}

TEST_CASE("where it changes who is let in, refusals are no longer waited for") {
  fixture f;
  CHECK(f.book.replace_bootstrap({host(0), host(1), host(2)}, f.now).empty());
  f.book.on_dialling(host(0), f.now);
  f.book.on_refused(host(0), f.now);
  f.fail(host(1));
  f.connect(host(2), node(2));
  f.now += 20 * second;
  f.book.on_parted(host(2), f.now);
  f.book.retry_refused(f.now, f.random);
  // The others wait as before.
  CHECK_FALSE(f.is_due(host(2)));
  f.now += 2 * second;
  CHECK(f.is_due(host(0)));
  CHECK_FALSE(f.is_due(host(2)));
  // Once: who refuses again is left alone again.
  f.book.on_dialling(host(0), f.now);
  f.book.on_refused(host(0), f.now);
  f.now += 299 * second;
  CHECK_FALSE(f.is_due(host(0)));
  // Nobody waits longer for it.
  f.book.retry_refused(f.now, f.random);
  f.now += second;
  CHECK(f.is_due(host(0)));
  f.book.check_invariants();
}

TEST_CASE("a failure after a refusal is waited for as any other") {
  fixture f;
  CHECK(f.book.replace_bootstrap({host(0)}, f.now).empty());
  f.book.on_dialling(host(0), f.now);
  f.book.on_refused(host(0), f.now);
  f.now += 300 * second;
  for (int i = 0; i < 5; ++i) {
    f.fail(host(0));
    f.now += 60 * second;
  }
  f.fail(host(0));
  f.book.retry_refused(f.now, f.random);
  f.now += 29 * second;
  CHECK_FALSE(f.is_due(host(0)));
}

TEST_CASE("a link given up for no fault is no failure") {
  fixture f;
  CHECK(f.book.replace_bootstrap({host(0)}, f.now).empty());
  for (int i = 0; i < 10; ++i) {
    f.connect(host(0), node(1));
    f.linked.clear();
    f.book.on_parted(host(0), f.now);
    f.now += 10 * second;
    CHECK(f.is_due(host(0)));
  }
}

TEST_CASE("our own address is never dialled again nor passed on") {
  fixture f;
  CHECK(f.book.replace_bootstrap({host(0)}, f.now).empty());
  f.book.on_dialling(host(0), f.now);
  f.book.on_own(host(0));
  CHECK(f.book.replace_bootstrap({host(0)}, f.now).empty());
  CHECK(f.book.learn(told(0, node(9), node(3)), f.now).ok());
  f.now += 3600 * second;
  CHECK(f.due().empty());
  CHECK(f.passed_on().empty());
}

TEST_CASE("an address that an operator dials is taken up") {
  fixture f;
  f.connect(host(3), node(3));
  CHECK(f.book.contains(host(3)));
  CHECK(f.passed_on() == std::set<std::string>{host(3)});
  f.book.on_dialling("no address", f.now);
  CHECK(f.book.size() == 1);
}

// -- what others say ----------------------------------------------------------

TEST_CASE("a peer can't keep us from an address by what it calls it") {
  fixture f;
  f.linked.insert(node(1));
  CHECK(f.book.learn(told(1, node(9), node(1)), f.now).ok());
  CHECK(f.due().empty());
  // Somebody else says otherwise: nobody is believed, and we see for ourselves.
  CHECK(f.book.learn(told(1, node(8), node(2)), f.now).ok());
  CHECK(f.is_due(host(1)));
  CHECK(f.book.learn(told(1, node(9), node(1)), f.now).ok());
  CHECK(f.is_due(host(1)));

  CHECK(f.book.replace_bootstrap({host(2)}, f.now).empty());
  CHECK(f.book.learn(told(2, node(9), node(1)), f.now).ok());
  CHECK(f.is_due(host(2)));
  CHECK(f.book.learn(told(3, node(9), node(1)), f.now).ok());
  CHECK_FALSE(f.is_due(host(3)));
  CHECK(f.book.replace_bootstrap({host(2), host(3)}, f.now).empty());
  CHECK(f.is_due(host(3)));
}

TEST_CASE("who is at an address is what the handshake there proved") {
  fixture f;
  CHECK(f.book.learn(told(1, node(9), node(1)), f.now).ok());
  f.connect(host(1), node(2));
  auto passed = f.book.proven(10, true, f.random);
  REQUIRE(passed.size() == 1);
  CHECK(passed[0].node == node(2));
  f.now += 20 * second;
  f.lose(host(1), node(2));
  CHECK(f.book.learn(told(1, node(9), node(1)), f.now).ok());
  CHECK(f.book.proven(10, true, f.random)[0].node == node(2));
}

TEST_CASE("only what was reached is passed on, and not once it fails") {
  fixture f;
  for (std::size_t i = 0; i < 3; ++i)
    CHECK(f.book.learn(told(i, node(9), node(i)), f.now).ok());
  CHECK(f.passed_on().empty());
  f.connect(host(1), node(1));
  CHECK(f.passed_on() == std::set<std::string>{host(1)});
  f.now += 20 * second;
  f.lose(host(1), node(1));
  CHECK(f.passed_on() == std::set<std::string>{host(1)});
  f.now += second;
  f.fail(host(1));
  CHECK(f.passed_on().empty());
}

TEST_CASE("what is passed on is drawn, and local addresses stay at home") {
  fixture f;
  for (std::size_t i = 0; i < 20; ++i) {
    CHECK(f.book.learn(told(i, node(9)), f.now).ok());
    f.connect(host(i), node(i));
  }
  f.connect("10.0.0.1:7447", node(100));
  CHECK(f.passed_on(1000, true).size() == 21);
  CHECK(f.passed_on(1000, false).size() == 20);
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    auto some = f.passed_on(5, false);
    CHECK(some.size() == 5);
    seen.insert(some.begin(), some.end());
  }
  CHECK(seen.size() == 20);
}

// -- changes ------------------------------------------------------------------

TEST_CASE("a new bootstrap list takes the old one's place") {
  fixture f;
  CHECK(f.book.replace_bootstrap({host(0), host(1), host(2)}, f.now).empty());
  f.connect(host(1), node(1));
  auto problems = f.book.replace_bootstrap({host(2), "?", host(3)}, f.now);
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].code == errc::malformed);
  CHECK_FALSE(f.book.contains(host(0)));
  // Met: it is kept, as any other.
  CHECK(f.book.contains(host(1)));
  CHECK(f.book.contains(host(2)));
  CHECK(f.book.contains(host(3)));
  f.book.check_invariants();
}

TEST_CASE("an address that is also a seed stays when it is no bootstrap more") {
  fixture f;
  CHECK(f.book.replace_bootstrap({host(0)}, f.now).empty());
  CHECK(
    f.book.replace_seeds({{host(0), node(1), {}, {}, true}}, f.now).empty());
  CHECK(f.book.replace_bootstrap({}, f.now).empty());
  CHECK(f.book.contains(host(0)));
  CHECK(f.book.replace_seeds({}, f.now).empty());
  CHECK_FALSE(f.book.contains(host(0)));
}

TEST_CASE("a revoked node is forgotten, with all its addresses") {
  fixture f;
  CHECK(f.book.replace_bootstrap({host(0)}, f.now).empty());
  f.connect(host(0), node(1));
  CHECK(f.book.learn(told(1, node(9), node(1)), f.now).ok());
  CHECK(f.book.learn(told(2, node(9), node(2)), f.now).ok());
  f.book.forget(node(1));
  f.book.forget({});
  CHECK(f.book.contains(host(0)));
  CHECK_FALSE(f.book.contains(host(1)));
  CHECK(f.book.contains(host(2)));
  CHECK(f.passed_on().empty());
  f.book.check_invariants();
}

// -- over a restart -----------------------------------------------------------

TEST_CASE("met nodes are kept over a restart, and tried before they are told") {
  fixture before;
  for (std::size_t i = 0; i < 4; ++i)
    CHECK(before.book.learn(told(i, node(9)), before.now).ok());
  for (std::size_t i : {1, 2}) {
    before.book.on_dialling(host(i), before.now);
    before.book.on_connected(host(i), node(i), wire::node_role::seed,
                             before.now, today + static_cast<int>(i) * second);
  }
  auto records = before.book.to_store();
  REQUIRE(records.size() == 2);
  CHECK(records[0].address == host(2));
  CHECK(records[1].address == host(1));

  fixture after;
  CHECK(after.book.learn(told(7, node(9)), after.now).ok());
  CHECK(after.book.learn(told(1, node(9), node(5)), after.now).ok());
  records.push_back({"?", node(3), address_source::lan, today});
  records.push_back({host(4), {}, address_source::lan, today});
  after.book.from_store(records, after.now);
  after.book.check_invariants();
  CHECK(after.book.size() == 3);
  auto due = after.due();
  REQUIRE(due.size() == 3);
  CHECK(due[2] == host(7));
  // Not before this life has seen for itself.
  CHECK(after.passed_on().empty());
  CHECK(after.book.to_store().size() == 2);
}

TEST_CASE("a bounded number is kept, the latest") {
  address_book_config config;
  config.stored_max = 3;
  fixture f{config};
  for (std::size_t i = 0; i < 10; ++i) {
    f.book.on_dialling(host(i), f.now);
    f.book.on_connected(host(i), node(i), wire::node_role::public_, f.now,
                        today + static_cast<int>(i) * second);
  }
  auto records = f.book.to_store();
  REQUIRE(records.size() == 3);
  CHECK(records[0].address == host(9));
  CHECK(records[2].address == host(7));
}

// -- whatever happens ---------------------------------------------------------

namespace {

/// A node's life among peers that tell truth and lies, step by step, beside a
/// plain account of what was reached.
struct random_life {
  explicit random_life(std::uint64_t seed)
    : random(random_generator::from_number(seed)),
      f([] {
        address_book_config config;
        config.entries_max = 40;
        config.entries_per_peer_max = 8;
        return config;
      }()) {
    f.random = random.fork();
  }

  std::string any_host() { return host(random.below(60)); }
  node_id any_node() { return node(random.below(30)); }

  void learn() {
    address_hint hint{any_host(), random.below(3) == 0 ? node_id{} : any_node(),
                      static_cast<address_source>(3 + random.below(3)),
                      random.below(4) == 0 ? node_id{} : node(random.below(6)),
                      true};
    (void)f.book.learn(hint, f.now);
  }

  void replace() {
    std::vector<std::string> list;
    std::vector<address_hint> seeds;
    for (auto left = random.below(6); left > 0; --left) {
      list.push_back(any_host());
      seeds.push_back({any_host(), any_node(), {}, {}, true});
    }
    if (random.below(2) == 0)
      (void)f.book.replace_bootstrap(list, f.now);
    else
      (void)f.book.replace_seeds(seeds, f.now);
  }

  void restore() {
    f.book.from_store({{any_host(), any_node(), address_source::lan, today},
                       {any_host(), any_node(), address_source::seed, today}},
                      f.now);
  }

  void dial() {
    auto wanted = random.below(6);
    auto due = f.due(wanted);
    REQUIRE(due.size() <= wanted);
    std::set<std::string> distinct(due.begin(), due.end());
    CHECK(distinct.size() == due.size());
    for (const auto& address : due) {
      CHECK(f.book.contains(address));
      CHECK_FALSE(dialling.contains(address));
      CHECK_FALSE(links.contains(address));
      f.book.on_dialling(address, f.now);
      dialling.insert(address);
    }
  }

  void settle_dial() {
    if (dialling.empty())
      return;
    auto it = dialling.begin();
    std::advance(it, random.below(dialling.size()));
    auto address = *it;
    dialling.erase(it);
    switch (random.below(5)) {
      case 0:
        f.book.on_refused(address, f.now);
        if (random.below(3) == 0)
          f.book.retry_refused(f.now, random);
        break;
      case 1: f.book.on_parted(address, f.now); break;
      case 2: {
        auto who = any_node();
        f.book.on_connected(address, who, wire::node_role::public_, f.now,
                            today);
        reached.insert(address);
        links.emplace(address, who);
        f.linked.insert(who);
        break;
      }
      default: f.book.on_failed(address, f.now, random); reached.erase(address);
    }
  }

  void end_link() {
    if (links.empty())
      return;
    auto it = links.begin();
    std::advance(it, random.below(links.size()));
    if (random.below(2) == 0)
      f.book.on_lost(it->first, f.now, random);
    else
      f.book.on_parted(it->first, f.now);
    f.linked.erase(it->second);
    links.erase(it);
  }

  void check() {
    f.book.check_invariants();
    for (const auto& address : f.passed_on())
      CHECK(reached.contains(address));
  }

  void step() {
    f.now += milliseconds{random.below(5'000)};
    switch (random.below(13)) {
      case 0: replace(); break;
      case 1: f.book.forget(any_node()); break;
      case 2:
        if (random.below(20) == 0 && !dialling.empty()) {
          f.book.on_own(*dialling.begin());
          dialling.erase(dialling.begin());
        }
        break;
      case 3:
      case 4: dial(); break;
      case 5:
      case 6:
      case 7: settle_dial(); break;
      case 8: end_link(); break;
      case 9: restore(); break;
      default: learn();
    }
    check();
  }

  random_generator random;
  fixture f;
  std::set<std::string> dialling;
  std::set<std::string> reached;
  std::map<std::string, node_id> links;
};

} // namespace

TEST_CASE("whatever is told and happens, the book keeps its rules") {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    CAPTURE(seed);
    random_life life{seed};
    for (int step = 0; step < 800; ++step)
      life.step();
  }
}
