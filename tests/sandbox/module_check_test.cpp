#include "sandbox/wasm/module_check.hpp"

#include "protocol/core/random.hpp"
#include "sandbox/wasm/module_cursor.hpp"
#include "tests/sandbox/module_builder.hpp"

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

using namespace artel;
using namespace artel::sandbox;
using artel::testing::append;
using artel::testing::module_builder;
using artel::testing::number;
using artel::testing::raw;
using artel::testing::section;

namespace {

constexpr const char* damaged =
  "; the module is damaged: build it again, or see what wasm-validate says";

module_facts admitted(bytes_view module, const module_limits& limits = {}) {
  auto checked = check_module(module, limits);
  if (auto* problem = std::get_if<module_problem>(&checked))
    FAIL(problem->message);
  return std::get<module_facts>(checked);
}

module_problem refused(bytes_view module, const module_limits& limits = {}) {
  auto checked = check_module(module, limits);
  REQUIRE(std::holds_alternative<module_problem>(checked));
  return std::get<module_problem>(checked);
}

module_problem invalid(std::string message) {
  return {run_outcome::invalid_module, std::move(message)};
}

bytes repeated(std::string_view text, std::size_t times) {
  bytes all;
  auto one = raw(text);
  for (std::size_t i = 0; i < times; ++i)
    append(all, one);
  return all;
}

/// A count, and that many times the same.
bytes counted(std::uint32_t count, std::string_view each) {
  auto all = number(count);
  append(all, repeated(each, count));
  return all;
}

/// What is wrong with one section of a module that is sound otherwise; the
/// offset is that within the section's contents.
struct refusal {
  std::uint8_t section;
  bytes contents;
  std::size_t offset;
  std::string message;
};

refusal in(std::uint8_t section, std::string_view contents, std::size_t offset,
           std::string message) {
  return {section, raw(contents), offset, std::move(message)};
}

void check_refused(const refusal& wanted, const module_limits& limits = {},
                   run_outcome outcome = run_outcome::invalid_module) {
  auto module = module_builder{}.put(wanted.section, wanted.contents);
  auto where =
    "byte " + std::to_string(module.offset_of(wanted.section) + wanted.offset)
    + " (" + std::string{section_name(wanted.section)} + " section): ";
  auto found = refused(module.build(), limits);
  CHECK(found.outcome == outcome);
  CHECK(found.message == where + wanted.message);
}

void check_damaged(std::initializer_list<refusal> cases) {
  for (auto each : cases) {
    each.message += damaged;
    check_refused(each);
  }
}

void check_invalid(std::initializer_list<refusal> cases) {
  for (const auto& each : cases)
    check_refused(each);
}

} // namespace

TEST_CASE("a command is admitted with what it declares") {
  module_facts expected;
  expected.functions = 1;
  expected.imports = 1;
  expected.initial_pages = 2;
  expected.max_pages = 16;
  expected.import_names = {"proc_exit"};
  CHECK(admitted(module_builder{}.build()) == expected);
}

TEST_CASE("a command needs no more than a memory and _start") {
  auto least = module_builder{}
                 .put(1, "01 60 00 00")
                 .drop(2)
                 .drop(4)
                 .put(5, "01 00 01")
                 .drop(6)
                 .put(7, "02 'memory' 02 00 '_start' 00 00")
                 .drop(9)
                 .drop(11);
  module_facts expected;
  expected.functions = 1;
  expected.initial_pages = 1;
  CHECK(admitted(least.build()) == expected);
}

TEST_CASE("bulk memory's sections are admitted") {
  auto module = module_builder{} // Each kind of segment once.
                  .put(9, "08 00 41 00 0b 01 01"
                          "01 00 02 00 01"
                          "02 00 41 00 0b 00 01 01"
                          "03 00 00"
                          "04 41 00 0b 02 d2 01 0b d0 70 0b"
                          "05 70 01 d2 00 0b"
                          "06 00 41 00 0b 70 00"
                          "07 70 00")
                  .put(12, "03")
                  .put(11, "03 00 41 08 0b 01 68 01 02 68 69"
                           "02 00 41 7f 0b 00");
  admitted(module.build());
}

TEST_CASE("numbers may be longer than they need to be") {
  // As linkers write them that fill in sizes later.
  admitted(module_builder{}.put(3, "81 80 80 80 00 80 80 00").build());
  admitted(module_builder{}
             .put(6, "02 7f 01 41 80 80 80 80 78 0b"
                     "7e 00 42 80 80 80 80 80 80 80 80 80 7f 0b")
             .build());
}

TEST_CASE("custom sections stand anywhere") {
  auto custom = section(0, raw("'name' 00 01 02"));
  auto module = raw("00 61 73 6d 01 00 00 00");
  auto sound = module_builder{}.build();
  append(module, custom);
  append(module, bytes_view{sound}.subspan(8));
  append(module, custom);
  append(module, custom);
  CHECK(admitted(module) == admitted(sound));
}

TEST_CASE("what is no module of this format is told apart") {
  for (const auto& [data, message] :
       std::initializer_list<std::pair<bytes, std::string>>{
         {{}, "the module is empty"},
         {to_bytes("(module (memory 1))"),
          "the module is in WebAssembly's text form; translate it with "
          "wat2wasm"},
         {to_bytes("\x7f"
                   "ELF....."),
          "byte 0: not WebAssembly, which begins with '\\0asm'; build the "
          "program for the target wasm32-wasi"},
         {raw("00 61"), std::string{"byte 0: the mark of WebAssembly takes 4 "
                                    "bytes, but only 2 are left"}
                          + damaged},
         {raw("00 61 73 6d 01 00"),
          std::string{"byte 4: the version of WebAssembly takes 4 bytes, but "
                      "only 2 are left"}
            + damaged},
         {raw("00 61 73 6d 0d 00 01 00"),
          "byte 4: a WebAssembly component, expected a core module; build it "
          "for the target wasm32-wasi (wasip1)"},
         {raw("00 61 73 6d 02 01 00 00"),
          "byte 4: version 258 of WebAssembly, expected version 1"}})
    CHECK(refused(data) == invalid(message));
}

TEST_CASE("every part that is cut off a module is missed") {
  // The count of data makes the last section one that can't be left out.
  auto module = module_builder{}.put(12, "01").build();
  admitted(module);
  for (std::size_t size = 0; size < module.size(); ++size) {
    CAPTURE(size);
    auto found = refused(bytes_view{module}.first(size));
    CHECK(found.outcome == run_outcome::invalid_module);
    CHECK_FALSE(found.message.empty());
  }
}

TEST_CASE("sections stand in order, each once, inside the module") {
  auto sound = module_builder{}.build();
  auto check_after = [&](std::string_view text, std::size_t offset,
                         const std::string& message) {
    auto module = sound;
    append(module, raw(text));
    auto where = "byte " + std::to_string(sound.size() + offset);
    CHECK(refused(module) == invalid(where + message + damaged));
  };
  check_after("0b 01 00", 0, ": has a second data section");
  check_after("0c 01 00", 0,
              ": the data count section belongs before the data section");
  check_after("01 01 00", 0,
              ": the type section belongs before the data section");
  check_after("0e 00", 0,
              ": a section has the number 14, which is that of none");
  check_after("00", 1, ": ends where the size of a section should follow");
  check_after("00 05 01 61", 2,
              ": the custom section has 5 bytes, but only 2 are left");
  check_after("00 80 80 80 80 04 01 61", 6,
              ": the custom section has 1073741824 bytes, but only 2 are left");
  check_after("00 ff ff ff ff 10", 1,
              ": the size of a section: more than five bytes of a number, or a "
              "number above 2^32 - 1");
  check_after("00 80 80 80 80 80 00", 1,
              ": the size of a section: more than five bytes of a number, or a "
              "number above 2^32 - 1");
  check_after("00 00", 2,
              " (custom section): ends where the name of a custom section "
              "should follow");
  check_damaged(
    {in(3, "01 00 00", 2, "1 bytes trail the end of the section's contents")});
}

TEST_CASE("names are UTF-8") {
  auto fits = [](std::string_view name) {
    auto text = raw(name);
    auto contents = number(static_cast<std::uint32_t>(text.size()));
    append(contents, text);
    auto module = module_builder{}.build();
    append(module, section(0, contents));
    return std::holds_alternative<module_facts>(check_module(module, {}));
  };
  for (const auto* name :
       {"", "61", "c2 80", "df bf", "e0 a0 80", "ed 9f bf", "ee 80 80",
        "ef bf bf", "f0 90 80 80", "f4 8f bf bf", "61 e2 82 ac 61"})
    CHECK_MESSAGE(fits(name), std::string{name});
  for (const auto* name :
       {"80", "bf", "c0 80", "c1 bf", "c2", "c2 41", "e0 9f bf", "ed a0 80",
        "e2 82", "e2 82 41", "f0 8f bf bf", "f4 90 80 80", "f5 80 80 80", "ff",
        "f0 90 80", "f0 90 80 41"})
    CHECK_MESSAGE(!fits(name), std::string{name});
}

TEST_CASE("counts that the bytes left can't hold are not believed") {
  const std::string held = " are left to hold them";
  check_damaged({
    in(1, "90 4e 60", 0, "declares 10000 types, but only 1 bytes" + held),
    in(2, "02 00 00 00", 0, "declares 2 imports, but only 3 bytes" + held),
    in(3, "02 00", 0, "declares 2 functions, but only 1 bytes" + held),
    in(6, "02 00 00", 0, "declares 2 globals, but only 2 bytes" + held),
    in(7, "03 00 00", 0, "declares 3 exports, but only 2 bytes" + held),
    in(9, "03 00 00", 0,
       "declares 3 segments of elements, but only 2 bytes" + held),
    in(10, "a0 8d 06 00", 0, "declares 100000 bodies, but only 1 bytes" + held),
    in(11, "a0 8d 06 00", 0,
       "declares 100000 segments of data, but only 1 bytes" + held),
    in(9, "01 00 41 00 0b 02 01", 5,
       "declares 2 elements, but only 1 bytes" + held),
    in(10, "01 03 ff ff 03 0b", 2,
       "declares 65535 groups of local variables, but only 1 bytes" + held),
  });
}

TEST_CASE("counts have limits, also where the bytes are there") {
  check_invalid({
    in(1, "a1 8d 06", 0, "declares 100001 types; at most 100000 are allowed"),
    in(3, "c0 84 3d", 0,
       "declares 1000000 functions; at most 100000 are allowed"),
    in(6, "a1 8d 06", 0, "declares 100001 globals; at most 100000 are allowed"),
    in(7, "91 4e", 0, "declares 10001 exports; at most 10000 are allowed"),
    in(9, "a1 8d 06", 0,
       "declares 100001 segments of elements; at most 100000 are allowed"),
    in(11, "a1 8d 06", 0,
       "declares 100001 segments of data; at most 100000 are allowed"),
    in(12, "a1 8d 06", 0,
       "declares 100001 segments of data; at most 100000 are allowed"),
    {2, counted(1'001, "'a' 'b' 00 00"), 0,
     "declares 1001 imports; at most 1000 are allowed"},
    {3, counted(1'000'000, "00"), 0,
     "declares 1000000 functions; at most 100000 are allowed"},
  });
}

TEST_CASE("each limit holds to the last one") {
  auto module = module_builder{}.put(12, "01");
  auto data = module.build();
  module_limits exact;
  exact.module_bytes_max = data.size();
  exact.types_max = 2;
  exact.values_per_type_max = 1;
  exact.imports_max = exact.functions_max = exact.globals_max = 1;
  exact.table_entries_max = 2;
  exact.exports_max = 2;
  exact.name_bytes_max = 22;
  exact.segments_max = 1;
  exact.elements_max = 1;
  exact.sections_max = 11;
  exact.body_bytes_max = 2;
  exact.locals_max = 0;
  exact.pages_max = 2;
  admitted(data, exact);
  for (auto member :
       {&module_limits::module_bytes_max, &module_limits::types_max,
        &module_limits::values_per_type_max, &module_limits::imports_max,
        &module_limits::functions_max, &module_limits::globals_max,
        &module_limits::table_entries_max, &module_limits::exports_max,
        &module_limits::name_bytes_max, &module_limits::segments_max,
        &module_limits::elements_max, &module_limits::sections_max,
        &module_limits::body_bytes_max}) {
    auto less = exact;
    --(less.*member);
    auto found = refused(data, less);
    CHECK(found.outcome == run_outcome::invalid_module);
    auto told = found.message.find(" at most ") != std::string::npos
                || found.message.find(": more than ") != std::string::npos;
    CHECK_MESSAGE(told, found.message);
  }
}

TEST_CASE("elements are counted over all segments") {
  module_limits limits;
  limits.elements_max = 3;
  admitted(module_builder{}.put(9, "02 01 00 02 00 01 01 00 01 00").build(),
           limits);
  check_refused(in(9, "02 01 00 02 00 01 01 00 02 00 01", 6,
                   "declares 4 elements with this segment; at most 3 are "
                   "allowed"),
                limits);
}

TEST_CASE("types are those of functions, with numbers as values") {
  check_damaged({
    in(1, "01 60 01 00 00", 3, "no type of values has the number 0"),
    in(1, "01 60 05 7f 7f", 2,
       "declares 5 parameters, but only 2 bytes are left to hold them"),
  });
  check_invalid({
    in(1, "01 5f 00 00", 1,
       "type 0 is no type of a function; others are not supported"),
    in(1, "01 60 00 01 7b", 4,
       "uses vectors (SIMD), which are not supported; compile with "
       "-mno-simd128"),
    in(1, "01 60 01 6f 00", 3,
       "uses references as values, which are not supported; compile with "
       "-mno-reference-types"),
  });
}

TEST_CASE("only WASI's functions can be imported, by their own types") {
  auto check_import = [](std::string_view contents, std::size_t offset,
                         const std::string& message) {
    auto module = module_builder{}
                    .put(1, "03 60 00 00 60 01 7f 00 60 01 7e 01 7f")
                    .put(2, contents);
    auto where = "byte " + std::to_string(module.offset_of(2) + offset);
    CHECK(refused(module.build())
          == module_problem{run_outcome::unsupported_import,
                            where + " (import section): imports " + message});
  };
  const std::string only = "; only functions of 'wasi_snapshot_preview1' can "
                           "be imported: define it, or build for the target "
                           "wasm32-wasi";
  const std::string not_offered =
    " of 'wasi_snapshot_preview1', which is not offered; programs have "
    "standard streams, a clock and random numbers, but no sockets and no "
    "threads";
  const std::string own_memory = "; only functions of WASI can be imported: "
                                 "link the program statically, with its own "
                                 "memory";
  check_import("01 'env' 'system' 00 00", 1, "'system' of 'env'" + only);
  check_import("01 'wasi_unstable' 'proc_exit' 00 01", 1,
               "'proc_exit' of 'wasi_unstable'" + only);
  check_import("01 'wasi_snapshot_preview1' 'sock_accept' 00 00", 1,
               "'sock_accept'" + not_offered);
  check_import("01 'wasi_snapshot_preview1' 'proc_exit' 00 02", 1,
               "'proc_exit' of 'wasi_snapshot_preview1' as (i64) -> (i32); "
               "expected (i32) -> ()");
  check_import("01 'wasi_snapshot_preview1' 'fd_seek' 00 00", 1,
               "'fd_seek' of 'wasi_snapshot_preview1' as () -> (); expected "
               "(i32, i64, i32, i32) -> (i32)");
  check_import("01 'env' 'memory' 02 00 01", 1,
               "the memory 'memory' of 'env'" + own_memory);
  check_import("01 'wasi_snapshot_preview1' 'proc_exit' 04 00 00", 1,
               "the tag 'proc_exit' of 'wasi_snapshot_preview1'" + own_memory);
  // The second is looked at like the first; a name is all of its bytes.
  check_import("02 'wasi_snapshot_preview1' 'proc_exit' 00 01"
               "'wasi_snapshot_preview1' 'proc_exi' 00 01",
               36, "'proc_exi'" + not_offered);
  check_import("01 'wasi_snapshot_preview1' 0a 70 72 6f 63 5f 65 78 69 74 00 "
               "00 01",
               1, R"('proc_exit\x00')" + not_offered);
}

TEST_CASE("imports are of a known kind and type") {
  check_damaged({
    in(2, "01 'env' 'f' 05 00", 1, "an import is of the unknown kind 5"),
    in(2, "01 'env' 'f' 00 02", 8, "names type 2 of 2"),
  });
}

TEST_CASE("a start section and exceptions are refused") {
  auto with = [](std::uint8_t id, std::string_view contents) {
    auto module = module_builder{}.put(id, contents);
    auto where = "byte " + std::to_string(module.offset_of(id) - 2) + ": ";
    auto found = refused(module.build());
    CHECK(found.outcome == run_outcome::invalid_module);
    REQUIRE(found.message.starts_with(where));
    return found.message.substr(where.size());
  };
  CHECK(with(8, "01")
        == "has a start section, which would run before fuel is counted; call "
           "that function from _start");
  CHECK(with(13, "01 00 00")
        == "uses exceptions, which are not supported; compile with "
           "-fno-exceptions");
}

TEST_CASE("a table is bounded and holds functions") {
  check_damaged({
    in(4, "01 70 02 00", 1, "the size of a table has unknown flags, 2"),
    in(4, "01 70 01 05 04", 3,
       "the size of a table begins with 5, above its own maximum of 4"),
  });
  check_invalid({
    in(4, "02 70 00 01 70 00 01", 0,
       "declares 2 tables; at most 1 are allowed"),
    in(4, "01 70 00 81 80 04", 1,
       "declares a table of 65537 functions; at most 65536 are allowed"),
    in(4, "01 6f 00 01", 1,
       "a table holds something other than functions, which is not supported; "
       "compile with -mno-reference-types"),
  });
  admitted(module_builder{}.put(4, "01 70 01 80 80 04 ff ff ff ff 0f").build());
}

TEST_CASE("a module has one memory, of 32 bits, for itself alone") {
  check_damaged({
    in(5, "01 08 01", 1, "the size of the memory has unknown flags, 8"),
    in(5, "01 01 03 02", 2,
       "the size of the memory begins with 3, above its own maximum of 2"),
    in(5, "01 00 81 80 04", 1,
       "declares 65537 pages of memory (4194368 KiB); 32 bits address at most "
       "65536 pages of memory (4 GiB)"),
    in(5, "01 01 01 81 80 04", 1,
       "declares 65537 pages of memory (4194368 KiB); 32 bits address at most "
       "65536 pages of memory (4 GiB)"),
  });
  check_invalid({
    in(5, "02 00 01 00 01", 0, "declares 2 memories; expected exactly one"),
    in(5, "01 03 01 02", 1,
       "has a memory for several threads, which are not supported; link "
       "without --shared-memory"),
    in(5, "01 04 01", 1,
       "has a 64-bit memory; build it for the target wasm32-wasi"),
  });
  admitted(module_builder{}.put(5, "01 01 80 80 04 80 80 04").build());
}

TEST_CASE("a module starts with no more memory than a run may have") {
  module_limits limits;
  limits.pages_max = 2;
  admitted(module_builder{}.put(5, "01 01 02 80 80 04").build(), limits);
  check_refused(in(5, "01 00 03", 1,
                   "starts with 3 pages of memory (192 KiB), but the limit "
                   "allows 2 pages of memory (128 KiB); raise the limit of "
                   "memory, or link with a smaller --initial-memory or stack"),
                limits, run_outcome::memory_limit);
}

TEST_CASE("globals begin with one constant of their type") {
  check_damaged({
    in(6, "01 7f 02 41 00 0b", 1,
       "a global is neither constant (0) nor variable (1) but 2"),
    in(6, "01 7f 00 42 00 0b", 3,
       "expected a constant of type i32, found the instruction 66"),
    in(6, "01 7f 00 10 00 0b", 3,
       "expected a constant of type i32, found the instruction 16"),
    in(6, "01 7f 00 41 80 80 80 80 08 0b", 4,
       "a constant: no number of 32 bits"),
    in(6, "01 7f 00 41 80 80 80 80 80 00 0b", 4,
       "a constant: no number of 32 bits"),
    in(6, "01 7e 00 42 80 80 80 80 80 80 80 80 80 01 0b", 4,
       "a constant: no number of 64 bits"),
    in(6, "01 7d 00 43 00 00 00", 4,
       "a constant takes 4 bytes, but only 3 are left"),
    in(6, "01 7f 00 41 00", 5,
       "ends where the end of a constant should follow"),
  });
  check_invalid({
    in(6, "01 7f 00 23 00 0b", 3,
       "a constant is that of an imported global, and none can be imported; "
       "link the program statically"),
    in(6, "01 7f 00 41 00 41 00 6a 0b", 5,
       "a constant is computed by more than one instruction, which is not "
       "supported; compile with -mno-extended-const"),
    in(6, "01 70 00 d0 70 0b", 1,
       "uses references as values, which are not supported; compile with "
       "-mno-reference-types"),
  });
  admitted(module_builder{}
             .put(6, "02 7d 01 43 00 00 c0 7f 0b"
                     "7c 00 44 00 00 00 00 00 00 f8 7f 0b")
             .build());
}

TEST_CASE("exports are there, and have plain names of their own") {
  check_damaged({
    in(7, "01 'f' 00 02", 4, "names function 2 of 2"),
    in(7, "01 't' 01 01", 4, "names table 1 of 1"),
    in(7, "01 'm' 02 01", 4, "names memory 1 of 1"),
    in(7, "01 'g' 03 01", 4, "names global 1 of 1"),
    in(7, "01 'x' 04 00", 1, "exports 'x' of the unknown kind 4"),
    in(7, "03 'memory' 02 00 '_start' 00 01 'memory' 02 00", 19,
       "exports 'memory' a second time, after byte 83"),
    // Of whatever kind.
    in(7, "03 'memory' 02 00 '_start' 00 01 '_start' 03 00", 19,
       "exports '_start' a second time, after byte 92"),
  });
  const std::string rule = "; names of exports are printable ASCII, without "
                           R"('\' and '*/')";
  check_invalid({
    in(7, "01 '*/#' 00 01", 1, "exports '*/#'" + rule),
    in(7, R"(01 'a\' 00 01)", 1, R"(exports 'a\\')" + rule),
    in(7, "01 02 c3 a4 00 01", 1, R"(exports '\xc3\xa4')" + rule),
    in(7, "01 01 0a 00 01", 1, R"(exports '\n')" + rule),
  });
}

TEST_CASE("a command exports its memory and its start") {
  auto with = [](std::string_view exports) {
    auto found = refused(module_builder{}.put(7, exports).build());
    CHECK(found.outcome == run_outcome::invalid_module);
    return found.message;
  };
  const auto* hidden = "the module does not export its memory as 'memory', "
                       "which WASI asks for; link it with --export-memory";
  const auto* no_start = "the module exports no function '_start'; build it as "
                         "a command, with main(), not as a library or reactor";
  CHECK(with("00") == hidden);
  CHECK(with("02 'mem' 02 00 '_start' 00 01") == hidden);
  CHECK(with("02 'memory' 03 00 '_start' 00 01") == hidden);
  CHECK(with("01 'memory' 02 00") == no_start);
  CHECK(with("02 'memory' 02 00 '_start' 03 00") == no_start);
  CHECK(with("02 'memory' 02 00 '_initialize' 00 01") == no_start);
  CHECK(with("02 'memory' 02 00 '_start' 00 00")
        == "'_start' has the type (i32) -> (), expected () -> ()");
  auto without = module_builder{}.drop(5).drop(11).put(7, "01 '_start' 00 01");
  CHECK(refused(without.build())
        == invalid("the module has no memory; expected one, as programs for "
                   "the target wasm32-wasi have"));
}

TEST_CASE("segments of elements fit the table and name functions") {
  check_damaged({
    in(9, "01 08 00", 1, "a segment of elements has unknown flags, 8"),
    in(9, "01 02 01 41 00 0b 00 00", 1,
       "a segment of elements fills table 1 of 1"),
    in(9, "01 01 01 00", 2, "a segment of elements is of the unknown kind 1"),
    in(9, "01 00 41 00 0b 01 02", 6, "names function 2 of 2"),
    in(9, "01 00 42 00 0b 01 01", 2,
       "expected a constant of type i32, found the instruction 66"),
    in(9, "01 05 70 01 d2 02 0b", 5, "names function 2 of 2"),
    in(9, "01 05 70 01 41 00 0b", 4,
       "expected an element, found the instruction 65"),
  });
  check_invalid({
    in(9, "01 05 6f 00", 2,
       "a segment of elements holds something other than functions, which is "
       "not supported; compile with -mno-reference-types"),
    in(9, "01 01 00 c1 84 3d", 3,
       "declares 1000001 elements; at most 1000000 are allowed"),
  });
  auto without = module_builder{}.drop(4);
  CHECK(refused(without.build()).message.find("fills table 0 of 0")
        != std::string::npos);
}

TEST_CASE("there is code for each function, framed and ended") {
  auto counts = [](std::string_view functions, std::string_view code) {
    return refused(module_builder{}.put(3, functions).put(10, code).build());
  };
  CHECK(counts("02 00 00", "01 02 00 0b")
        == invalid("the module declares 2 functions, but has code for 1; it is "
                   "damaged: build it again"));
  CHECK(counts("01 00", "02 02 00 0b 02 00 0b").message.find("has code for 2")
        != std::string::npos);
  CHECK(
    refused(module_builder{}.drop(10).build()).message.find("has code for 0")
    != std::string::npos);
  check_damaged({
    in(10, "01 03 00 0b", 1,
       "function 1 has 3 bytes of code, but only 2 are left"),
    in(10, "01 02 00 00", 3,
       "function 1 does not end with the instruction end"),
    in(10, "01 01 00 0b", 1, "function 1 has no instructions"),
    in(10, "01 00 00 0b", 1, "function 1 has no instructions"),
    in(10, "01 03 01 01 7f 0b", 1, "function 1 has no instructions"),
    in(10, "01 04 01 01 00 0b", 4, "no type of values has the number 0"),
    in(10, "01 02 00 0b 0b", 4,
       "1 bytes trail the end of the section's contents"),
  });
  check_invalid({in(10, "01 b2 97 d3 03 00", 1,
                    "function 1 has 7654322 bytes of code; at most 7654321 are "
                    "allowed: divide it")});
}

TEST_CASE("local variables are bounded, however they are grouped") {
  auto too_many = [](std::uint64_t locals) {
    return "function 1 declares " + std::to_string(locals)
           + " local variables or more; at most 50000 are allowed: divide it";
  };
  check_invalid({
    in(10, "01 06 01 d1 86 03 7f 0b", 2, too_many(50'001)),
    in(10, "01 08 02 d0 86 03 7f 01 7e 0b", 2, too_many(50'001)),
    in(10, "01 0e 02 ff ff ff ff 0f 7f ff ff ff ff 0f 7f 0b", 2,
       too_many(4'294'967'295)),
  });
  admitted(module_builder{}.put(10, "01 06 01 d0 86 03 7f 0b").build());
}

TEST_CASE("segments of data are framed and are as many as announced") {
  check_damaged({
    in(11, "01 03 00", 1, "a segment of data has unknown flags, 3"),
    in(11, "01 02 01 41 00 0b 00", 1, "a segment of data fills memory 1 of 1"),
    in(11, "01 00 41 00 0b 03 68 69", 6,
       "a segment of data takes 3 bytes, but only 2 are left"),
    in(11, "01 01 ff ff ff ff 0f", 7,
       "a segment of data takes 4294967295 bytes, but only 0 are left"),
  });
  CHECK(refused(module_builder{}.put(12, "02").build())
        == invalid("the module announces 2 segments of data, but has 1; it is "
                   "damaged: build it again"));
  CHECK(
    refused(module_builder{}.put(12, "00").build()).message.find("announces 0")
    != std::string::npos);
}

TEST_CASE("a module that is too large is refused unread") {
  module_limits limits;
  limits.module_bytes_max = 1 << 20;
  CHECK(refused(bytes((1 << 20) + 1), limits)
        == invalid("the module has 1048577 bytes; at most 1 MiB are allowed: "
                   "strip it, or give it its data as input"));
}

TEST_CASE("changed at random, a module is admitted within limits or refused") {
  auto random = random_generator::from_number(4);
  auto sound = module_builder{}.put(12, "01").build();
  auto admitted_count = 0;
  for (auto round = 0; round < 20'000; ++round) {
    auto module = sound;
    for (auto changes = 1 + random.below(3); changes > 0; --changes)
      module[random.below(module.size())] =
        static_cast<std::uint8_t>(random.below(256));
    auto checked = check_module(module, {});
    if (auto* problem = std::get_if<module_problem>(&checked)) {
      CHECK_FALSE(problem->message.empty());
      continue;
    }
    ++admitted_count;
    const auto& facts = std::get<module_facts>(checked);
    REQUIRE(facts.initial_pages <= facts.max_pages.value_or(65'536));
    REQUIRE(facts.import_names.size() == facts.imports);
  }
  CHECK(admitted_count > 0);
}
