#include "sandbox/kernels/polynomial_kernel.hpp"

#include "sandbox/kernels/kernel_watch.hpp"
#include "sandbox/kernels/whole_number.hpp"

#include <cstdint>
#include <utility>

namespace artel::sandbox {

namespace {

result<std::vector<whole_number>>
read_coefficients(const std::vector<std::string>& arguments) {
  if (arguments.empty())
    return {errc::invalid_argument,
            "no coefficients given; expected those of c0 + c1 x + c2 x^2 + ...,"
            " c0 first"};
  if (arguments.size() > polynomial_degree_max + 1)
    return {errc::limit_exceeded, std::to_string(arguments.size())
                                    + " coefficients given; expected at most "
                                    + std::to_string(polynomial_degree_max + 1)
                                    + ", for degree "
                                    + std::to_string(polynomial_degree_max)};
  std::vector<whole_number> coefficients;
  for (const auto& argument : arguments) {
    auto number = parse_whole_number(argument, coefficient_digits_max);
    if (!number)
      return {number.error().code, "argument "
                                     + std::to_string(coefficients.size() + 1)
                                     + ": " + number.error().message};
    coefficients.push_back(std::move(*number));
  }
  return coefficients;
}

/// By Horner's rule.
whole_number value_at(const std::vector<whole_number>& coefficients,
                      const whole_number& x) {
  whole_number value;
  for (auto i = coefficients.size(); i > 0; --i)
    value = value * x + coefficients[i - 1];
  return value;
}

/// In place: values p(a), p(a + 1), ... become p(a), its first difference
/// p(a + 1) - p(a), its second, and so on.
void take_differences(std::vector<whole_number>& values) {
  for (std::size_t order = 1; order < values.size(); ++order)
    for (auto i = values.size() - 1; i >= order; --i)
      values[i] -= values[i - 1];
}

/// Newton's series gives p(first + k) as the sum of binomial(k, j) times the
/// j-th difference of p at first, over j = 0..degree. Summed over k = 0..n - 1,
/// binomial(k, j) becomes binomial(n, j + 1). Graham, Knuth, Patashnik,
/// Concrete Mathematics, 2nd edition, section 5.3 (Newton series) and equation
/// 5.10 (summation on the upper index). All of it in whole numbers.
whole_number sum_over(const std::vector<whole_number>& coefficients,
                      std::uint64_t first, std::uint64_t last) {
  std::vector<whole_number> differences;
  whole_number x{first};
  for (std::size_t i = 0; i < coefficients.size(); ++i, ++x)
    differences.push_back(value_at(coefficients, x));
  take_differences(differences);
  auto count = whole_number{last} - first + 1;
  whole_number binomial{1};
  whole_number sum;
  for (std::size_t j = 0; j < differences.size(); ++j) {
    // binomial(count, j + 1): the division leaves no rest.
    binomial = binomial * (count - j) / (j + 1);
    sum += differences[j] * binomial;
  }
  return sum;
}

} // namespace

result<void> check_coefficients(const std::vector<std::string>& arguments) {
  auto read = read_coefficients(arguments);
  return read ? result<void>{} : result<void>{read.error()};
}

run_result run_sum_polynomial(const run_request& request,
                              const std::stop_token& stop) {
  kernel_watch watch{request.limits, stop};
  auto coefficients = read_coefficients(request.kernel_arguments);
  if (!coefficients)
    return failed_run(run_outcome::exec_failed,
                      request.kernel + ": " + coefficients.error().message);
  if (watch.go_on())
    watch.put_out(to_string(
      sum_over(*coefficients, request.input.first, request.input.last)));
  return watch.finish(request.kernel);
}

} // namespace artel::sandbox
