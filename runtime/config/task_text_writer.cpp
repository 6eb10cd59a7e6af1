// The inverse of reading a task file.
#include "runtime/config/task_file.hpp"

#include <sstream>

#include <toml++/toml.h>

namespace artel::runtime {

namespace {

template <class T>
void put(toml::table& section, std::string_view key,
         const std::optional<T>& value) {
  if (value)
    section.insert(key, *value);
}

void put(toml::table& section, std::string_view key,
         const std::vector<std::string>& values) {
  if (values.empty())
    return;
  toml::array array;
  for (const auto& one : values)
    array.push_back(one);
  section.insert(key, std::move(array));
}

void put(toml::table& section, std::string_view key,
         const std::optional<std::uint64_t>& value) {
  if (value)
    section.insert(key, static_cast<std::int64_t>(*value));
}

void put(toml::table& section, std::string_view key, std::uint64_t value) {
  section.insert(key, static_cast<std::int64_t>(value));
}

void put(toml::table& section, std::string_view key, milliseconds value) {
  section.insert(key, time_text(value));
}

toml::table task_section(const task_description& task) {
  toml::table section;
  if (!task.name.empty())
    section.insert("name", task.name);
  if (task.type)
    section.insert("type", std::string{to_string(*task.type)});
  return section;
}

toml::table input_section(const task_description& task) {
  toml::table section;
  put(section, "range", task.range);
  put(section, "files", task.files);
  put(section, "lines", task.lines);
  put(section, "urls", task.urls);
  put(section, "chunks", task.chunks);
  put(section, "chunk_size", task.chunk_size);
  return section;
}

toml::table code_section(const task_description& task) {
  toml::table section;
  put(section, "kernel", task.kernel);
  put(section, "program", task.program);
  put(section, "args", task.arguments);
  put(section, "files", task.extra_files);
  put(section, "stdin", task.standard_input);
  return section;
}

toml::table sandbox_section(const task_description& task) {
  toml::table section;
  section.insert("type", std::string{to_string(task.sandbox.kind)});
  section.insert("tier", std::string{to_string(task.sandbox.tier)});
  section.insert("nan", std::string{to_string(task.sandbox.nan)});
  put(section, "rootfs", task.rootfs);
  return section;
}

toml::table reduce_section(const task_description& task) {
  toml::table section;
  if (task.reduce)
    section.insert("op", std::string{to_string(*task.reduce)});
  put(section, "program", task.reduce_program);
  put(section, "args", task.reduce_arguments);
  put(section, "files", task.reduce_files);
  section.insert("sandbox", std::string{to_string(task.reduce_sandbox)});
  put(section, "fan_in", task.settings.reduce_fan_in);
  return section;
}

toml::table verification_section(const verification_policy& policy) {
  toml::table section;
  put(section, "replicas", policy.replicas);
  put(section, "replicas_max", policy.replicas_max);
  section.insert("agreement",
                 static_cast<double>(policy.agreement.value) / ppm_one);
  return section;
}

toml::table limits_section(const execution_limits& limits) {
  toml::table section;
  put(section, "wall_time", limits.wall_time);
  put(section, "cpu_time", limits.cpu_time);
  section.insert("memory", bytes_text(limits.memory_bytes));
  put(section, "processes", limits.processes);
  put(section, "open_files", limits.open_files);
  section.insert("file_size", bytes_text(limits.file_bytes));
  section.insert("work_directory", bytes_text(limits.work_directory_bytes));
  section.insert("stdout", bytes_text(limits.stdout_bytes));
  section.insert("stderr_tail", bytes_text(limits.stderr_tail_bytes));
  section.insert("output_files", bytes_text(limits.output_files_bytes));
  put(section, "fuel", limits.fuel);
  return section;
}

toml::table requirements_section(const task_spec& settings) {
  toml::table section;
  section.insert("cpu", settings.cpu_permille / 1000.0);
  section.insert("gpu", settings.gpu_permille / 1000.0);
  section.insert("ram", bytes_text(settings.ram_bytes));
  section.insert("disk", bytes_text(settings.disk_bytes));
  return section;
}

toml::table config_section(const task_spec& settings) {
  toml::table section;
  section.insert("urgency", std::string{to_string(settings.urgency)});
  section.insert("strategy", std::string{to_string(settings.strategy)});
  put(section, "estimate", settings.estimate);
  // As text, which is exact.
  if (settings.budget)
    section.insert("budget", to_string(*settings.budget));
  put(section, "deadline", settings.deadline);
  put(section, "max_attempts", settings.attempts_max);
  put(section, "max_failed_jobs", settings.failed_jobs_max);
  put(section, "window", settings.window);
  return section;
}

} // namespace

std::string write_task_text(const task_description& task) {
  toml::table file{
    {"task", task_section(task)},
    {"input", input_section(task)},
    {"code", code_section(task)},
    {"sandbox", sandbox_section(task)},
    {"reduce", reduce_section(task)},
    {"verification", verification_section(task.settings.verification)},
    {"limits", limits_section(task.settings.limits)},
    {"requirements", requirements_section(task.settings)},
    {"config", config_section(task.settings)},
  };
  std::ostringstream text;
  // One line a string: what is written must be read back byte by byte.
  text << toml::toml_formatter{
    file, toml::toml_formatter::default_flags
            & ~(toml::format_flags::allow_multi_line_strings
                | toml::format_flags::allow_literal_strings)};
  return text.str();
}

} // namespace artel::runtime
