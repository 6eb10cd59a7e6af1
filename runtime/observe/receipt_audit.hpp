// Checks a receipt file offline: that nothing was changed since it was written,
// that every receipt and verdict is signed by whom it names, that verdicts
// stand on receipts, and that the settlement is the sum of the verdicts. Needs
// no network and no secret.
//
// What it cannot see: whole runs, or the end of the file, left out (a run
// without a settlement is told as a warning); and lies that a majority agreed
// on.
#pragma once

#include "protocol/core/index_set.hpp"
#include "protocol/task/chunk_plan.hpp"
#include "runtime/observe/receipt_file.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace artel::runtime {

struct audit_problem {
  std::uint64_t line = 0;
  std::string message;
};

struct audit_report {
  std::uint64_t lines = 0;
  std::uint64_t runs = 0;
  std::uint64_t receipts = 0;
  std::uint64_t verdicts = 0;
  /// Verdicts that accepted an output; the others failed their job.
  std::uint64_t accepted = 0;
  std::uint64_t settlements = 0;
  credits paid;
  /// All of them; the first problems_max are listed, in the order of lines.
  std::uint64_t problem_count = 0;
  std::vector<audit_problem> problems;
  /// What is no sign of a change: a run that did not end, half a line.
  std::vector<std::string> warnings;

  static constexpr std::size_t problems_max = 100;

  bool sound() const noexcept { return problem_count == 0; }
};

/// Takes one line after the other. Memory grows with the jobs that wait for
/// their verdict, not with the file.
class receipt_auditor {
public:
  void take(const receipt_line& line);
  audit_report finish(bool has_partial_line);

private:
  struct attempt {
    owner_id owner;
    node_id requester;
    hash256 input;
    hash256 output;
    run_outcome outcome{};
    credits price;
  };
  using attempts = std::map<std::uint32_t, attempt>;

  /// What is known of the run that the lines belong to.
  struct run {
    run();

    task_record record;
    /// Where the jobs' inputs are numbers.
    std::optional<chunk_plan> numbers;
    std::map<std::uint64_t, attempts> open_jobs;
    index_set judged;
    std::uint64_t receipts = 0;
    std::uint64_t accepted = 0;
    std::uint64_t agreed = 0;
    credits paid;
    bool settled = false;
  };

  void take_content(const task_record& record);
  void take_content(const receipt_recorded& record);
  void take_content(const verdict_line& record);
  void take_content(const settlement_line& record);
  void check_code_and_input(const receipt& body);
  void check_votes(const job_verdict& verdict, const attempts& given);
  void add_payment(const job_verdict& verdict);
  std::optional<hash256> known_input(std::uint64_t job) const;
  bool belongs(const task_id& task);
  void close_run();
  void tell(std::string message);

  audit_report report_;
  std::optional<run> run_;
  std::uint64_t line_ = 0;
};

/// Errors only where the file can't be read at all.
result<audit_report> audit_receipts(const std::filesystem::path& path);

} // namespace artel::runtime
