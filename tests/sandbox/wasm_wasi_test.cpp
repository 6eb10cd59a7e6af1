#include "sandbox/wasm/host/module_end.h"
#include "sandbox/wasm/host/wasi_imports.h"
#include "tests/sandbox/wasm_modules.hpp"

#include <cstdint>
#include <cstring>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

using namespace artel::test;

namespace {

constexpr std::uint32_t errno_badf = 8;
constexpr std::uint32_t errno_fault = 21;
constexpr std::uint32_t errno_inval = 28;
constexpr std::uint32_t errno_notsup = 58;
constexpr std::uint32_t errno_spipe = 70;
constexpr std::uint32_t errno_notcapable = 76;

/// The instructions of a call with these constants.
std::string call(const artel_wasi_import& import,
                 const std::vector<std::uint64_t>& values) {
  std::ostringstream text;
  text << "(call $" << import.name;
  for (std::size_t i = 0; i < std::strlen(import.parameters); ++i)
    text << (import.parameters[i] == 'i' ? " (i32.const " : " (i64.const ")
         << values.at(i) << ")";
  text << ")";
  return text.str();
}

struct wasi_call {
  const char* name;
  std::vector<std::uint64_t> values;
  std::uint32_t expected;
};

/// A module that makes these calls and writes their results as bytes.
std::string calling(const std::vector<wasi_call>& calls,
                    std::string_view before = "") {
  std::string imports;
  for (const auto& each : artel_wasi_imports)
    imports += declare(each);
  std::string body{before};
  // Far from where the calls themselves write.
  std::uint32_t place = 32768;
  for (const auto& each : calls)
    for (const auto& import : artel_wasi_imports)
      if (std::string_view{import.name} == each.name)
        body += "(i32.store8 (i32.const " + std::to_string(place++) + ") "
                + call(import, each.values) + ")\n";
  body += write_out(32768, calls.size());
  return command_text(body, imports);
}

void check_calls(const std::vector<wasi_call>& calls,
                 std::string_view before = "") {
  test_module module{calling(calls, before)};
  for (const auto& ended : {module.interpret(), module.run_compiled()}) {
    INFO(ended.text());
    CHECK(ended.end() == artel_module_exited);
    REQUIRE(ended.out.size() == calls.size());
    for (std::size_t i = 0; i < calls.size(); ++i) {
      CAPTURE(i);
      INFO(calls[i].name);
      CHECK(std::uint8_t(ended.out[i]) == calls[i].expected);
    }
  }
}

} // namespace

namespace {

/// Standard input to standard output, 1000 bytes at a time.
const std::string copying = command_text(
  "(i32.store (i32.const 0) (i32.const 100)) (loop $again (i32.store "
  "(i32.const "
  "4) (i32.const 1000)) (drop (call $fd_read (i32.const 0) (i32.const 0) "
  "(i32.const 1) (i32.const 4))) (i32.store (i32.const 2000) (i32.add "
  "(i32.load (i32.const 2000)) (i32.const 1))) (drop (call $fd_write "
  "(i32.const "
  "1) (i32.const 0) (i32.const 1) (i32.const 8))) (br_if $again (i32.load "
  "(i32.const 4)))) (call $proc_exit (i32.load (i32.const 2000)))",
  declare("fd_read") + declare("fd_write") + declare("proc_exit"));

} // namespace

TEST_CASE("input goes through a module unchanged") {
  test_module module{copying};
  std::string input;
  for (int i = 0; i < 200500; ++i)
    input += char(i * 7);
  for (const auto& ended :
       {module.interpret({}, input), module.run_compiled(input)}) {
    CHECK(ended.out == input);
    CHECK(ended.report->value == 202);
  }
}

TEST_CASE("a read fills its buffer however the input arrives") {
  test_module module{copying};
  command_line compiled{module.compiled(), "--pages", "1"};
  for (const auto& command : {module.interpreter({}), compiled}) {
    int pipe[2];
    // Of packets: a read never gives more than one of them.
    REQUIRE(::pipe2(pipe, O_CLOEXEC | O_DIRECT) == 0);
    for (int i = 0; i < 10; ++i)
      REQUIRE(::write(pipe[1], "0123456789", 10) == 10);
    ::close(pipe[1]);
    auto ended = run_with(command, pipe[0]);
    ::close(pipe[0]);
    CHECK(ended.out.size() == 100);
    // One read with all of it, one with none.
    CHECK(ended.report->value == 2);
  }
}

TEST_CASE("a module gets its name, its arguments and no environment") {
  test_module module{command_text(
    "(drop (call $args_sizes_get (i32.const 0) (i32.const 4))) (drop (call "
    "$environ_sizes_get (i32.const 8) (i32.const 12))) (drop (call $args_get "
    "(i32.const 16) (i32.const 32)))"
      + write_out(0, 64),
    declare("args_sizes_get") + declare("args_get")
      + declare("environ_sizes_get") + declare("fd_write"))};
  const std::string expected{"\3\0\0\0\x0b\0\0\0\0\0\0\0\0\0\0\0"
                             "\x20\0\0\0\x24\0\0\0\x25\0\0\0\0\0\0\0"
                             "sum\0\0--x y\0",
                             43};
  const command_line arguments{"", "--x y"};
  auto interpreted = module.interpret({"--name", "sum", "--"}, "", arguments);
  auto compiled = run_program(
    {module.compiled(), "--pages", "1", "--name", "sum", "--", "", "--x y"});
  CHECK(interpreted.out.substr(0, expected.size()) == expected);
  CHECK(compiled.out == interpreted.out);
}

TEST_CASE("wild pointers give EFAULT wherever a function takes one") {
  // Just past the end, around it, and where 32 bits wrap.
  std::vector<wasi_call> calls;
  for (std::uint64_t wild : {65536ULL, 65535ULL, 0xffffffffULL, 0xfffffff9ULL})
    for (const wasi_call& each : std::vector<wasi_call>{
           {"args_get", {wild, 0}, errno_fault},
           {"args_get", {0, wild}, errno_fault},
           {"args_sizes_get", {wild, 0}, errno_fault},
           {"args_sizes_get", {0, wild}, errno_fault},
           {"clock_res_get", {0, wild}, errno_fault},
           {"clock_time_get", {0, 0, wild}, errno_fault},
           {"environ_sizes_get", {wild, 0}, errno_fault},
           {"environ_sizes_get", {0, wild}, errno_fault},
           {"environ_get", {wild, wild}, 0},
           {"fd_fdstat_get", {1, wild}, errno_fault},
           {"fd_filestat_get", {1, wild}, errno_fault},
           {"fd_prestat_get", {3, wild}, errno_badf},
           {"fd_prestat_dir_name", {3, wild, wild}, errno_badf},
           {"fd_pread", {0, wild, 1, 0, wild}, errno_spipe},
           {"fd_pwrite", {1, wild, 1, 0, wild}, errno_spipe},
           {"fd_read", {0, wild, 1, 16}, errno_fault},
           {"fd_read", {0, 0, 0, wild}, errno_fault},
           {"fd_readdir", {1, wild, 99, 0, wild}, 54},
           {"fd_seek", {1, 0, 0, wild}, errno_spipe},
           {"fd_tell", {1, wild}, errno_spipe},
           {"fd_write", {1, wild, 1, 16}, errno_fault},
           {"fd_write", {1, 0, 0, wild}, errno_fault},
           {"path_open", {3, 0, wild, 9, 0, 0, 0, 0, wild}, errno_notcapable},
           {"path_filestat_get", {3, 0, wild, wild, wild}, errno_notcapable},
           {"path_readlink", {3, wild, 1, wild, 1, wild}, errno_notcapable},
           {"poll_oneoff", {wild, 64, 1, 256}, errno_fault},
           {"poll_oneoff", {64, wild, 1, 256}, errno_fault},
           {"poll_oneoff", {64, 128, 1, wild}, errno_fault},
           {"random_get", {wild, 2}, errno_fault},
         })
      calls.push_back(each);
  // Sizes that lead out of memory, and one that just doesn't.
  calls.push_back({"random_get", {0, 65537}, errno_fault});
  calls.push_back({"random_get", {1, 65536}, errno_fault});
  calls.push_back({"random_get", {1, 0xffffffff}, errno_fault});
  calls.push_back({"random_get", {65536, 0}, 0});
  check_calls(calls);
}

TEST_CASE("wild lists of buffers give EFAULT, too long ones EINVAL") {
  // At 1024 a buffer that leads out of memory, at 1032 one that wraps, at 1040
  // one of all memory, at 1048 an empty one at its end.
  const char* lists =
    "(i32.store (i32.const 1024) (i32.const 65530)) (i32.store (i32.const "
    "1028) "
    "(i32.const 7)) (i32.store (i32.const 1032) (i32.const -8)) (i32.store "
    "(i32.const 1036) (i32.const 16)) (i32.store (i32.const 1040) (i32.const "
    "0)) (i32.store (i32.const 1044) (i32.const 65536)) (i32.store (i32.const "
    "1048) (i32.const 65536)) (i32.store (i32.const 1052) (i32.const 0))";
  std::vector<wasi_call> calls;
  for (auto [name, stream] : {std::pair{"fd_read", 0}, {"fd_write", 2}}) {
    auto descriptor = std::uint64_t(stream);
    calls.push_back({name, {descriptor, 1024, 1, 0}, errno_fault});
    calls.push_back({name, {descriptor, 1032, 1, 0}, errno_fault});
    calls.push_back({name, {descriptor, 1048, 1, 0}, 0});
    calls.push_back({name, {descriptor, 0, 0, 0}, 0});
    calls.push_back({name, {descriptor, 4096, 1024, 0}, 0});
    calls.push_back({name, {descriptor, 4096, 1025, 0}, errno_inval});
    calls.push_back({name, {descriptor, 0, 0xffffffff, 0}, errno_inval});
    calls.push_back({name, {descriptor, 0, 0x20000000, 0}, errno_inval});
    calls.push_back({name, {descriptor, 65528, 2, 0}, errno_fault});
  }
  check_calls(calls, lists);
}

TEST_CASE("only the three standard streams exist, each in its direction") {
  check_calls({{"fd_read", {1, 0, 0, 0}, errno_badf},
               {"fd_read", {3, 0, 0, 0}, errno_badf},
               {"fd_write", {0, 0, 0, 0}, errno_badf},
               {"fd_write", {3, 0, 0, 0}, errno_badf},
               {"fd_write", {0xffffffff, 0, 0, 0}, errno_badf},
               {"fd_seek", {0, 0, 0, 0}, errno_spipe},
               {"fd_seek", {3, 0, 0, 0}, errno_badf},
               {"fd_fdstat_get", {3, 0}, errno_badf},
               {"fd_fdstat_set_flags", {1, 0}, 0},
               {"fd_fdstat_set_flags", {1, 4}, errno_notsup},
               {"fd_close", {3}, errno_badf},
               {"fd_close", {2}, 0},
               {"fd_close", {2}, errno_badf},
               {"fd_write", {2, 0, 0, 0}, errno_badf},
               {"clock_time_get", {4, 0, 0}, errno_inval},
               {"clock_res_get", {4, 0}, errno_inval},
               {"poll_oneoff", {0, 512, 0, 1024}, errno_inval},
               {"poll_oneoff", {0, 512, 1025, 1024}, errno_inval}});
}

TEST_CASE("every function of the table can be imported and called") {
  std::vector<wasi_call> calls;
  for (const auto& each : artel_wasi_imports)
    if (each.function != artel_wasi_proc_exit)
      calls.push_back(
        {each.name, std::vector<std::uint64_t>(artel_wasi_parameters_max), 0});
  test_module module{calling(calls)};
  auto interpreted = module.interpret();
  CHECK(interpreted.end() == artel_module_exited);
  CHECK(interpreted.out.size() == calls.size());
  CHECK(module.run_compiled().out == interpreted.out);
}

TEST_CASE("clock and random bytes are the same in every run") {
  test_module module{command_text(
    "(drop (call $clock_time_get (i32.const 0) (i64.const 0) (i32.const 0))) "
    "(drop (call $clock_time_get (i32.const 1) (i64.const 0) (i32.const 8))) "
    "(drop (call $clock_time_get (i32.const 0) (i64.const 0) (i32.const 16))) "
    "(drop (call $clock_res_get (i32.const 0) (i32.const 24))) (drop (call "
    "$random_get (i32.const 32) (i32.const 13))) (drop (call $random_get "
    "(i32.const 45) (i32.const 19)))"
      + write_out(0, 64),
    declare("clock_time_get") + declare("clock_res_get") + declare("random_get")
      + declare("fd_write"))};
  auto first = module.interpret();
  REQUIRE(first.out.size() == 64);
  constexpr std::uint64_t start = 946684800000000000;
  constexpr std::uint64_t step = 1000000;
  CHECK(bits_at(first.out, 0) == start + step);
  CHECK(bits_at(first.out, 1) == 2 * step);
  CHECK(bits_at(first.out, 2) == start + 3 * step);
  CHECK(bits_at(first.out, 3) == step);
  CHECK(bits_at(first.out, 4) != bits_at(first.out, 5));
  CHECK(bits_at(first.out, 4) != 0);
  CHECK(module.interpret().out == first.out);
  CHECK(module.run_compiled().out == first.out);
  CHECK(module.run_compiled().out == first.out);
}

TEST_CASE("sleeping takes no time but moves the clock") {
  // Two clocks are waited for, an hour and a day; the hour comes first. Then
  // standard input and an hour: input comes at once.
  const char* body =
    "(i64.store (i32.const 1000) (i64.const 11)) (i32.store (i32.const 1016) "
    "(i32.const 1)) (i64.store (i32.const 1024) (i64.const 3600000000000)) "
    "(i64.store (i32.const 1048) (i64.const 22)) (i32.store (i32.const 1064) "
    "(i32.const 0)) (i64.store (i32.const 1072) (i64.const 86400000000000)) "
    "(drop (call $poll_oneoff (i32.const 1000) (i32.const 0) (i32.const 2) "
    "(i32.const 64))) (drop (call $clock_time_get (i32.const 1) (i64.const 0) "
    "(i32.const 72))) (i32.store8 (i32.const 1056) (i32.const 1)) (drop (call "
    "$poll_oneoff (i32.const 1000) (i32.const 128) (i32.const 2) (i32.const "
    "80))) (drop (call $clock_time_get (i32.const 1) (i64.const 0) (i32.const "
    "88)))";
  test_module module{command_text(
    body + write_out(0, 192),
    declare("poll_oneoff") + declare("clock_time_get") + declare("fd_write"))};
  for (const auto& ended : {module.interpret(), module.run_compiled()}) {
    REQUIRE(ended.out.size() == 192);
    constexpr std::uint64_t hour = 3600000000000;
    CHECK(bits_at(ended.out, 0) == 11);
    CHECK(bits_at(ended.out, 1) == 0);
    CHECK(bits_at(ended.out, 8) == 1);
    CHECK(bits_at(ended.out, 9) == hour + 1000000);
    CHECK(bits_at(ended.out, 10) == 1);
    CHECK(bits_at(ended.out, 11) == hour + 2000000);
    CHECK(bits_at(ended.out, 16) == 22);
    CHECK(bits_at(ended.out, 17) == 1 << 16);
  }
}
