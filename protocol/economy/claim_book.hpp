// Both ends of payment claims, where payer and payee share no ledger: what
// one's tasks owe others and who has said that it knows, and what others have
// promised. Amounts only grow, so that messages may be lost, copied and
// overtake each other: nothing is owed twice. Pure; the caller gives the time
// and signs. Not thread-safe.
#pragma once

#include "protocol/core/ids.hpp"
#include "protocol/core/result.hpp"
#include "protocol/core/time.hpp"
#include "protocol/core/units.hpp"
#include "protocol/economy/payment_claim.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

namespace artel {

/// What a node's tasks owe, by task and owner.
///
///   owed --owe--> sent --due, 500 ms, doubling to 10 s--> sent again
///   sent --on_acknowledged: all of it--> known   (owe: more, sent again)
///   sent --30 s since it last grew--> given up
///
/// A task that is closed is forgotten with its last claim that is known or
/// given up.
class promised_claims {
public:
  static constexpr milliseconds interval_first{500};
  static constexpr milliseconds interval_longest{10'000};
  static constexpr milliseconds patience{30'000};
  /// Nodes of one owner that are told.
  static constexpr std::size_t nodes_max = 16;

  struct due_claim {
    task_id task;
    owner_id payee;
    credits amount;
    std::uint64_t jobs = 0;
    /// Of the payee: whoever of them acknowledges, its owner knows.
    std::vector<node_id> nodes;
  };

  struct tally {
    std::uint64_t payees = 0;
    /// Those that have acknowledged all they are owed.
    std::uint64_t acknowledged = 0;

    bool operator==(const tally&) const = default;
  };

  /// The sum so far; what is no more than is known already changes no amount.
  void owe(const task_id& task, const owner_id& payee, const node_id& node,
           credits amount, std::uint64_t jobs, instant now);

  /// Only of nodes that were told, and for no more than they were told.
  void on_acknowledged(const node_id& node, const task_id& task,
                       credits amount);

  /// The node can be reached, perhaps again: what it has not acknowledged is
  /// due at once.
  void on_reachable(const node_id& node, instant now);

  /// What is to be sent now, and counts as sent then.
  std::vector<due_claim> due(instant now);

  /// Nothing more will be owed for the task.
  void close(const task_id& task);

  tally of(const task_id& task) const;
  /// Nothing will be due any more unless more is owed.
  bool is_idle() const;
  bool empty() const noexcept { return claims_.empty(); }

  void check_invariants() const;

private:
  struct record {
    credits amount;
    std::uint64_t jobs = 0;
    /// The most that was sent, and of that what was acknowledged.
    credits sent;
    credits acknowledged;
    std::set<node_id> nodes;
    instant next{};
    milliseconds interval{interval_first};
    instant give_up_at{};
    bool given_up = false;

    bool is_settled() const noexcept { return acknowledged >= amount; }
  };
  using claim_key = std::pair<task_id, owner_id>;

  void forget_finished();

  std::map<claim_key, record> claims_;
  std::set<task_id> closed_;
};

/// What others have promised one's owner: the largest claim a payer and task.
class received_claims {
public:
  /// Kept at most. A claim costs its payer nothing until it is witnessed, so a
  /// full book lets the smallest go of whoever has the most.
  static constexpr std::size_t kept_max = 16'384;

  /// Takes a claim from the node at the other end of a link, and gives the
  /// largest amount that is known for its task. Errors: those of check_claim();
  /// invalid_argument where it is not the sender's own, or for somebody else.
  result<credits> take(const payment_claim& claim, const node_id& from,
                       const owner_id& from_owner, const owner_id& own,
                       std::string_view network);

  /// From an earlier life; not checked again.
  void restore(const payment_claim& claim);

  /// The largest amount that is known; zero for none.
  credits known(const owner_id& payer, const task_id& task) const;

  /// By payer and task.
  std::vector<payment_claim> claims() const;
  std::size_t size() const noexcept { return size_; }

  void check_invariants() const;

private:
  using claims_of_payer = std::map<task_id, payment_claim>;

  credits keep(const payment_claim& claim);
  void drop_one();

  std::map<owner_id, claims_of_payer> payers_;
  std::size_t size_ = 0;
};

} // namespace artel
