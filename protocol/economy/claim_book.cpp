#include "protocol/economy/claim_book.hpp"

#include <algorithm>
#include <cassert>

namespace artel {

// -- what is owed -------------------------------------------------------------

void promised_claims::owe(const task_id& task, const owner_id& payee,
                          const node_id& node, credits amount,
                          std::uint64_t jobs, instant now) {
  auto& one = claims_[{task, payee}];
  auto told_before =
    one.nodes.size() < nodes_max ? !one.nodes.insert(node).second : true;
  if (amount > one.amount) {
    one.amount = amount;
    one.jobs = jobs;
  } else if (told_before || one.is_settled()) {
    return;
  }
  one.next = now;
  one.interval = interval_first;
  one.give_up_at = now + patience;
  one.given_up = false;
}

void promised_claims::on_acknowledged(const node_id& node, const task_id& task,
                                      credits amount) {
  for (auto it = claims_.lower_bound({task, owner_id{}});
       it != claims_.end() && it->first.first == task; ++it) {
    auto& one = it->second;
    // Nobody can know of more than it was told.
    if (one.nodes.contains(node) && amount <= one.sent)
      one.acknowledged = std::max(one.acknowledged, amount);
  }
  forget_finished();
}

void promised_claims::on_reachable(const node_id& node, instant now) {
  for (auto& [key, one] : claims_) {
    if (one.given_up || one.is_settled() || !one.nodes.contains(node))
      continue;
    one.next = now;
    one.interval = interval_first;
  }
}

std::vector<promised_claims::due_claim> promised_claims::due(instant now) {
  std::vector<due_claim> found;
  for (auto& [key, one] : claims_) {
    if (one.given_up || one.is_settled() || now < one.next)
      continue;
    if (now >= one.give_up_at) {
      one.given_up = true;
      continue;
    }
    one.next = now + one.interval;
    one.interval = std::min(one.interval * 2, interval_longest);
    one.sent = one.amount;
    found.push_back({key.first,
                     key.second,
                     one.amount,
                     one.jobs,
                     {one.nodes.begin(), one.nodes.end()}});
  }
  forget_finished();
  return found;
}

void promised_claims::close(const task_id& task) {
  closed_.insert(task);
  forget_finished();
}

promised_claims::tally promised_claims::of(const task_id& task) const {
  tally sum;
  for (auto it = claims_.lower_bound({task, owner_id{}});
       it != claims_.end() && it->first.first == task; ++it) {
    ++sum.payees;
    sum.acknowledged += it->second.is_settled();
  }
  return sum;
}

bool promised_claims::is_idle() const {
  return std::all_of(claims_.begin(), claims_.end(), [](const auto& item) {
    return item.second.given_up || item.second.is_settled();
  });
}

/// A closed task goes as a whole, so that its tally stays right until then.
void promised_claims::forget_finished() {
  for (auto task = closed_.begin(); task != closed_.end();) {
    auto first = claims_.lower_bound({*task, owner_id{}});
    auto last = first;
    auto open = false;
    for (; last != claims_.end() && last->first.first == *task; ++last)
      open = open || !(last->second.given_up || last->second.is_settled());
    if (open) {
      ++task;
      continue;
    }
    claims_.erase(first, last);
    task = closed_.erase(task);
  }
}

void promised_claims::check_invariants() const {
  for (const auto& [key, one] : claims_) {
    assert(one.acknowledged <= one.sent);
    assert(one.sent <= one.amount);
    assert(!one.nodes.empty() && one.nodes.size() <= nodes_max);
    assert(one.interval >= interval_first && one.interval <= interval_longest);
  }
}

// -- what was promised --------------------------------------------------------

result<credits> received_claims::take(const payment_claim& claim,
                                      const node_id& from,
                                      const owner_id& from_owner,
                                      const owner_id& own,
                                      std::string_view network) {
  if (claim.payer != from || claim.payer_owner != from_owner)
    return {errc::invalid_argument,
            "the claim is not in the name of the node that sent it"};
  if (claim.payee != own)
    return {errc::invalid_argument, "the claim is for owner "
                                      + short_name(claim.payee) + ", not for "
                                      + short_name(own)};
  if (auto sound = check_claim(claim, network); !sound)
    return sound.error();
  return keep(claim);
}

void received_claims::restore(const payment_claim& claim) {
  keep(claim);
}

credits received_claims::keep(const payment_claim& claim) {
  auto& tasks = payers_[claim.payer_owner];
  auto [known, added] = tasks.emplace(claim.task, claim);
  if (!added) {
    if (claim.amount > known->second.amount)
      known->second = claim;
    return known->second.amount;
  }
  if (++size_ > kept_max)
    drop_one();
  // Also where it was the smallest itself: its payer has too many of them.
  return claim.amount;
}

void received_claims::drop_one() {
  auto most = std::max_element(payers_.begin(), payers_.end(),
                               [](const auto& a, const auto& b) {
                                 return a.second.size() < b.second.size();
                               });
  auto& tasks = most->second;
  auto smallest = std::min_element(tasks.begin(), tasks.end(),
                                   [](const auto& a, const auto& b) {
                                     return a.second.amount < b.second.amount;
                                   });
  tasks.erase(smallest);
  --size_;
  if (tasks.empty())
    payers_.erase(most);
}

credits received_claims::known(const owner_id& payer,
                               const task_id& task) const {
  auto tasks = payers_.find(payer);
  if (tasks == payers_.end())
    return {};
  auto claim = tasks->second.find(task);
  return claim == tasks->second.end() ? credits{} : claim->second.amount;
}

std::vector<payment_claim> received_claims::claims() const {
  std::vector<payment_claim> all;
  all.reserve(size_);
  for (const auto& [payer, tasks] : payers_)
    for (const auto& [task, claim] : tasks)
      all.push_back(claim);
  return all;
}

void received_claims::check_invariants() const {
  std::size_t count = 0;
  for (const auto& [payer, tasks] : payers_) {
    assert(!tasks.empty());
    count += tasks.size();
    for (const auto& [task, claim] : tasks) {
      assert(claim.payer_owner == payer && claim.task == task);
      assert(claim.amount.micro >= 0);
    }
  }
  assert(count == size_ && size_ <= kept_max);
}

} // namespace artel
