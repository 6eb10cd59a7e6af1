// The prompt of `artel shell`: lines from a terminal into a session, until
// Ctrl-D or `quit`. Ctrl-C forgets the line that is being typed, or stops the
// command that runs; neither ends the session, nor do mistakes.
#pragma once

#include "protocol/core/time.hpp"
#include "tools/artel/exit_codes.hpp"

#include <string>

namespace artel::tools {

class session;

/// "artel 2.34 s> ".
std::string prompt_text(microseconds since_start);

/// Needs a terminal at standard input. SIGINT is handled while it runs, and as
/// it was afterwards.
exit_code run_prompt(session& on);

} // namespace artel::tools
