#include "runtime/config/config_problem.hpp"

namespace artel::runtime {

std::string to_string(const config_problem& problem) {
  return problem.where.empty() ? problem.message
                               : problem.where + ": " + problem.message;
}

} // namespace artel::runtime
