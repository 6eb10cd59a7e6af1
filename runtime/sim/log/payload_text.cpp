#include "runtime/sim/log/payload_text.hpp"

#include "protocol/task/message_text.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace artel::sim {

namespace {

/// Of a batch, how many entries are told; the rest is counted.
constexpr std::size_t entries_shown = 3;

std::string number(std::uint64_t value) {
  return std::to_string(value);
}

/// "1 job", "2 jobs", "2 retries".
std::string counted(std::uint64_t count, std::string_view one,
                    std::string_view many = {}) {
  auto text = number(count) + ' ';
  if (count == 1)
    return text.append(one);
  return many.empty() ? text.append(one) + 's' : text.append(many);
}

/// "350 ms", "12.3 s".
std::string span_text(milliseconds span) {
  auto count = span.count();
  if (count < 1'000)
    return std::to_string(count) + " ms";
  return std::to_string(count / 1'000) + '.'
         + std::to_string(count % 1'000 / 100) + " s";
}

std::string task_text(const task_id& task) {
  return "task " + short_name(task);
}

std::string attempt_text(std::uint64_t job, std::uint32_t attempt) {
  return "job " + number(job) + " attempt " + number(attempt);
}

std::string problem_text(errc code, std::string_view reason) {
  std::string text{to_string(code)};
  return reason.empty() ? text : text + ": " + quoted(reason);
}

/// Tells the first entries of a batch, and the task wherever it is another one
/// than before.
template <class Items, class TaskOf, class TextOf>
std::string batch_text(const Items& items, TaskOf task_of, TextOf text_of) {
  std::string text;
  const task_id* last = nullptr;
  auto shown = std::min(entries_shown, items.size());
  for (std::size_t i = 0; i < shown; ++i) {
    const task_id& task = task_of(items[i]);
    text += i > 0 ? ", " : "";
    if (!last || *last != task)
      text += task_text(task) + ": ";
    text += text_of(items[i]);
    last = &task;
  }
  if (items.size() > shown)
    text += ", " + number(items.size() - shown) + " more";
  return text.empty() ? "nothing" : text;
}

std::string attempts_text(const std::vector<wire::attempt_ref>& attempts) {
  return batch_text(
    attempts,
    [](const wire::attempt_ref& one) -> const task_id& { return one.task; },
    [](const wire::attempt_ref& one) {
      return attempt_text(one.job, one.attempt);
    });
}

std::string input_text(const job_input& input) {
  switch (input.kind) {
    case input_kind::none: return "no input";
    case input_kind::range:
      return number(input.first) + ".." + number(input.last);
    case input_kind::data:
      return quoted(input.name) + ' ' + byte_count_text(input.data.size());
  }
  return "unknown input";
}

/// "completed '25'", "nonzero_exit 1", "crashed 11", "timeout".
std::string outcome_text(const receipt& body) {
  std::string text{to_string(body.outcome)};
  if (body.outcome == run_outcome::nonzero_exit
      || body.outcome == run_outcome::crashed)
    text += ' ' + std::to_string(body.exit_code);
  return text;
}

std::string code_text(const code_ref& code) {
  return code.kernel.empty() ? "bundle " + short_name(code.bundle)
                             : "kernel " + quoted(code.kernel);
}

std::string blob_text(const blob_ref& blob) {
  return "blob " + short_name(blob.id) + " of "
         + byte_count_text(blob.size_bytes);
}

// -- payloads -----------------------------------------------------------------

std::string describe(const wire::handshake& item) {
  auto text = quoted(item.display_name) + ' ';
  text.append(to_string(item.role)) += " at " + quoted(item.address);
  return item.reply ? text + ", reply" : text;
}

std::string describe(const wire::handshake_refused& item) {
  return problem_text(item.code, item.reason);
}

std::string describe(const wire::goodbye& item) {
  return problem_text(item.code, item.reason);
}

std::string describe(const wire::network_update& item) {
  const auto& config = item.config;
  auto text = "config " + number(config.version) + " of "
              + quoted(config.network) + ": "
              + std::string{to_string(config.admission)};
  auto revoked = config.revoked_nodes.size() + config.revoked_owners.size();
  if (revoked > 0)
    text += ", " + counted(revoked, "key") + " revoked";
  return text;
}

std::string describe(const wire::ping& item) {
  return "nonce " + number(item.nonce);
}

std::string describe(const wire::pong& item) {
  return "nonce " + number(item.nonce);
}

std::string describe(const wire::peer_exchange& item) {
  auto text = counted(item.peers.size(), "address", "addresses");
  return item.request ? "asks, gives " + text : text;
}

std::string describe(const wire::bid_request& item) {
  return task_text(item.task) + ": " + counted(item.jobs, "job") + " of "
         + span_text(item.estimate) + ", " + code_text(item.code);
}

std::string describe(const wire::bid& item) {
  auto text = task_text(item.task) + ": ";
  if (!item.accepted)
    return text + "refused, " + quoted(item.refusal);
  return text + to_string(item.price_per_job) + " a job, "
         + counted(item.offer.slots, "slot") + ", " + number(item.queued_jobs)
         + " queued";
}

std::string describe(const wire::job_assign& item) {
  return batch_text(
    item.jobs,
    [&item](const wire::job_assignment&) -> const task_id& {
      return item.terms.task;
    },
    [](const wire::job_assignment& one) {
      auto text =
        attempt_text(one.job, one.attempt) + " of " + input_text(one.input);
      if (!one.input_blob.is_none())
        text += " from " + blob_text(one.input_blob);
      return text;
    });
}

std::string describe(const wire::job_ack& item) {
  return attempts_text(item.attempts);
}

std::string describe(const wire::job_result& item) {
  return batch_text(
    item.entries,
    [](const wire::job_result_entry& one) -> const task_id& {
      return one.body.task;
    },
    [](const wire::job_result_entry& one) {
      const auto& body = one.body;
      auto text =
        attempt_text(body.job, body.attempt) + ' ' + outcome_text(body);
      if (!one.output_blob.is_none())
        text += " as " + blob_text(one.output_blob);
      else if (body.outcome == run_outcome::completed)
        text += ' ' + quoted(as_text(one.output));
      if (!one.files.empty())
        text += " and " + counted(one.files.size(), "file");
      return text;
    });
}

std::string describe(const wire::job_result_ack& item) {
  return attempts_text(item.attempts);
}

std::string describe(const wire::job_fail& item) {
  return attempts_text({item.attempt}) + ' '
         + problem_text(item.code, item.reason);
}

std::string describe(const wire::job_cancel& item) {
  return attempts_text(item.attempts);
}

std::string describe(const wire::heartbeat& item) {
  auto running =
    std::count_if(item.leases.begin(), item.leases.end(),
                  [](const wire::lease& one) { return one.running; });
  return counted(item.leases.size(), "lease") + ", "
         + number(static_cast<std::uint64_t>(running)) + " running";
}

std::string describe(const wire::payment& item) {
  const auto& claim = item.claim;
  return task_text(claim.task) + ": " + to_string(claim.amount) + " for "
         + counted(claim.jobs, "job");
}

std::string describe(const wire::payment_ack& item) {
  return task_text(item.task) + ": " + to_string(item.amount);
}

std::string describe(const wire::blob_request& item) {
  return "blob " + short_name(item.blob) + ": "
         + counted(item.pieces.size(), "piece");
}

std::string describe(const wire::blob_piece& item) {
  auto text = "blob " + short_name(item.blob) + ": piece " + number(item.index);
  if (!item.known)
    return text + " not here";
  return text + ", " + number(item.data.size()) + " of "
         + byte_count_text(item.total_bytes);
}

// -- events -------------------------------------------------------------------

std::string describe(const task_planned& told) {
  const auto& plan = told.plan;
  auto text = task_text(plan.task) + ' ' + quoted(plan.name) + ": "
              + counted(plan.jobs, "job") + ", "
              + counted(plan.candidates.size(), "candidate") + ", "
              + to_string(plan.price_per_job) + " a job, hold "
              + to_string(plan.hold);
  if (!plan.problems.empty())
    text += "; " + quoted(plan.problems.front().message);
  return text;
}

std::string describe(const worker_certified& told) {
  return told.worker_name + " belongs to owner " + short_name(told.item.owner);
}

std::string describe(const receipt_recorded& told) {
  const auto& body = told.item.body;
  return task_text(body.task) + ": " + attempt_text(body.job, body.attempt)
         + " by " + quoted(told.worker_name) + ' ' + outcome_text(body) + " in "
         + span_text(body.wall_time_used);
}

std::string describe(const verdict_recorded& told) {
  const auto& body = told.item.body;
  auto text = task_text(body.task) + ": job " + number(body.job);
  if (!body.accepted)
    return text + " failed, " + problem_text(told.failure_code, body.reason);
  text += " accepted " + quoted(as_text(told.output)) + ", "
          + number(body.agreeing.size()) + " agree";
  if (!body.dissenting.empty())
    text += ", " + number(body.dissenting.size()) + " dissent";
  return text;
}

std::string describe(const task_progress& told) {
  auto text = std::string{to_string(told.state)} + ": "
              + number(told.jobs.completed) + " of "
              + counted(told.jobs.total, "job") + " completed, "
              + number(told.running) + " running";
  if (told.jobs.failed > 0)
    text += ", " + number(told.jobs.failed) + " failed";
  return text;
}

std::string describe(const task_finished& told) {
  const auto& report = told.report;
  auto text = task_text(report.task) + ' ' + quoted(report.name) + ' ';
  text.append(to_string(report.state)) += " in " + span_text(report.elapsed);
  if (report.state == task_state::completed)
    text += ": " + quoted(as_text(report.result));
  else if (!report.problem.message.empty())
    text += ": " + quoted(report.problem.message);
  return text + "; paid " + to_string(report.paid) + " of "
         + to_string(report.held);
}

std::string_view level_name(log_level level) noexcept {
  switch (level) {
    case log_level::debug: return "debug";
    case log_level::info: return "info";
    case log_level::warning: return "warning";
    case log_level::error: return "error";
  }
  return "unknown";
}

/// Log lines are whole sentences: longer than what is quoted elsewhere.
std::string one_line(std::string_view text) {
  std::string line{text};
  for (auto& c : line)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      c = ' ';
  return line;
}

std::string describe(const node_logged& told) {
  return std::string{level_name(told.level)} + ": " + one_line(told.message);
}

} // namespace

std::string payload_text(const wire::payload& item) {
  return std::visit([](const auto& one) { return describe(one); }, item);
}

std::string_view event_kind(const event& what) noexcept {
  struct names {
    std::string_view operator()(const task_planned&) { return "plan"; }
    std::string_view operator()(const receipt_recorded&) { return "receipt"; }
    std::string_view operator()(const verdict_recorded&) { return "verdict"; }
    std::string_view operator()(const task_progress&) { return "progress"; }
    std::string_view operator()(const task_finished&) { return "end"; }
    std::string_view operator()(const node_logged&) { return "log"; }
    std::string_view operator()(const worker_certified&) { return "worker"; }
  };
  return std::visit(names{}, what);
}

std::string event_text(const event& what) {
  return std::visit([](const auto& one) { return describe(one); }, what);
}

std::string plain_type_name(std::string_view name) {
  auto colons = name.rfind("::");
  if (colons != std::string_view::npos)
    return std::string{name.substr(colons + 2)};
  // "N5artel3sim7do_thisE": the last of the parts, each after its length.
  auto rest = name;
  if (rest.starts_with('N'))
    rest.remove_prefix(1);
  std::string_view last;
  for (;;) {
    std::size_t length = 0;
    while (!rest.empty() && rest[0] >= '0' && rest[0] <= '9') {
      length = length * 10 + static_cast<std::size_t>(rest[0] - '0');
      rest.remove_prefix(1);
    }
    if (length == 0 || length > rest.size())
      break;
    last = rest.substr(0, length);
    rest.remove_prefix(length);
  }
  return std::string{last.empty() ? name : last};
}

} // namespace artel::sim
