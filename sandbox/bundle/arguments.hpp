// From a bundle's argument templates to the arguments of one run.
#pragma once

#include "protocol/task/code_bundle.hpp"
#include "protocol/task/job_input.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace artel::sandbox {

/// Where a job's data lies in the sandbox, under its own name, where an
/// argument asks for it.
inline constexpr const char* input_directory = "/input";

/// Replaces {first}, {last}, {file} and {index}. invalid_argument, with the
/// argument's number, for what is no placeholder, and for one that the job has
/// no value for: {first} and {last} want a range, {file} wants data.
result<std::vector<std::string>> render_arguments(const code_bundle& bundle,
                                                  std::uint64_t index,
                                                  const job_input& input);

} // namespace artel::sandbox
