#include "sandbox/wasm/host/nan_rewrite.hpp"

#include "sandbox/wasm/host/module_reader.hpp"

#include <algorithm>
#include <cstddef>
#include <initializer_list>

#include <wabt/binary-reader-nop.h>
#include <wabt/binary-reader.h>
#include <wabt/binary.h>
#include <wabt/opcode.h>

namespace artel::wasm {

namespace {

using wabt::Index;
using wabt::Offset;
using wabt::Opcode;
using wabt::Result;

constexpr std::size_t header_bytes = 8;

struct span {
  std::size_t begin = 0;
  std::size_t end = 0;
};

struct section {
  wabt::BinarySection kind;
  /// What follows its size.
  span content;
};

/// After an instruction, its result is made canonical.
struct place {
  std::size_t offset = 0;
  bool is_double = false;
};

/// One function, in offsets into the module.
struct body {
  span content;
  std::size_t declarations = 0;
  /// Where the declarations begin, after their count, and where the code does.
  std::size_t declarations_begin = 0;
  std::size_t code_begin = 0;
  /// Locals with the parameters.
  std::uint32_t locals = 0;
  std::vector<place> places;
};

enum class result_kind { certain, single_nan, double_nan };

/// neg, abs and copysign change the sign only, and loads nothing.
result_kind kind_of(Opcode opcode) {
  switch (opcode) {
    case Opcode::F32Add:
    case Opcode::F32Sub:
    case Opcode::F32Mul:
    case Opcode::F32Div:
    case Opcode::F32Min:
    case Opcode::F32Max:
    case Opcode::F32Sqrt:
    case Opcode::F32Ceil:
    case Opcode::F32Floor:
    case Opcode::F32Trunc:
    case Opcode::F32Nearest:
    case Opcode::F32DemoteF64: return result_kind::single_nan;
    case Opcode::F64Add:
    case Opcode::F64Sub:
    case Opcode::F64Mul:
    case Opcode::F64Div:
    case Opcode::F64Min:
    case Opcode::F64Max:
    case Opcode::F64Sqrt:
    case Opcode::F64Ceil:
    case Opcode::F64Floor:
    case Opcode::F64Trunc:
    case Opcode::F64Nearest:
    case Opcode::F64PromoteF32: return result_kind::double_nan;
    default: return result_kind::certain;
  }
}

/// Notes where the parts of a module lie. Told of each instruction after its
/// opcode; those that count have no more than that.
class layout_reader final : public wabt::BinaryReaderNop {
public:
  std::vector<section> sections;
  std::vector<body> bodies;
  std::size_t bodies_begin = 0;

  Result BeginSection(Index, wabt::BinarySection kind, Offset size) override {
    sections.push_back({kind, {state->offset, state->offset + size}});
    return Result::Ok;
  }

  Result OnFuncType(Index, Index parameters, wabt::Type*, Index,
                    wabt::Type*) override {
    parameters_of_type_.push_back(parameters);
    return Result::Ok;
  }

  Result OnFunction(Index, Index type) override {
    if (type >= parameters_of_type_.size())
      return Result::Error;
    parameters_of_function_.push_back(parameters_of_type_[type]);
    return Result::Ok;
  }

  Result OnFunctionBodyCount(Index) override {
    bodies_begin = state->offset;
    return Result::Ok;
  }

  Result BeginFunctionBody(Index, Offset size) override {
    if (bodies.size() >= parameters_of_function_.size())
      return Result::Error;
    body made;
    made.content = {state->offset, state->offset + size};
    made.locals = parameters_of_function_[bodies.size()];
    bodies.push_back(std::move(made));
    return Result::Ok;
  }

  Result OnLocalDeclCount(Index count) override {
    bodies.back().declarations = count;
    bodies.back().declarations_begin = state->offset;
    bodies.back().code_begin = state->offset;
    return Result::Ok;
  }

  Result OnLocalDecl(Index, Index count, wabt::Type) override {
    bodies.back().locals += count;
    bodies.back().code_begin = state->offset;
    return Result::Ok;
  }

  Result OnLocalGetExpr(Index local) override { return check(local); }
  Result OnLocalSetExpr(Index local) override { return check(local); }
  Result OnLocalTeeExpr(Index local) override { return check(local); }

  Result OnOpcode(Opcode opcode) override {
    auto kind = kind_of(opcode);
    if (kind == result_kind::certain)
      return Result::Ok;
    // An initial value has no arithmetic, so this is inside a function.
    if (bodies.empty())
      return Result::Error;
    bodies.back().places.push_back(
      {state->offset, kind == result_kind::double_nan});
    return Result::Ok;
  }

private:
  /// One that the module doesn't have must not become one of ours.
  Result check(Index local) {
    bool known = !bodies.empty() && local < bodies.back().locals;
    return known ? Result::Ok : Result::Error;
  }

  std::vector<Index> parameters_of_type_;
  std::vector<Index> parameters_of_function_;
};

/// Appends to a module.
class writer {
public:
  explicit writer(const std::vector<std::uint8_t>& from) : from_{from} {}

  void copy(std::size_t begin, std::size_t end) {
    bytes.insert(bytes.end(), from_.begin() + std::ptrdiff_t(begin),
                 from_.begin() + std::ptrdiff_t(end));
  }

  void put(std::initializer_list<std::uint8_t> values) {
    bytes.insert(bytes.end(), values);
  }

  void put_number(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7)
      bytes.push_back(std::uint8_t(value | 0x80));
    bytes.push_back(std::uint8_t(value));
  }

  void put_sized(const std::vector<std::uint8_t>& content) {
    put_number(content.size());
    bytes.insert(bytes.end(), content.begin(), content.end());
  }

  std::vector<std::uint8_t> bytes;

private:
  const std::vector<std::uint8_t>& from_;
};

enum : std::uint8_t {
  op_select = 0x1b,
  op_local_get = 0x20,
  op_local_tee = 0x22,
  op_f32_const = 0x43,
  op_f64_const = 0x44,
  op_f32_eq = 0x5b,
  op_f64_eq = 0x61,
  type_f32 = 0x7d,
  type_f64 = 0x7c,
};

/// The value on the stack stays where it equals itself; a NaN doesn't.
void put_test(writer& to, std::uint32_t local, bool is_double) {
  to.put({op_local_tee});
  to.put_number(local);
  if (is_double)
    to.put({op_f64_const, 0, 0, 0, 0, 0, 0, 0xf8, 0x7f});
  else
    to.put({op_f32_const, 0, 0, 0xc0, 0x7f});
  for (int i = 0; i < 2; ++i) {
    to.put({op_local_get});
    to.put_number(local);
  }
  to.put({is_double ? op_f64_eq : op_f32_eq, op_select});
}

std::vector<std::uint8_t> rewrite_body(const std::vector<std::uint8_t>& module,
                                       const body& from) {
  writer to{module};
  // Two more locals: the first of them for f32.
  to.put_number(from.declarations + 2);
  to.copy(from.declarations_begin, from.code_begin);
  to.put({1, type_f32, 1, type_f64});
  auto copied = from.code_begin;
  for (const auto& each : from.places) {
    to.copy(copied, each.offset);
    put_test(to, from.locals + (each.is_double ? 1 : 0), each.is_double);
    copied = each.offset;
  }
  to.copy(copied, from.content.end);
  return std::move(to.bytes);
}

std::vector<std::uint8_t> rewrite_code(const std::vector<std::uint8_t>& module,
                                       const layout_reader& layout) {
  writer to{module};
  to.put_number(layout.bodies.size());
  for (const auto& each : layout.bodies) {
    if (each.places.empty()) {
      to.put_number(each.content.end - each.content.begin);
      to.copy(each.content.begin, each.content.end);
    } else {
      to.put_sized(rewrite_body(module, each));
    }
  }
  return std::move(to.bytes);
}

} // namespace

std::vector<std::uint8_t> rewrite(const std::vector<std::uint8_t>& module,
                                  nan_rule rule) {
  layout_reader layout;
  wabt::ReadBinaryOptions options;
  options.features = enabled_features();
  options.fail_on_custom_section_error = false;
  if (Failed(ReadBinary(module.data(), module.size(), &layout, options)))
    return {};
  writer to{module};
  to.copy(0, header_bytes);
  for (const auto& each : layout.sections) {
    if (each.kind == wabt::BinarySection::Custom)
      continue;
    to.put({std::uint8_t(each.kind)});
    if (each.kind == wabt::BinarySection::Code && rule == nan_rule::canonical) {
      to.put_sized(rewrite_code(module, layout));
    } else {
      to.put_number(each.content.end - each.content.begin);
      to.copy(each.content.begin, each.content.end);
    }
  }
  return std::move(to.bytes);
}

} // namespace artel::wasm
