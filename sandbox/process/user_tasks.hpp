// How many tasks, threads included, a user has on this machine.
#pragma once

#include <cstdint>

#include <sys/types.h>

namespace artel::sandbox {

std::uint32_t count_user_tasks(uid_t user);

} // namespace artel::sandbox
