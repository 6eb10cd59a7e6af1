#include "tools/artel/commands/receipt_verify.hpp"

#include "runtime/observe/receipt_audit.hpp"
#include "tools/artel/console.hpp"

namespace artel::tools {

namespace {

std::string counted(std::uint64_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

std::string summary_of(const runtime::audit_report& report) {
  return counted(report.runs, "run") + ", "
         + counted(report.receipts, "receipt") + ", "
         + counted(report.verdicts, "verdict") + " ("
         + std::to_string(report.accepted) + " accepted), "
         + counted(report.settlements, "settlement") + ", "
         + to_string(report.paid) + " credits paid\n";
}

/// How each owner is known to be one.
std::string owners_text(const runtime::audit_report& report) {
  constexpr std::size_t shown = 50;
  std::string text;
  std::uint64_t own_keys = 0;
  std::uint64_t certified = 0;
  std::size_t listed = 0;
  for (const auto& [id, owner] : report.owners) {
    own_keys += owner.proof == runtime::owner_proof::own_key;
    if (owner.proof != runtime::owner_proof::certificate)
      continue;
    ++certified;
    if (++listed <= shown)
      text += "  owner " + short_name(id) + " has certified "
              + counted(owner.workers.size(), "worker") + ", "
              + counted(owner.receipts, "receipt") + "\n";
  }
  if (listed > shown)
    text += "  and " + std::to_string(listed - shown) + " more\n";
  auto unproven = report.owners.size() - own_keys - certified;
  return counted(report.owners.size(), "owner") + ": "
         + std::to_string(certified) + " proven by certificate, "
         + std::to_string(own_keys) + " by the worker's own key"
         + (unproven > 0 ? ", " + std::to_string(unproven) + " NOT PROVEN"
                         : std::string{})
         + "\n" + text;
}

exit_code run(const arguments& given) {
  const auto& path = given.positional.front();
  auto report = runtime::audit_receipts(path);
  if (!report) {
    refuse(report.error());
    return exit_code::invalid_input;
  }
  for (const auto& warning : report->warnings)
    tell(path + ": warning: " + warning);
  for (const auto& problem : report->problems)
    tell(path + ":" + std::to_string(problem.line) + ": " + problem.message);
  if (report->problem_count > report->problems.size())
    tell(path + ": "
         + std::to_string(report->problem_count - report->problems.size())
         + " more problems");
  write_output(summary_of(*report));
  if (!report->owners.empty())
    write_output(owners_text(*report));
  if (report->claimed.micro > 0)
    write_output(to_string(report->claimed)
                 + " credits paid by signed claims, not witnessed yet\n");
  if (!report->sound()) {
    tell(path + ": not sound: " + counted(report->problem_count, "problem"));
    return exit_code::verification_failed;
  }
  if (report->runs == 0)
    return exit_code::invalid_input;
  write_output("all signatures and hashes check out\n");
  return exit_code::done;
}

} // namespace

command_info receipt_verify_command() {
  command_info command;
  command.name = "receipt verify";
  command.summary = "check the receipts of a task, offline";
  command.usage = "FILE";
  command.description =
    "Checks a file written by --receipts: that no line was changed, that each"
    " receipt is signed by its worker and each verdict by the task's owner,"
    " that each worker is its own owner or its owner has certified it, that"
    " verdicts stand on receipts of distinct owners with the same output, and"
    " that the settlement is the sum of the verdicts. Names the line of"
    " whatever does not check out and ends with exit code 4. It cannot see that"
    " the end of a file was left out (a task without a settlement is told as a"
    " warning), nor that a majority of workers lied together.";
  command.positional = value_kind::file;
  command.positional_min = 1;
  command.positional_max = 1;
  command.examples = {"artel receipt verify receipts.jsonl"};
  command.run = run;
  return command;
}

} // namespace artel::tools
