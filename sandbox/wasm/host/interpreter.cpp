#include "sandbox/wasm/host/interpreter.hpp"

#include "sandbox/wasm/host/wabt_access.hpp"
#include "sandbox/wasm/host/wasi.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <string_view>
#include <utility>

#include <wabt/cast.h>

namespace artel::wasm {

namespace {

using namespace wabt::interp;
using wabt::Result;

/// Locals and operands of all active calls: 64 MiB.
constexpr std::size_t values_max = 4 << 20;
/// Between two looks at how many there are.
constexpr std::uint64_t steps_at_once = 64;

struct trap_words {
  std::string_view wabt;
  const char* ours;
};

/// How wabt's messages begin.
constexpr trap_words known_traps[] = {
  {"out of bounds memory access", artel_trap_out_of_bounds},
  {"out of bounds table access", artel_trap_out_of_bounds},
  {"integer overflow", artel_trap_integer_overflow},
  {"integer divide by zero", artel_trap_divide_by_zero},
  {"invalid conversion to integer", artel_trap_invalid_conversion},
  {"unreachable executed", artel_trap_unreachable},
  {"undefined table index", artel_trap_indirect_call},
  {"uninitialized table element", artel_trap_indirect_call},
  {"indirect call signature mismatch", artel_trap_indirect_call},
  {"call stack exhausted", artel_trap_call_stack},
};

std::string words_for(const Trap::Ptr& trap) {
  if (!trap)
    return "unknown trap";
  auto message = trap->message();
  for (const auto& each : known_traps)
    if (message.compare(0, each.wabt.size(), each.wabt) == 0)
      return each.ours;
  return message;
}

/// A module made ready to run.
class instance {
public:
  explicit instance(const std::vector<const char*>& arguments) {
    artel_wasi_start(&wasi_, arguments.data(),
                     static_cast<std::uint32_t>(arguments.size()));
  }

  /// Runs no code of the module, but may trap over its segments.
  bool make(ModuleDesc description, Trap::Ptr* trap) {
    auto module = Module::New(store_, std::move(description));
    RefVec imports;
    for (const auto& each : module->desc().imports)
      imports.push_back(import(each.type));
    auto made = Instance::Instantiate(store_, module.ref(), imports, trap);
    if (!made)
      return false;
    find_exports(*module, *made);
    return true;
  }

  run_end run(const run_bounds& bounds);

private:
  Ref import(const ImportType& wanted) {
    const auto* found = std::find_if(
      std::begin(artel_wasi_imports), std::end(artel_wasi_imports),
      [&](const artel_wasi_import& each) { return each.name == wanted.name; });
    const auto& type = *wabt::cast<FuncType>(wanted.type.get());
    return HostFunc::New(store_, type,
                         [this, found](Thread&, const Values& parameters,
                                       Values& results, Trap::Ptr* trap) {
                           return call(*found, parameters, results, trap);
                         })
      .ref();
  }

  Result call(const artel_wasi_import& import, const Values& parameters,
              Values& results, Trap::Ptr* trap) {
    std::array<std::uint64_t, artel_wasi_parameters_max> numbers{};
    for (std::size_t i = 0; import.parameters[i] != '\0'; ++i)
      numbers[i] = import.parameters[i] == 'I' ? parameters[i].Get<u64>()
                                               : parameters[i].Get<u32>();
    artel_wasi_memory memory{nullptr, 0};
    if (memory_)
      memory = {memory_->UnsafeData(), memory_->ByteSize()};
    auto error =
      artel_wasi_call(&wasi_, import.function, memory, numbers.data());
    if (wasi_.exited) {
      *trap = Trap::New(store_, "exit");
      return Result::Error;
    }
    if (!results.empty())
      results[0] = Value::Make(error);
    return Result::Ok;
  }

  void find_exports(const Module& module, const Instance& made) {
    for (std::size_t i = 0; i < made.exports().size(); ++i) {
      const auto& name = module.desc().exports[i].type.name;
      auto ref = made.exports()[i];
      if (name == "_start" && store_.Is<DefinedFunc>(ref))
        store_.Get(ref, &start_);
      if (name == "memory" && store_.Is<Memory>(ref))
        store_.Get(ref, &memory_);
    }
    if (!memory_)
      return;
    // All at once, so that growing copies nothing; pages that are not touched
    // take no memory.
    auto pages = memory_->type().limits.max;
    buffer(*memory_).reserve(pages * WABT_PAGE_SIZE);
  }

  run_end ended(RunResult result, const Trap::Ptr& trap,
                std::uint64_t used) const {
    if (wasi_.exited)
      return {artel_module_exited, static_cast<std::int32_t>(wasi_.exit_code),
              used, ""};
    if (result == RunResult::Return)
      return {artel_module_exited, 0, used, ""};
    return {artel_module_trap, 0, used, words_for(trap)};
  }

  Store store_{};
  artel_wasi wasi_{};
  Memory::Ptr memory_;
  DefinedFunc::Ptr start_;
};

run_end instance::run(const run_bounds& bounds) {
  Thread thread{store_};
  // wabt takes its capacity as the most calls there may be.
  std::vector<Frame> calls;
  calls.reserve(bounds.calls);
  frames(thread) = std::move(calls);
  Trap::Ptr trap;
  auto result = push_call(thread, *start_, &trap);
  if (result != RunResult::Ok)
    return ended(result, trap, 0);
  auto fuel =
    bounds.fuel == 0 ? std::numeric_limits<std::uint64_t>::max() : bounds.fuel;
  std::uint64_t used = 0;
  while (used < fuel) {
    for (auto end = used + std::min(steps_at_once, fuel - used); used < end;) {
      ++used;
      result = step(thread, &trap);
      if (result != RunResult::Ok)
        return ended(result, trap, used);
    }
    if (values(thread).size() > values_max)
      return {artel_module_trap, 0, used, artel_trap_call_stack};
  }
  return {artel_module_fuel_exhausted, 0, used,
          "stopped after " + std::to_string(used) + " instructions"};
}

} // namespace

run_end interpret(ModuleDesc module, const std::vector<const char*>& arguments,
                  const run_bounds& bounds) {
  instance made{arguments};
  Trap::Ptr trap;
  if (!made.make(std::move(module), &trap))
    return {artel_module_trap, 0, 0, words_for(trap)};
  return made.run(bounds);
}

} // namespace artel::wasm
