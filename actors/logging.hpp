// Log lines as domain events: actors don't know where they are written.
#pragma once

#include "actors/environment.hpp"
#include "actors/messages.hpp"

#include <caf/send.hpp>

#include <string>
#include <utility>
#include <vector>

namespace artel {

inline void log_line(const observer_actor& observer,
                     const node_environment& environment, log_level level,
                     std::string message, std::vector<log_field> fields = {}) {
  if (!observer)
    return;
  event_batch batch;
  batch.events.emplace_back(node_logged{level, environment.display_name,
                                        std::move(message), std::move(fields)});
  // Anonymous: the answer is back-pressure, which single lines don't need.
  caf::anon_send(observer, std::move(batch));
}

} // namespace artel
