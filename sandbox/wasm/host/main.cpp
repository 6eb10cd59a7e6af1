// artel-wasm: runs a WebAssembly module by interpreting it, or makes one ready
// to be compiled. Runs inside the process sandbox, which holds what this can't.
//
//   artel-wasm run [--fuel N] [--pages N] [--calls N] [--nan canonical|as_is]
//              [--name NAME] [--] MODULE [ARGUMENT...]
//   artel-wasm canonicalize [--nan canonical|as_is] [--] IN OUT
//
// Both end with a report on descriptor 3 (sandbox/shim/run_status.h) or, where
// that is not open, in words on standard error.
#include "sandbox/wasm/host/interpreter.hpp"
#include "sandbox/wasm/host/module_reader.hpp"
#include "sandbox/wasm/host/nan_rewrite.hpp"

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace artel::wasm {

namespace {

constexpr int exit_usage = 2;

struct options {
  run_bounds bounds;
  nan_rule nan = nan_rule::canonical;
  const char* name = nullptr;
  /// What follows the options.
  std::vector<const char*> operands;
};

[[noreturn]] void fail(const std::string& message) {
  std::fprintf(stderr, "artel-wasm: %s\n", message.c_str());
  std::_Exit(exit_usage);
}

template <class Number>
Number parse_number(std::string_view option, std::string_view text,
                    Number least, Number most) {
  Number value{};
  auto [end, error] =
    std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < least
      || value > most)
    fail(std::string{option} + " takes a number from " + std::to_string(least)
         + " to " + std::to_string(most) + ", not '" + std::string{text} + "'");
  return value;
}

nan_rule parse_nan(std::string_view text) {
  if (text == "canonical")
    return nan_rule::canonical;
  if (text == "as_is")
    return nan_rule::as_is;
  fail("--nan takes canonical or as_is, not '" + std::string{text} + "'");
}

void set_option(options& all, std::string_view option, const char* value) {
  auto& bounds = all.bounds;
  if (option == "--fuel")
    bounds.fuel = parse_number<std::uint64_t>(option, value, 0, ~0ULL);
  else if (option == "--pages")
    bounds.pages =
      parse_number<std::uint32_t>(option, value, 0, artel_pages_max);
  else if (option == "--calls")
    bounds.calls = parse_number<std::uint32_t>(option, value, 1, 1 << 20);
  else if (option == "--nan")
    all.nan = parse_nan(value);
  else if (option == "--name")
    all.name = value;
  else
    fail("unknown option '" + std::string{option} + "'");
}

options parse(int count, char** arguments) {
  options all;
  int i = 2;
  for (; i < count && std::strncmp(arguments[i], "--", 2) == 0; i += 2) {
    std::string_view option = arguments[i];
    if (option == "--") {
      ++i;
      break;
    }
    if (i + 1 >= count)
      fail(std::string{option} + " takes a value");
    set_option(all, option, arguments[i + 1]);
  }
  all.operands.assign(arguments + i, arguments + count);
  return all;
}

[[noreturn]] void end_with(const refusal& why) {
  artel_end_module(why.end, 0, 0, why.text.c_str());
}

module_bytes read_file(const char* path) {
  std::ifstream file{path, std::ios::binary};
  module_bytes bytes{std::istreambuf_iterator<char>{file},
                     std::istreambuf_iterator<char>{}};
  if (!file)
    fail(std::string{"cannot read '"} + path + "'");
  return bytes;
}

/// What is run in its place; ends the process where it is refused.
module_bytes prepare(const module_bytes& given, nan_rule nan,
                     wabt::interp::ModuleDesc& module) {
  auto made = rewrite(given, nan);
  if (auto refused = read_module(made, module)) {
    // Offsets into what was given help more.
    wabt::interp::ModuleDesc unused;
    auto of_given = read_module(given, unused);
    end_with(of_given ? *of_given : *refused);
  }
  if (auto refused = check_module(module))
    end_with(*refused);
  return made;
}

[[noreturn]] void run(const options& all) {
  if (all.operands.empty())
    fail("run takes the file of a module");
  wabt::interp::ModuleDesc module;
  prepare(read_file(all.operands.front()), all.nan, module);
  if (auto refused = bound_module(module, all.bounds.pages))
    end_with(*refused);
  auto arguments = all.operands;
  if (all.name)
    arguments.front() = all.name;
  auto end = interpret(std::move(module), arguments, all.bounds);
  artel_end_module(end.end, end.value, end.fuel_used, end.text.c_str());
}

[[noreturn]] void canonicalize(const options& all) {
  if (all.operands.size() != 2)
    fail("canonicalize takes two files: the module and where to write");
  wabt::interp::ModuleDesc module;
  auto made = prepare(read_file(all.operands[0]), all.nan, module);
  std::ofstream file{all.operands[1], std::ios::binary | std::ios::trunc};
  file.write(reinterpret_cast<const char*>(made.data()),
             static_cast<std::streamsize>(made.size()));
  file.close();
  if (!file)
    fail(std::string{"cannot write '"} + all.operands[1] + "'");
  artel_end_module(artel_module_exited, 0, 0, "");
}

[[noreturn]] void dispatch(int count, char** arguments) {
  std::string_view command = count > 1 ? arguments[1] : "";
  if (command == "run")
    run(parse(count, arguments));
  if (command == "canonicalize")
    canonicalize(parse(count, arguments));
  fail("usage: artel-wasm run [--fuel N] [--pages N] [--calls N] "
       "[--nan canonical|as_is] [--name NAME] MODULE [ARGUMENT...], or "
       "artel-wasm canonicalize [--nan canonical|as_is] IN OUT");
}

} // namespace

} // namespace artel::wasm

int main(int count, char** arguments) {
  artel_find_report_descriptor();
  try {
    artel::wasm::dispatch(count, arguments);
  } catch (const std::exception&) {
    // Only std::bad_alloc and std::length_error come from what this calls.
    artel_end_module(artel_module_memory_limit, 0, 0,
                     "the machine gave no more memory");
  }
}
