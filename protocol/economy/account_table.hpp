// Balances and holds of a network. Every change is all or nothing and keeps
//
//   sum of available + sum of held + burned = granted
//
// and no available balance is below zero. A hold resolves once: payments out of
// it plus its refund equal its amount. Pure; the caller gives the time. Not
// thread-safe: one ledger owns it.
//
//   (none) --hold--> open --pay--> open --release--> released (remembered)
#pragma once

#include "protocol/core/ids.hpp"
#include "protocol/core/result.hpp"
#include "protocol/core/time.hpp"
#include "protocol/core/units.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <span>
#include <string_view>
#include <vector>

namespace artel {

enum class entry_kind : std::uint8_t {
  grant = 1,
  transfer = 2,
  task_payment = 3,
  reward = 4,
  penalty = 5,
  hold = 6,
  refund = 7,
};

std::string_view to_string(entry_kind kind) noexcept;

/// One line of an account's history. Payments of one batch from one hold to one
/// payee are one line, in the payee's history; the payer's shows the hold and
/// its refund, whose difference is what was paid.
struct account_entry {
  /// Counts from 1 without gaps; goes on when old lines are dropped.
  std::uint64_t sequence = 0;
  entry_kind kind{};
  /// Signed: what it did to the available balance.
  credits amount;
  /// The other side; zero for grants, holds and refunds, which have none.
  owner_id counterpart;
  /// Zero for grants and transfers.
  task_id task;
  wall_time when{};
  credits balance_after;
};

struct account_state {
  credits available;
  /// What is left in this owner's open holds.
  credits held;
  /// Received from others' holds, and paid out of its own, since it opened.
  credits earned;
  credits spent;
  /// Lines of history written, those dropped included.
  std::uint64_t entries = 0;
};

struct payment {
  owner_id payee;
  credits amount;

  bool operator==(const payment&) const = default;
};

class account_table {
public:
  static constexpr credits newcomer_grant = whole_credits(100);
  static constexpr credits balance_max = whole_credits(10'000);
  static constexpr credits transfer_min = microcredits(100'000);
  /// Entries of history kept an account; of older ones the oldest kept line
  /// tells the sum (its balance_after less its amount).
  static constexpr std::size_t history_max = 1000;
  /// Released holds remembered, the latest ones. A task id is 128 random bits
  /// drawn by its owner, so that an id comes twice only where a message does;
  /// a copy that arrives this many tasks late is answered not_found in place of
  /// invalid_state, and a copied hold sets the owner's own credits aside until
  /// it is released. Neither breaks conservation.
  static constexpr std::size_t released_max = 100'000;

  /// already_exists for a second opening; out_of_range above balance_max or
  /// below zero.
  result<void> open(const owner_id& owner, credits grant, wall_time now);

  /// Between people: at least transfer_min, and not past the payee's
  /// balance_max, held credits included (out_of_range). invalid_argument to
  /// oneself.
  result<void> transfer(const owner_id& from, const owner_id& to,
                        credits amount, wall_time now);

  /// Sets credits aside for a task; one hold a task, ever (already_exists, also
  /// once it is released). insufficient_credits names what is there and what is
  /// needed; out_of_range unless above zero.
  result<void> hold(const owner_id& owner, const task_id& task, credits amount,
                    wall_time now);

  /// Pays out of a hold, all or nothing; the payees must exist (not_found).
  /// out_of_range where the hold does not cover the sum, or an amount is not
  /// above zero; invalid_argument to the holder itself, since a worker never
  /// verifies itself; invalid_state once released. O(n log payees).
  result<void> pay(const task_id& task, std::span<const payment> payments,
                   wall_time now);

  /// Ends a hold and gives back what is left of it. A second release is
  /// invalid_state and changes nothing; not_found where none was opened.
  result<credits> release(const task_id& task, wall_time now);

  result<account_state> account(const owner_id& owner) const;
  /// The last history_max lines, oldest first; empty for unknown owners.
  std::vector<account_entry> history(const owner_id& owner) const;
  /// In the order of their ids.
  std::vector<owner_id> owners() const;

  /// What is left in an open hold; not_found otherwise.
  result<credits> held_for(const task_id& task) const;

  credits granted() const noexcept { return granted_; }
  credits burned() const noexcept { return burned_; }
  /// Sum of available and held over all accounts. O(1): a running sum.
  credits in_circulation() const noexcept { return circulating_; }

  /// Recomputes every sum from scratch; asserts.
  void check_invariants() const;

private:
  struct record {
    account_state state;
    std::deque<account_entry> history;
  };
  struct open_hold {
    owner_id owner;
    credits amount;
    credits paid;

    credits left() const noexcept { return {amount.micro - paid.micro}; }
  };

  result<record*> find_account(const owner_id& owner);
  result<open_hold*> find_hold(const task_id& task);

  /// Changes an available balance and writes the line about it.
  void post(record& account, account_entry entry);
  /// Changes what an account has in holds.
  void change_held(record& account, credits difference);
  void remember_released(const task_id& task);
  /// O(1): what every change ends with.
  void assert_conserved() const;

  void check_account(const record& account) const;
  void check_holds() const;

  std::map<owner_id, record> accounts_;
  std::map<task_id, open_hold> holds_;
  std::set<task_id> released_;
  /// The same ids, oldest first.
  std::deque<task_id> released_order_;
  credits granted_;
  credits burned_;
  /// Moved by every change of a balance or hold, so that a change that makes or
  /// loses credits shows at once against granted_ and burned_.
  credits circulating_;
  /// All payments ever: an upper bound of every earned and spent.
  credits paid_;
};

} // namespace artel
