#include "protocol/task/chunk_plan.hpp"
#include "protocol/task/code_bundle.hpp"
#include "runtime/config/task_file.hpp"
#include "sandbox/kernels/kernels.hpp"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <unistd.h>

#include <doctest/doctest.h>

using namespace artel;
using namespace artel::runtime;

namespace {

namespace fs = std::filesystem;

using problem_list = std::vector<config_problem>;

/// A directory with a program and some inputs, gone with the test.
class task_directory {
public:
  task_directory()
    : path_(fs::temp_directory_path()
            / ("artel_preparation_" + std::to_string(::getpid()))) {
    fs::remove_all(path_);
    fs::create_directories(path_ / "in" / "sub.txt");
    write("run.sh", "#!/bin/sh\necho $1\n");
    fs::permissions(path_ / "run.sh", fs::perms::owner_all);
    write("plain.sh", "#!/bin/sh\n");
    write("in/b.txt", "bb");
    write("in/a.txt", "a");
    write("in/c.dat", "ccc");
    fs::create_symlink("c.dat", path_ / "in" / "link.txt");
    fs::create_symlink("nowhere", path_ / "in" / "broken.txt");
    write("words", "one\ntwo\nthree\nfour\nfive");
    write("empty", "");
    write("prog.wasm", {"\0asm\1\0\0\0", 8});
    write("root.tar", std::string(257, 'x') + "ustar");
  }
  task_directory(const task_directory&) = delete;
  task_directory& operator=(const task_directory&) = delete;
  ~task_directory() { fs::remove_all(path_); }

  const fs::path& path() const noexcept { return path_; }

  void write(const std::string& name, std::string_view text) const {
    std::ofstream{path_ / name, std::ios::binary} << text;
  }

  std::optional<submission> prepare_text(std::string_view text,
                                         problem_list& problems) const {
    auto task = parse_task_text(text, "t.toml", path_, problems);
    if (!task)
      return std::nullopt;
    return prepare(*task, problems);
  }

  submission sound(std::string_view text) const {
    problem_list problems;
    auto prepared = prepare_text(text, problems);
    for (const auto& one : problems)
      MESSAGE(to_string(one));
    REQUIRE(prepared.has_value());
    return *prepared;
  }

  /// The only problem of a task.
  config_problem problem(std::string_view text) const {
    problem_list problems;
    auto prepared = prepare_text(text, problems);
    CHECK_FALSE(prepared.has_value());
    for (const auto& one : problems)
      CAPTURE(to_string(one));
    if (problems.size() != 1)
      for (const auto& one : problems)
        MESSAGE(to_string(one));
    REQUIRE(problems.size() == 1);
    return problems[0];
  }

private:
  fs::path path_;
};

constexpr auto kernel_text = "[code]\nkernel = \"count_primes\"\n"
                             "[reduce]\nop = \"sum\"\n";
constexpr auto program_text = "[code]\nprogram = \"run.sh\"\n";

std::string with(std::string_view text, std::string_view more) {
  return std::string{text} + std::string{more};
}

bool has(const config_problem& problem, std::string_view words) {
  return problem.message.find(words) != std::string::npos;
}

} // namespace

TEST_CASE("a range with a reduce step is a range_reduce task of 100 jobs") {
  task_directory directory;
  auto spec =
    directory.sound(with(kernel_text, "[input]\nrange = \"1..1000\"")).spec;
  CHECK(spec.type == task_type::range_reduce);
  CHECK(spec.source.kind == source_kind::range);
  CHECK(spec.source.first == 1);
  CHECK(spec.source.last == 1000);
  CHECK(chunk_plan{spec.source}.count() == 100);
  CHECK(spec.code.kernel == "count_primes");
  CHECK(spec.reduce == reduce_operation::sum);
}

TEST_CASE("a range makes no more jobs than it has numbers") {
  task_directory directory;
  auto spec =
    directory.sound(with(kernel_text, "[input]\nrange = \"5..11\"")).spec;
  CHECK(spec.source.chunks == 7);
}

TEST_CASE("a chunk size becomes as many chunks as it takes") {
  task_directory directory;
  auto chunks_of = [&](std::string_view input) {
    return directory.sound(with(kernel_text, input)).spec.source.chunks;
  };
  CHECK(chunks_of("[input]\nrange = \"1..1000\"\nchunk_size = 300") == 4);
  CHECK(chunks_of("[input]\nrange = \"1..1000\"\nchunk_size = 250") == 4);
  CHECK(chunks_of("[input]\nrange = \"1..1000\"\nchunk_size = 5000") == 1);
  CHECK(chunks_of("[input]\nrange = \"1..1000\"\nchunks = 3") == 3);
}

TEST_CASE("the type follows from the input and the reduce step") {
  task_directory directory;
  auto type_of = [&](std::string_view more) {
    return directory.sound(with(program_text, more)).spec.type;
  };
  CHECK(type_of("") == task_type::run);
  CHECK(type_of("[input]\nfiles = [\"in/*.txt\"]") == task_type::map);
  CHECK(type_of("[input]\nlines = \"words\"") == task_type::map);
  CHECK(type_of("[input]\nlines = \"words\"\n[reduce]\nop = \"count\"")
        == task_type::map_reduce);
  CHECK(type_of("[input]\nrange = \"1..5\"\n[reduce]\nop = \"max\"")
        == task_type::range_reduce);
  CHECK(type_of("[task]\ntype = \"map\"\n[input]\nrange = \"1..5\"")
        == task_type::map);
}

TEST_CASE("files are sorted, each once, links followed and directories not") {
  task_directory directory;
  auto files = directory
                 .sound(with(program_text,
                             "[input]\nfiles = [\"in/*.txt\", \"in/a.txt\"]"))
                 .spec.source.files;
  auto in = [&](const char* name) {
    return (directory.path() / "in" / name).string();
  };
  CHECK(files
        == std::vector<source_file>{
          {in("a.txt"), 1}, {in("b.txt"), 2}, {in("link.txt"), 3}});
}

TEST_CASE("lines are cut where they end") {
  task_directory directory;
  auto source =
    directory.sound(with(program_text, "[input]\nlines = \"words\""))
      .spec.source;
  CHECK(source.kind == source_kind::lines);
  REQUIRE(source.files.size() == 1);
  CHECK(source.files[0].bytes == 23);
  CHECK(source.line_offsets == std::vector<std::uint64_t>{0, 4, 8, 14, 19});
  source =
    directory
      .sound(with(program_text, "[input]\nlines = \"words\"\nchunk_size = 2"))
      .spec.source;
  CHECK(source.line_offsets == std::vector<std::uint64_t>{0, 8, 19});
}

TEST_CASE("a program is packed, hashed and sized") {
  task_directory directory;
  auto prepared = directory.sound(with(program_text, "args = [\"x\"]\n"
                                                     "stdin = \"hello\"\n"));
  REQUIRE(prepared.bundles.size() == 1);
  const auto& bundle = *prepared.bundles[0];
  CHECK(bundle.main == "run.sh");
  CHECK(bundle.arguments == std::vector<std::string>{"x"});
  CHECK(bundle.standard_input == to_bytes("hello"));
  CHECK(prepared.spec.code.bundle == hash_of(bundle));
  CHECK(prepared.spec.code.bundle_bytes == encode_bundle(bundle).size());
  CHECK(prepared.spec.code.kernel.empty());
}

TEST_CASE("a reduce program is a bundle too, and one bundle is held once") {
  task_directory directory;
  auto same = directory.sound(
    with(program_text,
         "[input]\nlines = \"words\"\n[reduce]\nprogram = \"run.sh\""));
  CHECK(same.spec.reduce == reduce_operation::program);
  CHECK(same.spec.reduce_code == same.spec.code);
  CHECK(same.bundles.size() == 1);
  auto other = directory.sound(
    with(program_text, "[input]\nlines = \"words\"\n[reduce]\n"
                       "program = \"run.sh\"\nargs = [\"merge\"]"));
  CHECK(other.spec.reduce_code != other.spec.code);
  CHECK(other.bundles.size() == 2);
}

TEST_CASE("a module runs as WebAssembly, on the terms of its sandbox") {
  task_directory directory;
  auto prepared = directory.sound(
    "[code]\nprogram = \"prog.wasm\"\n"
    "[sandbox]\ntype = \"wasm\"\ntier = \"interpreted\"\nnan = \"as_is\"\n"
    "[limits]\nfuel = 1000\noutput_files = \"1MiB\"\n");
  CHECK(prepared.spec.code.sandbox
        == sandbox_terms{sandbox_kind::wasm, wasm_tier::interpreted,
                         nan_policy::as_is});
  CHECK(prepared.spec.limits.fuel == 1000);
  CHECK(prepared.spec.limits.output_files_bytes == 1u << 20);
  REQUIRE(prepared.bundles.size() == 1);
  CHECK(prepared.bundles[0]->main == "prog.wasm");
}

TEST_CASE("a container gets its root file system in the bundle") {
  task_directory directory;
  auto prepared =
    directory.sound("[code]\nprogram = \"/app/run\"\nargs = [\"{file}\"]\n"
                    "[sandbox]\ntype = \"container\"\nrootfs = \"root.tar\"\n");
  CHECK(prepared.spec.code.sandbox.kind == sandbox_kind::container);
  REQUIRE(prepared.bundles.size() == 1);
  CHECK(prepared.bundles[0]->main == "/app/run");
  CHECK(prepared.bundles[0]->rootfs == "rootfs.tar");
  CHECK(prepared.bundles[0]->files[0].data.size() == 262);
  // Without one, the worker's own system is all there is.
  prepared = directory.sound("[code]\nprogram = \"/usr/bin/true\"\n"
                             "[sandbox]\ntype = \"container\"\n");
  CHECK(prepared.bundles[0]->rootfs.empty());
}

TEST_CASE("a reduce program runs as a process, or where it says itself") {
  task_directory directory;
  constexpr auto lines = "[input]\nlines = \"words\"\n";
  auto prepared = directory.sound(
    with(lines, "[code]\nprogram = \"prog.wasm\"\n[sandbox]\ntype = \"wasm\"\n"
                "tier = \"compiled\"\n[reduce]\nprogram = \"run.sh\""));
  CHECK(prepared.spec.code.sandbox.tier == wasm_tier::compiled);
  CHECK(prepared.spec.reduce_code.sandbox == sandbox_terms{});
  // Tier and NaNs are those of the module, whichever of the two it is.
  prepared = directory.sound(
    with(lines, "[code]\nprogram = \"run.sh\"\n[sandbox]\ntier = \"compiled\"\n"
                "nan = \"as_is\"\n[reduce]\nprogram = \"prog.wasm\"\n"
                "sandbox = \"wasm\""));
  CHECK(prepared.spec.code.sandbox == sandbox_terms{});
  CHECK(prepared.spec.reduce_code.sandbox
        == sandbox_terms{sandbox_kind::wasm, wasm_tier::compiled,
                         nan_policy::as_is});
  prepared = directory.sound(with(
    lines, "[code]\nprogram = \"run.sh\"\n[sandbox]\nrootfs = \"root.tar\"\n"
           "[reduce]\nprogram = \"/app/sum\"\nsandbox = \"container\""));
  REQUIRE(prepared.bundles.size() == 2);
  CHECK(prepared.bundles[0]->rootfs.empty());
  CHECK(prepared.bundles[1]->rootfs == "rootfs.tar");
}

TEST_CASE("each mistake about the sandbox is one problem, with its place") {
  task_directory directory;
  struct example {
    std::string_view text;
    std::string_view where;
    std::string_view words;
  };
  for (const auto& one : {
         example{"[code]\nprogram = \"prog.wasm\"", "t.toml:2:",
                 "code.program: program 'prog.wasm' is a WebAssembly module,"
                 " but the sandbox is process; give the sandbox wasm ([sandbox]"
                 " type = \"wasm\", or --sandbox wasm)"},
         example{"[code]\nprogram = \"run.sh\"\n[sandbox]\ntype = \"wasm\"",
                 "t.toml:2:", "clang --target=wasm32-wasi"},
         example{
           "[code]\nprogram = \"prog.wasm\"\nargs = [\"-i\", \"{file}\"]\n"
           "[sandbox]\ntype = \"wasm\"",
           "t.toml:3:", "code.args: {file} given"},
         example{"[input]\nlines = \"words\"\n[code]\nprogram = \"run.sh\"\n"
                 "[reduce]\nsandbox = \"wasm\"\nprogram = \"prog.wasm\"\n"
                 "args = [\"{file}\"]",
                 "t.toml:8:", "reduce.args: {file} given"},
         example{"[code]\nprogram = \"run.sh\"\n[sandbox]\ntier = \"compiled\"",
                 "t.toml:4:", "the sandbox is process"},
         example{"[code]\nprogram = \"run.sh\"\n[limits]\nfuel = 9",
                 "t.toml:4:", "limits.fuel: 9 given"},
         example{"[code]\nprogram = \"prog.wasm\"\n[sandbox]\ntype = \"wasm\"\n"
                 "tier = \"compiled\"\n[limits]\nfuel = 9",
                 "t.toml:7:", "counts no instructions"},
         example{
           "[code]\nprogram = \"run.sh\"\n[limits]\noutput_files = \"64MiB\"",
           "t.toml:4:", "limits.output_files: 64 MiB given"},
         example{
           "[code]\nprogram = \"run.sh\"\n[sandbox]\nrootfs = \"root.tar\"",
           "t.toml:4:", "sandbox.rootfs: 'root.tar' given, but no program"},
         example{"[code]\nprogram = \"/app\"\n[sandbox]\ntype = \"container\"\n"
                 "rootfs = \"gone.tar\"",
                 "t.toml:5:", "gone.tar"},
         example{"[code]\nprogram = \"/app\"\n[sandbox]\ntype = \"container\"\n"
                 "rootfs = \"words\"",
                 "t.toml:5:", "neither a tar file"},
         example{"[code]\nprogram = \"/app\"\n[sandbox]\ntype = \"container\"",
                 "t.toml:2:", "outside /usr"},
         example{"[code]\nkernel = \"noop\"\n[sandbox]\ntype = \"wasm\"",
                 "t.toml:4:", "sandbox.type: wasm given, but a kernel"},
         example{"[input]\nlines = \"words\"\n[code]\nprogram = \"run.sh\"\n"
                 "[reduce]\nop = \"count\"\nsandbox = \"wasm\"",
                 "t.toml:7:", "reduce.sandbox: wasm given, but no program"},
       }) {
    CAPTURE(one.text);
    auto told = directory.problem(one.text);
    CHECK_MESSAGE(told.where.starts_with(one.where), to_string(told));
    CHECK_MESSAGE(has(told, one.words), to_string(told));
  }
}

TEST_CASE("what follows from a wrong sandbox is not told") {
  task_directory directory;
  // Not that the program is a module, nor that tier and fuel are of no use.
  CHECK(has(directory.problem("[code]\nprogram = \"prog.wasm\"\n"
                              "args = [\"{file}\"]\n"
                              "[sandbox]\ntype = \"wasn\"\n"
                              "tier = \"interpreted\"\nnan = \"as_is\"\n"
                              "rootfs = \"x\"\n[limits]\nfuel = 9"),
            "did you mean 'wasm'?"));
  CHECK(has(directory.problem(
              "[code]\nprogram = \"prog.wasm\"\n[sandbox]\n"
              "typ = \"wasm\"\ntier = \"interpreted\"\n[limits]\nfuel = 9"),
            "did you mean 'type'?"));
  CHECK(has(
    directory.problem("sandbox = \"wasm\"\n[code]\nprogram = \"prog.wasm\"\n"),
    "expected a section [sandbox]"));
  CHECK(has(directory.problem("[code]\nprogram = \"/app/run\"\n[sandbox]\n"
                              "type = \"container\"\nrootfs = 3"),
            "a string"));
}

TEST_CASE("args of a kernel are its own, and judged by it") {
  task_directory directory;
  auto told = directory.problem("[input]\nrange = \"1..2\"\n[code]\nkernel = "
                                "\"count_primes\"\nargs = [\"x\"]");
  CHECK(told.where.starts_with("t.toml:5:"));
  CHECK(has(told, "code.args: "));
}

TEST_CASE("a kernel gets what it computes over: a range, or data if it reads "
          "any") {
  task_directory directory;
  for (const auto& kernel : sandbox::kernels()) {
    CAPTURE(kernel.name);
    task_description task;
    task.directory = directory.path();
    task.kernel = kernel.name;
    auto is_missed = [&task] {
      problem_list problems;
      prepare(task, problems);
      return std::any_of(problems.begin(), problems.end(), [](const auto& one) {
        return has(one, "computes over numbers; expected a range");
      });
    };
    CHECK(is_missed() == (kernel.input == input_kind::range));
    task.lines = "words";
    CHECK(is_missed() == !kernel.accepts(input_kind::data));
    task.lines.reset();
    task.range = "1..9";
    CHECK_FALSE(is_missed());
  }
}

TEST_CASE("a kernel's arguments are part of the code") {
  task_directory directory;
  for (const auto& kernel : sandbox::kernels())
    if (!kernel.arguments.empty()
        && sandbox::check_kernel_arguments(kernel.name, {"2"}).ok()) {
      CAPTURE(kernel.name);
      auto code = directory
                    .sound("[input]\nrange = \"1..9\"\n[code]\nkernel = \""
                           + std::string{kernel.name} + "\"\nargs = [\"2\"]")
                    .spec.code;
      CHECK(code.kernel == kernel.name);
      CHECK(code.kernel_arguments == std::vector<std::string>{"2"});
    }
}

TEST_CASE("an unnamed task is called after its file, program or kernel") {
  task_directory directory;
  CHECK(directory.sound(program_text).spec.name == "t");
  CHECK(directory.sound(with(program_text, "[task]\nname = \"mine\"")).spec.name
        == "mine");
  task_description task;
  task.directory = directory.path();
  task.program = "run.sh";
  problem_list problems;
  auto prepared = prepare(task, problems);
  REQUIRE(prepared.has_value());
  CHECK(prepared->spec.name == "run.sh");
  task = {};
  task.kernel = "count_primes";
  task.range = "1..10";
  task.reduce = reduce_operation::sum;
  prepared = prepare(task, problems);
  REQUIRE(prepared.has_value());
  CHECK(prepared->spec.name == "count_primes");
}

TEST_CASE("an unknown kernel is told once, with the kernels there are") {
  task_directory directory;
  auto told = directory.problem("[input]\nrange = \"1..9\"\n[code]\n"
                                "kernel = \"count_prims\"\n"
                                "[reduce]\nop = \"sum\"");
  CHECK(told.code == errc::not_found);
  CHECK(told.where.starts_with("t.toml:4:"));
  CHECK(has(told, "count_primes"));
  CHECK(has(told, "noop"));
}

TEST_CASE("a pattern without a file is told once, with the pattern") {
  task_directory directory;
  auto told =
    directory.problem(with(program_text, "[input]\nfiles = [\"in/*.png\"]"));
  CHECK(told.code == errc::not_found);
  CHECK(told.where.starts_with("t.toml:4:"));
  CHECK(has(told, "in/*.png"));
}

TEST_CASE("a program that is not there, or not executable, is told once") {
  task_directory directory;
  auto told = directory.problem("[code]\nprogram = \"gone\"");
  CHECK(told.code == errc::not_found);
  CHECK(told.where.starts_with("t.toml:2:"));
  told = directory.problem("[code]\nprogram = \"plain.sh\"");
  CHECK(told.code == errc::invalid_argument);
  CHECK(has(told, "chmod"));
}

TEST_CASE("each mistake about the input is one problem, with its place") {
  task_directory directory;
  struct example {
    std::string_view input;
    std::string_view words;
  };
  for (const auto& one : {
         example{"range = \"9..1\"", "input.range"},
         example{"range = \"1-9\"", "1..1000"},
         example{"range = \"1..9\"\nchunks = 0", "input.chunks"},
         example{"range = \"1..9\"\nchunk_size = 0", "input.chunk_size"},
         example{"range = \"1..9\"\nchunks = 1\nchunk_size = 1", "one of them"},
         example{"lines = \"gone\"", "gone"},
         example{"lines = \"in\"", "regular file"},
         example{"lines = \"words\"\nchunks = 0", "input.chunks"},
         example{"files = [\"in/*.txt\"]\nchunks = 3", "one job each"},
         example{"chunk_size = 3", "no input"},
         example{"range = \"1..9\"\nlines = \"words\"", "more than one"},
         example{"range = \"1..99999999\"\nchunks = 20000000", "input.chunks"},
       }) {
    CAPTURE(one.input);
    auto told = directory.problem("[code]\nprogram = \"run.sh\"\n[input]\n"
                                  + std::string{one.input});
    CHECK(told.where.starts_with("t.toml:"));
    CHECK_MESSAGE(has(told, one.words), to_string(told));
  }
}

TEST_CASE("each mistake about the code or reduce step is one problem") {
  task_directory directory;
  struct example {
    std::string_view text;
    std::string_view words;
  };
  for (const auto& one : {
         example{"", "no code given"},
         example{"[code]\nkernel = \"noop\"\nprogram = \"run.sh\"",
                 "one of them"},
         example{"[code]\nkernel = \"count_primes\"", "expected a range"},
         example{"[input]\nrange = \"1..2\"\n[code]\nkernel = "
                 "\"count_primes\"\nstdin = \"x\"",
                 "neither files nor stdin"},
         example{"[code]\nprogram = \"run.sh\"\n[reduce]\nargs = [\"x\"]",
                 "reduce.program"},
         example{"[code]\nprogram = \"run.sh\"\n[reduce]\nprogram = \"gone\"",
                 "gone"},
         example{"[task]\ntype = \"range_reduce\"\n[code]\n"
                 "program = \"run.sh\"\n[reduce]\nop = \"sum\"",
                 "expected a range"},
         example{"[task]\ntype = \"map\"\n[code]\nprogram = \"run.sh\"",
                 "needs an input"},
         example{"[task]\ntype = \"map_reduce\"\n[input]\nlines = \"words\"\n"
                 "[code]\nprogram = \"run.sh\"",
                 "puts its results together"},
       }) {
    CAPTURE(one.text);
    auto told = directory.problem(one.text);
    CHECK(told.where.starts_with("t.toml"));
    CHECK_MESSAGE(has(told, one.words), to_string(told));
  }
}

TEST_CASE("what a told problem leads to is not told again") {
  task_directory directory;
  CHECK(has(directory.problem("[code]\nprogram = 3"), "a string"));
  CHECK(has(directory.problem("[code]\nprogramm = \"run.sh\""), "programm"));
  CHECK(has(directory.problem(with(kernel_text, "[input]\nrange = 3")),
            "a string"));
  CHECK(has(directory.problem(with(kernel_text, "[input]\nrnge = \"1..3\"")),
            "rnge"));
  CHECK(has(
    directory.problem(with(program_text, "[input]\nrange = \"1..9\"\n[task]\n"
                                         "type = \"range_reduce\"\n[reduce]\n"
                                         "op = \"summ\"")),
    "summ"));
}

TEST_CASE("problems of reading, of disk and of rules come together") {
  task_directory directory;
  problem_list problems;
  auto prepared = directory.prepare_text("[input]\nfiles = [\"*.png\"]\n"
                                         "[code]\nprogram = \"gone\"\n"
                                         "[limits]\nmemory = \"0MiB\"\n"
                                         "[config]\nestimate = 3\n",
                                         problems);
  CHECK_FALSE(prepared.has_value());
  REQUIRE(problems.size() == 4);
  for (std::string_view words :
       {"config.estimate", "input.files", "code.program", "limits.memory"})
    CHECK(std::any_of(problems.begin(), problems.end(),
                      [&](const auto& one) { return has(one, words); }));
}

TEST_CASE("a problem of a flag names the flag") {
  task_directory directory;
  task_description task;
  task.directory = directory.path();
  task.program = "run.sh";
  task.range = "9";
  task.places["input.range"] = "--range";
  problem_list problems;
  CHECK_FALSE(prepare(task, problems).has_value());
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].where == "--range");
  CHECK(problems[0].code == errc::malformed);
}

TEST_CASE("an empty file of lines is no input, told once") {
  task_directory directory;
  auto told =
    directory.problem(with(program_text, "[input]\nlines = \"empty\""));
  CHECK(has(told, "input"));
}

TEST_CASE("a problem is told with the nearest place that is known") {
  task_description task;
  task.directory = "/";
  task.kernel = "count_primes";
  task.reduce = reduce_operation::sum;
  task.range = "10..1";
  auto where_of = [&task] {
    problem_list problems;
    CHECK_FALSE(prepare(task, problems));
    REQUIRE(problems.size() == 1);
    return to_string(problems.front());
  };
  CHECK(where_of().starts_with("input.range: 10..1 given"));
  task.file_name = "t.toml";
  CHECK(where_of().starts_with("t.toml: input.range: "));
  task.places["input"] = "t.toml:3:1";
  CHECK(where_of().starts_with("t.toml:3:1: input.range: "));
  task.places["input.range"] = "t.toml:4:9";
  CHECK(where_of().starts_with("t.toml:4:9: input.range: "));
  task.places["input.range"] = "--range";
  CHECK(where_of().starts_with("--range: 10..1 given"));
}

TEST_CASE("text of a command line that is no UTF-8 is refused") {
  task_directory directory;
  task_description task;
  task.directory = directory.path();
  task.program = "run.sh";
  task.arguments = {"fine", "\xff"};
  problem_list problems;
  CHECK_FALSE(prepare(task, problems));
  REQUIRE(problems.size() == 1);
  CHECK(has(problems.front(), "UTF-8"));
}

TEST_CASE("a known source is taken as it is, and nothing is looked up") {
  task_directory directory;
  task_description task;
  task.directory = directory.path();
  task.program = "run.sh";
  task.files = {"gone/*"};
  task_source source;
  source.kind = source_kind::range;
  source.first = 1;
  source.last = 100;
  source.chunks = 10;
  source.only = {3, 7};
  problem_list problems;
  auto ready = prepare(task, problems, &source);
  REQUIRE(ready);
  CHECK(ready->spec.source.kind == source_kind::range);
  CHECK(ready->spec.source.only == source.only);
}
