// A saboteur: answers every job at once with a made-up output of its own. Wraps
// a node from outside; no actor knows of it.
#pragma once

#include "sandbox/executor.hpp"

#include <cstdint>

namespace artel::runtime {

class lying_executor final : public sandbox::executor {
public:
  /// No two numbers give the same answer to the same job.
  explicit lying_executor(std::uint64_t number) : number_(number) {}

  sandbox::run_result execute(const sandbox::run_request& request,
                              std::stop_token stop) override;

private:
  std::uint64_t number_;
};

} // namespace artel::runtime
