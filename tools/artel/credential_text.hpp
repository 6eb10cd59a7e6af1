// Certificates, tokens and network configs as people and programs read them,
// with what is wrong with each.
#pragma once

#include "protocol/core/result.hpp"
#include "protocol/governance/network_config.hpp"
#include "protocol/identity/certificates.hpp"
#include "tools/artel/command_table.hpp"

#include <string>

namespace artel::tools {

std::string text_of(const owner_certificate& item);
std::string text_of(const seed_certificate& item);
std::string text_of(const join_token& item);
std::string text_of(const network_config& item);

/// Prints what was read, as -o says, and then what the check found: "valid", or
/// the problem and exit code 4.
template <class T>
exit_code show_checked(const arguments& given, const T& item,
                       const result<void>& checked);

} // namespace artel::tools
