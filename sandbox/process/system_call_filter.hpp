// The system calls that a sandboxed program may make, as a seccomp filter.
#pragma once

#include "protocol/core/bytes.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace artel::sandbox {

enum class call_action : std::uint8_t {
  allow = 1,
  /// The whole process, with SIGSYS (outcome forbidden_syscall).
  kill = 2,
};

/// Holds where (argument & mask) == value. The only test there is: others look
/// at all 64 bits of an argument, where the kernel may look at 32.
struct argument_test {
  unsigned argument = 0;
  std::uint64_t mask = 0;
  std::uint64_t value = 0;

  bool operator==(const argument_test&) const = default;
};

struct filter_rule {
  /// As libseccomp knows it; calls that this machine lacks are there too.
  const char* call = nullptr;
  call_action action = call_action::allow;
  /// Without one, the rule is about all uses of the call.
  std::optional<argument_test> test;
};

/// What a call fails with that no rule is about.
extern const int unlisted_call_error;

/// All rules; several about one call add up. What is on no list fails as if the
/// kernel did not know it, so that programs fall back; what only an attack
/// needs kills.
const std::vector<filter_rule>& filter_rules();

/// The filter as the kernel takes it (struct sock_filter, one after another).
/// Takes some milliseconds: build it once. system_failure where libseccomp
/// refuses a rule.
result<bytes> build_system_call_filter();

} // namespace artel::sandbox
