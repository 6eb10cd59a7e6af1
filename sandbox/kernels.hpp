// Built-in kernels: trusted code of artel's own, run in this process.
#pragma once

#include "sandbox/executor.hpp"

#include <string_view>
#include <vector>

namespace artel::sandbox {

struct kernel_info {
  std::string_view name;
  std::string_view description;
  input_kind input = input_kind::range;
};

/// All kernels, sorted by name: count_primes (how many primes lie in
/// first..last), noop (no work; outputs "0").
const std::vector<kernel_info>& kernels();

bool is_kernel(std::string_view name) noexcept;

/// Runs kernels only; anything else is exec_failed. Stateless.
class kernel_executor final : public executor {
public:
  run_result execute(const run_request& request, std::stop_token stop) override;
};

} // namespace artel::sandbox
