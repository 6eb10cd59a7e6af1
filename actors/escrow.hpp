// One task's credits: held before anything runs, paid job by job as verdicts
// come, the rest returned. Each job settles once, and the hold resolves once.
#pragma once

#include "actors/flush_pace.hpp"
#include "actors/interfaces.hpp"
#include "actors/messages.hpp"
#include "protocol/core/index_set.hpp"
#include "protocol/economy/account_table.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <map>
#include <optional>

namespace artel {

struct escrow_config {
  ledger_actor ledger;
  owner_id owner;
  task_id task;
};

struct escrow_actor_state {
  static inline const char* name = "escrow";

  escrow_config config;
  credits held;
  credits paid;
  /// Jobs that are settled: a second settlement is ignored.
  index_set settled;
  std::map<owner_id, credits> gathered;
  std::size_t gathered_jobs = 0;
  flush_pace pace;
  /// Payments that the ledger has not confirmed.
  std::size_t unconfirmed = 0;
  std::optional<failure> problem;
  std::optional<caf::typed_response_promise<settlement>> closing;
};

escrow_actor::behavior_type
make_escrow(escrow_actor::stateful_pointer<escrow_actor_state> self,
            escrow_config config);

} // namespace artel
