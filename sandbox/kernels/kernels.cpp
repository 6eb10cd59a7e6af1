#include "sandbox/kernels/kernels.hpp"

#include "protocol/task/message_text.hpp"
#include "sandbox/kernels/kernel_watch.hpp"
#include "sandbox/kernels/number_kernels.hpp"
#include "sandbox/kernels/polynomial_kernel.hpp"
#include "sandbox/kernels/prime_kernel.hpp"

#include <algorithm>
#include <exception>
#include <iterator>

namespace artel::sandbox {

namespace {

run_result run_noop(const run_request& request, const std::stop_token& stop) {
  kernel_watch watch{request.limits, stop};
  if (watch.go_on())
    watch.put_out("0");
  return watch.finish(request.kernel);
}

struct kernel {
  kernel_info info;
  /// Finds an input that the kernel accepts, and a range that is not empty.
  run_result (*run)(const run_request&, const std::stop_token&);
  /// Null: it takes no arguments.
  result<void> (*check)(const std::vector<std::string>&) = nullptr;
};

constexpr kernel all[] = {
  {{"count_primes", "how many primes lie in first..last"}, run_count_primes},
  {{"max", "the greatest number", input_kind::range, true}, run_max},
  {{"min", "the least number", input_kind::range, true}, run_min},
  {{"noop", "no work; outputs 0", input_kind::none}, run_noop},
  {{"sum", "the sum of all numbers", input_kind::range, true}, run_sum},
  {{"sum_polynomial",
    "the sum of c0 + c1 x + c2 x^2 + ... for x in first..last",
    input_kind::range, false, "C0 [C1 [C2 ...]]"},
   run_sum_polynomial,
   check_coefficients},
};

const kernel* find_kernel(std::string_view name) noexcept {
  auto found =
    std::find_if(std::begin(all), std::end(all),
                 [name](const kernel& one) { return one.info.name == name; });
  return found != std::end(all) ? found : nullptr;
}

failure unknown_kernel(std::string_view name) {
  std::string names;
  for (const auto& one : kernels())
    names += (names.empty() ? "" : ", ") + std::string{one.name};
  return {errc::not_found,
          "no kernel named " + artel::quoted(name) + "; there are " + names};
}

/// Messages begin with the kernel's name, as those of its run.
result<void> check_arguments(const kernel& one,
                             const std::vector<std::string>& arguments) {
  std::string name{one.info.name};
  if (one.check) {
    if (auto sound = one.check(arguments); !sound)
      return {sound.error().code, name + ": " + sound.error().message};
  } else if (!arguments.empty()) {
    return {errc::invalid_argument, name + " takes no arguments; "
                                      + artel::quoted(arguments.front())
                                      + " given"};
  }
  return {};
}

result<void> check_input(const kernel_info& kernel, const job_input& input) {
  std::string name{kernel.name};
  if (!kernel.accepts(input.kind))
    return {errc::invalid_argument,
            name + " computes over a range"
              + (kernel.reads_data ? " or over numbers in data" : "")
              + ", but the job has "
              + (input.kind == input_kind::data ? "data" : "none")};
  if (input.kind == input_kind::range && kernel.input == input_kind::range
      && input.first > input.last)
    return {errc::invalid_argument,
            name + ": the range starts at " + std::to_string(input.first)
              + " and ends before, at " + std::to_string(input.last)};
  return {};
}

} // namespace

const std::vector<kernel_info>& kernels() {
  static const auto infos = [] {
    std::vector<kernel_info> list;
    for (const auto& one : all)
      list.push_back(one.info);
    return list;
  }();
  return infos;
}

bool is_kernel(std::string_view name) noexcept {
  return find_kernel(name) != nullptr;
}

result<void> check_kernel_arguments(std::string_view name,
                                    const std::vector<std::string>& arguments) {
  const auto* found = find_kernel(name);
  return found ? check_arguments(*found, arguments) : unknown_kernel(name);
}

run_result kernel_executor::execute(const run_request& request,
                                    std::stop_token stop) {
  const auto* found = find_kernel(request.kernel);
  if (!found)
    return failed_run(run_outcome::exec_failed,
                      unknown_kernel(request.kernel).message);
  try {
    if (auto sound = check_arguments(*found, request.kernel_arguments); !sound)
      return failed_run(run_outcome::exec_failed, sound.error().message);
    if (auto sound = check_input(found->info, request.input); !sound)
      return failed_run(run_outcome::exec_failed, sound.error().message);
    return found->run(request, stop);
  } catch (const std::exception& problem) {
    return failed_run(run_outcome::memory_limit,
                      "kernel '" + request.kernel
                        + "' ran out of memory: " + problem.what());
  }
}

} // namespace artel::sandbox
