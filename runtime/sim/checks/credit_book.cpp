#include "runtime/sim/checks/credit_book.hpp"

#include <string>

namespace artel::sim {

namespace {

finding twice(const task_id& task, const std::string& what) {
  return {rules::hold_resolved_once, "task " + short_name(task) + " " + what};
}

finding differs(const std::string& whose, std::string_view which, credits found,
                credits expected) {
  return {rules::credits_conserved,
          whose + ": " + std::string{which} + " is " + to_string(found)
            + "; by all messages it should be " + to_string(expected)};
}

credits sum_of(std::span<const payment> payments) {
  credits sum;
  for (const auto& one : payments)
    sum.micro += one.amount.micro;
  return sum;
}

} // namespace

void credit_book::on_open(const owner_id& owner, credits grant) {
  touched_ = {owner};
  touched_task_ = {};
  // A node that starts again asks again; the ledger refuses.
  if (grant.micro < 0 || grant > account_table::balance_max
      || accounts_.contains(owner))
    return;
  accounts_[owner].available = grant;
  granted_.micro += grant.micro;
}

verdict_of_book credit_book::on_hold(const owner_id& owner, const task_id& task,
                                     credits amount) {
  touched_ = {owner};
  touched_task_ = task;
  auto& line = tasks_[task];
  if (line.hold != hold_state::none)
    return twice(task, "asked for a second hold");
  line.owner = owner;
  auto account = accounts_.find(owner);
  if (account == accounts_.end() || amount.micro <= 0
      || account->second.available < amount) {
    line.hold = hold_state::refused;
    return {};
  }
  line.hold = hold_state::open;
  line.amount = amount;
  account->second.available.micro -= amount.micro;
  account->second.held.micro += amount.micro;
  return {};
}

bool credit_book::would_be_refused(const task_line& line,
                                   std::span<const payment> payments) const {
  for (const auto& one : payments)
    if (one.amount.micro <= 0 || one.payee == line.owner
        || !accounts_.contains(one.payee))
      return true;
  return false;
}

verdict_of_book credit_book::on_pay(const task_id& task,
                                    std::span<const payment> payments) {
  touched_.clear();
  touched_task_ = task;
  auto found = tasks_.find(task);
  if (found == tasks_.end() || found->second.hold != hold_state::open) {
    auto released =
      found != tasks_.end() && found->second.hold == hold_state::released;
    return twice(task, released ? "pays after its hold was released"
                                : "pays without a hold");
  }
  auto& line = found->second;
  touched_ = {line.owner};
  auto sum = sum_of(payments);
  if (line.paid.micro + sum.micro > line.amount.micro)
    return twice(task, "pays " + to_string(sum) + " more, with "
                         + to_string(line.paid) + " of "
                         + to_string(line.amount) + " paid");
  if (would_be_refused(line, payments))
    return {};
  verdict_of_book said;
  for (const auto& one : payments) {
    touched_.push_back(one.payee);
    auto& payee = accounts_.at(one.payee);
    payee.available.micro += one.amount.micro;
    payee.earned.micro += one.amount.micro;
    auto& owed = line.debts[one.payee];
    owed.paid.micro += one.amount.micro;
    if (owed.paid > owed.granted && !said)
      said = {rules::unverified_paid,
              "task " + short_name(task) + " paid " + to_string(owed.paid)
                + " to " + short_name(one.payee) + "; its verdicts grant "
                + to_string(owed.granted)};
  }
  line.paid.micro += sum.micro;
  auto& payer = accounts_.at(line.owner);
  payer.held.micro -= sum.micro;
  payer.spent.micro += sum.micro;
  return said;
}

verdict_of_book credit_book::on_release(const task_id& task) {
  touched_.clear();
  touched_task_ = task;
  auto& line = tasks_[task];
  if (line.hold == hold_state::released)
    return twice(task, "was released again");
  // Tasks that were refused their hold close their escrow all the same.
  if (line.hold == hold_state::refused)
    return {};
  if (line.hold == hold_state::none)
    return twice(task, "was released without a hold");
  touched_ = {line.owner};
  line.hold = hold_state::released;
  auto& payer = accounts_.at(line.owner);
  auto left = line.amount.micro - line.paid.micro;
  payer.held.micro -= left;
  payer.available.micro += left;
  for (const auto& [payee, owed] : line.debts)
    if (owed.paid < owed.granted)
      return finding{rules::verified_unpaid,
                     "task " + short_name(task) + " gave its hold back with "
                       + to_string(owed.paid) + " of " + to_string(owed.granted)
                       + " paid to " + short_name(payee)};
  line.debts.clear();
  return {};
}

verdict_of_book credit_book::compare(const account_table& ledger) const {
  if (ledger.granted() != granted_)
    return differs("the network", "granted", ledger.granted(), granted_);
  credits all{ledger.in_circulation().micro + ledger.burned().micro};
  if (all != granted_)
    return differs("the network", "in circulation and burned", all, granted_);
  for (const auto& owner : touched_) {
    auto expected = accounts_.find(owner);
    auto found = ledger.account(owner);
    if (!found || expected == accounts_.end()) {
      if (!found && expected == accounts_.end())
        continue;
      return finding{rules::credits_conserved,
                     "account " + short_name(owner)
                       + (found ? " was never opened" : " is gone")};
    }
    auto whose = "account " + short_name(owner);
    const auto& line = expected->second;
    if (found->available != line.available)
      return differs(whose, "available", found->available, line.available);
    if (found->held != line.held)
      return differs(whose, "held", found->held, line.held);
    if (found->earned != line.earned)
      return differs(whose, "earned", found->earned, line.earned);
    if (found->spent != line.spent)
      return differs(whose, "spent", found->spent, line.spent);
  }
  auto task = tasks_.find(touched_task_);
  if (task == tasks_.end())
    return {};
  credits expected;
  if (task->second.hold == hold_state::open)
    expected.micro = task->second.amount.micro - task->second.paid.micro;
  auto found = ledger.held_for(touched_task_);
  if (found.ok() != (task->second.hold == hold_state::open)
      || (found && *found != expected))
    return differs("task " + short_name(touched_task_), "left in its hold",
                   found ? *found : credits{}, expected);
  return {};
}

void credit_book::on_settled(const task_id& task,
                             std::span<const payment> payments) {
  auto& line = tasks_[task];
  for (const auto& one : payments)
    line.debts[one.payee].granted.micro += one.amount.micro;
}

void credit_book::on_orphaned(const task_id& task) {
  tasks_[task].orphaned = true;
}

bool credit_book::is_open(const task_id& task) const {
  auto found = tasks_.find(task);
  return found != tasks_.end() && found->second.hold == hold_state::open;
}

credits credit_book::paid_by(const task_id& task) const {
  auto found = tasks_.find(task);
  return found == tasks_.end() ? credits{} : found->second.paid;
}

std::vector<task_id> credit_book::open_holds() const {
  std::vector<task_id> open;
  for (const auto& [task, line] : tasks_)
    if (line.hold == hold_state::open && !line.orphaned)
      open.push_back(task);
  return open;
}

} // namespace artel::sim
