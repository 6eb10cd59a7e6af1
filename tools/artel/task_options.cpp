#include "tools/artel/task_options.hpp"

#include "protocol/core/limits.hpp"
#include "protocol/task/message_text.hpp"
#include "runtime/config/units_text.hpp"
#include "sandbox/kernels/kernels.hpp"
#include "tools/artel/machine_options.hpp"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <system_error>
#include <utility>

namespace artel::tools {

using runtime::config_problem;
using runtime::task_description;

namespace {

constexpr auto count_max = std::numeric_limits<std::uint64_t>::max();

/// Reads options one after the other; what is wrong is told with the flag.
class flag_reader {
public:
  flag_reader(const arguments& given, task_description& task,
              std::vector<config_problem>& problems)
    : given_(given),
      task_(task),
      problems_(problems) {}

  /// Reads the value of a flag, and notes that it says the field.
  template <class T, class Parse, class Take>
  void read(const std::string& flag, const std::string& field,
            const Parse& parse, const Take& take) {
    auto text = given_.value(flag);
    if (!text)
      return;
    task_.places[field] = "--" + flag;
    // Whatever the file said wrong is replaced.
    task_.unsound.erase(field);
    result<T> parsed = parse(*text);
    if (parsed) {
      take(std::move(*parsed));
      return;
    }
    problems_.push_back(
      {"--" + flag, parsed.error().code, parsed.error().message});
    task_.unsound.insert(field);
  }

  void text(const std::string& flag, const std::string& field,
            std::optional<std::string>& target) {
    read<std::string>(
      flag, field, [](const std::string& given) { return given; },
      [&](std::string value) { target = std::move(value); });
  }

  template <class Target>
  void count(const std::string& flag, const std::string& field, Target& target,
             std::uint64_t maximum) {
    read<std::uint64_t>(
      flag, field,
      [maximum](const std::string& given) {
        auto value = runtime::parse_whole_number(given);
        if (value && *value > maximum)
          return result<std::uint64_t>{
            errc::out_of_range, given + " given; expected a number from 0 to "
                                  + std::to_string(maximum)};
        return value;
      },
      [&](std::uint64_t value) {
        if constexpr (std::is_same_v<Target, std::uint32_t>)
          target = static_cast<std::uint32_t>(value);
        else
          target = value;
      });
  }

  template <class Take>
  void time(const std::string& flag, const std::string& field,
            const Take& take) {
    read<milliseconds>(
      flag, field,
      [](const std::string& given) { return runtime::parse_duration(given); },
      take);
  }

private:
  const arguments& given_;
  task_description& task_;
  std::vector<config_problem>& problems_;
};

/// A task has one input: what a flag names replaces what the file names.
void forget_input(task_description& task) {
  task.range.reset();
  task.files.clear();
  task.lines.reset();
  task.urls.clear();
  for (const char* field :
       {"input", "input.range", "input.files", "input.lines", "input.urls"})
    task.unsound.erase(field);
}

void apply_input(const arguments& given, task_description& task,
                 std::vector<config_problem>& problems) {
  if (given.has("range") || given.has("each") || given.has("lines"))
    forget_input(task);
  flag_reader flags{given, task, problems};
  flags.text("range", "input.range", task.range);
  flags.text("lines", "input.lines", task.lines);
  if (given.has("each")) {
    task.files = given.values("each");
    task.places["input.files"] = "--each";
  }
  // The one says what the other said before.
  if (given.has("chunks"))
    task.chunk_size.reset();
  else if (given.has("chunk-size"))
    task.chunks.reset();
  flags.count("chunks", "input.chunks", task.chunks, count_max);
  flags.count("chunk-size", "input.chunk_size", task.chunk_size, count_max);
}

void apply_code(const arguments& given, task_description& task,
                std::vector<config_problem>& problems) {
  if (given.program && given.has("kernel")) {
    problems.push_back({"--kernel", errc::invalid_argument,
                        "a kernel and a program are given; expected one of"
                        " them"});
    return;
  }
  if (given.has("kernel-arg") && !given.has("kernel"))
    problems.push_back({"--kernel-arg", errc::invalid_argument,
                        "no kernel given; expected --kernel NAME too"});
  if (!given.program && !given.has("kernel"))
    return;
  task.kernel = given.value("kernel");
  task.program.reset();
  task.arguments = given.values("kernel-arg");
  task.extra_files.clear();
  task.standard_input.reset();
  task.places["code.kernel"] = "--kernel";
  if (!given.program) {
    // A kernel needs no sandbox, whatever the file's program needed.
    task.sandbox = {};
    task.rootfs.reset();
    return;
  }
  task.program = given.program->front();
  task.arguments.assign(given.program->begin() + 1, given.program->end());
  task.places["code.program"] = "-- " + *task.program;
}

void apply_sandbox(const arguments& given, task_description& task,
                   std::vector<config_problem>& problems) {
  flag_reader flags{given, task, problems};
  flags.read<sandbox_kind>(
    "sandbox", "sandbox.type",
    [](const std::string& text) { return parse_sandbox_kind(text); },
    [&](sandbox_kind kind) { task.sandbox.kind = kind; });
  flags.read<wasm_tier>(
    "tier", "sandbox.tier",
    [](const std::string& text) { return parse_wasm_tier(text); },
    [&](wasm_tier tier) { task.sandbox.tier = tier; });
}

/// A reduce step is a word ("sum") or a program, which has a '/' in its name.
void apply_reduce(const arguments& given, task_description& task,
                  std::vector<config_problem>& problems) {
  auto text = given.value("reduce");
  if (!text)
    return;
  task.reduce.reset();
  task.reduce_program.reset();
  task.reduce_arguments.clear();
  task.reduce_files.clear();
  task.places["reduce.op"] = "--reduce";
  task.places["reduce.program"] = "--reduce";
  task.unsound.erase("reduce.op");
  if (text->find('/') != std::string::npos) {
    task.reduce_program = *text;
    return;
  }
  auto word = *text;
  std::replace(word.begin(), word.end(), '-', '_');
  auto operation = parse_reduce_operation(word);
  if (operation && *operation == reduce_operation::program)
    operation = {errc::invalid_argument,
                 "expected the program itself, with a '/' in its name, such as"
                 " ./program"};
  if (operation) {
    task.reduce = *operation;
    return;
  }
  problems.push_back(
    {"--reduce", operation.error().code, operation.error().message});
  task.unsound.insert("reduce.op");
}

result<std::uint32_t> small_number(const arguments& given,
                                   const std::string& flag,
                                   std::uint32_t otherwise) {
  auto text = given.value(flag);
  if (!text)
    return otherwise;
  auto value = runtime::parse_whole_number(*text);
  if (value && *value > std::numeric_limits<std::uint32_t>::max())
    value = {errc::out_of_range,
             artel::quoted(*text) + " is too large a number"};
  if (!value)
    return {value.error().code, "--" + flag + ": " + value.error().message};
  return static_cast<std::uint32_t>(*value);
}

std::vector<std::string> reduce_words() {
  return {"sum", "min", "max", "count", "concatenate", "merge-counts", "none"};
}

std::vector<std::string> kernel_names() {
  std::vector<std::string> names;
  for (const auto& kernel : sandbox::kernels())
    names.emplace_back(kernel.name);
  return names;
}

} // namespace

std::vector<option_info> input_options() {
  using enum value_kind;
  return {
    {"range",
     0,
     text,
     "A..B",
     "compute over the numbers A to B, both included",
     "",
     {},
     false},
    {"each",
     0,
     file,
     "GLOB",
     "one job for each file that the pattern matches; may be given again",
     "",
     {},
     true},
    {"lines", 0, file, "FILE", "cut a file after ends of lines", "", {}, false},
    {"chunks",
     0,
     text,
     "N",
     "into how many jobs to cut a range or a file",
     "100 at most",
     {},
     false},
    {"chunk-size",
     0,
     text,
     "N",
     "how many numbers or lines a job gets, instead of --chunks",
     "",
     {},
     false},
    {"kernel", 0, choice, "NAME", "run a built-in kernel, not a program", "",
     kernel_names(), false},
    {.name = "kernel-arg",
     .kind = text,
     .value_name = "ARG",
     .help = "an argument of the kernel, such as a coefficient of"
             " sum_polynomial; may be given again",
     .repeatable = true},
    {"sandbox",
     0,
     choice,
     "TYPE",
     "what runs the program: process, wasm (a WebAssembly module) or container",
     "process",
     {"process", "wasm", "container"},
     false},
    {"tier",
     0,
     choice,
     "TIER",
     "how WebAssembly is run: compiled, interpreted, or auto: compiled where"
     " nothing limits its fuel",
     "auto",
     {"auto", "interpreted", "compiled"},
     false},
    {"reduce", 0, text, "OP|PROGRAM",
     "how to put results together: sum, min, max, count, concatenate,"
     " merge-counts, none, or a program with a '/' in its name",
     "none", reduce_words(), false},
    {"name",
     0,
     text,
     "NAME",
     "what to call the task",
     "the program's name",
     {},
     false},
  };
}

std::vector<option_info> terms_options() {
  using enum value_kind;
  return {
    {"replicas",
     0,
     text,
     "N",
     "workers of distinct owners that compute each"
     " job",
     "3",
     {},
     false},
    {"budget",
     0,
     text,
     "CREDITS",
     "the most that the task may cost",
     "none",
     {},
     false},
    {"timeout",
     0,
     text,
     "TIME",
     "limit of wall time for one run of one job",
     "10s",
     {},
     false},
    {"fuel",
     0,
     text,
     "N",
     "limit of WebAssembly instructions for one run, interpreted",
     "none",
     {},
     false},
    {"output-files",
     0,
     text,
     "SIZE",
     "limit of what a run may leave as files in /output",
     "0: no such directory",
     {},
     false},
    {"deadline",
     0,
     text,
     "TIME",
     "limit of time for the whole task",
     "none",
     {},
     false},
    {"estimate",
     0,
     text,
     "TIME",
     "what a job is expected to take; fixes its price",
     "1s",
     {},
     false},
    {"max-attempts",
     0,
     text,
     "N",
     "failed runs that a replica may have",
     "4",
     {},
     false},
  };
}

std::vector<option_info> network_options() {
  using enum value_kind;
  return {
    {"local",
     0,
     text,
     "N",
     "run on a network of N workers within this process",
     "5",
     {},
     false},
    {"saboteurs",
     0,
     text,
     "K",
     "so many of the workers lie on every job",
     "0",
     {},
     false},
    {"credits",
     0,
     text,
     "CREDITS",
     "what the account holds at the start",
     "100",
     {},
     false},
    {"slots",
     0,
     text,
     "N",
     "jobs that run at the same time, over all workers",
     "one a core",
     {},
     false},
  };
}

std::vector<option_info> output_options() {
  using enum value_kind;
  return {
    {"output",
     'o',
     choice,
     "FORMAT",
     "table (the bare result) or json (one document)",
     "table",
     {"table", "json"},
     false},
    {"receipts",
     0,
     file,
     "FILE",
     "write every receipt and verdict there, as JSON lines",
     "",
     {},
     false},
    {"results",
     0,
     directory,
     "DIR",
     "write each job's output there, as a file",
     "",
     {},
     false},
    {"force",
     0,
     none,
     "",
     "replace existing receipts and results",
     "",
     {},
     false},
    {"quiet", 'q', none, "", "tell nothing but errors", "", {}, false},
    {"verbose", 'v', none, "", "tell what nodes do", "", {}, false},
  };
}

std::vector<option_info> operator+(std::vector<option_info> a,
                                   const std::vector<option_info>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

void apply_terms(const arguments& given, task_description& task,
                 std::vector<config_problem>& problems) {
  auto& spec = task.settings;
  flag_reader flags{given, task, problems};
  constexpr auto small_max = std::numeric_limits<std::uint32_t>::max();
  flags.count("replicas", "verification.replicas", spec.verification.replicas,
              small_max);
  if (given.has("replicas"))
    spec.verification.replicas_max =
      std::max(spec.verification.replicas_max, spec.verification.replicas);
  flags.read<credits>(
    "budget", "config.budget",
    [](const std::string& text) { return parse_credits(text); },
    [&](credits budget) { spec.budget = budget; });
  flags.time("timeout", "limits.wall_time", [&](milliseconds limit) {
    spec.limits.wall_time = limit;
    spec.limits.cpu_time = std::max(spec.limits.cpu_time, limit);
  });
  // Task files hold signed numbers.
  flags.count("fuel", "limits.fuel", spec.limits.fuel,
              std::numeric_limits<std::int64_t>::max());
  flags.read<std::uint64_t>(
    "output-files", "limits.output_files",
    [](const std::string& text) { return runtime::parse_bytes(text); },
    [&](std::uint64_t size) { spec.limits.output_files_bytes = size; });
  flags.time("deadline", "config.deadline",
             [&](milliseconds deadline) { spec.deadline = deadline; });
  flags.time("estimate", "config.estimate",
             [&](milliseconds estimate) { spec.estimate = estimate; });
  flags.count("max-attempts", "config.max_attempts", spec.attempts_max,
              small_max);
}

std::optional<task_description>
describe_task(const arguments& given, std::vector<config_problem>& problems) {
  std::optional<task_description> task;
  if (!given.positional.empty()) {
    task = runtime::read_task_file(given.positional.front(), problems);
  } else if (given.program || given.has("kernel")) {
    std::error_code error;
    task.emplace();
    task->directory = std::filesystem::current_path(error);
    if (error)
      problems.push_back({"", errc::system_failure,
                          "the current directory: " + error.message()});
  } else {
    problems.push_back({"", errc::invalid_argument,
                        "there is nothing to run; expected a task file, a"
                        " program after '--', or --kernel NAME"});
  }
  if (!task)
    return task;
  apply_input(given, *task, problems);
  apply_code(given, *task, problems);
  apply_sandbox(given, *task, problems);
  apply_reduce(given, *task, problems);
  apply_terms(given, *task, problems);
  if (auto name = given.value("name")) {
    task->name = *name;
    task->places["task.name"] = "--name";
  }
  return task;
}

result<runtime::embedded_options> network_options_of(const arguments& given) {
  runtime::embedded_options options;
  auto machine = machine_config_of(given);
  if (!machine)
    return machine.error();
  options.sandbox = std::move(*machine);
  struct wanted {
    const char* flag;
    std::uint32_t& target;
  };
  for (auto [flag, target] : {wanted{"local", options.workers},
                              wanted{"saboteurs", options.saboteurs},
                              wanted{"slots", options.slots}}) {
    auto value = small_number(given, flag, target);
    if (!value)
      return value.error();
    target = *value;
  }
  if (auto text = given.value("credits")) {
    auto amount = parse_credits(*text);
    if (!amount)
      return {amount.error().code, "--credits: " + amount.error().message};
    options.client_credits = *amount;
  }
  if (given.has("verbose"))
    options.log_threshold = log_level::info;
  else if (given.has("quiet"))
    options.log_threshold = log_level::error;
  return options;
}

result<output_format> output_format_of(const arguments& given) {
  auto text = given.value("output").value_or("table");
  if (text == "table")
    return output_format::table;
  if (text == "json")
    return output_format::json;
  return {errc::invalid_argument, "--output: " + artel::quoted(text)
                                    + " is no format; expected table or json"};
}

} // namespace artel::tools
