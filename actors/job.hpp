// One job: carries out what its machine wants, spawns a replica an attempt,
// pays by verdict, and tells the coordinator how it ended.
#pragma once

#include "actors/environment.hpp"
#include "actors/interfaces.hpp"
#include "actors/messages.hpp"
#include "protocol/core/random.hpp"
#include "protocol/task/blob.hpp"
#include "protocol/task/job_machine.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace artel {

struct job_config {
  environment_ptr environment;
  std::shared_ptr<const task_terms> terms;
  job_policy policy;
  std::uint64_t index = 0;
  std::shared_ptr<const job_input> input;
  /// URLs that have the input's data; may be null.
  text_list sources = nullptr;
  /// Workers for the first replicas, one each.
  std::vector<placement> placements;
  /// Seeds the jitter of retries.
  std::uint64_t random_seed = 0;
  coordinator_actor coordinator;
  escrow_actor escrow;
};

struct job_actor_state {
  static inline const char* name = "job";

  job_config config;
  std::optional<job_machine> machine;
  std::optional<random_generator> random;
  hash256 input_hash;
  /// The input's data, where they travel as a blob: on the node's shelf for as
  /// long as the job lives, and shared by all its replicas.
  std::shared_ptr<const blob_content> input_blob;
  std::map<std::uint32_t, replica_actor> replicas;
  std::vector<attempt_record> attempts;
  std::string stderr_tail;
};

job_actor::behavior_type
make_job(job_actor::stateful_pointer<job_actor_state> self, job_config config);

} // namespace artel
