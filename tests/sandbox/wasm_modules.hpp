// Makes WebAssembly modules out of text and runs them with artel's programs for
// it, without a sandbox around them, for the tests of those programs.
#pragma once

#include "sandbox/shim/run_status.h"
#include "sandbox/wasm/host/wasi_imports.h"

#include <doctest/doctest.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace artel::test {

/// A directory of this test's own, gone with it.
class wasm_scratch {
public:
  wasm_scratch() {
    auto name =
      (std::filesystem::temp_directory_path() / "artel-wasm-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  wasm_scratch(const wasm_scratch&) = delete;
  wasm_scratch& operator=(const wasm_scratch&) = delete;
  ~wasm_scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  std::string file(std::string_view name) const { return path_ / name; }

  std::string write(std::string_view name, std::string_view content) const {
    std::ofstream{path_ / name, std::ios::binary} << content;
    return file(name);
  }

  std::string read(std::string_view name) const {
    std::ifstream in{path_ / name, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
  }

private:
  std::filesystem::path path_;
};

/// What a program did.
struct ended_program {
  /// Of wait(2).
  int status = 0;
  std::string out;
  std::string err;
  /// Where it sent just one record of a module.
  std::optional<artel_module_report> report;

  int exit_code() const {
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }
  std::uint32_t end() const { return report ? report->end : 0; }
  std::string text() const { return report ? report->text : "no report"; }
};

using command_line = std::vector<std::string>;

inline void become(const command_line& command,
                   const std::array<int, 4>& streams) {
  std::vector<char*> arguments;
  for (const auto& each : command)
    arguments.push_back(const_cast<char*>(each.c_str()));
  arguments.push_back(nullptr);
  // Above those that they are moved to.
  std::array<int, 4> safe{};
  for (std::size_t i = 0; i < streams.size(); ++i)
    safe[i] = streams[i] < 0 ? -1 : ::fcntl(streams[i], F_DUPFD_CLOEXEC, 10);
  for (std::size_t i = 0; i < streams.size(); ++i)
    if (safe[i] < 0)
      ::close(int(i));
    else
      ::dup2(safe[i], int(i));
  ::execvp(arguments[0], arguments.data());
  ::_exit(127);
}

inline std::optional<artel_module_report> read_report(int pipe) {
  struct {
    artel_record_header header;
    artel_module_report report;
  } record{};
  auto count = ::read(pipe, &record, sizeof(record));
  char more = 0;
  if (count != ssize_t(sizeof(record)) || ::read(pipe, &more, 1) != 0
      || record.header.kind != artel_record_module
      || record.header.length != sizeof(record.report))
    return std::nullopt;
  return record.report;
}

/// Runs it with that descriptor as its standard input, and with a pipe on
/// descriptor 3 unless it shall have none.
inline ended_program run_with(const command_line& command, int input,
                              bool with_report = true) {
  wasm_scratch scratch;
  const auto create = [&](const char* name) {
    return ::open(scratch.file(name).c_str(), O_RDWR | O_CREAT | O_CLOEXEC,
                  0600);
  };
  std::array<int, 2> pipe{-1, -1};
  REQUIRE(::pipe2(pipe.data(), O_CLOEXEC) == 0);
  std::array<int, 4> streams{input, create("out"), create("err"),
                             with_report ? pipe[1] : -1};
  auto child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0)
    become(command, streams);
  ::close(pipe[1]);
  ended_program ended;
  while (::waitpid(child, &ended.status, 0) < 0 && errno == EINTR) {
  }
  ended.report = read_report(pipe[0]);
  for (int each : {pipe[0], streams[1], streams[2]})
    ::close(each);
  ended.out = scratch.read("out");
  ended.err = scratch.read("err");
  return ended;
}

inline ended_program run_program(const command_line& command,
                                 std::string_view input = "",
                                 bool with_report = true) {
  wasm_scratch scratch;
  auto file = ::open(scratch.write("in", input).c_str(), O_RDONLY | O_CLOEXEC);
  auto ended = run_with(command, file, with_report);
  ::close(file);
  return ended;
}

/// Beside the test, where the build puts all programs.
inline std::string beside_test(std::string_view name) {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path() / name;
}

inline void must_succeed(const command_line& command) {
  auto ended = run_program(command);
  INFO(command.front() << ": " << ended.err << ' ' << ended.text());
  REQUIRE(ended.exit_code() == 0);
}

/// A module on disk, and ways to run it.
class test_module {
public:
  explicit test_module(std::string_view text) {
    must_succeed({"wat2wasm", "--enable-all",
                  scratch_.write("module.wat", text), "-o", path()});
  }

  struct from_bytes {};
  test_module(from_bytes, std::string_view bytes) {
    scratch_.write("module.wasm", bytes);
  }

  std::string path() const { return scratch_.file("module.wasm"); }

  ended_program interpret(command_line options = {},
                          std::string_view input = "",
                          const command_line& arguments = {}) const {
    return run_program(interpreter(std::move(options), arguments), input);
  }

  command_line interpreter(command_line options,
                           const command_line& arguments = {}) const {
    command_line command{beside_test("artel-wasm"), "run"};
    command.insert(command.end(), options.begin(), options.end());
    command.push_back(path());
    command.insert(command.end(), arguments.begin(), arguments.end());
    return command;
  }

  /// By the recipe of guest_start.c; once.
  std::string compiled(const std::string& nan = "canonical") {
    auto program = scratch_.file("program." + nan);
    if (std::filesystem::exists(program))
      return program;
    auto host = beside_test("wasm/");
    auto ready = scratch_.file("ready.wasm");
    must_succeed(
      {beside_test("artel-wasm"), "canonicalize", "--nan", nan, path(), ready});
    must_succeed({"wasm2c", "--no-debug-names", "-n", "guest", ready, "-o",
                  scratch_.file("guest.c")});
    must_succeed(
      {"gcc", "-O1", "-w", "-std=gnu11", "-fno-math-errno", "-ffp-contract=off",
       "-fstack-clash-protection", "-DWASM_RT_MEMCHECK_SIGNAL_HANDLER=0",
       "-DWASM_RT_MAX_CALL_STACK_DEPTH=4096", "-I" + scratch_.file(""),
       "-static", "-Wl,--gc-sections", "-o", program, host + "guest_start.c",
       host + "libartel-wasi.a", "-lm"});
    return program;
  }

  ended_program run_compiled(std::string_view input = "",
                             const command_line& arguments = {},
                             unsigned pages = 16) {
    command_line command{compiled(), "--pages", std::to_string(pages),
                         "--name",   path(),    "--"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    return run_program(command, input);
  }

private:
  wasm_scratch scratch_;
};

/// A module with a memory of one page and a _start of those instructions.
inline std::string command_text(std::string_view body,
                                std::string_view before = "") {
  return "(module " + std::string{before}
         + " (memory (export \"memory\") 1) (func (export \"_start\") "
         + std::string{body} + "))";
}

/// An import declaration, by artel's own table.
inline std::string declare(const artel_wasi_import& import) {
  std::ostringstream text;
  text << "(import \"wasi_snapshot_preview1\" \"" << import.name << "\" (func $"
       << import.name;
  for (const char* type = import.parameters; *type != '\0'; ++type)
    text << (*type == 'i' ? " (param i32)" : " (param i64)");
  if (*import.result != '\0')
    text << " (result i32)";
  text << "))\n";
  return text.str();
}

inline std::string declare(std::string_view name) {
  for (const auto& each : artel_wasi_imports)
    if (each.name == name)
      return declare(each);
  FAIL("not in the table: " << name);
  return {};
}

/// Writes what lies in memory from the address on; uses 65000 and on.
inline std::string write_out(std::uint32_t address, std::size_t size) {
  std::ostringstream text;
  text << "(i32.store (i32.const 65000) (i32.const " << address << "))"
       << "(i32.store (i32.const 65004) (i32.const " << size << "))"
       << "(drop (call $fd_write (i32.const 1) (i32.const 65000) (i32.const 1) "
          "(i32.const 65008)))";
  return text.str();
}

/// Eight bytes of an output, as a number.
inline std::uint64_t bits_at(const std::string& bytes, std::size_t index) {
  std::uint64_t value = 0;
  if (bytes.size() >= 8 * (index + 1))
    std::memcpy(&value, bytes.data() + 8 * index, 8);
  return value;
}

} // namespace artel::test
