// The requests about tasks: the second half of control_requests.
#include "actors/defaults.hpp"
#include "runtime/control/control_requests.hpp"
#include "runtime/control/result_stream.hpp"
#include "runtime/launch/actor_system.hpp"
#include "runtime/launch/durable_file.hpp"
#include "runtime/launch/event_observer.hpp"
#include "runtime/launch/task_session.hpp"
#include "runtime/observe/explanation_text.hpp"

#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <fstream>

namespace artel::runtime {

namespace {

/// How often somebody who waits is looked at: whether he still does.
constexpr std::chrono::milliseconds look_interval{250};
constexpr std::chrono::seconds stop_patience{30};
constexpr std::uint64_t report_bytes_max = 128u << 20;
constexpr std::size_t problems_told_max = 20;

failure joined(const std::vector<config_problem>& problems) {
  failure all{problems.front().code, ""};
  for (std::size_t i = 0; i < std::min(problems.size(), problems_told_max); ++i)
    all.message += (i > 0 ? "\n" : "") + to_string(problems[i]);
  return all;
}

/// Sends the lines of a log that are whole, from `offset` on, and moves it.
/// False where nobody listens.
bool send_lines(const std::filesystem::path& path, std::streamoff& offset,
                control_reply& reply) {
  std::ifstream stream{path, std::ios::binary};
  stream.seekg(offset);
  for (std::string line; std::getline(stream, line) && !stream.eof();) {
    offset += static_cast<std::streamoff>(line.size() + 1);
    auto parsed = parse_json(line);
    if (parsed && !reply.event(json{{"line", std::move(*parsed)}}))
      return false;
  }
  return true;
}

failure given_up() {
  return {errc::cancelled, "the node stops, or nobody waits any more"};
}

} // namespace

// -- submit -------------------------------------------------------------------

result<json> control_requests::take(const submit_request& request,
                                    control_reply&) {
  std::vector<config_problem> problems;
  auto task = parse_task_text(request.text, request.file_name,
                              request.directory, problems);
  if (!task)
    return joined(problems);
  auto given = prepare(*task, problems);
  if (!given)
    return joined(problems);
  auto kept =
    subject_.tasks->begin(std::move(*task), std::move(*given), calendar_now());
  if (!kept)
    return kept.error();
  return start_task(*kept);
}

result<json>
control_requests::start_task(const std::shared_ptr<kept_task>& task) {
  auto sink = std::make_shared<event_sink>(log_level::info);
  auto observer = spawn_event_observer(*subject_.system, sink);
  // Its thread ends with the task. The handle is weak: the sink is the
  // observer's own.
  auto address = observer.address();
  sink->listen([task, tasks = subject_.tasks, address](const event& one) {
    if (!task->handle(one))
      return;
    tasks->end(task->summary().task);
    caf::anon_send_exit(caf::actor_cast<caf::strong_actor_ptr>(address),
                        caf::exit_reason::user_shutdown);
  });
  auto accepted =
    submit_to(*subject_.system, subject_.node, task->given(), observer, false);
  if (!accepted) {
    subject_.tasks->drop(task);
    caf::anon_send_exit(observer, caf::exit_reason::user_shutdown);
    return accepted.error();
  }
  if (auto kept = subject_.tasks->accept(task, *accepted); !kept)
    return kept.error();
  return json{{"task", json_of(accepted->task)},
              {"name", json_of(task->summary().name)}};
}

// -- what there is ------------------------------------------------------------

result<json> control_requests::take(const list_request&, control_reply&) {
  auto all = json::array();
  for (const auto& one : subject_.tasks->list())
    all.push_back(summary_json(one));
  return json{{"tasks", std::move(all)}};
}

/// Its summary, and its report where it has one.
result<json> control_requests::ending_of(const task_id& task) const {
  auto summary = subject_.tasks->summary(task);
  if (!summary)
    return summary.error();
  json answer{{"summary", summary_json(*summary)}};
  auto path = subject_.tasks->directory_of(task) / "report.json";
  if (auto text = read_bounded(path, report_bytes_max))
    if (auto document = parse_json(*text))
      answer["report"] = std::move(*document);
  return answer;
}

result<json> control_requests::take(const describe_request& request,
                                    control_reply&) {
  auto task = subject_.tasks->find(request.task);
  if (!task)
    return task.error();
  auto answer = ending_of(*task);
  if (!answer)
    return answer;
  (*answer)["directory"] =
    json_of(subject_.tasks->directory_of(*task).string());
  if (auto running = subject_.tasks->running(*task)) {
    auto now = running->wait_past(0, std::chrono::milliseconds{0});
    (*answer)["progress"] = progress_json(now.progress);
  }
  return answer;
}

result<json> control_requests::take(const explain_request& request,
                                    control_reply&) {
  auto task = subject_.tasks->find(request.task);
  if (!task)
    return task.error();
  auto running = subject_.tasks->running(*task);
  auto coordinator = running ? running->coordinator() : coordinator_actor{};
  result<json> outcome{errc::unreachable,
                       "the task's coordinator does not answer"};
  if (coordinator) {
    caf::scoped_actor self{*subject_.system};
    self->request(coordinator, defaults::request_timeout, explain_task{})
      .receive(
        [&outcome](const task_explanation& told) {
          outcome = json{{"explanation", explanation_json(told)},
                         {"text", json_of(explanation_text(told))}};
        },
        [](const caf::error&) {});
    if (outcome)
      return outcome;
  }
  // Over, perhaps just now.
  auto summary = subject_.tasks->summary(*task);
  if (!summary || !summary->over)
    return outcome;
  auto text =
    "Task " + summary->name + " is over: " + summary->state
    + (summary->problem.message.empty() ? std::string{}
                                        : ", " + summary->problem.message)
    + ".\n";
  return json{{"explanation", json{{"task", json_of(summary->task)},
                                   {"name", json_of(summary->name)},
                                   {"phase", json_of(summary->state)},
                                   {"summary", json_of(text)}}},
              {"text", json_of(text)}};
}

// -- what takes time ----------------------------------------------------------

result<json> control_requests::take(const wait_request& request,
                                    control_reply& reply) {
  auto task = subject_.tasks->find(request.task);
  if (!task)
    return task.error();
  if (auto running = subject_.tasks->running(*task)) {
    for (kept_task::moment now;;) {
      auto next = running->wait_past(now.version, look_interval);
      if (next.summary.over)
        break;
      if (!reply.is_wanted())
        return given_up();
      if (next.version > now.version
          && !reply.event(json{{"progress", progress_json(next.progress)}}))
        return given_up();
      now = std::move(next);
    }
  }
  return ending_of(*task);
}

result<json> control_requests::take(const logs_request& request,
                                    control_reply& reply) {
  auto task = subject_.tasks->find(request.task);
  if (!task)
    return task.error();
  auto path = subject_.tasks->directory_of(*task) / "log.jsonl";
  std::streamoff offset = 0;
  auto running = subject_.tasks->running(*task);
  for (kept_task::moment now; running && request.follow && !now.summary.over;) {
    if (!send_lines(path, offset, reply) || !reply.is_wanted())
      return given_up();
    now = running->wait_past(now.version, look_interval);
  }
  if (!send_lines(path, offset, reply))
    return given_up();
  return json::object();
}

result<json> control_requests::take(const results_request& request,
                                    control_reply& reply) {
  auto task = subject_.tasks->find(request.task);
  if (!task)
    return task.error();
  if (auto sent = send_results(subject_.tasks->directory_of(*task), reply);
      !sent)
    return sent.error();
  return ending_of(*task);
}

result<json> control_requests::take(const stop_request& request,
                                    control_reply& reply) {
  auto task = subject_.tasks->find(request.task);
  if (!task)
    return task.error();
  auto end = std::chrono::steady_clock::now() + stop_patience;
  if (auto running = subject_.tasks->running(*task)) {
    running->cancel();
    kept_task::moment now;
    while (!now.summary.over && std::chrono::steady_clock::now() < end
           && reply.is_wanted())
      now = running->wait_past(now.version, look_interval);
  }
  auto summary = subject_.tasks->summary(*task);
  if (!summary)
    return summary.error();
  return json{{"summary", summary_json(*summary)}};
}

} // namespace artel::runtime
