// Small worlds and tasks for the tests of the simulation.
#pragma once

#include "runtime/sim/world.hpp"

#include <doctest/doctest.h>

#include <string>

namespace artel::sim::testing {

/// How many primes lie in 1..last, cut into so many jobs.
inline runtime::submission primes_task(std::uint64_t last, std::uint64_t jobs,
                                       milliseconds estimate = milliseconds{
                                         200}) {
  runtime::submission task;
  auto& spec = task.spec;
  spec.name = "primes";
  spec.type = task_type::range_reduce;
  spec.source.kind = source_kind::range;
  spec.source.first = 1;
  spec.source.last = last;
  spec.source.chunks = jobs;
  spec.code.kernel = "count_primes";
  spec.reduce = reduce_operation::sum;
  spec.estimate = estimate;
  return task;
}

inline node_index add(world& where, node_options options) {
  auto added = where.add_node(std::move(options));
  REQUIRE(added.ok());
  return *added;
}

/// A client named "client" with so many credits, as node 0, and workers
/// "worker-1"...
inline void populate(world& where, std::uint32_t workers,
                     credits grant = whole_credits(1'000)) {
  node_options client;
  client.name = "client";
  client.role = wire::node_role::client;
  client.grant = grant;
  add(where, client);
  for (std::uint32_t i = 1; i <= workers; ++i) {
    node_options worker;
    worker.name = "worker-" + std::to_string(i);
    worker.cores = 2;
    add(where, worker);
  }
}

inline std::string text_of(const bytes& value) {
  return {value.begin(), value.end()};
}

} // namespace artel::sim::testing
