#include "tests/sandbox/hostile/attack.hpp"

#include <algorithm>
#include <initializer_list>
#include <string>
#include <utility>

namespace artel::hostile {

namespace {

constexpr ending trapped{run_outcome::trap};
constexpr ending invalid{run_outcome::invalid_module};
constexpr ending unsupported{run_outcome::unsupported_import};

attack wasm_attack(const std::string& module, wasm_tier tier, ending expected,
                   std::vector<std::string> says = {}) {
  return {.group = "wasm",
          .name = module + ", " + std::string{to_string(tier)},
          .program = module + ".wasm",
          .expected = expected,
          .says = std::move(says),
          .tier = tier};
}

void add_both(std::vector<attack>& all, const std::string& module,
              ending expected, std::vector<std::string> says = {}) {
  for (auto tier : {wasm_tier::interpreted, wasm_tier::compiled})
    all.push_back(wasm_attack(module, tier, expected, says));
}

void add_traps(std::vector<attack>& all) {
  for (const auto* module :
       {"load_out_of_bounds", "store_out_of_bounds", "fill_out_of_bounds",
        "divide_by_zero", "unreachable", "deep_recursion", "wrong_type",
        "wild_table_index", "data_out_of_bounds", "element_out_of_bounds"})
    add_both(all, module, trapped);
}

void add_floods(std::vector<attack>& all) {
  auto short_cpu = [](execution_limits& limits) {
    limits.cpu_time = milliseconds{300};
  };
  add_both(all, "endless_loop", {run_outcome::cpu_limit});
  for (auto& one : all)
    if (one.program == "endless_loop.wasm")
      one.limits = short_cpu;
  all.push_back(wasm_attack("endless_loop", wasm_tier::interpreted,
                            {run_outcome::fuel_exhausted}));
  all.back().name += " with fuel";
  all.back().limits = [](execution_limits& limits) { limits.fuel = 1'000'000; };
  add_both(all, "grow_flood", {}, {"refused"});
  add_both(all, "endless_output", {run_outcome::output_limit});
  add_both(all, "exit_137", {run_outcome::nonzero_exit, 137});
}

void add_host_calls(std::vector<attack>& all) {
  add_both(all, "wild_pointers", {}, {"held"});
  add_both(all, "wild_descriptors", {}, {"held"});
  for (const auto* module : {"forged_module", "forged_function", "forged_type",
                             "forged_global", "forged_memory"})
    all.push_back(wasm_attack(module, wasm_tier::automatic, unsupported));
}

/// Sections that are fine, around what is not.
bytes module_of(std::initializer_list<bytes> sections) {
  bytes module{0, 'a', 's', 'm', 1, 0, 0, 0};
  for (const auto& section : sections)
    module.insert(module.end(), section.begin(), section.end());
  return module;
}

/// Memory and an empty `_start`, up to its code.
const bytes type_section{1, 4, 1, 0x60, 0, 0};
const bytes function_section{3, 2, 1, 0};
const bytes memory_section{5, 3, 1, 0, 1};
const bytes export_section{7, 19, 2,   6,   'm', 'e', 'm', 'o', 'r', 'y', 2,
                           0, 6,  '_', 's', 't', 'a', 'r', 't', 0,   0};

void append_number(bytes& target, std::uint32_t number) {
  for (; number >= 0x80; number >>= 7)
    target.push_back(static_cast<std::uint8_t>(number | 0x80));
  target.push_back(static_cast<std::uint8_t>(number));
}

bytes section_of(std::uint8_t id, const bytes& content) {
  bytes section{id};
  append_number(section, static_cast<std::uint32_t>(content.size()));
  section.insert(section.end(), content.begin(), content.end());
  return section;
}

/// With this body, its size before it.
bytes module_with_body(const bytes& body) {
  bytes code{1};
  append_number(code, static_cast<std::uint32_t>(body.size()));
  code.insert(code.end(), body.begin(), body.end());
  return module_of({type_section, function_section, memory_section,
                    export_section, section_of(10, code)});
}

bytes module_with_nested_blocks(std::size_t depth) {
  bytes body{0};
  for (std::size_t i = 0; i < depth; ++i)
    body.insert(body.end(), {0x02, 0x40});
  body.insert(body.end(), depth + 1, 0x0b);
  return module_with_body(body);
}

bytes module_with_functions(std::uint32_t count) {
  bytes declared;
  append_number(declared, count);
  declared.insert(declared.end(), count, 0);
  bytes code;
  append_number(code, count);
  for (std::uint32_t i = 0; i < count; ++i)
    code.insert(code.end(), {2, 0, 0x0b});
  return module_of({type_section, section_of(3, declared), memory_section,
                    export_section, section_of(10, code)});
}

void add_module(std::vector<attack>& all, std::string name, bytes module,
                ending expected = invalid) {
  all.push_back({.group = "wasm",
                 .name = std::move(name),
                 .program = "made.wasm",
                 .expected = expected,
                 .tier = wasm_tier::automatic,
                 .module = std::move(module)});
}

void add_malformed(std::vector<attack>& all) {
  const bytes huge{0xff, 0xff, 0xff, 0xff, 0x0f};
  add_module(all, "malformed: empty", {});
  add_module(all, "malformed: text", to_bytes("(module)"));
  add_module(all, "malformed: another program",
             to_bytes("\x7f"
                      "ELF\2\1\1"));
  add_module(all, "malformed: header alone", module_of({}));
  add_module(all, "malformed: another version", {0, 'a', 's', 'm', 2, 0, 0, 0});
  add_module(all, "malformed: cut off",
             module_of({type_section, {3, 200, 1, 0}}));
  add_module(all, "malformed: a section of 4 GiB",
             module_of({{1}, huge, {0, 0}}));
  add_module(all, "malformed: four thousand million types",
             module_of({section_of(1, huge)}));
  add_module(all, "malformed: number without end",
             module_of({{1, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0}}));
  add_module(all, "malformed: sections out of order",
             module_of({function_section, type_section}));
  add_module(all, "malformed: unknown section", module_of({{99, 0}}));
  bytes locals{1};
  locals.insert(locals.end(), huge.begin(), huge.end());
  locals.insert(locals.end(), {0x7f, 0x0b});
  add_module(all, "malformed: four thousand million variables",
             module_with_body(locals));
  add_module(all, "malformed: body of another type",
             module_with_body({0, 0x41, 1, 0x0b}));
  add_module(all, "malformed: unknown instruction",
             module_with_body({0, 0xff, 0x0b}));
  add_module(all, "malformed: branch to nowhere",
             module_with_body({0, 0x0c, 9, 0x0b}));
}

void add_oversized(std::vector<attack>& all) {
  add_module(all, "oversized: 65 MiB", bytes(65u << 20, 0));
  add_module(all, "oversized: 100,001 functions",
             module_with_functions(100'001));
  // Nothing in it is wrong; it must not take the runner's stack.
  add_module(all, "oversized: 10,000 blocks in each other",
             module_with_nested_blocks(10'000), {});
  all.back().tier = wasm_tier::interpreted;
  const ending memory{run_outcome::memory_limit};
  all.push_back(wasm_attack("huge_memory", wasm_tier::automatic, memory));
  all.push_back(wasm_attack("huge_table", wasm_tier::automatic, invalid));
  all.push_back(wasm_attack("start_section", wasm_tier::automatic, invalid));
}

} // namespace

std::vector<attack> wasm_attacks() {
  std::vector<attack> all;
  add_traps(all);
  add_floods(all);
  add_host_calls(all);
  add_malformed(all);
  add_oversized(all);
  return all;
}

} // namespace artel::hostile
