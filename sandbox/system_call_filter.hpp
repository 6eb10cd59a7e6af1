// The system calls that a sandboxed program may make, as a seccomp filter.
#pragma once

#include "protocol/core/bytes.hpp"

namespace artel::sandbox {

/// The filter as the kernel takes it (struct sock_filter, one after another).
/// What is on no list fails as if the kernel did not know it, so that programs
/// fall back; what only an attack needs kills (outcome forbidden_syscall).
/// Takes some milliseconds: build it once. system_failure where libseccomp
/// refuses a rule.
result<bytes> build_system_call_filter();

} // namespace artel::sandbox
