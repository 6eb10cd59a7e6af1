#include "sandbox/wasm/host/module_end.h"
#include "tests/sandbox/wasm_modules.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

using namespace artel::test;

namespace {

std::uint64_t fuel_of(const std::string& text) {
  auto ended = test_module{text}.interpret();
  INFO(ended.text());
  REQUIRE(ended.end() == artel_module_exited);
  return ended.report->fuel_used;
}

/// A loop, calls of all kinds, and an end by proc_exit.
const std::string busy =
  command_text("(local $i i32) (local.set $i (i32.const 3)) (loop $again "
               "(drop (call $yield)) (drop (call $twice (local.get $i))) "
               "(drop (call_indirect (type $unary) (i32.const 1) (i32.const "
               "0))) (local.set $i (i32.sub (local.get $i) (i32.const 1))) "
               "(br_if $again (local.get $i))) (call $exit (i32.const 5))",
               "(import \"wasi_snapshot_preview1\" \"sched_yield\" (func "
               "$yield (result i32))) (import \"wasi_snapshot_preview1\" "
               "\"proc_exit\" (func $exit (param i32))) (type $unary (func "
               "(param i32) (result i32))) (table funcref (elem $twice)) "
               "(func $twice (type $unary) (i32.add (local.get 0) (local.get "
               "0)))");

void check_refused(std::string_view text, std::uint32_t end,
                   std::string_view words) {
  test_module module{text};
  auto ended = module.interpret();
  INFO(text);
  CHECK(ended.end() == end);
  INFO(ended.text());
  CHECK(ended.text().find(words) != std::string::npos);
  CHECK(ended.exit_code() == 1);
  CHECK(ended.out.empty());
  CHECK(ended.report->fuel_used == 0);
  // The way to a compiled module is closed as well, but for what is known
  // only when it runs.
  if (end != artel_module_memory_limit) {
    auto prepared = run_program({beside_test("artel-wasm"), "canonicalize",
                                 module.path(), module.path() + ".out"});
    CHECK(prepared.end() == end);
    CHECK(prepared.text() == ended.text());
    CHECK_FALSE(std::filesystem::exists(module.path() + ".out"));
  }
}

} // namespace

TEST_CASE("a module ends with just the fuel it needs and with none less") {
  test_module module{busy};
  auto free = module.interpret();
  REQUIRE(free.end() == artel_module_exited);
  CHECK(free.report->value == 5);
  CHECK(free.exit_code() == 5);
  auto needed = free.report->fuel_used;
  REQUIRE(needed > 30);
  for (std::uint64_t fuel = 1; fuel <= needed + 2; ++fuel) {
    CAPTURE(fuel);
    auto ended = module.interpret({"--fuel", std::to_string(fuel)});
    CHECK(
      ended.end()
      == (fuel < needed ? artel_module_fuel_exhausted : artel_module_exited));
    CHECK(ended.report->fuel_used == std::min(fuel, needed));
    CHECK(ended.exit_code() == (fuel < needed ? 1 : 5));
  }
}

TEST_CASE("each instruction costs one, a call and its return one each") {
  auto empty = fuel_of(command_text(""));
  CHECK(empty == 1);
  CHECK(fuel_of(command_text("(drop (i32.const 1))")) == empty + 2);
  CHECK(fuel_of(command_text("(drop (i32.add (i32.const 1) (i32.const 2)))"))
        == empty + 4);
  CHECK(fuel_of(command_text("(call $f)", "(func $f)")) == empty + 2);
  CHECK(
    fuel_of(command_text("(drop (call $sched_yield))", declare("sched_yield")))
    == empty + 2);
}

TEST_CASE("an endless loop ends when its fuel does") {
  test_module module{command_text("(loop $again (br $again))")};
  for (auto fuel : {1, 63, 64, 65, 1000000}) {
    auto ended = module.interpret({"--fuel", std::to_string(fuel)});
    CHECK(ended.end() == artel_module_fuel_exhausted);
    CHECK(ended.report->fuel_used == std::uint64_t(fuel));
  }
}

TEST_CASE("both ways to run a module give its exit code") {
  auto exits_with = [](const char* code) {
    return command_text(std::string{"(call $proc_exit (i32.const "} + code
                          + "))",
                        declare("proc_exit"));
  };
  struct {
    std::string text;
    std::int32_t value;
    int status;
  } cases[] = {{command_text(""), 0, 0},
               {exits_with("7"), 7, 7},
               {exits_with("259"), 259, 3},
               {exits_with("-1"), -1, 255}};
  for (const auto& each : cases) {
    test_module module{each.text};
    for (const auto& ended : {module.interpret(), module.run_compiled()}) {
      CHECK(ended.end() == artel_module_exited);
      CHECK(ended.text().empty());
      CHECK(ended.report->value == each.value);
      CHECK(ended.exit_code() == each.status);
    }
  }
}

TEST_CASE("what is not a sound module is invalid, and the text says where") {
  for (auto bytes : {std::string_view{}, std::string_view{"#!/bin/sh\n"},
                     std::string_view{"\0asm\2\0\0\0", 8},
                     std::string_view{"\0asm\1\0\0\0\1\x7f", 10}}) {
    test_module module{test_module::from_bytes{}, bytes};
    auto ended = module.interpret();
    CHECK(ended.end() == artel_module_invalid);
    CHECK(ended.text().find("offset 0x") != std::string::npos);
    CHECK(ended.exit_code() == 1);
  }
}

TEST_CASE("a local that only the rewritten module has stays invalid") {
  // (func (export "_start") f32.const 0 f32.const 0 f32.add local.set 0)
  std::string bytes{"\0asm\1\0\0\0\1\4\1\x60\0\0\3\2\1\0\7\x0a\1\6_start\0\0"
                    "\x0a\x11\1\x0f\0\x43\0\0\0\0\x43\0\0\0\0\x92\x21\0\x0b",
                    49};
  auto ended = test_module{test_module::from_bytes{}, bytes}.interpret();
  CHECK(ended.end() == artel_module_invalid);
  CHECK(ended.text().find("local") != std::string::npos);
  // The same with a drop in its place is sound.
  bytes.replace(46, 3, "\x1a\x01\x0b");
  CHECK(test_module{test_module::from_bytes{}, bytes}.interpret().end()
        == artel_module_exited);
}

TEST_CASE("an import that artel doesn't offer is refused by name") {
  auto importing = [](const std::string& import) {
    return "(module (import " + import
           + ") (memory (export \"memory\") 1) (func (export \"_start\")))";
  };
  auto refused = artel_module_unsupported_import;
  check_refused(importing("\"env\" \"foo\" (func)"), refused, "env.foo");
  check_refused(importing("\"env\" \"fd_write\" (func (param i32 i32 i32 i32) "
                          "(result i32))"),
                refused, "env.fd_write");
  check_refused(importing("\"wasi_snapshot_preview1\" \"sock_send\" (func)"),
                refused, "wasi_snapshot_preview1.sock_send");
  check_refused(importing("\"wasi_snapshot_preview1\" \"fd_write\" (func "
                          "(param i32 i32 i32 i64) (result i32))"),
                refused, "fd_write of another type");
  check_refused(importing("\"wasi_snapshot_preview1\" \"proc_exit\" (func "
                          "(param i32) (result i32))"),
                refused, "proc_exit of another type");
  check_refused(importing("\"env\" \"g\" (global i32)"), refused, "env.g");
  check_refused(importing("\"wasi_snapshot_preview1\" \"fd_write\" (global "
                          "i32)"),
                refused, "wasi_snapshot_preview1.fd_write");
  check_refused("(module (import \"env\" \"memory\" (memory 1)) (func (export "
                "\"_start\")))",
                refused, "env.memory");
}

TEST_CASE("modules without what a command has are refused") {
  auto invalid = artel_module_invalid;
  check_refused("(module)", invalid, "_start");
  check_refused("(module (func (export \"_start\") (param i32)))", invalid,
                "_start takes");
  check_refused("(module (memory (export \"_start\") 1))", invalid, "_start");
  check_refused("(module (func $f) (start $f) (func (export \"_start\")))",
                invalid, "start function");
  check_refused("(module " + declare("fd_close")
                  + "(memory 1) (func (export \"_start\")))",
                invalid, "memory");
  check_refused(command_text("", "(func (export \"*/ int evil; /*\"))"),
                invalid, "plain characters");
  check_refused(command_text("", "(func (export \"a\\0ab\"))"), invalid,
                "plain characters");
}

TEST_CASE("features of WebAssembly beyond the chosen ones are refused") {
  for (auto body :
       {"(drop (v128.const i32x4 0 0 0 0))", "(drop (ref.null func))",
        "(drop (i32.atomic.load (i32.const 0)))", "(return_call 0)",
        "(try (do))"})
    check_refused(command_text(body), artel_module_invalid, "");
  check_refused("(module (memory 1) (memory (export \"memory\") 1) (func "
                "(export \"_start\")))",
                artel_module_invalid, "");
  check_refused("(module (memory (export \"memory\") 1 2 shared) (func (export "
                "\"_start\")))",
                artel_module_invalid, "");
  check_refused("(module (memory (export \"memory\") i64 1) (func (export "
                "\"_start\")))",
                artel_module_invalid, "");
  check_refused("(module (table 1 externref) (func (export \"_start\")))",
                artel_module_invalid, "");
}

TEST_CASE("what compilers use by default runs") {
  test_module module{command_text(
    "(drop (i32.extend8_s (i32.const 1))) (drop (i32.trunc_sat_f64_s "
    "(f64.const nan))) (memory.fill (i32.const 0) (i32.const 1) (i32.const 9)) "
    "(memory.copy (i32.const 0) (i32.const 4) (i32.const 9)) (memory.init $d "
    "(i32.const 0) (i32.const 0) (i32.const 1)) (data.drop $d) (global.set $g "
    "(i32.const 2)) (call $two) drop drop",
    "(global $g (export \"g\") (mut i32) (i32.const 1)) (data $d \"x\") (func "
    "$two (result i32 i32) (i32.const 1) (i32.const 2))")};
  CHECK(module.interpret().end() == artel_module_exited);
  CHECK(module.run_compiled().end() == artel_module_exited);
}

TEST_CASE("every trap has the same words both ways") {
  constexpr std::string_view words[] = {
    artel_trap_unreachable,      artel_trap_divide_by_zero,
    artel_trap_integer_overflow, artel_trap_out_of_bounds,
    artel_trap_out_of_bounds,    artel_trap_invalid_conversion,
    artel_trap_integer_overflow, artel_trap_indirect_call,
    artel_trap_indirect_call,    artel_trap_indirect_call,
    artel_trap_out_of_bounds,    artel_trap_out_of_bounds};
  const char* bodies[] = {
    "unreachable",
    "(drop (i32.div_s (i32.const 1) (i32.load (i32.const 128))))",
    "(drop (i32.div_s (i32.const 0x80000000) (i32.const -1)))",
    "(drop (i32.load (i32.const 65533)))",
    "(i64.store offset=0xffffffff (i32.const -1) (i64.const 1))",
    "(drop (i32.trunc_f32_s (f32.const nan)))",
    "(drop (i32.trunc_f64_u (f64.const 1e300)))",
    "(call_indirect (i32.const 9))",
    "(call_indirect (i32.const 1))",
    "(drop (call_indirect (result i32) (i32.const 0)))",
    "(memory.fill (i32.const 65535) (i32.const 0) (i32.const 2))",
    "(table.copy (i32.const 1) (i32.const 0) (i32.const 2))"};
  // As many arguments choose the trap, the program's name among them.
  std::string body = "(drop (call $args_sizes_get (i32.const 0) (i32.const "
                     "4)))";
  for (std::size_t i = 0; i < std::size(bodies); ++i)
    body += "(if (i32.eq (i32.load (i32.const 0)) (i32.const "
            + std::to_string(i + 1) + ")) (then " + bodies[i] + "))";
  test_module module{
    command_text(body, declare("args_sizes_get")
                         + "(table 2 funcref) (elem (i32.const 0) "
                           "$f) (func $f)")};
  for (std::size_t i = 0; i < std::size(words); ++i) {
    INFO(bodies[i]);
    command_line arguments(i, "x");
    for (const auto& ended : {module.interpret({}, "", arguments),
                              module.run_compiled("", arguments)}) {
      CHECK(ended.end() == artel_module_trap);
      CHECK(ended.text() == words[i]);
      CHECK(ended.exit_code() == 1);
    }
  }
}

TEST_CASE("a segment that doesn't fit is a trap before the start") {
  test_module module{
    command_text("", "(data (i32.const 65530) \"0123456789\")")};
  for (const auto& ended : {module.interpret(), module.run_compiled()}) {
    CHECK(ended.end() == artel_module_trap);
    CHECK(ended.text() == artel_trap_out_of_bounds);
  }
}

TEST_CASE("a module that grows without end stops at its bound") {
  auto growing = [](const char* memory) {
    return std::string{"(module "} + declare("proc_exit") + "(memory (export "
           + "\"memory\") " + memory
           + ") (func (export \"_start\") (loop $again (br_if $again (i32.ne "
             "(memory.grow (i32.const 1)) (i32.const -1)))) (i32.store8 "
             "(i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const "
             "1)) "
             "(i32.const 1)) (drop (memory.grow (i32.const 0))) (if (i32.ne "
             "(memory.grow (i32.const -1)) (i32.const -1)) (then unreachable)) "
             "(call $proc_exit (memory.size))))";
  };
  struct {
    const char* memory;
    unsigned allowed;
    int reached;
  } cases[] = {{"1", 10, 10}, {"1 7", 10, 7}, {"3", 3, 3}, {"1 99", 64, 64}};
  for (const auto& each : cases) {
    test_module module{growing(each.memory)};
    auto interpreted =
      module.interpret({"--pages", std::to_string(each.allowed)});
    auto compiled = module.run_compiled("", {}, each.allowed);
    for (const auto& ended : {interpreted, compiled}) {
      CHECK(ended.end() == artel_module_exited);
      CHECK(ended.report->value == each.reached);
    }
  }
}

TEST_CASE("a module that starts with too much memory is told so") {
  test_module module{"(module (memory (export \"memory\") 11) (func (export "
                     "\"_start\")))"};
  for (const auto& ended :
       {module.interpret({"--pages", "10"}), module.run_compiled("", {}, 10)}) {
    CHECK(ended.end() == artel_module_memory_limit);
    CHECK(ended.text() == "starts with 11 pages of memory; allowed are 10");
  }
  CHECK(module.interpret({"--pages", "11"}).end() == artel_module_exited);
  CHECK(module.run_compiled("", {}, 11).end() == artel_module_exited);
  test_module table{command_text("", "(table 2000000 funcref)")};
  for (const auto& ended : {table.interpret(), table.run_compiled()}) {
    CHECK(ended.end() == artel_module_memory_limit);
    CHECK(ended.text().find("table") != std::string::npos);
  }
}

namespace {

/// Reads a number of four bytes and nests as many calls below a first one; the
/// last of them calls an import.
const std::string nesting = command_text(
  "(i32.store (i32.const 0) (i32.const 8)) (i32.store (i32.const 4) (i32.const "
  "4)) (drop (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) "
  "(i32.const "
  "16))) (call $nest (i32.load (i32.const 8)))",
  declare("fd_read") + declare("sched_yield")
    + "(func $nest (param i32) (if (local.get 0) (then (call $nest (i32.sub "
      "(local.get 0) (i32.const 1)))) (else (drop (call $sched_yield)))))");

std::string number(std::uint32_t value) {
  return {reinterpret_cast<const char*>(&value), sizeof(value)};
}

} // namespace

TEST_CASE("calls nest just as deep both ways, and one more is a trap") {
  test_module module{nesting};
  // _start, the first call and the import count as well.
  for (const auto& ended :
       {module.interpret({}, number(4093)), module.run_compiled(number(4093))})
    CHECK(ended.end() == artel_module_exited);
  for (std::uint32_t calls : {4094, 4095, 1000000})
    for (const auto& ended : {module.interpret({}, number(calls)),
                              module.run_compiled(number(calls))}) {
      CAPTURE(calls);
      CHECK(ended.end() == artel_module_trap);
      CHECK(ended.text() == artel_trap_call_stack);
    }
  CHECK(module.interpret({"--calls", "13"}, number(10)).end()
        == artel_module_exited);
  CHECK(module.interpret({"--calls", "12"}, number(10)).text()
        == artel_trap_call_stack);
}

TEST_CASE("huge frames end like too many calls") {
  // A thousand values go in, a thousand come out, some more stay meanwhile.
  std::string types;
  std::string values;
  std::string kept;
  std::string rest;
  for (int i = 0; i < 1000; ++i) {
    types += " i64";
    values += "(local.get " + std::to_string(i) + ")";
  }
  for (int i = 0; i < 200; ++i) {
    auto local = std::to_string(1000 + i);
    auto place = std::to_string(8 * i);
    kept +=
      "(local.set " + local + " (i64.load offset=" + place + " (i32.const 0)))";
    rest += "(i64.store offset=" + place + " (i32.const 0) (local.get " + local
            + "))";
  }
  std::string zeros;
  std::string drops;
  for (int i = 0; i < 1000; ++i) {
    zeros += "(i64.const 0)";
    drops += " drop";
  }
  test_module module{command_text(zeros + "call $huge" + drops,
                                  "(func $huge (param" + types + ") (result"
                                    + types + ") (local i64"
                                    + types.substr(0, 199 * 4) + ")" + kept
                                    + values + "call $huge" + rest + ")")};
  for (const auto& ended : {module.interpret(), module.run_compiled()}) {
    CHECK(ended.end() == artel_module_trap);
    CHECK(ended.text() == artel_trap_call_stack);
  }
}

namespace {

struct nan_case {
  const char* instruction;
  bool is_double;
  /// Where NaNs are made canonical.
  std::uint64_t bits;
};

constexpr nan_case nan_cases[] = {
  {"(f32.div (f32.load (i32.const 0)) (f32.load (i32.const 0)))", false,
   0x7fc00000},
  {"(f32.add (f32.const nan:0x600001) (f32.load (i32.const 0)))", false,
   0x7fc00000},
  {"(f32.mul (f32.const -nan:0x600001) (f32.load (i32.const 0)))", false,
   0x7fc00000},
  {"(f32.sub (f32.const inf) (f32.const inf))", false, 0x7fc00000},
  {"(f32.min (f32.const nan:0x600001) (f32.const 1))", false, 0x7fc00000},
  {"(f32.max (f32.const 1) (f32.const nan:0x600001))", false, 0x7fc00000},
  {"(f32.sqrt (f32.const -1))", false, 0x7fc00000},
  {"(f32.ceil (f32.const nan:0x600001))", false, 0x7fc00000},
  {"(f32.nearest (f32.const -nan:0x600001))", false, 0x7fc00000},
  {"(f32.demote_f64 (f64.const nan:0x8000000000001))", false, 0x7fc00000},
  {"(f64.sqrt (f64.const -1))", true, 0x7ff8000000000000},
  {"(f64.div (f64.const 0) (f64.const 0))", true, 0x7ff8000000000000},
  {"(f64.floor (f64.const nan:0x8000000000001))", true, 0x7ff8000000000000},
  {"(f64.trunc (f64.const nan:0x8000000000001))", true, 0x7ff8000000000000},
  {"(f64.promote_f32 (f32.const nan:0x600001))", true, 0x7ff8000000000000},
  {"(f64.max (f64.const nan:0x8000000000001) (f64.const 1))", true,
   0x7ff8000000000000},
  // What the standard leaves no choice over is left alone.
  {"(f32.neg (f32.const nan:0x600001))", false, 0xffe00001},
  {"(f32.abs (f32.const -nan:0x200001))", false, 0x7fa00001},
  {"(f32.const -nan:0x123)", false, 0xff800123},
  {"(f64.copysign (f64.const nan:0x8000000000001) (f64.const -1))", true,
   0xfff8000000000001},
  {"(f32.neg (f32.div (f32.const 0) (f32.const 0)))", false, 0xffc00000},
  // Nor are numbers, and locals keep their places.
  {"(f32.add (f32.const 1) (f32.const 2))", false, 0x40400000},
  {"(f64.mul (f64.const -0) (f64.const 2))", true, 0x8000000000000000},
  {"(call $mixed (i32.const 3) (f64.const 0.5))", true, 0x400c000000000000},
};

std::string nan_module() {
  std::string body;
  int place = 1024;
  for (const auto& each : nan_cases)
    body += std::string{each.is_double ? "(f64.store" : "(f32.store"}
            + " (i32.const " + std::to_string(8 * place++) + ") "
            + each.instruction + ")\n";
  return command_text(
    body + write_out(8 * 1024, 8 * std::size(nan_cases)),
    declare("fd_write")
      + "(func $mixed (param i32 f64) (result f64) (local i64 f32 f32) "
        "(local.set 2 (i64.const 7)) (local.set 4 (f32.const 0)) (block "
        "(result f64) (f64.add (f64.convert_i32_s (local.get 0)) (f64.add "
        "(local.get 1) (f64.promote_f32 (f32.mul (local.get 4) (f32.const "
        "2)))))))");
}

} // namespace

TEST_CASE("canonical NaNs have one bit pattern both ways") {
  test_module module{nan_module()};
  auto interpreted = module.interpret();
  CHECK(interpreted.end() == artel_module_exited);
  for (std::size_t i = 0; i < std::size(nan_cases); ++i) {
    INFO(nan_cases[i].instruction);
    CHECK(bits_at(interpreted.out, i) == nan_cases[i].bits);
  }
  CHECK(module.run_compiled().out == interpreted.out);
}

TEST_CASE("NaNs as they are keep what the processor gives") {
  test_module module{nan_module()};
  auto interpreted = module.interpret({"--nan", "as_is"});
  auto compiled = run_program({module.compiled("as_is"), "--pages", "1"});
  CHECK(interpreted.end() == artel_module_exited);
  CHECK(compiled.end() == artel_module_exited);
  // All processors hand the payload on; wabt's interpreter does for
  // conversions.
  CHECK((bits_at(compiled.out, 1) & 0x3fffff) == 0x200001);
  CHECK(bits_at(compiled.out, 14) == 0x7ffc000020000000);
  CHECK(bits_at(interpreted.out, 14) == 0x7ffc000020000000);
  // The test of each result is paid for.
  CHECK(module.interpret().report->fuel_used > interpreted.report->fuel_used);
}

TEST_CASE("a rewritten module is rewritten to the same behaviour") {
  test_module module{nan_module()};
  auto once = module.path() + ".1";
  auto twice = module.path() + ".2";
  auto tool = beside_test("artel-wasm");
  must_succeed({tool, "canonicalize", module.path(), once});
  must_succeed({tool, "canonicalize", once, twice});
  must_succeed({"wasm-validate", twice});
  auto ended = run_program({tool, "run", "--nan", "as_is", twice});
  CHECK(ended.out == module.interpret().out);
}

TEST_CASE("deep nesting is no harm") {
  // Written by hand: wat2wasm's own recursion would not bear it.
  std::string code{"\0", 1};
  constexpr int depth = 200000;
  for (int i = 0; i < depth; ++i)
    code += "\x02\x40";
  code += std::string(depth + 1, '\x0b');
  const auto leb = [](std::size_t value) {
    std::string bytes;
    for (; value >= 0x80; value >>= 7)
      bytes += char(value | 0x80);
    return bytes + char(value);
  };
  auto body = leb(code.size()) + code;
  std::string bytes{"\0asm\1\0\0\0\1\4\1\x60\0\0\3\2\1\0\7\x0a\1\6_start\0\0"
                    "\x0a",
                    31};
  bytes += leb(body.size() + 1) + "\1" + body;
  test_module module{test_module::from_bytes{}, bytes};
  for (auto rule : {"canonical", "as_is"}) {
    auto ended = module.interpret({"--nan", rule});
    INFO(ended.text());
    CHECK(ended.end() == artel_module_exited);
  }
}

TEST_CASE("a C program behaves the same both ways") {
  const char* source = R"(
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
static int descending(const void* a, const void* b) {
  double x = *(const double*)a, y = *(const double*)b;
  return x < y ? 1 : x > y ? -1 : 0;
}
int main(int count, char** arguments) {
  double* numbers = malloc(1000 * sizeof(double));
  int read = 0;
  for (int c = getchar(); c != EOF; c = getchar())
    numbers[read++] = sqrt(c - '5') / 3;
  qsort(numbers, (size_t)read, sizeof(double), descending);
  for (int i = 0; i < read; ++i)
    printf("%d %.17g %a %g\n", i, numbers[i], numbers[i], 1 / numbers[i]);
  FILE* file = fopen("/etc/passwd", "r");
  printf("%s %d %ld %s\n", arguments[count - 1], file == NULL,
         (long)time(NULL), getenv("HOME") ? "env" : "none");
  fprintf(stderr, "%d read\n", read);
  free(numbers);
  exit(read);
}
)";
  if (run_program({"clang-14", "--version"}).exit_code() != 0) {
    MESSAGE("skipped: there is no clang-14");
    return;
  }
  wasm_scratch scratch;
  auto compiler = command_line{"clang-14", "--target=wasm32-wasi",
                               "-O1",      scratch.write("program.c", source),
                               "-o",       scratch.file("program.wasm")};
  if (run_program(compiler).exit_code() != 0) {
    MESSAGE("skipped: clang-14 has no wasi-libc");
    return;
  }
  test_module module{test_module::from_bytes{}, scratch.read("program.wasm")};
  const std::string_view input = "1925506";
  auto interpreted = module.interpret({}, input, {"last"});
  auto compiled = module.run_compiled(input, {"last"});
  INFO(interpreted.out);
  CHECK(interpreted.out.find("last 1 946684800 none\n") != std::string::npos);
  CHECK(interpreted.err == "7 read\n");
  CHECK(interpreted.report->value == 7);
  CHECK(compiled.out == interpreted.out);
  CHECK(compiled.err == interpreted.err);
  CHECK(compiled.report->value == 7);
  auto fuel = interpreted.report->fuel_used;
  CHECK(module.interpret({}, input, {"last"}).report->fuel_used == fuel);
  CHECK(module.interpret({"--fuel", std::to_string(fuel)}, input, {"last"}).out
        == interpreted.out);
  CHECK(module.interpret({"--fuel", std::to_string(fuel - 1)}, input, {"last"})
          .end()
        == artel_module_fuel_exhausted);
}

TEST_CASE("without descriptor 3 the report is words on standard error") {
  test_module module{busy};
  const bool without_report = false;
  auto ended =
    run_program(module.interpreter({"--fuel", "9"}), "", without_report);
  CHECK(ended.err
        == "artel: fuel exhausted 0, fuel 9: stopped after 9 instructions\n");
  CHECK(ended.exit_code() == 1);
  ended = run_program({module.compiled(), "--pages", "1"}, "", without_report);
  CHECK(ended.err == "artel: exited 5, fuel 0\n");
  CHECK(ended.exit_code() == 5);
}

TEST_CASE("wrong command lines are told, and end with 2") {
  test_module module{busy};
  auto tool = beside_test("artel-wasm");
  for (const command_line& command : std::vector<command_line>{
         {tool},
         {tool, "fly"},
         {tool, "run"},
         {tool, "run", "--fuel"},
         {tool, "run", "--fuel", "-1", module.path()},
         {tool, "run", "--fuel", "1x", module.path()},
         {tool, "run", "--pages", "65536", module.path()},
         {tool, "run", "--calls", "0", module.path()},
         {tool, "run", "--nan", "any", module.path()},
         {tool, "run", "--speed", "1", module.path()},
         {tool, "run", module.path() + ".none"},
         {tool, "canonicalize", module.path()},
         {tool, "canonicalize", module.path(), "/nowhere/at/all"},
         {module.compiled()},
         {module.compiled(), "--pages", "65536"},
         {module.compiled(), "--pages", ""},
         {module.compiled(), "--pages", "1", "--speed", "9"}}) {
    CAPTURE(command.back());
    auto ended = run_program(command);
    CHECK(ended.exit_code() == 2);
    CHECK_FALSE(ended.err.empty());
    CHECK_FALSE(ended.report);
  }
}
