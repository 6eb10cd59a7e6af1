// Checks a receipt file offline: that nothing was changed since it was written,
// that every receipt and verdict is signed by whom it names, that each worker's
// owner is its own key or has certified it, that verdicts stand on receipts of
// distinct owners, and that the settlement is the sum of the verdicts. Needs no
// network and no secret.
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
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace artel::runtime {

struct audit_problem {
  std::uint64_t line = 0;
  std::string message;
};

/// What shows that an owner speaks for its workers.
enum class owner_proof : std::uint8_t {
  /// Nothing in the file does.
  none = 1,
  /// The worker is its own owner.
  own_key,
  certificate,
};

struct audited_owner {
  /// The weakest over its receipts.
  owner_proof proof = owner_proof::own_key;
  std::set<node_id> workers;
  std::uint64_t receipts = 0;
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
  /// Of that, by signed claims that nobody has witnessed.
  credits claimed;
  /// Everyone whom a receipt names as an owner.
  std::map<owner_id, audited_owner> owners;
  /// All of them; the first problems_max are listed, in the order of lines.
  std::uint64_t problem_count = 0;
  std::vector<audit_problem> problems;
  /// What is no sign of a change: a run that did not end, half a line.
  std::vector<std::string> warnings;

  static constexpr std::size_t problems_max = 100;

  bool sound() const noexcept { return problem_count == 0; }
};

/// Takes one line after the other. Memory grows with the jobs that wait for
/// their verdict and with the workers, not with the file.
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

  /// A certificate, and the moments between which it is known to hold: what
  /// held at two holds between them.
  struct known_certificate {
    owner_certificate item;
    std::string network;
    std::optional<std::pair<wall_time, wall_time>> held;
  };

  void take_content(const task_record& record);
  void take_content(const worker_certified& record);
  void take_content(const receipt_recorded& record);
  void take_content(const verdict_line& record);
  void take_content(const settlement_line& record);
  void check_owner(const receipt& body);
  result<void> find_certificate(const receipt& body);
  void check_code_and_input(const receipt& body);
  void check_votes(const job_verdict& verdict, const attempts& given);
  void add_payment(const job_verdict& verdict);
  std::optional<hash256> known_input(std::uint64_t job) const;
  bool belongs(const task_id& task);
  void close_run();
  void tell(std::string message);

  audit_report report_;
  std::optional<run> run_;
  std::map<node_id, std::vector<known_certificate>> certificates_;
  std::uint64_t line_ = 0;
};

/// Errors only where the file can't be read at all.
result<audit_report> audit_receipts(const std::filesystem::path& path);

} // namespace artel::runtime
