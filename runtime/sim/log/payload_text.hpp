// What travels and what is told, in a few words each: for logs that people
// read. One line whatever a peer put into it; task ids are shortened.
#pragma once

#include "actors/events.hpp"
#include "protocol/wire/envelope.hpp"

#include <string>
#include <string_view>

namespace artel::sim {

/// "task 3fa81c02: job 17 attempt 1 completed '25'".
std::string payload_text(const wire::payload& item);

/// "plan", "receipt", "verdict", "progress", "end", "log".
std::string_view event_kind(const event& what) noexcept;

/// "task 3fa81c02: job 17 accepted '25', 2 agree".
std::string event_text(const event& what);

/// The name itself where the compiler mangled one: "job_ended" for
/// "N5artel9job_endedE" and for "artel::job_ended".
std::string plain_type_name(std::string_view name);

} // namespace artel::sim
