#include "tools/artel/limit_options.hpp"

#include "protocol/task/validation.hpp"
#include "runtime/config/units_text.hpp"

#include <algorithm>
#include <limits>
#include <set>
#include <string>
#include <string_view>
#include <variant>

namespace artel::tools {

using runtime::config_problem;

namespace {

using time_member = milliseconds execution_limits::*;
using size_member = std::uint64_t execution_limits::*;
using count_member = std::uint32_t execution_limits::*;

struct limit_flag {
  const char* flag;
  /// As validation calls it.
  const char* field;
  std::variant<time_member, size_member, count_member> member;
  const char* value_name;
  const char* help;
};

const std::vector<limit_flag>& limit_flags() {
  using limits = execution_limits;
  static const std::vector<limit_flag> flags{
    {"wall-time", "limits.wall_time", &limits::wall_time, "TIME",
     "how long it may take"},
    {"cpu-time", "limits.cpu_time", &limits::cpu_time, "TIME",
     "processor time of all its processes; at least the wall time unless "
     "given"},
    {"memory", "limits.memory", &limits::memory_bytes, "SIZE",
     "memory of all its processes"},
    {"processes", "limits.processes", &limits::processes, "N",
     "processes and threads at a time"},
    {"open-files", "limits.open_files", &limits::open_files, "N",
     "open files of one process"},
    {"file-size", "limits.file_size", &limits::file_bytes, "SIZE",
     "the size of one file that it writes"},
    {"work-directory", "limits.work_directory", &limits::work_directory_bytes,
     "SIZE", "what it may have in its work directory"},
    {"stdout-limit", "limits.stdout", &limits::stdout_bytes, "SIZE",
     "what it may write to standard output"},
    {"stderr-tail", "limits.stderr_tail", &limits::stderr_tail_bytes, "SIZE",
     "how much of the end of its standard error is kept"},
    {"output-files", "limits.output_files", &limits::output_files_bytes, "SIZE",
     "what the files in /output may have in all; 0: there is no /output"},
    {"fuel", "limits.fuel", &limits::fuel, "N",
     "instructions of interpreted WebAssembly; 0: not counted down"},
  };
  return flags;
}

bool is_number(const limit_flag& one) {
  return std::string_view{one.value_name} == "N";
}

std::string default_text(const limit_flag& one) {
  const execution_limits usual;
  if (const auto* member = std::get_if<time_member>(&one.member))
    return runtime::time_text(usual.**member);
  if (const auto* member = std::get_if<count_member>(&one.member))
    return std::to_string(usual.**member);
  auto value = usual.*std::get<size_member>(one.member);
  return is_number(one) ? std::to_string(value) : runtime::bytes_text(value);
}

result<std::uint32_t> small_number(const std::string& text) {
  auto value = runtime::parse_whole_number(text);
  if (!value)
    return value.error();
  constexpr auto most = std::numeric_limits<std::uint32_t>::max();
  if (*value > most)
    return {errc::out_of_range, text + " given; expected a number from 1 to "
                                  + std::to_string(most)};
  return static_cast<std::uint32_t>(*value);
}

result<void> read_flag(const limit_flag& one, const std::string& text,
                       execution_limits& limits) {
  auto take = [&limits](auto member, auto parsed) -> result<void> {
    if (!parsed)
      return parsed.error();
    limits.*member = *parsed;
    return {};
  };
  if (const auto* member = std::get_if<time_member>(&one.member))
    return take(*member, runtime::parse_duration(text));
  if (const auto* member = std::get_if<count_member>(&one.member))
    return take(*member, small_number(text));
  return take(std::get<size_member>(one.member),
              is_number(one) ? runtime::parse_whole_number(text)
                             : runtime::parse_bytes(text));
}

std::string flag_of(const std::string& field) {
  for (const auto& one : limit_flags())
    if (one.field == field)
      return std::string{"--"} + one.flag;
  return field;
}

} // namespace

std::vector<option_info> limit_options() {
  std::vector<option_info> options;
  for (const auto& one : limit_flags())
    options.push_back({.name = one.flag,
                       .kind = value_kind::text,
                       .value_name = one.value_name,
                       .help = one.help,
                       .default_text = default_text(one)});
  return options;
}

void apply_limits(const arguments& given, execution_limits& limits,
                  std::vector<config_problem>& problems) {
  std::set<std::string> unsound;
  for (const auto& one : limit_flags()) {
    auto text = given.value(one.flag);
    if (!text)
      continue;
    if (auto taken = read_flag(one, *text, limits); !taken) {
      problems.push_back({std::string{"--"} + one.flag, taken.error().code,
                          taken.error().message});
      unsound.insert(one.field);
    }
  }
  if (!given.has("cpu-time"))
    limits.cpu_time = std::max(limits.cpu_time, limits.wall_time);
  validation::errors found;
  validation::check_limits(limits, found);
  for (const auto& problem : found) {
    // Processor time follows wall time where it wasn't given itself.
    auto follows = problem.field == "limits.cpu_time" && !given.has("cpu-time");
    if (!follows && !unsound.contains(problem.field))
      problems.push_back(
        {flag_of(problem.field), problem.code, problem.message});
  }
}

} // namespace artel::tools
