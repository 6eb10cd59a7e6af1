// Balances and holds of a network. Every change keeps
//
//   sum of available + sum of held + burned = granted
//
// and no available balance is below zero. A hold resolves once: payments out of
// it plus its refund equal its amount. Pure; the caller gives the time.
#pragma once

#include "protocol/core/ids.hpp"
#include "protocol/core/result.hpp"
#include "protocol/core/time.hpp"
#include "protocol/core/units.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <span>
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
/// payee are one line.
struct account_entry {
  std::uint64_t sequence = 0;
  entry_kind kind{};
  /// Signed: what it did to the available balance.
  credits amount;
  /// The other side; zero for grants.
  owner_id counterpart;
  task_id task;
  wall_time when{};
  credits balance_after;
};

struct account_state {
  credits available;
  credits held;
  credits earned;
  credits spent;
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
  /// Entries of history kept an account; older ones are summed up.
  static constexpr std::size_t history_max = 1000;

  /// already_exists for a second opening; out_of_range above balance_max.
  result<void> open(const owner_id& owner, credits grant, wall_time now);

  /// Between people: at least transfer_min, and not past the payee's
  /// balance_max.
  result<void> transfer(const owner_id& from, const owner_id& to,
                        credits amount, wall_time now);

  /// Sets credits aside for a task; one hold a task. insufficient_credits
  /// names what is there and what is needed.
  result<void> hold(const owner_id& owner, const task_id& task, credits amount,
                    wall_time now);

  /// Pays out of a hold, all or nothing; the payees must exist. out_of_range
  /// where the hold does not cover the sum; amounts are above zero.
  result<void> pay(const task_id& task, std::span<const payment> payments,
                   wall_time now);

  /// Ends a hold and gives back what is left of it. A second release is
  /// invalid_state and changes nothing.
  result<credits> release(const task_id& task, wall_time now);

  result<account_state> account(const owner_id& owner) const;
  std::vector<account_entry> history(const owner_id& owner) const;
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
  };

  void append(record& account, account_entry entry);

  std::map<owner_id, record> accounts_;
  std::map<task_id, open_hold> holds_;
  credits granted_;
  credits burned_;
  credits circulating_;
};

} // namespace artel
