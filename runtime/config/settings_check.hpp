// What must hold between settings, and of the files that they name. Private to
// config/.
#pragma once

#include "runtime/config/config_problem.hpp"
#include "runtime/config/node_settings.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace artel::runtime {

/// What settings are checked with.
struct settings_in_check {
  const node_settings& settings;
  /// By name; where a problem is told to be.
  const std::map<std::string, std::string>& origins;
  /// What follows from these is not told.
  const std::set<std::string>& unsound;
  std::vector<config_problem>& problems;
  std::vector<std::string>& warnings;
};

/// Contradictions. Pure.
void check_settings(settings_in_check& in);

/// Files that are missing, unreadable, or open to others.
void check_named_files(settings_in_check& in);

} // namespace artel::runtime
