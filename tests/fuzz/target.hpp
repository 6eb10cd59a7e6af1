// What a fuzz target is: it defines run() and make_seeds(), entry.cpp joins
// them to libFuzzer.
#pragma once

#include "protocol/core/bytes.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace artel::fuzz {

struct seed {
  std::string name;
  bytes data;
};

/// Gives one input to the code under test. A crash, a sanitizer's report, too
/// much time or memory, and a require() that does not hold are findings.
void run(bytes_view input);

/// Inputs to start from, each of which gets far.
std::vector<seed> make_seeds();

/// Ends the program with the sentence unless it is true.
void require(bool holds, std::string_view sentence);

} // namespace artel::fuzz
