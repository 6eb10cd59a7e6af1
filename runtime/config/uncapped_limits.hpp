// What one run may ask for of a machine whose owner caps nothing: where caps
// begin.
#pragma once

#include "protocol/task/execution_limits.hpp"

namespace artel::runtime {

execution_limits uncapped_limits();

} // namespace artel::runtime
