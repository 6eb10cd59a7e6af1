#include "runtime/config/task_file.hpp"

#include "runtime/config/name_suggestion.hpp"
#include "runtime/config/section_reader.hpp"
#include "runtime/config/toml_text.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

namespace artel::runtime {

namespace fs = std::filesystem;

namespace {

constexpr std::array<std::string_view, 9> section_names{
  "task",         "input",  "code",         "sandbox", "reduce",
  "verification", "limits", "requirements", "config",
};

/// Larger is no task file; somebody named the wrong one.
constexpr std::uintmax_t file_bytes_max = 64u << 20;

const toml::table* find_section(const toml::table& file, std::string_view name,
                                reading& context) {
  const auto* node = file.get(name);
  if (node == nullptr)
    return nullptr;
  if (const auto* table = node->as_table())
    return table;
  context.add(node->source(), errc::invalid_argument,
              std::string{name} + ": " + std::string{type_text(*node)}
                + " given; expected a section [" + std::string{name} + "]");
  context.task.unsound.insert(std::string{name});
  return nullptr;
}

void read_task(section_reader section, task_description& task) {
  std::optional<std::string> name;
  section.text("name", name);
  task.name = name.value_or("");
  section.name_of("type", &parse_task_type, task.type);
  section.finish();
}

void read_input(section_reader section, task_description& task) {
  section.text("range", task.range);
  section.texts("files", task.files);
  section.text("lines", task.lines);
  section.texts("urls", task.urls);
  section.whole("chunks", task.chunks);
  section.whole("chunk_size", task.chunk_size);
  section.finish();
}

void read_code(section_reader section, task_description& task) {
  section.text("kernel", task.kernel);
  section.text("program", task.program);
  section.texts("args", task.arguments);
  section.texts("files", task.extra_files);
  section.text("stdin", task.standard_input);
  section.finish();
}

void read_sandbox(section_reader section, task_description& task) {
  section.name_of("type", &parse_sandbox_kind, task.sandbox.kind);
  section.name_of("tier", &parse_wasm_tier, task.sandbox.tier);
  section.name_of("nan", &parse_nan_policy, task.sandbox.nan);
  section.text("rootfs", task.rootfs);
  section.finish();
}

void read_reduce(section_reader section, task_description& task) {
  section.name_of("op", &parse_reduce_operation, task.reduce);
  section.text("program", task.reduce_program);
  section.texts("args", task.reduce_arguments);
  section.texts("files", task.reduce_files);
  section.name_of("sandbox", &parse_sandbox_kind, task.reduce_sandbox);
  section.whole("fan_in", task.settings.reduce_fan_in);
  section.finish();
}

void read_verification(section_reader section, verification_policy& policy) {
  auto has_most = section.has("replicas_max");
  section.whole("replicas", policy.replicas);
  section.whole("replicas_max", policy.replicas_max);
  std::uint32_t agreement = static_cast<std::uint32_t>(policy.agreement.value);
  section.scaled("agreement", ppm_one, agreement);
  policy.agreement.value = static_cast<std::int32_t>(agreement);
  if (!has_most)
    policy.replicas_max = std::max(policy.replicas_max, policy.replicas);
  section.finish();
}

/// What was given explicitly decides what else follows from it.
struct explicit_keys {
  bool memory = false;
  bool work_directory = false;
};

explicit_keys read_limits(section_reader section, execution_limits& limits) {
  explicit_keys given{section.has("memory"), section.has("work_directory")};
  auto has_cpu_time = section.has("cpu_time");
  section.time("wall_time", limits.wall_time);
  section.time("cpu_time", limits.cpu_time);
  section.size("memory", limits.memory_bytes);
  section.whole("processes", limits.processes);
  section.whole("open_files", limits.open_files);
  section.size("file_size", limits.file_bytes);
  section.size("work_directory", limits.work_directory_bytes);
  section.size("stdout", limits.stdout_bytes);
  section.size("stderr_tail", limits.stderr_tail_bytes);
  section.size("output_files", limits.output_files_bytes);
  section.whole("fuel", limits.fuel);
  if (!has_cpu_time)
    limits.cpu_time = std::max(limits.cpu_time, limits.wall_time);
  section.finish();
  return given;
}

void read_requirements(section_reader section, const explicit_keys& given,
                       task_spec& settings) {
  // Who limits a program to 64 MiB need not reserve, and pay, more.
  if (given.memory)
    settings.ram_bytes = settings.limits.memory_bytes;
  if (given.work_directory)
    settings.disk_bytes = settings.limits.work_directory_bytes;
  section.scaled("cpu", 1000, settings.cpu_permille);
  section.scaled("gpu", 1000, settings.gpu_permille);
  section.size("ram", settings.ram_bytes);
  section.size("disk", settings.disk_bytes);
  section.finish();
}

void read_config(section_reader section, task_spec& settings) {
  section.name_of("urgency", &parse_urgency, settings.urgency);
  section.name_of("strategy", &parse_strategy, settings.strategy);
  section.time("estimate", settings.estimate);
  section.amount("budget", settings.budget);
  section.time("deadline", settings.deadline);
  section.whole("max_attempts", settings.attempts_max);
  section.whole("max_failed_jobs", settings.failed_jobs_max);
  section.whole("window", settings.window);
  section.finish();
}

void tell_unknown_sections(const toml::table& file, reading& context) {
  for (const auto& [key, node] : file) {
    auto name = key.str();
    if (std::find(section_names.begin(), section_names.end(), name)
        != section_names.end())
      continue;
    auto is_section = node.is_table();
    auto message = (is_section ? "unknown section '" : "unknown key '")
                   + std::string{name} + "'";
    auto hint = did_you_mean(name, section_names);
    if (hint.empty()) {
      hint = "; expected one of the sections";
      for (const auto& one : section_names)
        hint += (&one == section_names.data() ? " " : ", ") + std::string{one};
    }
    context.add(key.source(), errc::invalid_argument, message + hint);
  }
}

void read_sections(const toml::table& file, reading& context) {
  auto& task = context.task;
  auto section = [&](std::string_view name) {
    return section_reader{find_section(file, name, context), std::string{name},
                          context};
  };
  tell_unknown_sections(file, context);
  read_task(section("task"), task);
  read_input(section("input"), task);
  read_code(section("code"), task);
  read_sandbox(section("sandbox"), task);
  read_reduce(section("reduce"), task);
  read_verification(section("verification"), task.settings.verification);
  auto given = read_limits(section("limits"), task.settings.limits);
  read_requirements(section("requirements"), given, task.settings);
  read_config(section("config"), task.settings);
}

result<std::string> read_whole_file(const fs::path& path) {
  auto named = "task file '" + path.string() + "'";
  std::error_code error;
  auto status = fs::status(path, error);
  if (!fs::exists(status))
    return {errc::not_found, named + " does not exist"};
  if (fs::is_directory(status))
    return {errc::invalid_argument,
            named + " is a directory; expected a file in it"};
  if (fs::is_regular_file(status)
      && fs::file_size(path, error) > file_bytes_max)
    return {errc::limit_exceeded, named + " is larger than 64 MiB"};
  std::ifstream stream{path, std::ios::binary};
  if (!stream)
    return {errc::system_failure, named + " cannot be opened for reading"};
  return std::string{std::istreambuf_iterator<char>{stream}, {}};
}

} // namespace

std::optional<task_description>
parse_task_text(std::string_view text, const std::string& file_name,
                const fs::path& directory,
                std::vector<config_problem>& problems) {
  task_description task;
  task.directory = directory;
  task.file_name = file_name;
  reading context{task, {}};
  try {
    read_sections(parse_toml(text), context);
  } catch (const toml::parse_error& error) {
    problems.push_back({context.place_of(error.source()), errc::malformed,
                        "no valid TOML: " + std::string{error.description()}});
    return std::nullopt;
  }
  std::stable_sort(context.problems.begin(), context.problems.end(),
                   [](const auto& a, const auto& b) {
                     return std::pair{a.first.line, a.first.column}
                            < std::pair{b.first.line, b.first.column};
                   });
  for (auto& [position, problem] : context.problems)
    problems.push_back(std::move(problem));
  return task;
}

std::optional<task_description>
read_task_file(const fs::path& path, std::vector<config_problem>& problems) {
  auto text = read_whole_file(path);
  if (!text) {
    problems.push_back({"", text.error().code, text.error().message});
    return std::nullopt;
  }
  std::error_code error;
  auto full = fs::absolute(path, error);
  return parse_task_text(*text, path.string(), full.parent_path(), problems);
}

} // namespace artel::runtime
