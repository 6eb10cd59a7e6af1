// What somebody probably meant who mistyped a name: a key, a command, a flag.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace artel::runtime {

/// The name closest to what was given, by letters put in, left out, changed or
/// swapped, with '-' and '_' alike and case ignored; a name that starts with
/// what was given is close too. Empty where nothing is close.
/// O(names x length^2).
std::string_view nearest_name(std::string_view given,
                              std::span<const std::string_view> names);

/// "; did you mean 'chunks'?", or nothing.
std::string did_you_mean(std::string_view given,
                         std::span<const std::string_view> names);

} // namespace artel::runtime
