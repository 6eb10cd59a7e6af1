// Built-in kernels: trusted code of artel's own, run in this process.
#pragma once

#include "sandbox/executor.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace artel::sandbox {

struct kernel_info {
  std::string_view name;
  std::string_view description;
  /// What it computes over: a range, or (none) nothing, whatever is there.
  input_kind input = input_kind::range;
  /// Numbers in data, one a line, will do in place of the range.
  bool reads_data = false;
  /// As a usage line shows them; empty: it takes none.
  std::string_view arguments;

  bool accepts(input_kind kind) const noexcept {
    return input == input_kind::none || kind == input
           || (reads_data && kind == input_kind::data);
  }
};

/// All kernels, sorted by name.
const std::vector<kernel_info>& kernels();

bool is_kernel(std::string_view name) noexcept;

/// Whether the kernel can do with these arguments: not_found where there is no
/// such kernel, else the kernel's own judgement, which names the argument.
result<void> check_kernel_arguments(std::string_view name,
                                    const std::vector<std::string>& arguments);

/// Runs kernels only; anything else is exec_failed. Stateless.
class kernel_executor final : public executor {
public:
  run_result execute(const run_request& request, std::stop_token stop) override;
};

} // namespace artel::sandbox
