// Settings as they are given: what a file, variables and flags say, key by key,
// each with its place. Private to config/.
#pragma once

#include "runtime/config/config_problem.hpp"
#include "runtime/config/settings_schema.hpp"

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace artel::runtime {

struct given_setting {
  const setting* what = nullptr;
  setting_value value;
  std::string place;
  /// What a relative path is relative to.
  std::filesystem::path directory;
};

/// What all sources together gave.
struct given_settings {
  /// Later ones win.
  std::vector<given_setting> all;
  std::vector<config_problem> problems;
  std::vector<std::string> warnings;
  /// Names of settings that a problem was already told of.
  std::set<std::string> unsound;
};

/// Larger is no such file.
inline constexpr std::size_t settings_file_bytes_max = 1u << 20;

/// TOML; false where it is none, which is then told.
bool read_settings_text(std::string_view text, const std::string& file_name,
                        const std::filesystem::path& directory,
                        given_settings& target);

/// The same from a regular file; false where it can't be read.
bool read_settings_file(const std::filesystem::path& path,
                        given_settings& target);

/// Variables named ARTEL_<SECTION>_<KEY>; empty ones count as not set. Those of
/// a known section with an unknown key are warned of.
void read_settings_environment(
  const std::map<std::string, std::string>& variables,
  const std::filesystem::path& directory, given_settings& target);

/// By flag ("log-level"); those that are no setting's are left alone.
void read_settings_flags(
  const std::map<std::string, std::vector<std::string>>& flags,
  const std::filesystem::path& directory, given_settings& target);

} // namespace artel::runtime
