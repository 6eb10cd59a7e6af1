// The options that say in which sandbox code runs here, and how well isolated.
#pragma once

#include "protocol/core/result.hpp"
#include "protocol/task/sandbox_terms.hpp"
#include "sandbox/local_executor.hpp"
#include "tools/artel/command_table.hpp"

#include <vector>

namespace artel::tools {

/// --type, --tier, --nan.
std::vector<option_info> sandbox_terms_options();

/// --isolation.
std::vector<option_info> isolation_options();

/// With `implied` where no type is given.
result<sandbox_terms> sandbox_terms_of(const arguments& given,
                                       sandbox_kind implied);

/// What this machine runs code with, and the cache of this user.
result<sandbox::local_config> local_config_of(const arguments& given);

} // namespace artel::tools
