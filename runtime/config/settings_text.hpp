// Settings for people: as a TOML file with their origins, as JSON, and a file
// to start from, which the schema writes itself. None of them has a secret: the
// settings themselves name only where secrets are.
#pragma once

#include "runtime/config/settings_loader.hpp"
#include "runtime/config/settings_schema.hpp"
#include "runtime/observe/json.hpp"

#include <string>

namespace artel::runtime {

/// Reads as the same settings again; what is not set stands there as a comment.
std::string settings_toml(const loaded_settings& loaded);

/// {"settings": {SECTION: {KEY: {"value", "origin"}}}, "warnings": [TEXT]};
/// what is not set is null.
json settings_json(const loaded_settings& loaded);

/// Every setting with its meaning and its default, as comments.
std::string example_settings_file();

/// "1 to 100", "100ms to 60s", or nothing: what a value may be.
std::string bounds_text(const setting& what);

} // namespace artel::runtime
