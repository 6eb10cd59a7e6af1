#include "actors/ledger.hpp"

#include "actors/messages.hpp"

namespace artel {

namespace {

ledger_answer answer(const result<void>& outcome, credits amount) {
  if (!outcome)
    return {outcome.error(), {}};
  return {std::nullopt, amount};
}

/// Of owners elsewhere it may know nothing yet: they have what they are paid.
void open_unknown(account_table& accounts, const std::vector<payment>& payments,
                  wall_time now) {
  for (const auto& one : payments)
    if (!accounts.account(one.payee)) [[maybe_unused]]
      auto opened = accounts.open(one.payee, credits{}, now);
}

} // namespace

ledger_actor::behavior_type
make_ledger(ledger_actor::stateful_pointer<ledger_actor_state> self,
            ledger_config config) {
  self->state.config = std::move(config);
  auto now = [self] { return self->state.config.wall_clock(now_of(self)); };
  auto& accounts = self->state.accounts;
  return {
    [&accounts, now](const open_account& m) {
      return answer(accounts.open(m.owner, m.grant, now()), m.grant);
    },
    [&accounts, now](const ledger_hold& m) {
      return answer(accounts.hold(m.owner, m.task, m.amount, now()), m.amount);
    },
    [self, &accounts, now](const ledger_pay& m) {
      if (self->state.config.opens_payees)
        open_unknown(accounts, m.payments, now());
      credits sum;
      for (const auto& one : m.payments)
        sum.micro += one.amount.micro;
      return answer(accounts.pay(m.task, m.payments, now()), sum);
    },
    [&accounts, now](const ledger_release& m) -> ledger_answer {
      auto refund = accounts.release(m.task, now());
      if (!refund)
        return {refund.error(), {}};
      return {std::nullopt, *refund};
    },
    [&accounts](const query_account& m) -> account_answer {
      auto found = accounts.account(m.owner);
      if (!found)
        return {found.error(), {}};
      return {std::nullopt, *found};
    },
    [&accounts](const query_totals&) {
      return network_totals{accounts.granted(), accounts.in_circulation(),
                            accounts.burned()};
    },
  };
}

} // namespace artel
