// One worker's attempt at a job: sends the assignment until it is acknowledged,
// watches the lease, fetches an output that is too large for a message, checks
// the receipt against what was asked.
#pragma once

#include "actors/environment.hpp"
#include "actors/interfaces.hpp"
#include "actors/messages.hpp"
#include "protocol/task/blob_fetch.hpp"
#include "protocol/task/replica_machine.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <memory>
#include <optional>

namespace artel {

struct replica_config {
  environment_ptr environment;
  std::shared_ptr<const task_terms> terms;
  std::uint64_t job = 0;
  placement where;
  std::shared_ptr<const job_input> input;
  hash256 input_hash;
  /// See assign_replica.
  blob_ref input_blob;
  text_list sources;
  job_actor owner;
};

struct replica_actor_state {
  static inline const char* name = "replica";

  replica_config config;
  std::optional<replica_machine> machine;
  /// A result whose output is being fetched.
  std::optional<result_ref> announced;
  std::optional<blob_fetch> fetch;
};

replica_actor::behavior_type
make_replica(replica_actor::stateful_pointer<replica_actor_state> self,
             replica_config config);

} // namespace artel
