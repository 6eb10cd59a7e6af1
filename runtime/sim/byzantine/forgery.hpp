// Results and frames that a dishonest node makes up. All are well formed where
// nothing else is said: what is wrong with them only the protocol can tell.
#pragma once

#include "actors/environment.hpp"
#include "protocol/core/random.hpp"
#include "protocol/wire/envelope.hpp"

#include <optional>
#include <vector>

namespace artel::sim {

/// Another answer to the same attempts, signed like the first.
wire::job_result second_answer(const wire::job_result& first,
                               const node_environment& environment);

/// Changes a signed message so that its hashes or its signature don't fit.
void tamper_with(wire::job_result& message, random_generator& random);

/// A result for an attempt that is probably nobody's on this link: signed
/// rightly, in another worker's name, or not at all. `known` is a receipt of
/// the node's own to take the rest from.
wire::job_result forged_result(const wire::attempt_ref& attempt,
                               const std::optional<receipt>& known,
                               const node_environment& environment,
                               random_generator& random);

/// Asks for a bid, in earnest or with figures that make no sense.
wire::bid_request odd_bid_request(const task_id& task,
                                  const node_environment& environment,
                                  random_generator& random);

/// An envelope that decodes but must be dropped, made from a sound one.
void spoil(wire::envelope& item, random_generator& random);

/// What no decoder may accept: random bytes, a wrong length, a payload that is
/// none. `sound` is an envelope to spoil.
bytes garbage_frame(wire::envelope sound, random_generator& random);

} // namespace artel::sim
