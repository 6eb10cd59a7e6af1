#include "runtime/sim/log/chrome_trace.hpp"

#include "protocol/core/units.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <optional>
#include <utility>

namespace artel::sim {

namespace {

using json = nlohmann::ordered_json;

/// A run that heartbeats named this shortly ago is still running.
constexpr microseconds heartbeat_slack{300'000};
/// Spans reach the file late by this much at most, or they may share a track
/// with another one.
constexpr microseconds lane_memory{600'000'000};

/// Tracks of one kind stand together, in this order.
constexpr std::uint64_t tids_per_track = 100'000;

/// The world itself is process 0.
std::uint64_t pid_of(node_index node) noexcept {
  return node == no_node ? 0 : std::uint64_t{node} + 1;
}

/// Text from nodes may be anything; what is not UTF-8 is replaced.
std::string dump(const json& item) {
  return item.dump(-1, ' ', false, json::error_handler_t::replace);
}

/// What a receipt says of its run, cut to what can be: liars sign anything.
std::pair<microseconds, microseconds> run_times(const receipt& body,
                                                microseconds now) {
  using std::chrono::duration_cast;
  auto from =
    std::clamp(duration_cast<microseconds>(body.started - world_epoch),
               microseconds{0}, now);
  auto used =
    std::clamp(microseconds{body.wall_time_used}, microseconds{0}, now - from);
  return {from, from + used};
}

/// How long the lane, spans by their start, has been free before this one;
/// nothing where they would overlap. Forgets what is long past.
std::optional<microseconds>
gap_before(std::map<microseconds, microseconds>& taken, microseconds from,
           microseconds to) {
  while (!taken.empty() && taken.begin()->second + lane_memory < from)
    taken.erase(taken.begin());
  auto after = taken.lower_bound(from);
  auto free_since =
    after == taken.begin() ? microseconds{0} : std::prev(after)->second;
  if (free_since > from)
    return std::nullopt;
  // Spans without length, of the shortest runs, share their moment.
  if (after != taken.end() && after->first == from) {
    if (after->second > from && to > from)
      return std::nullopt;
    free_since = from;
    ++after;
  }
  if (after != taken.end() && after->first < to)
    return std::nullopt;
  return from - free_since;
}

} // namespace

chrome_trace::chrome_trace(std::ostream& out,
                           std::function<std::string(node_index)> name_of)
  : out_(out),
    name_of_(std::move(name_of)) {
  out_ << "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[";
}

chrome_trace::~chrome_trace() {
  finish();
}

void chrome_trace::on_record(microseconds when, const trace_record& record) {
  if (is_finished_)
    return;
  now_ = std::max(now_, when);
  std::visit([this](const auto& one) { take(one); }, record);
}

void chrome_trace::finish() {
  if (is_finished_)
    return;
  for (auto node : introduced_)
    end_all(node, "unfinished");
  is_finished_ = true;
  out_ << "\n]}\n";
  out_.flush();
}

// -- records ------------------------------------------------------------------

void chrome_trace::take(const step_record&) {
  // Too many, and too short, to be seen.
}

void chrome_trace::take(const frame_record& sent) {
  introduce(sent.from);
  introduce(sent.to);
  auto envelopes = wire::decode_frame(sent.frame);
  if (!envelopes)
    return;
  for (const auto& item : *envelopes) {
    if (item.type != wire::job_assign::type_name
        && item.type != wire::job_result::type_name
        && item.type != wire::heartbeat::type_name)
      continue;
    auto payload = wire::decode_payload(item);
    if (!payload)
      continue;
    if (const auto* assigned = std::get_if<wire::job_assign>(&*payload))
      take_assignments(sent.from, *assigned);
    else if (const auto* results = std::get_if<wire::job_result>(&*payload))
      take_results(sent.from, item, *results);
    else if (const auto* beat = std::get_if<wire::heartbeat>(&*payload))
      take_heartbeat(sent.from, *beat);
  }
}

void chrome_trace::take(const fault_record& fault) {
  introduce(fault.node);
  auto name = std::string{to_string(fault.kind)};
  json mark{{"name", name},
            {"cat", "fault"},
            {"ph", "i"},
            {"ts", now_.count()},
            {"pid", pid_of(fault.node)},
            {"tid", 0},
            {"s", fault.node == no_node ? "g" : "p"},
            {"args", {{"text", fault.text}}}};
  write_event(dump(mark));
  if (fault.kind == fault_kind::crash || fault.kind == fault_kind::power_loss)
    end_all(fault.node, name);
}

void chrome_trace::take(const event_record& told) {
  if (!told.what)
    return;
  introduce(told.node);
  if (const auto* planned = std::get_if<task_planned>(told.what)) {
    task_names_.emplace(planned->plan.task, planned->plan.name);
    planned_.emplace(planned->plan.task, now_);
  } else if (const auto* judged = std::get_if<verdict_recorded>(told.what)) {
    const auto& body = judged->item.body;
    end_job(told.node, body.task, body.job,
            body.accepted ? "accepted" : "failed: " + body.reason);
    write_counter(told.node);
  } else if (const auto* ended = std::get_if<task_finished>(told.what)) {
    const auto& report = ended->report;
    task_names_.emplace(report.task, report.name);
    open_task(told.node, report.task);
    end_task(told.node, report.task, std::string{to_string(report.state)});
    write_counter(told.node);
  }
}

void chrome_trace::take_assignments(node_index owner,
                                    const wire::job_assign& batch) {
  const auto& task = batch.terms.task;
  auto before = jobs_.size();
  for (const auto& one : batch.jobs) {
    job_key key{owner, task, one.job};
    if (ended_jobs_.contains(key) || !jobs_.emplace(key, now_).second)
      continue;
    ++under_way_[owner];
  }
  if (jobs_.size() == before)
    return;
  open_task(owner, task);
  write_counter(owner);
}

void chrome_trace::take_results(node_index worker, const wire::envelope& item,
                                const wire::job_result& batch) {
  for (const auto& one : batch.entries) {
    const auto& body = one.body;
    // In another's name: no run of its own.
    if (body.worker != item.sender)
      continue;
    run_key key{worker, {body.task, body.job, body.attempt}};
    runs_.erase(key);
    // Results are sent again until they are acknowledged.
    if (!written_runs_.insert(key).second)
      continue;
    auto [from, to] = run_times(body, now_);
    write_span(worker, track::slot, {from, to},
               task_name(body.task) + ' ' + std::to_string(body.job),
               {{"attempt", std::to_string(body.attempt)},
                {"outcome", std::string{to_string(body.outcome)}},
                {"price", to_string(body.price)}});
  }
}

void chrome_trace::take_heartbeat(node_index worker,
                                  const wire::heartbeat& beat) {
  for (const auto& one : beat.leases) {
    run_key key{worker, one.attempt};
    if (!one.running || written_runs_.contains(key))
      continue;
    runs_.try_emplace(key, span{now_, now_}).first->second.to = now_;
  }
}

// -- spans --------------------------------------------------------------------

void chrome_trace::open_task(node_index owner, const task_id& task) {
  auto planned = planned_.find(task);
  tasks_.try_emplace({owner, task},
                     planned == planned_.end() ? now_ : planned->second);
}

void chrome_trace::end_job(node_index owner, const task_id& task,
                           std::uint64_t job, std::string outcome) {
  job_key key{owner, task, job};
  ended_jobs_.insert(key);
  auto found = jobs_.find(key);
  if (found == jobs_.end())
    return;
  write_span(owner, track::job, {found->second, now_},
             task_name(task) + ' ' + std::to_string(job),
             {{"outcome", std::move(outcome)}});
  jobs_.erase(found);
  --under_way_[owner];
}

void chrome_trace::end_task(node_index owner, const task_id& task,
                            std::string outcome) {
  // Jobs without a verdict end with their task.
  auto next = jobs_.lower_bound({owner, task, 0});
  while (next != jobs_.end() && std::get<0>(next->first) == owner
         && std::get<1>(next->first) == task) {
    auto job = std::get<2>(next->first);
    ++next;
    end_job(owner, task, job, outcome);
  }
  auto found = tasks_.find({owner, task});
  if (found == tasks_.end())
    return;
  write_span(owner, track::task, {found->second, now_}, task_name(task),
             {{"task", to_string(task)}, {"outcome", std::move(outcome)}});
  tasks_.erase(found);
}

void chrome_trace::end_runs(node_index worker, const std::string& outcome) {
  auto next = runs_.lower_bound({worker, {}});
  while (next != runs_.end() && next->first.first == worker) {
    const auto& [key, seen] = *next;
    auto is_running = now_ - seen.to <= heartbeat_slack;
    write_span(worker, track::slot, {seen.from, is_running ? now_ : seen.to},
               task_name(key.second.task) + ' '
                 + std::to_string(key.second.job),
               {{"attempt", std::to_string(key.second.attempt)},
                {"outcome", is_running ? outcome : "no result"}});
    written_runs_.insert(key);
    next = runs_.erase(next);
  }
}

void chrome_trace::end_all(node_index node, const std::string& outcome) {
  end_runs(node, outcome);
  for (;;) {
    auto next = tasks_.lower_bound({node, {}});
    if (next == tasks_.end() || next->first.first != node)
      break;
    auto task = next->first.second;
    end_task(node, task, outcome);
  }
  write_counter(node);
}

// -- the file -----------------------------------------------------------------

std::uint64_t chrome_trace::find_lane(node_index node, track on, span when) {
  auto& lanes = lanes_[{node, on}];
  // Where the last span ended latest. Spans come by their ends, not by their
  // starts; so the room that is left is where one that comes later fits.
  auto number = lanes.size();
  std::optional<microseconds> least;
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    auto gap = gap_before(lanes[i], when.from, when.to);
    if (gap && (!least || *gap < *least)) {
      least = gap;
      number = i;
    }
  }
  auto tid = static_cast<std::uint64_t>(on) * tids_per_track + number + 1;
  if (number == lanes.size()) {
    lanes.emplace_back();
    constexpr std::string_view names[] = {"slot ", "tasks ", "jobs "};
    write_metadata(node, tid, "thread_name",
                   std::string{names[static_cast<std::size_t>(on)]}
                     + std::to_string(number + 1));
  }
  auto& end = lanes[number][when.from];
  end = std::max(end, when.to);
  return tid;
}

void chrome_trace::write_span(node_index node, track on, span when,
                              const std::string& name, const arguments& more) {
  constexpr std::string_view categories[] = {"run", "task", "job"};
  auto tid = find_lane(node, on, when);
  json item{{"name", name},
            {"cat", categories[static_cast<std::size_t>(on)]},
            {"ph", "X"},
            {"ts", when.from.count()},
            {"dur", (when.to - when.from).count()},
            {"pid", pid_of(node)},
            {"tid", tid}};
  auto& args = item["args"] = json::object();
  for (const auto& [key, value] : more)
    args[std::string{key}] = value;
  write_event(dump(item));
}

void chrome_trace::write_metadata(node_index node, std::uint64_t tid,
                                  std::string_view kind,
                                  const std::string& name) {
  json item{{"name", kind},
            {"ph", "M"},
            {"pid", pid_of(node)},
            {"tid", tid},
            {"args", {{"name", name}}}};
  write_event(dump(item));
}

void chrome_trace::write_counter(node_index owner) {
  auto jobs = under_way_[owner];
  if (std::exchange(counted_[owner], jobs) == jobs)
    return;
  json item{{"name", "jobs under way"},
            {"ph", "C"},
            {"ts", now_.count()},
            {"pid", pid_of(owner)},
            {"args", {{"jobs", jobs}}}};
  write_event(dump(item));
}

void chrome_trace::write_event(const std::string& text) {
  out_ << (is_first_ ? "\n" : ",\n") << text;
  is_first_ = false;
}

void chrome_trace::introduce(node_index node) {
  if (introduced_.insert(node).second)
    write_metadata(node, 0, "process_name",
                   node == no_node ? "world" : name_of_(node));
}

std::string chrome_trace::task_name(const task_id& task) const {
  auto found = task_names_.find(task);
  return found == task_names_.end() ? short_name(task) : found->second;
}

} // namespace artel::sim
