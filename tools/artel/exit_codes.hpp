// How artel's commands end, for scripts: one number a kind of ending.
#pragma once

#include "actors/events.hpp"
#include "protocol/core/errc.hpp"

#include <string_view>
#include <vector>

namespace artel::tools {

enum class exit_code : int {
  done = 0,
  failure = 1,
  invalid_input = 2,
  job_failed = 3,
  verification_failed = 4,
  timed_out = 5,
  no_workers = 6,
  insufficient_credits = 7,
  sandbox_unavailable = 8,
  check_failed = 9,
  interrupted = 130,
};

struct exit_code_info {
  exit_code code;
  std::string_view meaning;
};

/// All of them, in order, as help shows them.
const std::vector<exit_code_info>& exit_codes();

/// For something that could not be started.
exit_code exit_code_of(errc problem) noexcept;

/// For a task that ran, or was refused before.
exit_code exit_code_of(const task_report& report) noexcept;

} // namespace artel::tools
