#include "tools/artel/shell/figures.hpp"

#include "runtime/sim/world.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace artel::tools {

namespace {

using sim::world;

const sim::simulated_task& task_at(const world& of, std::size_t index) {
  return of.task(index);
}

const sim::simulated_node& node_at(const world& of, std::size_t index) {
  return of.node(static_cast<sim::node_index>(index));
}

/// The report has the last word; until then there is the progress.
const job_counts& jobs_of(const sim::simulated_task& task) {
  return task.report ? task.report->jobs : task.progress.jobs;
}

/// A figure of the report, which is there at the end only.
template <class Read>
figure_value at_end(const world& of, std::size_t index, figure_kind kind,
                    const Read& read) {
  const auto& report = task_at(of, index).report;
  return report ? read(*report) : missing_value(kind);
}

microseconds elapsed_of(const world& of, const sim::simulated_task& task) {
  return (task.is_over() ? task.ended : of.elapsed()) - task.submitted;
}

std::string_view as_text(const bytes& content) {
  return {reinterpret_cast<const char*>(content.data()), content.size()};
}

figure_info figure(figure_subject subject, std::string_view name,
                   figure_kind kind, std::string_view help,
                   figure_value (*read)(world&, std::size_t),
                   std::vector<std::string_view> values = {}) {
  return {subject, name, kind, help, read, std::move(values)};
}

std::vector<figure_info> task_figures() {
  using enum figure_kind;
  using value = figure_value;
  using world_ref = world&;
  using index = std::size_t;
  constexpr auto of_task = figure_subject::task;
  return {
    figure(
      of_task, "status", text, "where it stands",
      [](world_ref w, index i) { return text_value(task_at(w, i).status()); },
      {"pending", "running", "completed", "failed", "cancelled", "expired",
       "orphaned"}),
    figure(of_task, "done", truth, "whether it has ended, well or not",
           [](world_ref w, index i) {
             return truth_value(task_at(w, i).is_over());
           }),
    figure(of_task, "result", output, "its result, once it has completed",
           [](world_ref w, index i) {
             return at_end(w, i, output, [](const task_report& report) {
               return report.state == task_state::completed
                        ? output_value(as_text(report.result))
                        : missing_value(output);
             });
           }),
    figure(of_task, "problem", text, "why it did not complete",
           [](world_ref w, index i) {
             return at_end(w, i, text, [](const task_report& report) {
               return text_value(report.problem.message);
             });
           }),
    figure(of_task, "owner", text, "the node it was handed to",
           [](world_ref w, index i) {
             return text_value(w.node(task_at(w, i).owner).options.name);
           }),
    figure(of_task, "jobs", number, "jobs it is made of",
           [](world_ref w, index i) {
             const auto& task = task_at(w, i);
             return number_value(
               task.plan ? std::max(task.plan->jobs, jobs_of(task).total)
                         : jobs_of(task).total);
           }),
    figure(of_task, "completed", number,
           "jobs with a verdict that was accepted",
           [](world_ref w, index i) {
             return number_value(jobs_of(task_at(w, i)).completed);
           }),
    figure(of_task, "failed", number, "jobs that failed for good",
           [](world_ref w, index i) {
             return number_value(jobs_of(task_at(w, i)).failed);
           }),
    figure(of_task, "cancelled", number, "jobs that were cancelled",
           [](world_ref w, index i) {
             return number_value(jobs_of(task_at(w, i)).cancelled);
           }),
    figure(of_task, "replicas", number, "attempts that came to an end",
           [](world_ref w, index i) {
             const auto& task = task_at(w, i);
             return number_value(task.report ? task.report->replicas_run
                                             : task.progress.replicas_run);
           }),
    figure(of_task, "retries", number, "attempts made again",
           [](world_ref w, index i) {
             const auto& task = task_at(w, i);
             return number_value(task.report ? task.report->retries
                                             : task.progress.retried);
           }),
    figure(of_task, "verdicts", number, "jobs that were decided",
           [](world_ref w, index i) {
             return number_value(task_at(w, i).verdicts);
           }),
    figure(of_task, "receipts", number, "receipts that came back",
           [](world_ref w, index i) {
             return number_value(task_at(w, i).receipts);
           }),
    figure(of_task, "workers", number, "nodes that took part",
           [](world_ref w, index i) {
             const auto& task = task_at(w, i);
             return number_value(task.report ? task.report->nodes.size()
                                             : task.progress.nodes);
           }),
    figure(of_task, "paid", credits, "what workers got for it, at its end",
           [](world_ref w, index i) -> value {
             return at_end(w, i, credits, [](const task_report& report) {
               return credits_value(report.paid);
             });
           }),
    figure(of_task, "refunded", credits, "what its owner got back, at its end",
           [](world_ref w, index i) -> value {
             return at_end(w, i, credits, [](const task_report& report) {
               return credits_value(report.refunded);
             });
           }),
    figure(of_task, "hold", credits, "what was set aside for it",
           [](world_ref w, index i) {
             const auto& task = task_at(w, i);
             return task.report ? credits_value(task.report->held)
                    : task.plan ? credits_value(task.plan->hold)
                                : missing_value(credits);
           }),
    figure(of_task, "elapsed", duration,
           "time from its submission to its end, or until now",
           [](world_ref w, index i) {
             return duration_value(elapsed_of(w, task_at(w, i)));
           }),
  };
}

std::vector<figure_info> node_figures() {
  using enum figure_kind;
  using world_ref = world&;
  using index = std::size_t;
  constexpr auto of_node = figure_subject::node;
  return {
    figure(of_node, "status", text, "whether it runs",
           [](world_ref w, index i) {
             return text_value(to_string(node_at(w, i).status));
           },
           {"up", "paused", "down"}),
    figure(of_node, "role", text, "what it is for",
           [](world_ref w, index i) {
             return text_value(wire::to_string(node_at(w, i).options.role));
           },
           {"seed", "public", "client", "specialised"}),
    figure(of_node, "reputation", percent,
           "what nodes that worked with it think of its owner, on average",
           [](world_ref w, index i) {
             return percent_value(
               w.reputation(static_cast<sim::node_index>(i)));
           }),
    figure(of_node, "credits", credits, "what its owner can spend",
           [](world_ref w, index i) {
             return credits_value(w.balance(static_cast<sim::node_index>(i)));
           }),
    figure(of_node, "held", credits, "what is set aside for its owner's tasks",
           [](world_ref w, index i) {
             return credits_value(w.held(static_cast<sim::node_index>(i)));
           }),
    figure(of_node, "earned", credits, "what its owner was paid for jobs",
           [](world_ref w, index i) {
             return credits_value(w.earned(static_cast<sim::node_index>(i)));
           }),
    figure(of_node, "jobs", number, "jobs that it holds for others",
           [](world_ref w, index i) {
             return number_value(w.held_jobs(static_cast<sim::node_index>(i)));
           }),
    figure(of_node, "running", number, "runs that are under way",
           [](world_ref w, index i) {
             return number_value(node_at(w, i).machine->running());
           }),
    figure(of_node, "runs", number, "runs that began, ever",
           [](world_ref w, index i) {
             return number_value(node_at(w, i).machine->started);
           }),
    figure(of_node, "stopped", number, "runs that were asked to stop",
           [](world_ref w, index i) {
             return number_value(node_at(w, i).machine->stopped);
           }),
    figure(of_node, "peers", number, "nodes that it is linked with",
           [](world_ref w, index i) {
             return number_value(w.peer_count(static_cast<sim::node_index>(i)));
           }),
    figure(of_node, "cpu", number, "cores",
           [](world_ref w, index i) {
             return number_value(node_at(w, i).options.cores);
           }),
    figure(of_node, "speed", number,
           "score of a core; 1000 is the reference machine",
           [](world_ref w, index i) {
             return number_value(node_at(w, i).machine->cpu_score);
           }),
    figure(of_node, "honest", truth, "whether it keeps to the protocol",
           [](world_ref w, index i) {
             return truth_value(node_at(w, i).machine->how.is_honest());
           }),
    figure(of_node, "restarts", number, "how often it was restarted",
           [](world_ref w, index i) {
             return number_value(node_at(w, i).incarnation - 1);
           }),
  };
}

artel::credits held_by_all(const world& of) {
  // An owner may have several nodes.
  artel::credits sum;
  for (const auto& owner : of.accounts().owners())
    if (auto account = of.accounts().account(owner))
      sum.micro += account->held.micro;
  return sum;
}

std::vector<figure_info> credits_figures() {
  using enum figure_kind;
  using world_ref = world&;
  constexpr auto of_credits = figure_subject::credits;
  return {
    figure(of_credits, "total", credits,
           "in all accounts, what is held included",
           [](world_ref w, std::size_t) {
             return credits_value(w.accounts().in_circulation());
           }),
    figure(of_credits, "granted", credits, "given to newcomers",
           [](world_ref w, std::size_t) {
             return credits_value(w.accounts().granted());
           }),
    figure(of_credits, "burned", credits, "taken out of circulation",
           [](world_ref w, std::size_t) {
             return credits_value(w.accounts().burned());
           }),
    figure(
      of_credits, "held", credits, "set aside for tasks",
      [](world_ref w, std::size_t) { return credits_value(held_by_all(w)); }),
  };
}

template <sim::frame_fate Fate>
figure_value frames_with(world& of, std::size_t) {
  return number_value(of.history().count(Fate));
}

template <std::uint64_t sim::link_view::*Member>
figure_value sum_of_links(world& of, std::size_t) {
  std::uint64_t sum = 0;
  for (const auto& link : of.net().links())
    sum += link.*Member;
  return number_value(sum);
}

std::vector<figure_info> links_figures() {
  using enum figure_kind;
  using sim::frame_fate;
  using sim::link_view;
  using world_ref = world&;
  constexpr auto of_links = figure_subject::links;
  return {
    figure(of_links, "count", number, "links that are up",
           [](world_ref w, std::size_t) {
             return number_value(w.net().link_count());
           }),
    figure(of_links, "frames", number, "frames on the links there are",
           sum_of_links<&link_view::frames>),
    figure(of_links, "bytes", number, "their bytes",
           sum_of_links<&link_view::bytes>),
    figure(of_links, "dropped", number, "those lost or blocked",
           sum_of_links<&link_view::dropped>),
    figure(of_links, "sent", number, "frames that went on their way, ever",
           frames_with<frame_fate::sent>),
    figure(of_links, "lost", number, "frames lost, ever",
           frames_with<frame_fate::lost>),
    figure(of_links, "blocked", number, "frames that a partition stopped, ever",
           frames_with<frame_fate::blocked>),
    figure(of_links, "duplicated", number, "frames that came twice, ever",
           frames_with<frame_fate::duplicated>),
  };
}

std::uint64_t nodes_up(const world& of) {
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < of.node_count(); ++i)
    count += node_at(of, i).status == sim::node_status::up ? 1 : 0;
  return count;
}

std::vector<figure_info> world_figures() {
  using enum figure_kind;
  using world_ref = world&;
  constexpr auto of_world = figure_subject::world;
  return {
    figure(
      figure_subject::clock, "now", duration, "time since the world began",
      [](world_ref w, std::size_t) { return duration_value(w.elapsed()); }),
    figure(
      of_world, "nodes", number, "nodes, those that are down included",
      [](world_ref w, std::size_t) { return number_value(w.node_count()); }),
    figure(of_world, "up", number, "nodes that are up",
           [](world_ref w, std::size_t) { return number_value(nodes_up(w)); }),
    figure(
      of_world, "tasks", number, "tasks that were submitted",
      [](world_ref w, std::size_t) { return number_value(w.task_count()); }),
    figure(of_world, "steps", number, "messages that actors took",
           [](world_ref w, std::size_t) { return number_value(w.steps()); }),
    figure(of_world, "violations", number, "rules that did not hold",
           [](world_ref w, std::size_t) {
             return number_value(w.violations().size());
           }),
    figure(
      of_world, "seed", number, "what everything was drawn from",
      [](world_ref w, std::size_t) { return number_value(w.options().seed); }),
    figure(of_world, "trace", text, "the hash of all that happened",
           [](world_ref w, std::size_t) { return text_value(w.trace_hash()); }),
  };
}

std::string_view subject_text(figure_subject subject) {
  switch (subject) {
    case figure_subject::task: return "TASK";
    case figure_subject::node: return "NODE";
    case figure_subject::credits: return "credits";
    case figure_subject::links: return "links";
    case figure_subject::clock: return "clock";
    case figure_subject::world: return "world";
  }
  return "";
}

} // namespace

const std::vector<figure_info>& figures() {
  static const auto all = [] {
    std::vector<figure_info> list;
    for (auto part : {task_figures(), node_figures(), credits_figures(),
                      links_figures(), world_figures()})
      list.insert(list.end(), part.begin(), part.end());
    return list;
  }();
  return all;
}

std::optional<figure_subject> fixed_subject(std::string_view name) {
  using enum figure_subject;
  for (auto subject : {credits, links, clock, world})
    if (subject_text(subject) == name)
      return subject;
  return std::nullopt;
}

bool is_reserved_name(std::string_view name) {
  constexpr std::array<std::string_view, 7> words{
    "and", "or", "not", "within", "true", "false", "rest"};
  return fixed_subject(name)
         || std::find(words.begin(), words.end(), name) != words.end();
}

const figure_info* find_figure(figure_subject subject, std::string_view name) {
  for (const auto& one : figures())
    if (one.subject == subject && one.name == name)
      return &one;
  return nullptr;
}

std::vector<std::string_view> figure_names(figure_subject subject) {
  std::vector<std::string_view> names;
  for (const auto& one : figures())
    if (one.subject == subject)
      names.push_back(one.name);
  return names;
}

std::string figures_text() {
  constexpr std::size_t help_column = 22;
  std::string text;
  for (const auto& one : figures()) {
    auto name = "  " + std::string{subject_text(one.subject)} + "."
                + std::string{one.name};
    name.resize(std::max(help_column, name.size() + 2), ' ');
    text += name + std::string{one.help} + "\n";
  }
  return text;
}

} // namespace artel::tools
