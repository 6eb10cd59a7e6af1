#include "sandbox/wasm/module_types.hpp"

#include "sandbox/wasm/host/wasi_imports.h"

#include <algorithm>
#include <iterator>

namespace artel::sandbox {

namespace {

/// As wasi_imports.h writes it.
char letter_of(std::uint8_t type) noexcept {
  return type == type_i32 ? 'i' : type == type_i64 ? 'I' : '?';
}

std::string describe(bytes_view types) {
  std::string text;
  for (auto type : types) {
    text += text.empty() ? "" : ", ";
    text += name_of(type);
  }
  return "(" + text + ")";
}

std::string describe_letters(std::string_view letters) {
  bytes types;
  for (auto letter : letters)
    types.push_back(letter == 'i' ? type_i32 : type_i64);
  return describe(types);
}

bool fits(bytes_view types, std::string_view letters) {
  return std::equal(
    types.begin(), types.end(), letters.begin(), letters.end(),
    [](std::uint8_t type, char letter) { return letter_of(type) == letter; });
}

const artel_wasi_import* find_wasi(std::string_view name) {
  auto found = std::find_if(
    std::begin(artel_wasi_imports), std::end(artel_wasi_imports),
    [&](const artel_wasi_import& each) { return each.name == name; });
  return found == std::end(artel_wasi_imports) ? nullptr : found;
}

} // namespace

std::string_view name_of(std::uint8_t type) noexcept {
  switch (type) {
    case type_i32: return "i32";
    case type_i64: return "i64";
    case type_f32: return "f32";
    case type_f64: return "f64";
    case type_v128: return "v128";
    case type_funcref: return "funcref";
    case type_externref: return "externref";
    default: return "?";
  }
}

std::string describe(const function_type& type) {
  return describe(type.parameters) + " -> " + describe(type.results);
}

std::string import_problem(std::string_view module, std::string_view name,
                           const function_type& type) {
  if (module != artel_wasi_module)
    return "; only functions of 'wasi_snapshot_preview1' can be imported: "
           "define it, or build for the target wasm32-wasi";
  const auto* offered = find_wasi(name);
  if (!offered)
    return ", which is not offered; programs have standard streams, a clock "
           "and random numbers, but no sockets and no threads";
  if (!fits(type.parameters, offered->parameters)
      || !fits(type.results, offered->result))
    return " as " + describe(type) + "; expected "
           + describe_letters(offered->parameters) + " -> "
           + describe_letters(offered->result);
  return "";
}

} // namespace artel::sandbox
