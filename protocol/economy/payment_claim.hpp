// What an owner owes another for a task, so far: signed by the owner's node, so
// that the payee can show it. Between processes this stands in for a payment
// until accounts are witnessed. Amounts only grow: a later claim takes the
// place of an earlier one, and a copy changes nothing.
#pragma once

#include "protocol/core/ids.hpp"
#include "protocol/core/result.hpp"
#include "protocol/core/time.hpp"
#include "protocol/core/units.hpp"
#include "protocol/identity/keys.hpp"
#include "protocol/wire/fields.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace artel {

struct payment_claim {
  static constexpr std::string_view type_name = "payment_claim";

  std::string network;
  task_id task;
  /// The node that signs, and in whose owner's name.
  node_id payer;
  owner_id payer_owner;
  owner_id payee;
  /// All that is owed for the task.
  credits amount;
  /// Verified jobs that it is for.
  std::uint64_t jobs = 0;
  wall_time issued{};
  /// Over claim_digest().
  signature payer_signature;

  bool operator==(const payment_claim&) const = default;

  template <class Self, class Visitor>
  static constexpr void fields(Self& self, Visitor&& visit) {
    visit("network", self.network);
    visit("task", self.task);
    visit("payer", self.payer);
    visit("payer_owner", self.payer_owner);
    visit("payee", self.payee);
    visit("amount", self.amount);
    visit("jobs", self.jobs);
    visit("issued", self.issued);
    visit("payer_signature", self.payer_signature);
  }
};

/// Over the canonical encoding with the signature zeroed, in the domain
/// "artel.payment-claim.v1".
hash256 claim_digest(const payment_claim& claim);
void sign_claim(payment_claim& claim, const key_pair& payer);

/// bad_signature; network_mismatch; invalid_argument (a negative amount).
result<void> check_claim(const payment_claim& claim, std::string_view network);

} // namespace artel
