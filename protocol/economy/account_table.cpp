#include "protocol/economy/account_table.hpp"

#include <algorithm>
#include <cassert>
#include <string>
#include <utility>

namespace artel {

namespace {

failure unknown_account(const owner_id& owner) {
  return {errc::not_found, "no account of owner " + short_name(owner)};
}

failure too_little(const owner_id& owner, credits available, credits needed) {
  return {errc::insufficient_credits,
          "account " + short_name(owner) + " has " + to_string(available)
            + " credits available; needed are " + to_string(needed)};
}

} // namespace

std::string_view to_string(entry_kind kind) noexcept {
  switch (kind) {
    case entry_kind::grant: return "grant";
    case entry_kind::transfer: return "transfer";
    case entry_kind::task_payment: return "task_payment";
    case entry_kind::reward: return "reward";
    case entry_kind::penalty: return "penalty";
    case entry_kind::hold: return "hold";
    case entry_kind::refund: return "refund";
  }
  return "unknown";
}

result<void> account_table::open(const owner_id& owner, credits grant,
                                 wall_time now) {
  if (grant.micro < 0 || grant > balance_max)
    return {errc::out_of_range, "a grant of " + to_string(grant)
                                  + " credits; expected 0 to "
                                  + to_string(balance_max)};
  if (accounts_.contains(owner))
    return {errc::already_exists,
            "owner " + short_name(owner) + " has an account already"};
  // All that circulates was granted, so no other sum can leave 64 bits.
  auto granted = add(granted_, grant);
  if (!granted)
    return granted.error();
  granted_ = *granted;
  post(accounts_[owner],
       {.kind = entry_kind::grant, .amount = grant, .when = now});
  assert_conserved();
  return {};
}

result<void> account_table::transfer(const owner_id& from, const owner_id& to,
                                     credits amount, wall_time now) {
  if (amount < transfer_min)
    return {errc::out_of_range, "a transfer of " + to_string(amount)
                                  + " credits; expected at least "
                                  + to_string(transfer_min)};
  if (from == to)
    return {errc::invalid_argument,
            "a transfer of " + short_name(from) + " to itself"};
  auto payer = find_account(from);
  if (!payer)
    return payer.error();
  auto payee = find_account(to);
  if (!payee)
    return payee.error();
  if ((*payer)->state.available < amount)
    return too_little(from, (*payer)->state.available, amount);
  const auto& receiver = (*payee)->state;
  credits after{receiver.available.micro + receiver.held.micro + amount.micro};
  if (after > balance_max)
    return {errc::out_of_range, "account " + short_name(to) + " would have "
                                  + to_string(after)
                                  + " credits; a transfer may fill it to "
                                  + to_string(balance_max)};
  post(**payer, {.kind = entry_kind::transfer,
                 .amount = {-amount.micro},
                 .counterpart = to,
                 .when = now});
  post(**payee, {.kind = entry_kind::transfer,
                 .amount = amount,
                 .counterpart = from,
                 .when = now});
  assert_conserved();
  return {};
}

result<void> account_table::hold(const owner_id& owner, const task_id& task,
                                 credits amount, wall_time now) {
  if (amount.micro <= 0)
    return {errc::out_of_range, "a hold of " + to_string(amount)
                                  + " credits; expected more than 0"};
  if (holds_.contains(task) || released_.contains(task))
    return {errc::already_exists,
            "task " + short_name(task) + " has had its hold already"};
  auto payer = find_account(owner);
  if (!payer)
    return payer.error();
  if ((*payer)->state.available < amount)
    return too_little(owner, (*payer)->state.available, amount);
  holds_.emplace(task, open_hold{owner, amount, {}});
  change_held(**payer, amount);
  post(**payer, {.kind = entry_kind::hold,
                 .amount = {-amount.micro},
                 .task = task,
                 .when = now});
  assert_conserved();
  return {};
}

result<void> account_table::pay(const task_id& task,
                                std::span<const payment> payments,
                                wall_time now) {
  auto found = find_hold(task);
  if (!found)
    return found.error();
  auto& source = **found;
  struct share {
    record* account;
    credits amount;
  };
  // A batch pays a handful of owners hundreds of times: one lookup and one line
  // an owner, in the order of ids.
  std::map<owner_id, share> shares;
  credits sum;
  for (const auto& one : payments) {
    if (one.amount.micro <= 0)
      return {errc::out_of_range, "a payment of " + to_string(one.amount)
                                    + " credits to " + short_name(one.payee)
                                    + "; expected more than 0"};
    if (one.payee == source.owner)
      return {errc::invalid_argument, "a payment of " + short_name(one.payee)
                                        + " to itself out of the hold of task "
                                        + short_name(task)};
    if (one.amount.micro > source.left().micro - sum.micro)
      return {errc::out_of_range, "the hold of task " + short_name(task)
                                    + " has " + to_string(source.left())
                                    + " credits left; the payments are more"};
    auto [at, added] = shares.try_emplace(one.payee);
    if (added) {
      auto payee = find_account(one.payee);
      if (!payee)
        return payee.error();
      at->second.account = *payee;
    }
    at->second.amount.micro += one.amount.micro;
    sum.micro += one.amount.micro;
  }
  auto paid = add(paid_, sum);
  if (!paid)
    return paid.error();

  paid_ = *paid;
  source.paid.micro += sum.micro;
  auto& payer = accounts_.at(source.owner);
  payer.state.spent.micro += sum.micro;
  change_held(payer, {-sum.micro});
  for (const auto& [owner, part] : shares) {
    part.account->state.earned.micro += part.amount.micro;
    post(*part.account, {.kind = entry_kind::task_payment,
                         .amount = part.amount,
                         .counterpart = source.owner,
                         .task = task,
                         .when = now});
  }
  assert_conserved();
  return {};
}

result<credits> account_table::release(const task_id& task, wall_time now) {
  auto found = find_hold(task);
  if (!found)
    return found.error();
  auto refund = (*found)->left();
  auto& payer = accounts_.at((*found)->owner);
  holds_.erase(task);
  remember_released(task);
  change_held(payer, {-refund.micro});
  post(
    payer,
    {.kind = entry_kind::refund, .amount = refund, .task = task, .when = now});
  assert_conserved();
  return refund;
}

result<account_state> account_table::account(const owner_id& owner) const {
  auto found = accounts_.find(owner);
  if (found == accounts_.end())
    return unknown_account(owner);
  return found->second.state;
}

std::vector<account_entry> account_table::history(const owner_id& owner) const {
  auto found = accounts_.find(owner);
  if (found == accounts_.end())
    return {};
  return {found->second.history.begin(), found->second.history.end()};
}

std::vector<owner_id> account_table::owners() const {
  std::vector<owner_id> all;
  all.reserve(accounts_.size());
  for (const auto& [owner, account] : accounts_)
    all.push_back(owner);
  return all;
}

result<credits> account_table::held_for(const task_id& task) const {
  auto found = holds_.find(task);
  if (found == holds_.end())
    return {errc::not_found, "task " + short_name(task) + " has no open hold"};
  return found->second.left();
}

void account_table::check_invariants() const {
  credits circulating;
  credits earned;
  credits spent;
  for (const auto& [owner, account] : accounts_) {
    check_account(account);
    const auto& state = account.state;
    circulating.micro += state.available.micro + state.held.micro;
    earned.micro += state.earned.micro;
    spent.micro += state.spent.micro;
  }
  assert(circulating == circulating_);
  assert(earned == paid_ && spent == paid_);
  check_holds();
  assert_conserved();
}

result<account_table::record*>
account_table::find_account(const owner_id& owner) {
  auto found = accounts_.find(owner);
  if (found == accounts_.end())
    return unknown_account(owner);
  return &found->second;
}

result<account_table::open_hold*>
account_table::find_hold(const task_id& task) {
  auto found = holds_.find(task);
  if (found != holds_.end())
    return &found->second;
  if (released_.contains(task))
    return {errc::invalid_state,
            "the hold of task " + short_name(task) + " is released already"};
  return {errc::not_found, "task " + short_name(task) + " has no hold"};
}

void account_table::post(record& account, account_entry entry) {
  account.state.available.micro += entry.amount.micro;
  circulating_.micro += entry.amount.micro;
  assert(account.state.available.micro >= 0);
  entry.sequence = ++account.state.entries;
  entry.balance_after = account.state.available;
  account.history.push_back(entry);
  if (account.history.size() > history_max)
    account.history.pop_front();
}

void account_table::change_held(record& account, credits difference) {
  account.state.held.micro += difference.micro;
  circulating_.micro += difference.micro;
  assert(account.state.held.micro >= 0);
}

void account_table::remember_released(const task_id& task) {
  released_.insert(task);
  released_order_.push_back(task);
  if (released_order_.size() > released_max) {
    released_.erase(released_order_.front());
    released_order_.pop_front();
  }
}

void account_table::assert_conserved() const {
  assert(circulating_.micro + burned_.micro == granted_.micro);
}

void account_table::check_account(const record& account) const {
  const auto& state = account.state;
  assert(state.available.micro >= 0 && state.held.micro >= 0);
  assert(state.earned.micro >= 0 && state.spent.micro >= 0);
  const auto& lines = account.history;
  assert(lines.size() == std::min<std::uint64_t>(state.entries, history_max));
  assert(lines.back().sequence == state.entries);
  assert(lines.back().balance_after == state.available);
  for (std::size_t i = 1; i < lines.size(); ++i) {
    assert(lines[i].sequence == lines[i - 1].sequence + 1);
    assert(lines[i].balance_after.micro
           == lines[i - 1].balance_after.micro + lines[i].amount.micro);
  }
}

void account_table::check_holds() const {
  std::map<owner_id, std::int64_t> held;
  for (const auto& [task, item] : holds_) {
    assert(item.amount.micro > 0 && item.paid.micro >= 0);
    assert(item.paid <= item.amount);
    assert(!released_.contains(task) && accounts_.contains(item.owner));
    held[item.owner] += item.left().micro;
  }
  for (const auto& [owner, account] : accounts_) {
    auto own = held.find(owner);
    assert(account.state.held.micro == (own == held.end() ? 0 : own->second));
  }
  assert(released_.size() == released_order_.size());
  assert(released_.size() <= released_max);
}

} // namespace artel
