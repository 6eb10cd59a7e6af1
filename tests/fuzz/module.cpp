// Admission of WebAssembly modules. Inputs are changed within their sections,
// whose sizes are put right afterwards: else most changes would end there.
#include "sandbox/wasm/module_check.hpp"
#include "tests/fuzz/target.hpp"
#include "tests/sandbox/module_builder.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size,
                                        std::size_t size_max);

namespace artel::fuzz {

namespace {

using sandbox::check_module;
using sandbox::module_facts;
using sandbox::module_limits;
using sandbox::module_problem;
using testing::append;
using testing::module_builder;
using testing::raw;

constexpr std::size_t header_bytes = 8;

module_limits small_limits() {
  module_limits limits;
  limits.module_bytes_max = 4'096;
  limits.types_max = limits.functions_max = limits.globals_max = 8;
  limits.imports_max = limits.exports_max = limits.segments_max = 4;
  limits.values_per_type_max = 4;
  limits.table_entries_max = 16;
  limits.name_bytes_max = 32;
  limits.body_bytes_max = limits.locals_max = 64;
  limits.pages_max = 4;
  return limits;
}

bool is_within(const module_facts& facts, const module_limits& limits) {
  return facts.functions <= limits.functions_max
         && facts.imports <= limits.imports_max
         && facts.import_names.size() == facts.imports
         && facts.initial_pages <= limits.pages_max
         && facts.max_pages.value_or(65'536) <= 65'536
         && facts.initial_pages <= facts.max_pages.value_or(65'536);
}

void check_admitted(bytes_view module, const module_facts& facts) {
  auto shorter = check_module(module.first(module.size() - 1), {});
  require(std::holds_alternative<module_problem>(shorter),
          "no module is sound without its last byte");
  bytes longer{module.begin(), module.end()};
  append(longer, testing::section(0, raw("'note' 01 02 03")));
  auto same = check_module(longer, {});
  require(std::holds_alternative<module_facts>(same)
            && std::get<module_facts>(same) == facts,
          "a custom section changes nothing");
}

/// Whether it was admitted.
bool check_one(bytes_view module, const module_limits& limits) {
  auto checked = check_module(module, limits);
  if (auto* facts = std::get_if<module_facts>(&checked)) {
    require(is_within(*facts, limits), "facts are within the limits");
    return true;
  }
  const auto& problem = std::get<module_problem>(checked);
  require(problem.outcome == run_outcome::invalid_module
            || problem.outcome == run_outcome::unsupported_import
            || problem.outcome == run_outcome::memory_limit,
          "a refusal has one of three outcomes");
  require(!problem.message.empty(), "a refusal says why");
  return false;
}

struct framed_section {
  std::uint8_t id;
  bytes contents;
};

/// The sections, as far as they are framed; the rest becomes the last one's.
std::vector<framed_section> split(bytes_view module) {
  std::vector<framed_section> sections;
  auto rest = module.subspan(std::min(header_bytes, module.size()));
  while (rest.size() >= 2) {
    auto id = rest[0];
    std::size_t size = 0;
    std::size_t at = 1;
    for (unsigned shift = 0; at < rest.size() && shift < 35; shift += 7) {
      size |= std::size_t{rest[at]} % 0x80 << shift;
      if (rest[at++] < 0x80)
        break;
    }
    size = std::min(size, rest.size() - at);
    auto contents = rest.subspan(at, size);
    sections.push_back({id, {contents.begin(), contents.end()}});
    rest = rest.subspan(at + size);
  }
  return sections;
}

/// Nothing where it would be too large.
std::size_t join(bytes_view header, const std::vector<framed_section>& sections,
                 std::span<std::uint8_t> target) {
  bytes module{header.begin(), header.end()};
  for (const auto& each : sections)
    append(module, testing::section(each.id, each.contents));
  if (module.size() > target.size())
    return 0;
  std::copy(module.begin(), module.end(), target.begin());
  return module.size();
}

void change_section(std::vector<framed_section>& sections,
                    std::minstd_rand& random) {
  constexpr std::size_t growth_max = 64;
  auto at = random() % sections.size();
  auto& [id, contents] = sections[at];
  switch (random() % 16) {
    case 0:
      sections.erase(sections.begin() + static_cast<std::ptrdiff_t>(at));
      return;
    case 1: id = static_cast<std::uint8_t>(random() % 15); return;
    default: break;
  }
  auto size = contents.size();
  contents.resize(size + growth_max);
  contents.resize(LLVMFuzzerMutate(contents.data(), size, contents.size()));
}

} // namespace

void run(bytes_view input) {
  auto admitted_small = check_one(input, small_limits());
  auto admitted = check_one(input, {});
  require(admitted || !admitted_small,
          "what is admitted within small limits is admitted within larger");
  if (admitted)
    check_admitted(input, std::get<module_facts>(check_module(input, {})));
}

std::vector<seed> make_seeds() {
  return {
    {"command", module_builder{}.build()},
    {"segments", module_builder{}
                   .put(9, "04 00 41 00 0b 01 01"
                           "01 00 02 00 01"
                           "06 00 41 00 0b 70 01 d2 00 0b"
                           "07 70 01 d0 70 0b")
                   .put(12, "02")
                   .put(11, "02 01 02 68 69 02 00 41 7f 0b 00")
                   .build()},
    {"constants", module_builder{}
                    .put(6, "04 7f 00 41 7f 0b 7e 01 42 80 01 0b"
                            "7d 00 43 00 00 c0 7f 0b"
                            "7c 01 44 00 00 00 00 00 00 f8 7f 0b")
                    .put(10, "01 0b 02 02 7f 03 7e 41 00 1a 0b 0b 0b")
                    .build()},
    {"imports", module_builder{}
                  .put(1, "03 60 00 00 60 01 7f 00 60 04 7f 7e 7f 7f 01 7f")
                  .put(2, "02 'wasi_snapshot_preview1' 'proc_exit' 00 01"
                          "'wasi_snapshot_preview1' 'fd_seek' 00 02")
                  .put(7, "02 'memory' 02 00 '_start' 00 02")
                  .build()},
    {"refused", module_builder{}.put(8, "01").put(13, "01 00 00").build()},
    {"component", raw("00 61 73 6d 0d 00 01 00")},
  };
}

} // namespace artel::fuzz

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data,
                                               std::size_t size,
                                               std::size_t size_max,
                                               unsigned seed) {
  using namespace artel::fuzz;
  std::minstd_rand random{seed};
  artel::bytes_view module{data, size};
  auto sections = split(module);
  if (sections.empty() || random() % 4 == 0)
    return LLVMFuzzerMutate(data, size, size_max);
  change_section(sections, random);
  auto joined = join(module.first(header_bytes), sections, {data, size_max});
  return joined != 0 ? joined : LLVMFuzzerMutate(data, size, size_max);
}
