// The monitor's own account of all credits, kept from what the ledger is told.
// Says where a hold is resolved twice, where more is paid than verdicts grant,
// and where the ledger's figures differ. Not thread-safe.
#pragma once

#include "protocol/core/ids.hpp"
#include "protocol/core/units.hpp"
#include "protocol/economy/account_table.hpp"
#include "runtime/sim/checks/finding.hpp"

#include <cstdint>
#include <map>
#include <span>
#include <vector>

namespace artel::sim {

class credit_book {
public:
  // -- what the ledger is told, each before it acts ---------------------------

  void on_open(const owner_id& owner, credits grant);
  verdict_of_book on_hold(const owner_id& owner, const task_id& task,
                          credits amount);
  verdict_of_book on_pay(const task_id& task,
                         std::span<const payment> payments);
  verdict_of_book on_release(const task_id& task);

  /// Once the ledger has acted: its figures for the accounts and the task of
  /// that step, and its sums. O(accounts touched).
  verdict_of_book compare(const account_table& ledger) const;

  // -- what else the monitor knows --------------------------------------------

  /// A verdict grants these payments out of the task's hold.
  void on_settled(const task_id& task, std::span<const payment> payments);

  /// The task's node crashed: its hold stays, and that is right.
  void on_orphaned(const task_id& task);

  bool is_open(const task_id& task) const;
  /// What the task's hold paid so far.
  credits paid_by(const task_id& task) const;
  /// Those of orphans left out; in the order of ids.
  std::vector<task_id> open_holds() const;

private:
  enum class hold_state : std::uint8_t { none, refused, open, released };

  struct account_line {
    credits available;
    credits held;
    credits earned;
    credits spent;
  };
  /// What a task owes to one payee by its verdicts, and paid it.
  struct debt {
    credits granted;
    credits paid;
  };
  struct task_line {
    hold_state hold = hold_state::none;
    bool orphaned = false;
    owner_id owner;
    credits amount;
    credits paid;
    std::map<owner_id, debt> debts;
  };

  bool would_be_refused(const task_line& line,
                        std::span<const payment> payments) const;

  std::map<owner_id, account_line> accounts_;
  std::map<task_id, task_line> tasks_;
  credits granted_;
  /// Of the last step.
  std::vector<owner_id> touched_;
  task_id touched_task_;
};

} // namespace artel::sim
