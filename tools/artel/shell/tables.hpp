// A simulated world as tables for people. Reads the world and changes nothing.
#pragma once

#include "protocol/core/time.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace artel::sim {
class world;
}

namespace artel::tools {

/// Of longer tables only so many rows are shown, and how many there are.
inline constexpr std::size_t table_rows_max = 50;

/// Time since the world began: "0 s", "2.34 s", "5 min 2.34 s", "1 h 5 min 2
/// s".
std::string virtual_time_text(microseconds since_start);

// Where there is a `part`, only rows about nodes (or tasks) whose names contain
// it are shown.

/// What each node is, how it behaves, and how it does.
std::string nodes_table(const sim::world& on, std::string_view part = {});

/// Tasks, and how far they are.
std::string jobs_table(const sim::world& on, std::string_view part = {});

/// Owners' accounts, and a line about all credits of the network.
std::string credits_table(const sim::world& on, std::string_view part = {});

/// Who thinks what of whom: pairs that have worked together.
std::string reputation_table(const sim::world& on, std::string_view part = {});

/// Links, what went over them, and how their paths are.
std::string links_table(const sim::world& on, std::string_view part = {});

/// What was done to the world, and what became of its frames.
std::string faults_table(const sim::world& on);

/// Seed, time, steps, nodes, tasks, the trace's hash, and what went wrong.
std::string world_summary(const sim::world& on);

} // namespace artel::tools
