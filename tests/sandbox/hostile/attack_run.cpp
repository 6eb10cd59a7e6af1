#include "tests/sandbox/hostile/attack_run.hpp"

#include "sandbox/process/control_group.hpp"
#include "tests/sandbox/hostile/honest_job.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <utility>

#include <sys/stat.h>

namespace artel::hostile {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t megabyte = 1u << 20;

bytes read_file(const fs::path& path) {
  std::ifstream file{path, std::ios::binary};
  if (!file)
    throw std::runtime_error{"cannot read '" + path.string() + "'"};
  return {std::istreambuf_iterator<char>{file}, {}};
}

std::string output_of(const sandbox::run_result& result) {
  return std::string{as_text(result.output)};
}

bool has_line(const std::string& output, const std::string& line) {
  std::istringstream lines{output};
  for (std::string one; std::getline(lines, one);)
    if (one == line)
      return true;
  return false;
}

/// The largest N of lines "LABEL N".
std::optional<std::uint64_t> number_after(const std::string& output,
                                          const std::string& label) {
  std::istringstream lines{output};
  std::optional<std::uint64_t> largest;
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with(label + " "))
      largest = std::max<std::uint64_t>(
        largest.value_or(0),
        std::strtoull(line.c_str() + label.size(), nullptr, 10));
  return largest;
}

std::string lines_that_begin(const std::string& output,
                             const std::string& start) {
  std::istringstream lines{output};
  std::string found;
  for (std::string line; std::getline(lines, line) && found.size() < 1000;)
    if (line.starts_with(start))
      found += (found.empty() ? "" : "; ") + line;
  return found;
}

std::shared_ptr<const code_bundle> honest_module(const fs::path& programs) {
  code_bundle bundle;
  bundle.main = "honest.wasm";
  bundle.files = {{"honest.wasm", false, read_file(programs / bundle.main)}};
  return std::make_shared<const code_bundle>(std::move(bundle));
}

/// Bytes and mode; who unpacked them may write, nobody else.
std::string compare_unpacked(const fs::path& directory,
                             const code_bundle& bundle) {
  std::size_t count = 0;
  for (const auto& entry : fs::recursive_directory_iterator{directory})
    count += entry.is_directory() ? 0 : 1;
  if (count != bundle.files.size())
    return std::to_string(count) + " files in the unpacked bundle";
  for (const auto& file : bundle.files) {
    struct stat status {};
    auto path = directory / file.name;
    if (::lstat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)
        || (status.st_mode & 07777) != (file.executable ? 0555u : 0444u)
        || read_file(path) != file.data)
      return "the unpacked '" + file.name + "' was changed";
  }
  return {};
}

} // namespace

std::string describe(const ending& end) {
  std::string text{to_string(end.outcome)};
  if (end.outcome == run_outcome::nonzero_exit
      || end.outcome == run_outcome::crashed)
    text += "(" + std::to_string(end.code) + ")";
  return text;
}

attack_runner::attack_runner(const testbed& bed, const host_watch& host,
                             sandbox_kind kind, fs::path programs)
  : bed_(bed),
    host_(host),
    kind_(kind),
    programs_(std::move(programs)) {
  // nop
}

sandbox::run_request attack_runner::request_for(const attack& one) const {
  code_bundle bundle;
  bundle.main = one.program;
  auto program = one.module ? *one.module : read_file(programs_ / one.program);
  bundle.files = {{one.program, kind_ != sandbox_kind::wasm, program},
                  {"canary.txt", false, to_bytes("of the bundle\n")}};
  std::sort(bundle.files.begin(), bundle.files.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  for (const auto& argument : one.arguments) {
    bundle.arguments.push_back(host_.resolve(argument));
    // The same bundle attacks as job 0 and is honest as job 1.
    if (bundle.arguments.size() == 1)
      bundle.arguments.push_back("{index}");
  }
  bundle.standard_input.assign(one.input_bytes, 'i');
  sandbox::run_request request;
  request.bundle = std::make_shared<const code_bundle>(std::move(bundle));
  request.sandbox.kind = kind_;
  request.sandbox.tier = one.tier;
  request.limits = limits_for_attacks();
  if (one.limits)
    one.limits(request.limits);
  return request;
}

std::uint64_t attack_runner::memory_bytes_most(execution_limits limits) const {
  // What runs a module needs some for itself.
  if (kind_ == sandbox_kind::wasm)
    limits.memory_bytes += 128 * megabyte;
  // So does a container's runtime, in the same group.
  if (kind_ == sandbox_kind::container)
    limits.memory_bytes += 24 * megabyte;
  if (bed_.has_group())
    return sandbox::bounds_of(limits).memory_bytes;
  // What one can touch between two looks, and the quarter above the limit.
  return limits.memory_bytes / 4 * 5 + 512 * megabyte;
}

std::string
attack_runner::find_escape(const attack& one,
                           const sandbox::run_result& result) const {
  auto output = output_of(result);
  if (auto escapes = lines_that_begin(output, "escaped:"); !escapes.empty())
    return escapes;
  if (output.find(host_.secret()) != output.npos)
    return "the output holds the host's secret";
  for (const auto& line : one.says)
    if (!has_line(output, line))
      return "no line '" + line + "' in: " + output.substr(0, 2000);
  for (const auto& [label, most] : one.bounds) {
    auto number = number_after(output, label);
    if (!number || *number > most)
      return std::string{"'"} + label + " "
             + (number ? std::to_string(*number) : "?") + "', at most "
             + std::to_string(most) + " expected";
  }
  auto limits = limits_for_attacks();
  if (one.limits)
    one.limits(limits);
  auto most = memory_bytes_most(limits);
  auto held = number_after(output, "holds").value_or(0) * megabyte;
  if (held > most || result.memory_peak_bytes > most)
    return "held " + std::to_string(held / megabyte) + " MiB, peak "
           + std::to_string(result.memory_peak_bytes / megabyte) + " MiB of "
           + std::to_string(most / megabyte);
  return one.verify ? one.verify(result) : std::string{};
}

std::string attack_runner::find_wrong_ending(const attack& one,
                                             const findings& seen) const {
  auto expected =
    one.without_group && !bed_.has_group() ? *one.without_group : one.expected;
  ending found{seen.result.outcome, seen.result.exit_code};
  if (found != expected)
    return describe(found) + " instead of " + describe(expected) + ": "
           + seen.result.detail;
  if (seen.result.detail.empty() != (found.outcome == run_outcome::completed))
    return "the detail is '" + seen.result.detail + "'";
  if (seen.took > one.ends_within)
    return "took " + std::to_string(seen.took.count()) + " ms, at most "
           + std::to_string(one.ends_within.count()) + " expected";
  return {};
}

std::string
attack_runner::find_changed_bundle(const sandbox::run_request& request) const {
  auto unpacked = bed_.sandbox->unpack(request.bundle);
  if (!unpacked)
    return unpacked.error().message;
  return compare_unpacked((*unpacked)->directory, *request.bundle);
}

std::string
attack_runner::run_honest_job(const attack& one,
                              const sandbox::run_request& before) const {
  sandbox::run_request request;
  request.sandbox = before.sandbox;
  request.limits.output_files_bytes = before.limits.output_files_bytes;
  std::string expected = "honest\n";
  if (kind_ == sandbox_kind::wasm) {
    request.bundle = honest_module(programs_);
  } else {
    request.bundle = before.bundle;
    request.index = 1;
    expected = honest_output(request);
  }
  auto result = bed_.runs->execute(request, {});
  if (result.outcome != run_outcome::completed)
    return "after '" + one.name + "' an honest job ends with "
           + describe({result.outcome, result.exit_code}) + ": "
           + result.detail;
  if (!result.files.empty())
    return "an honest job left output files";
  return first_difference(expected, output_of(result));
}

findings attack_runner::run(const attack& one) const {
  auto request = request_for(one);
  findings seen;
  auto before = host_.take(bed_.groups(), bed_.sandbox->directory());
  auto start = std::chrono::steady_clock::now();
  seen.result = bed_.runs->execute(request, {});
  seen.took = std::chrono::duration_cast<milliseconds>(
    std::chrono::steady_clock::now() - start);
  auto after = host_.take(bed_.groups(), bed_.sandbox->directory());
  seen.blocked = find_escape(one, seen.result);
  seen.host_unharmed = host_.compare(before, after);
  if (seen.host_unharmed.empty() && kind_ == sandbox_kind::process)
    seen.host_unharmed = find_changed_bundle(request);
  seen.told_correctly = find_wrong_ending(one, seen);
  seen.next_job_clean = run_honest_job(one, request);
  return seen;
}

} // namespace artel::hostile
