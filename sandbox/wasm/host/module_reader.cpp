#include "sandbox/wasm/host/module_reader.hpp"

#include "sandbox/wasm/host/wasi_imports.h"

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <string_view>

#include <wabt/binary-reader.h>
#include <wabt/cast.h>
#include <wabt/error.h>
#include <wabt/interp/binary-reader-interp.h>

namespace artel::wasm {

namespace {

using namespace wabt::interp;

refusal invalid(std::string text) {
  return {artel_module_invalid, std::move(text)};
}

std::string describe(const wabt::Errors& errors) {
  if (errors.empty())
    return "not a WebAssembly module";
  char offset[32];
  std::snprintf(offset, sizeof(offset),
                "offset 0x%zx: ", errors.front().loc.offset);
  return offset + errors.front().message;
}

const artel_wasi_import* find_import(std::string_view name) {
  auto found = std::find_if(
    std::begin(artel_wasi_imports), std::end(artel_wasi_imports),
    [&](const artel_wasi_import& each) { return each.name == name; });
  return found == std::end(artel_wasi_imports) ? nullptr : found;
}

std::string letters_of(const ValueTypes& types) {
  std::string letters;
  for (auto type : types)
    letters += type == ValueType::I32   ? 'i'
               : type == ValueType::I64 ? 'I'
                                        : '?';
  return letters;
}

std::optional<refusal> check_import(const ImportType& import) {
  auto name = import.module + "." + import.name;
  const auto* offered =
    import.module == artel_wasi_module ? find_import(import.name) : nullptr;
  if (!offered || import.type->kind != ExternKind::Func)
    return refusal{artel_module_unsupported_import, name};
  const auto& type = *wabt::cast<FuncType>(import.type.get());
  if (letters_of(type.params) != offered->parameters
      || letters_of(type.results) != offered->result)
    return refusal{artel_module_unsupported_import, name + " of another type"};
  return std::nullopt;
}

/// Whether calls of it pass no pointers.
bool needs_no_memory(const ImportDesc& import) {
  return import.type.name == "proc_exit" || import.type.name == "sched_yield";
}

/// Names of exports come into the C source of a compiled module, as comments.
bool is_plain(std::string_view name) {
  return std::all_of(name.begin(), name.end(),
                     [](char c) { return c >= ' ' && c <= '~' && c != '\\'; })
         && name.find("*/") == name.npos;
}

const ExportDesc* find_export(const ModuleDesc& module, std::string_view name,
                              ExternKind kind) {
  for (const auto& each : module.exports)
    if (each.type.name == name && each.type.type->kind == kind)
      return &each;
  return nullptr;
}

std::optional<refusal> check_exports(const ModuleDesc& module) {
  for (const auto& each : module.exports)
    if (!is_plain(each.type.name))
      return invalid("an export has a name of other than plain characters");
  const auto* start = find_export(module, "_start", ExternKind::Func);
  if (!start)
    return invalid("exports no function _start; compile it as a command, not "
                   "as a library");
  const auto& type = *wabt::cast<FuncType>(start->type.type.get());
  if (!type.params.empty() || !type.results.empty())
    return invalid("_start takes or gives values");
  // All imports are functions, as they have been checked.
  if (start->index < module.imports.size())
    return invalid("_start is an import");
  if (!find_export(module, "memory", ExternKind::Memory)
      && !std::all_of(module.imports.begin(), module.imports.end(),
                      needs_no_memory))
    return invalid("exports no memory named memory, which its imports use");
  return std::nullopt;
}

} // namespace

wabt::Features enabled_features() {
  wabt::Features features;
  features.disable_simd();
  features.disable_reference_types();
  return features;
}

std::optional<refusal> read_module(const module_bytes& bytes,
                                   ModuleDesc& module) {
  const bool read_names = false, stop_at_first_error = true,
             fail_on_custom_section = false;
  wabt::ReadBinaryOptions options{enabled_features(), nullptr, read_names,
                                  stop_at_first_error, fail_on_custom_section};
  wabt::Errors errors;
  if (Failed(ReadBinaryInterp("module", bytes.data(), bytes.size(), options,
                              &errors, &module)))
    return invalid(describe(errors));
  return std::nullopt;
}

std::optional<refusal> check_module(const ModuleDesc& module) {
  for (const auto& import : module.imports)
    if (auto refused = check_import(import.type))
      return refused;
  if (!module.starts.empty())
    return invalid("has a start function; only _start is run");
  if (module.memories.size() > 1 || module.tables.size() > 1)
    return invalid("has several memories or tables");
  return check_exports(module);
}

std::optional<refusal> bound_module(ModuleDesc& module,
                                    std::uint32_t pages_max) {
  const auto refuse = [](std::uint64_t wanted, std::uint64_t allowed,
                         const char* unit) {
    return refusal{artel_module_memory_limit,
                   "starts with " + std::to_string(wanted) + unit
                     + "; allowed are " + std::to_string(allowed)};
  };
  const auto bound = [](wabt::Limits& limits, std::uint64_t max) {
    limits.max =
      limits.has_max ? std::min<std::uint64_t>(limits.max, max) : max;
    limits.has_max = true;
  };
  for (auto& memory : module.memories) {
    if (memory.type.limits.initial > pages_max)
      return refuse(memory.type.limits.initial, pages_max, " pages of memory");
    bound(memory.type.limits, pages_max);
  }
  for (auto& table : module.tables) {
    if (table.type.limits.initial > artel_elements_max)
      return refuse(table.type.limits.initial, artel_elements_max,
                    " table elements");
    bound(table.type.limits, artel_elements_max);
  }
  return std::nullopt;
}

} // namespace artel::wasm
