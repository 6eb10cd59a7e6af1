// Where other nodes might be reached: what to dial next, and what to pass on.
// Addresses come from settings, the network's config, the local network, peers
// and an earlier life. Nothing that is merely told is believed: who is at an
// address is what a handshake there proved, and only what this node reached by
// itself is passed on.
//
//   idle --on_dialling--> dialling --on_connected--> linked --on_lost--> idle
//                         dialling --on_failed, on_refused, on_parted--> idle
//
// An idle address waits: with backoff after each failure, by its breaker after
// several, shortly after a link was lost. Bounded memory. Not thread-safe.
#pragma once

#include "protocol/core/ids.hpp"
#include "protocol/core/limits.hpp"
#include "protocol/core/random.hpp"
#include "protocol/core/result.hpp"
#include "protocol/core/time.hpp"
#include "protocol/overlay/address_record.hpp"
#include "protocol/overlay/backoff.hpp"
#include "protocol/overlay/circuit_breaker.hpp"
#include "protocol/wire/messages.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace artel {

struct address_book_config {
  /// Addresses are names of any kind, as in memory and in simulated worlds;
  /// else "host:port".
  bool plain_names = false;
  std::size_t entries_max = 4096;
  /// Unproven ones, learned from one peer.
  std::size_t entries_per_peer_max = 256;
  /// Kept over a restart.
  std::size_t stored_max = 1024;
  backoff_terms backoff;
  breaker_terms breaker;
  /// A link that lived shorter counts as a failure.
  milliseconds link_life_min{10'000};
  /// An address that wants nothing of us is left alone for so long.
  milliseconds refused_wait{300'000};
};

/// What somebody said of an address.
struct address_hint {
  std::string address;
  /// Who is said to be there; zero: nobody said.
  node_id node;
  address_source source = address_source::exchange;
  /// The peer that said so; zero where it was none.
  node_id from;
  /// Whether addresses that are not public may be taken: a peer that is itself
  /// far away has no business to send us knocking at doors in our own network.
  bool local_allowed = true;
};

class address_book {
public:
  using link_test = std::function<bool(const node_id&)>;

  explicit address_book(address_book_config config = {});

  /// True where the address is new. Where there is no room, the oldest unproven
  /// one goes; for a bootstrap address or a seed, which never go themselves,
  /// also the proven one that was reached longest ago. Errors: malformed;
  /// limit_exceeded (no room, or too many from this peer); refused (not
  /// public).
  result<bool> learn(const address_hint& hint, instant now);

  /// Takes the place of all earlier bootstrap addresses, or seeds. What is not
  /// in it any more is kept as long as it is proven or linked. Gives what was
  /// wrong, an entry each.
  std::vector<failure> replace_bootstrap(const std::vector<std::string>& list,
                                         instant now);
  std::vector<failure> replace_seeds(const std::vector<address_hint>& list,
                                     instant now);

  /// At most `wanted` addresses to dial, never two of one node, none of a node
  /// that is linked or being dialled. Unless a link to one of them is there or
  /// being made, the first is a bootstrap address or seed, in turn; then proven
  /// ones, the reliable first; then any. Each goes to on_dialling() next.
  /// O(n log n).
  std::vector<std::string> due(instant now, std::size_t wanted,
                               const link_test& is_linked,
                               random_generator& random) const;

  // What happened at an address. Unknown addresses are ignored, except that
  // on_dialling() takes up what an operator dials.

  void on_dialling(const std::string& address, instant now);
  /// Our dial went through, and the handshake proved who is there.
  void on_connected(const std::string& address, const node_id& node,
                    wire::node_role role, instant now, wall_time wall);
  void on_failed(const std::string& address, instant now,
                 random_generator& random);
  /// It wants nothing of us, or we nothing of it: not again soon.
  void on_refused(const std::string& address, instant now);
  /// Who is let in where has changed: those that refused us, or that we
  /// refused, are due within seconds, each at another moment.
  void retry_refused(instant now, random_generator& random);
  /// The link is gone.
  void on_lost(const std::string& address, instant now,
               random_generator& random);
  /// The link was given up for no fault, such as a second one to the same node.
  void on_parted(const std::string& address, instant now);
  /// We reached ourselves there: never dialled again, never passed on.
  void on_own(const std::string& address);

  /// All that is known of a node, as when it was revoked.
  void forget(const node_id& node);

  /// At most `count` addresses to pass on to a peer: reached by this node
  /// itself, in this life, and not failing since. Where the peer is far away,
  /// `local_too` is false, and names and public addresses alone are given.
  std::vector<wire::peer_address> proven(std::size_t count, bool local_too,
                                         random_generator& random) const;

  /// The proven ones, latest success first.
  std::vector<address_record> to_store() const;
  /// What can't be used is left out.
  void from_store(const std::vector<address_record>& records, instant now);

  /// The canonical form of an address; malformed.
  result<std::string> canonical(const std::string& address) const;

  bool contains(const std::string& address) const;
  std::size_t size() const noexcept { return entries_.size(); }

  void check_invariants() const;

private:
  enum class entry_state : std::uint8_t { idle = 1, dialling, linked };

  struct entry {
    /// Proven by a handshake; zero: none yet.
    node_id node;
    /// Who is said to be there, while nothing is proven.
    node_id claimed;
    /// Peers say different things of it, so nobody is believed.
    bool is_disputed = false;
    /// Whose quota it counts to, while nothing is proven.
    node_id from;
    address_source source = address_source::exchange;
    bool is_bootstrap = false;
    bool is_seed = false;
    entry_state state = entry_state::idle;
    wire::node_role role = wire::node_role::public_;
    wall_time last_success{};
    /// Reached in this life, and not failed since.
    bool is_verified = false;
    bool is_own = false;
    /// To be removed once it is idle.
    bool is_forgotten = false;
    bool is_local = false;
    /// What it waits for is refused_wait.
    bool is_refused = false;
    std::uint32_t failures = 0;
    instant next_attempt{};
    instant linked_since{};
    /// The order in which addresses were learned or last dialled.
    std::uint64_t turn = 0;
    circuit_breaker breaker;

    bool is_proven() const noexcept { return !node.is_zero(); }
    bool is_fixed() const noexcept { return is_bootstrap || is_seed; }
    bool is_idle() const noexcept { return state == entry_state::idle; }
    const node_id& whose() const noexcept {
      return is_proven() ? node : claimed;
    }
  };
  using entry_map = std::map<std::string, entry>;

  struct candidate;

  entry_map::iterator find(const std::string& address);
  /// Where it is dialled or linked; else the end.
  entry_map::iterator find_busy(const std::string& address);
  void become_idle(entry_map::iterator which, instant next_attempt);
  result<bool> add(std::string address, const address_hint& hint, instant now);
  void update(entry& known, const address_hint& hint);
  void mark_fixed(entry& known, address_source source);
  std::vector<failure> replace_fixed(bool entry::*mark,
                                     const std::vector<address_hint>& list,
                                     instant now);
  bool make_room(bool for_fixed);
  void remove(entry_map::iterator which);
  void release_quota(entry& of);
  void fail(entry_map::iterator which, instant now, random_generator& random);
  bool has_lived(const entry& link, instant now) const;
  std::vector<candidate> candidates(instant now, const link_test& is_linked,
                                    random_generator& random) const;
  bool has_fixed_link(const link_test& is_linked) const;

  address_book_config config_;
  /// By canonical address.
  entry_map entries_;
  /// Entries whose `from` is that peer.
  std::map<node_id, std::size_t> learned_from_;
  std::uint64_t turns_ = 0;
};

} // namespace artel
