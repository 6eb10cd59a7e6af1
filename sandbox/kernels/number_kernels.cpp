#include "sandbox/kernels/number_kernels.hpp"

#include "protocol/task/message_text.hpp"
#include "sandbox/kernels/kernel_watch.hpp"
#include "sandbox/kernels/whole_number.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

namespace artel::sandbox {

namespace {

/// Looking at the clocks takes as long as some ten lines.
constexpr std::uint64_t lines_a_look = 1024;

std::string_view without_blanks(std::string_view line) {
  constexpr std::string_view blanks = " \t\r\v\f";
  auto first = line.find_first_not_of(blanks);
  if (first == line.npos)
    return {};
  return line.substr(first, line.find_last_not_of(blanks) - first + 1);
}

/// Calls take(number) for each number in the data. False where the watch ended
/// it; a failure names the line.
template <class Take>
result<bool> for_each_number(const job_input& input, kernel_watch& watch,
                             Take&& take) {
  auto rest = as_text(input.data);
  for (std::uint64_t line = 1; !rest.empty(); ++line) {
    if (line % lines_a_look == 0 && !watch.go_on())
      return false;
    auto end = std::min(rest.find('\n'), rest.size());
    auto text = without_blanks(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (text.empty())
      continue;
    auto number = parse_whole_number(text, data_number_digits_max);
    if (!number) {
      auto place = "line " + std::to_string(line);
      if (!input.name.empty())
        place += " of " + artel::quoted(input.name);
      return {number.error().code, place + ": " + number.error().message};
    }
    take(std::move(*number));
  }
  return true;
}

/// Folds the numbers of the data into one; nothing where there are none.
template <class Combine>
run_result run_over_data(const run_request& request,
                         const std::stop_token& stop,
                         std::optional<whole_number> value, Combine&& combine) {
  kernel_watch watch{request.limits, stop};
  if (!watch.go_on())
    return watch.finish(request.kernel);
  auto done = for_each_number(request.input, watch, [&](whole_number number) {
    if (value)
      combine(*value, number);
    else
      value = std::move(number);
  });
  if (!done)
    return failed_run(run_outcome::exec_failed,
                      request.kernel + ": " + done.error().message);
  if (*done && !value)
    return failed_run(run_outcome::exec_failed,
                      request.kernel
                        + ": there is no number in the data; expected at least"
                          " one");
  if (*done)
    watch.put_out(to_string(*value));
  return watch.finish(request.kernel);
}

run_result finished(const run_request& request, const std::stop_token& stop,
                    const whole_number& value) {
  kernel_watch watch{request.limits, stop};
  if (watch.go_on())
    watch.put_out(to_string(value));
  return watch.finish(request.kernel);
}

} // namespace

run_result run_sum(const run_request& request, const std::stop_token& stop) {
  const auto& input = request.input;
  if (input.kind == input_kind::data)
    return run_over_data(request, stop, whole_number{},
                         [](auto& sum, const auto& number) { sum += number; });
  whole_number first{input.first};
  whole_number last{input.last};
  return finished(request, stop, (first + last) * (last - first + 1) / 2);
}

run_result run_min(const run_request& request, const std::stop_token& stop) {
  if (request.input.kind == input_kind::data)
    return run_over_data(request, stop, std::nullopt,
                         [](auto& least, auto& number) {
                           if (number < least)
                             least = std::move(number);
                         });
  return finished(request, stop, request.input.first);
}

run_result run_max(const run_request& request, const std::stop_token& stop) {
  if (request.input.kind == input_kind::data)
    return run_over_data(request, stop, std::nullopt,
                         [](auto& greatest, auto& number) {
                           if (greatest < number)
                             greatest = std::move(number);
                         });
  return finished(request, stop, request.input.last);
}

} // namespace artel::sandbox
