#include "protocol/wire/messages.hpp"

#include "protocol/identity/hash.hpp"
#include "protocol/wire/codec.hpp"

namespace artel::wire {

std::string_view to_string(node_role role) noexcept {
  switch (role) {
    case node_role::seed: return "seed";
    case node_role::public_: return "public";
    case node_role::client: return "client";
    case node_role::specialised: return "specialised";
  }
  return "unknown";
}

hash256 bid_digest(const bid& offer) {
  auto unsigned_offer = offer;
  unsigned_offer.worker_signature = {};
  return hash_of("artel.bid.v1", encode(unsigned_offer));
}

hash256 assignment_leaf(const hash256& terms, const node_id& worker,
                        std::uint64_t job, std::uint32_t attempt,
                        const hash256& input) noexcept {
  return hasher{"artel.assignment.v1"}
    .update(terms.view())
    .update(worker.view())
    .update(job)
    .update(std::uint64_t{attempt})
    .update(input.view())
    .finish();
}

} // namespace artel::wire
