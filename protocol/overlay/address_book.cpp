#include "protocol/overlay/address_book.hpp"

#include "protocol/overlay/address.hpp"
#include "protocol/task/message_text.hpp"

#include <algorithm>
#include <cassert>
#include <limits>
#include <set>
#include <tuple>
#include <utility>

namespace artel {

namespace {

bool is_local_address(const std::string& text) {
  auto address = parse_address(text);
  if (!address)
    return false;
  return address->ip ? !is_public(*address->ip)
                     : address->host == "localhost"
                         || address->host.ends_with(".localhost")
                         || address->host.ends_with(".local");
}

} // namespace

/// An address that may be dialled now, and what it is judged by.
struct address_book::candidate {
  const std::string* address = nullptr;
  const entry* what = nullptr;
  std::uint64_t draw = 0;

  /// Less is better.
  auto rank() const {
    return std::tuple{!what->is_proven(), what->failures, !what->is_fixed(),
                      draw};
  }
};

address_book::address_book(address_book_config config)
  : config_(std::move(config)) {
  assert(config_.entries_max > 0 && config_.breaker.failures_max > 0);
}

// -- learning -----------------------------------------------------------------

result<std::string> address_book::canonical(const std::string& address) const {
  if (!config_.plain_names) {
    auto parsed = parse_address(address);
    if (!parsed)
      return parsed.error();
    return to_string(*parsed);
  }
  if (address.empty() || address.size() > limits::name_bytes_max)
    return {errc::malformed, quoted(address) + " is no address; expected 1 to "
                               + std::to_string(limits::name_bytes_max)
                               + " bytes"};
  return address;
}

result<bool> address_book::learn(const address_hint& hint, instant now) {
  auto address = canonical(hint.address);
  if (!address)
    return address.error();
  auto known = entries_.find(*address);
  if (known != entries_.end()) {
    update(known->second, hint);
    return false;
  }
  return add(std::move(*address), hint, now);
}

result<bool> address_book::add(std::string address, const address_hint& hint,
                               instant now) {
  auto is_fixed = hint.source == address_source::bootstrap
                  || hint.source == address_source::seed;
  auto is_local = !config_.plain_names && is_local_address(address);
  if (is_local && !hint.local_allowed)
    return {errc::refused,
            quoted(address) + " is not public, and who names it is far away"};
  auto counts = !is_fixed && !hint.from.is_zero();
  if (counts) {
    auto found = learned_from_.find(hint.from);
    if (found != learned_from_.end()
        && found->second >= config_.entries_per_peer_max)
      return {errc::limit_exceeded, "peer " + short_name(hint.from)
                                      + " has named "
                                      + std::to_string(found->second)
                                      + " addresses where nobody was met yet"};
  }
  if (entries_.size() >= config_.entries_max && !make_room(is_fixed))
    return {errc::limit_exceeded, "no room for another address; there are "
                                    + std::to_string(entries_.size())};
  entry fresh;
  fresh.claimed = hint.node;
  fresh.source = hint.source;
  fresh.is_local = is_local;
  fresh.next_attempt = now;
  fresh.turn = ++turns_;
  fresh.breaker = circuit_breaker{config_.breaker};
  if (counts) {
    fresh.from = hint.from;
    ++learned_from_[hint.from];
  }
  mark_fixed(fresh, hint.source);
  entries_.emplace(std::move(address), std::move(fresh));
  return true;
}

void address_book::update(entry& known, const address_hint& hint) {
  auto is_settled = hint.source == address_source::bootstrap
                    || hint.source == address_source::seed;
  if (is_settled) {
    mark_fixed(known, hint.source);
    release_quota(known);
    // What peers said of it counts no more.
    if (!known.is_proven()) {
      known.claimed = hint.node;
      known.is_disputed = false;
    }
    return;
  }
  // Peers don't contradict handshakes and settings. Otherwise one could keep
  // this node from an address by calling it that of a node with a link.
  if (known.is_proven() || known.is_fixed() || hint.node.is_zero()
      || hint.node == known.claimed)
    return;
  known.is_disputed = known.is_disputed || !known.claimed.is_zero();
  known.claimed = known.is_disputed ? node_id{} : hint.node;
}

void address_book::mark_fixed(entry& known, address_source source) {
  known.is_bootstrap =
    known.is_bootstrap || source == address_source::bootstrap;
  known.is_seed = known.is_seed || source == address_source::seed;
}

bool address_book::make_room(bool for_fixed) {
  auto worst = entries_.end();
  // Unproven ones first, by when they came; then by their last success.
  auto order = [](const entry& one) {
    return std::tuple{one.is_proven(),
                      one.is_proven() ? one.last_success : wall_time{},
                      one.turn};
  };
  for (auto it = entries_.begin(); it != entries_.end(); ++it) {
    const auto& one = it->second;
    if (!one.is_idle() || one.is_fixed() || (one.is_proven() && !for_fixed))
      continue;
    if (worst == entries_.end() || order(one) < order(worst->second))
      worst = it;
  }
  if (worst == entries_.end())
    return false;
  remove(worst);
  return true;
}

void address_book::remove(entry_map::iterator which) {
  release_quota(which->second);
  entries_.erase(which);
}

void address_book::release_quota(entry& of) {
  if (of.from.is_zero())
    return;
  auto found = learned_from_.find(of.from);
  assert(found != learned_from_.end() && found->second > 0);
  if (--found->second == 0)
    learned_from_.erase(found);
  of.from = {};
}

std::vector<failure>
address_book::replace_bootstrap(const std::vector<std::string>& list,
                                instant now) {
  std::vector<address_hint> hints;
  for (const auto& address : list)
    hints.push_back({address, {}, address_source::bootstrap, {}, true});
  return replace_fixed(&entry::is_bootstrap, hints, now);
}

std::vector<failure>
address_book::replace_seeds(const std::vector<address_hint>& list,
                            instant now) {
  auto hints = list;
  for (auto& hint : hints) {
    hint.source = address_source::seed;
    hint.from = {};
  }
  return replace_fixed(&entry::is_seed, hints, now);
}

std::vector<failure> address_book::replace_fixed(
  bool entry::*mark, const std::vector<address_hint>& list, instant now) {
  std::vector<std::string> before;
  for (auto& [address, one] : entries_)
    if (std::exchange(one.*mark, false))
      before.push_back(address);
  std::vector<failure> problems;
  for (const auto& hint : list)
    if (auto learned = learn(hint, now); !learned)
      problems.push_back(learned.error());
  for (const auto& address : before) {
    auto found = entries_.find(address);
    if (found == entries_.end() || found->second.is_fixed())
      continue;
    found->second.source = address_source::stored;
    if (!found->second.is_proven() && found->second.is_idle())
      remove(found);
  }
  return problems;
}

// -- dialling -----------------------------------------------------------------

address_book::entry_map::iterator
address_book::find(const std::string& address) {
  auto found = entries_.find(address);
  if (found == entries_.end())
    if (auto text = canonical(address))
      found = entries_.find(*text);
  return found;
}

address_book::entry_map::iterator
address_book::find_busy(const std::string& address) {
  auto found = find(address);
  return found == entries_.end() || found->second.is_idle() ? entries_.end()
                                                            : found;
}

bool address_book::contains(const std::string& address) const {
  auto text = canonical(address);
  return text && entries_.contains(*text);
}

std::vector<address_book::candidate>
address_book::candidates(instant now, const link_test& is_linked,
                         random_generator& random) const {
  std::set<node_id> being_dialled;
  for (const auto& [address, one] : entries_)
    if (!one.is_idle() && !one.whose().is_zero())
      being_dialled.insert(one.whose());
  std::vector<candidate> found;
  for (const auto& [address, one] : entries_) {
    if (!one.is_idle() || one.is_own || one.next_attempt > now
        || !one.breaker.admits(now))
      continue;
    const auto& whose = one.whose();
    if (whose.is_zero()
        || (!being_dialled.contains(whose) && !is_linked(whose)))
      found.push_back({&address, &one, random.next()});
  }
  return found;
}

bool address_book::has_fixed_link(const link_test& is_linked) const {
  return std::any_of(entries_.begin(), entries_.end(), [&](const auto& one) {
    const auto& what = one.second;
    return what.is_fixed() && !what.is_own
           && (!what.is_idle()
               || (!what.whose().is_zero() && is_linked(what.whose())));
  });
}

std::vector<std::string> address_book::due(instant now, std::size_t wanted,
                                           const link_test& is_linked,
                                           random_generator& random) const {
  if (wanted == 0)
    return {};
  auto ranked = candidates(now, is_linked, random);
  std::sort(
    ranked.begin(), ranked.end(),
    [](const candidate& a, const candidate& b) { return a.rank() < b.rank(); });
  if (!has_fixed_link(is_linked)) {
    // Whatever peers may have told, the way back to the network comes first.
    auto first = ranked.end();
    for (auto it = ranked.begin(); it != ranked.end(); ++it)
      if (it->what->is_fixed()
          && (first == ranked.end() || it->what->turn < first->what->turn))
        first = it;
    if (first != ranked.end())
      std::rotate(ranked.begin(), first, first + 1);
  }
  std::vector<std::string> chosen;
  std::set<node_id> nodes;
  for (const auto& one : ranked) {
    if (chosen.size() == wanted)
      break;
    const auto& whose = one.what->whose();
    if (whose.is_zero() || nodes.insert(whose).second)
      chosen.push_back(*one.address);
  }
  return chosen;
}

void address_book::on_dialling(const std::string& address, instant now) {
  auto which = find(address);
  if (which == entries_.end()) {
    if (!learn({address, {}, address_source::stored, {}, true}, now))
      return;
    which = find(address);
  }
  auto& known = which->second;
  if (!known.is_idle())
    return;
  known.state = entry_state::dialling;
  known.is_refused = false;
  known.turn = ++turns_;
  known.breaker.on_attempt();
}

void address_book::on_connected(const std::string& address, const node_id& node,
                                wire::node_role role, instant now,
                                wall_time wall) {
  auto which = find_busy(address);
  if (which == entries_.end() || node.is_zero()
      || which->second.state != entry_state::dialling)
    return;
  auto& known = which->second;
  release_quota(known);
  known.node = node;
  known.claimed = {};
  known.is_disputed = false;
  known.is_forgotten = false;
  known.role = role;
  known.last_success = wall;
  known.is_verified = true;
  known.state = entry_state::linked;
  known.linked_since = now;
}

bool address_book::has_lived(const entry& link, instant now) const {
  return link.state == entry_state::linked
         && now - link.linked_since >= config_.link_life_min;
}

void address_book::become_idle(entry_map::iterator which,
                               instant next_attempt) {
  auto& known = which->second;
  known.state = entry_state::idle;
  known.next_attempt = next_attempt;
  known.is_forgotten = known.is_forgotten && !known.is_fixed();
  if (known.is_forgotten)
    remove(which);
}

void address_book::fail(entry_map::iterator which, instant now,
                        random_generator& random) {
  auto& known = which->second;
  known.is_verified = false;
  if (known.failures < std::numeric_limits<std::uint32_t>::max())
    ++known.failures;
  known.breaker.on_failure(now);
  // Somebody's word for it is not worth more attempts.
  known.is_forgotten =
    known.is_forgotten
    || (!known.is_proven() && known.breaker.state(now) == breaker_state::open);
  become_idle(which,
              now + backoff_delay(config_.backoff, known.failures, random));
}

void address_book::on_failed(const std::string& address, instant now,
                             random_generator& random) {
  if (auto which = find_busy(address); which != entries_.end())
    fail(which, now, random);
}

void address_book::on_lost(const std::string& address, instant now,
                           random_generator& random) {
  auto which = find_busy(address);
  if (which == entries_.end())
    return;
  auto& known = which->second;
  if (!has_lived(known, now))
    return fail(which, now, random);
  known.failures = 0;
  known.breaker.on_success();
  become_idle(which, now + backoff_delay(config_.backoff, 1, random));
}

void address_book::on_parted(const std::string& address, instant now) {
  auto which = find_busy(address);
  if (which == entries_.end())
    return;
  auto& known = which->second;
  if (has_lived(known, now)) {
    known.failures = 0;
    known.breaker.on_success();
  } else {
    known.breaker.on_abandoned();
  }
  become_idle(which, now + config_.link_life_min);
}

void address_book::on_refused(const std::string& address, instant now) {
  auto which = find_busy(address);
  if (which == entries_.end())
    return;
  auto& known = which->second;
  known.is_verified = false;
  known.is_forgotten = known.is_forgotten || !known.is_proven();
  known.is_refused = true;
  known.breaker.on_abandoned();
  become_idle(which, now + config_.refused_wait);
}

void address_book::retry_refused(instant now, random_generator& random) {
  // As after a few failures: what let us hope may not have come there yet.
  constexpr std::uint32_t failures = 3;
  for (auto& [address, one] : entries_)
    if (std::exchange(one.is_refused, false))
      one.next_attempt = std::min<instant>(
        one.next_attempt,
        now + backoff_delay(config_.backoff, failures, random));
}

void address_book::on_own(const std::string& address) {
  auto which = find_busy(address);
  if (which == entries_.end())
    return;
  auto& known = which->second;
  release_quota(known);
  known.node = {};
  known.claimed = {};
  known.is_own = true;
  known.is_verified = false;
  known.breaker.on_abandoned();
  become_idle(which, known.next_attempt);
}

void address_book::forget(const node_id& node) {
  if (node.is_zero())
    return;
  for (auto it = entries_.begin(); it != entries_.end();) {
    auto next = std::next(it);
    auto& one = it->second;
    if (one.node == node || one.claimed == node) {
      // A fixed address stays: whoever runs it may come with another key.
      one.node = {};
      one.claimed = {};
      one.is_verified = false;
      one.is_forgotten = !one.is_fixed();
      if (one.is_idle() && one.is_forgotten)
        remove(it);
    }
    it = next;
  }
}

// -- passing on and keeping ---------------------------------------------------

std::vector<wire::peer_address>
address_book::proven(std::size_t count, bool local_too,
                     random_generator& random) const {
  std::vector<wire::peer_address> all;
  for (const auto& [address, one] : entries_)
    if (one.is_verified && (local_too || !one.is_local))
      all.push_back({one.node, one.role, address});
  auto wanted = std::min(count, all.size());
  for (std::size_t i = 0; i < wanted; ++i)
    std::swap(all[i], all[i + random.below(all.size() - i)]);
  all.resize(wanted);
  return all;
}

std::vector<address_record> address_book::to_store() const {
  std::vector<address_record> all;
  for (const auto& [address, one] : entries_)
    if (one.is_proven())
      all.push_back({address, one.node, one.source, one.last_success});
  std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
    return a.last_success > b.last_success;
  });
  if (all.size() > config_.stored_max)
    all.resize(config_.stored_max);
  return all;
}

void address_book::from_store(const std::vector<address_record>& records,
                              instant now) {
  for (const auto& record : records) {
    if (record.node.is_zero()
        || !learn({record.address, {}, address_source::stored, {}, true}, now))
      continue;
    auto& known = find(record.address)->second;
    if (known.is_proven() || known.is_own || !known.is_idle())
      continue;
    release_quota(known);
    known.node = record.node;
    known.claimed = {};
    known.is_disputed = false;
    known.last_success = record.last_success;
  }
}

// -- checking -----------------------------------------------------------------

void address_book::check_invariants() const {
  assert(entries_.size() <= config_.entries_max);
  std::map<node_id, std::size_t> counts;
  for (const auto& [address, one] : entries_) {
    assert(canonical(address) && *canonical(address) == address);
    if (!one.from.is_zero()) {
      assert(!one.is_proven() && !one.is_fixed());
      ++counts[one.from];
    }
    // What is passed on was reached.
    assert(!one.is_verified || (one.is_proven() && !one.is_own));
    assert(!one.is_refused || one.is_idle());
    // Whom a link leads to is known, unless that node was revoked since.
    assert(one.state != entry_state::linked || one.is_verified
           || !one.is_proven());
    assert(!one.is_forgotten || !one.is_idle());
    assert(!one.is_proven() || one.claimed.is_zero());
    assert(!one.is_disputed || (one.claimed.is_zero() && !one.is_fixed()));
    one.breaker.check_invariants();
  }
  assert(counts == learned_from_);
  for (const auto& [peer, count] : counts)
    assert(count <= config_.entries_per_peer_max);
}

} // namespace artel
