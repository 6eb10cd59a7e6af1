// What must hold after every task, whatever happened on the way.
#pragma once

#include "tests/actors/world.hpp"

namespace artel::testing {

/// No credit was made or lost, and none is held any more.
void check_conserved(world& net);

/// Every receipt and verdict proves itself; every completed job is paid exactly
/// price x agreeing replicas; what nodes earned, what the report says and what
/// the ledger holds are the same.
void check_settled(world& net, const task_run& task);

/// No worker runs or holds anything.
void check_idle(world& net);

} // namespace artel::testing
