#include "runtime/launch/machine.hpp"

#include "protocol/identity/hash.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>

#include <sched.h>
#include <sys/sysinfo.h>

namespace artel::runtime {

namespace {

/// Hashes of 4 KiB that the reference machine (1000 points) does a second.
constexpr std::uint64_t reference_hashes_per_second = 200'000;

std::uint32_t measure_cpu_score() {
  using clock = std::chrono::steady_clock;
  std::array<std::uint8_t, 4096> block{};
  std::uint64_t hashes = 0;
  auto start = clock::now();
  auto elapsed = clock::duration::zero();
  while (elapsed < std::chrono::milliseconds{20}) {
    for (int i = 0; i < 16; ++i, ++hashes)
      block[hashes % block.size()] ^= hash_of("artel.score.v1", block).value[0];
    elapsed = clock::now() - start;
  }
  auto micros = static_cast<std::uint64_t>(
    std::chrono::duration_cast<std::chrono::microseconds>(elapsed).count());
  auto per_second = hashes * 1'000'000 / std::max<std::uint64_t>(micros, 1);
  return static_cast<std::uint32_t>(per_second * 1'000
                                    / reference_hashes_per_second);
}

} // namespace

std::uint32_t usable_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof(set), &set) != 0)
    return 1;
  return static_cast<std::uint32_t>(std::max(CPU_COUNT(&set), 1));
}

wire::capabilities measure_machine() {
  wire::capabilities found;
  found.cores = usable_cores();
  found.cpu_score = measure_cpu_score();
  struct sysinfo info {};
  if (::sysinfo(&info) == 0) {
    found.ram_bytes = std::uint64_t{info.totalram} * info.mem_unit;
    auto free = std::uint64_t{info.freeram + info.bufferram} * info.mem_unit;
    if (found.ram_bytes > 0)
      found.ram_use_permille = static_cast<std::uint32_t>(
        (found.ram_bytes - std::min(free, found.ram_bytes)) / 1024 * 1000
        / (found.ram_bytes / 1024));
    auto load =
      static_cast<std::uint64_t>(info.loads[0]) * 1000 >> SI_LOAD_SHIFT;
    found.cpu_use_permille = static_cast<std::uint32_t>(
      std::min<std::uint64_t>(load / found.cores, 1000));
  }
  std::error_code problem;
  auto space = std::filesystem::space(
    std::filesystem::temp_directory_path(problem), problem);
  if (!problem)
    found.disk_bytes = space.available;
  return found;
}

} // namespace artel::runtime
