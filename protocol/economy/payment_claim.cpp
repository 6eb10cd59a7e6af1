#include "protocol/economy/payment_claim.hpp"

#include "protocol/identity/hash.hpp"
#include "protocol/wire/codec.hpp"

namespace artel {

hash256 claim_digest(const payment_claim& claim) {
  auto unsigned_claim = claim;
  unsigned_claim.payer_signature = {};
  return hash_of("artel.payment-claim.v1", wire::encode(unsigned_claim));
}

void sign_claim(payment_claim& claim, const key_pair& payer) {
  claim.payer = payer.node();
  claim.payer_signature = payer.sign(claim_digest(claim).view());
}

result<void> check_claim(const payment_claim& claim, std::string_view network) {
  if (claim.network != network)
    return {errc::network_mismatch, "the claim is of network '" + claim.network
                                      + "', not '" + std::string{network}
                                      + "'"};
  if (claim.amount.micro < 0)
    return {errc::invalid_argument, "the claim is for less than nothing"};
  if (!verify(claim.payer, claim_digest(claim).view(), claim.payer_signature))
    return {errc::bad_signature, "the claim's signature does not fit"};
  return {};
}

} // namespace artel
