// Writes what happens in a simulated world as a "JSON Trace Event Format" file,
// which chrome://tracing and ui.perfetto.dev show as a time line. A node is a
// process. A worker has as many tracks as it had runs at a time, about one a
// slot; an owner has tracks for its tasks and its jobs, each job from its
// first assignment to its verdict, and a counter of the jobs between; faults
// are marks. Times are microseconds since the world began.
//
// Runs are what results say of them when they are first sent; runs without a
// result (the worker died, the job was cancelled) are as long as heartbeats
// name them.
#pragma once

#include "protocol/wire/envelope.hpp"
#include "runtime/sim/trace.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <ostream>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace artel::sim {

class chrome_trace {
public:
  /// The stream outlives the trace. Names are asked for within on_record().
  chrome_trace(std::ostream& out,
               std::function<std::string(node_index)> name_of);
  /// Finishes, so that the file is whole whatever ended the world.
  ~chrome_trace();
  chrome_trace(const chrome_trace&) = delete;
  chrome_trace& operator=(const chrome_trace&) = delete;

  void on_record(microseconds when, const trace_record& record);

  /// Ends all open spans at the last record's time and closes the file; no-op
  /// when called again, as are records from then on.
  void finish();

private:
  enum class track : std::uint8_t { slot = 0, task, job };

  struct span {
    microseconds from{0};
    microseconds to{0};
  };

  /// One tid: spans in it don't overlap. By start.
  using lane = std::map<microseconds, microseconds>;
  using job_key = std::tuple<node_index, task_id, std::uint64_t>;
  using run_key = std::pair<node_index, wire::attempt_ref>;
  using arguments = std::vector<std::pair<std::string_view, std::string>>;

  void take(const step_record& step);
  void take(const frame_record& sent);
  void take(const fault_record& fault);
  void take(const event_record& told);
  void take_assignments(node_index owner, const wire::job_assign& batch);
  void take_results(node_index worker, const wire::envelope& item,
                    const wire::job_result& batch);
  void take_heartbeat(node_index worker, const wire::heartbeat& beat);

  void open_task(node_index owner, const task_id& task);
  void end_job(node_index owner, const task_id& task, std::uint64_t job,
               std::string outcome);
  void end_task(node_index owner, const task_id& task, std::string outcome);
  void end_runs(node_index worker, const std::string& outcome);
  /// Ends whatever the node had open.
  void end_all(node_index node, const std::string& outcome);

  void write_span(node_index node, track on, span when, const std::string& name,
                  const arguments& more);
  void write_metadata(node_index node, std::uint64_t tid, std::string_view kind,
                      const std::string& name);
  /// Where it changed.
  void write_counter(node_index owner);
  /// `text` is one event, a JSON object.
  void write_event(const std::string& text);

  std::uint64_t find_lane(node_index node, track on, span when);
  void introduce(node_index node);
  std::string task_name(const task_id& task) const;

  std::ostream& out_;
  std::function<std::string(node_index)> name_of_;
  bool is_first_ = true;
  bool is_finished_ = false;
  microseconds now_{0};

  std::set<node_index> introduced_;
  std::map<std::pair<node_index, track>, std::vector<lane>> lanes_;
  std::map<task_id, std::string> task_names_;
  std::map<task_id, microseconds> planned_;
  std::map<std::pair<node_index, task_id>, microseconds> tasks_;
  std::map<job_key, microseconds> jobs_;
  /// Jobs that had their verdict: late assignments don't open them again.
  std::set<job_key> ended_jobs_;
  /// How many of jobs_ are an owner's, and what its counter says.
  std::map<node_index, std::uint64_t> under_way_;
  std::map<node_index, std::uint64_t> counted_;
  /// When heartbeats named a run first and last.
  std::map<run_key, span> runs_;
  std::set<run_key> written_runs_;
};

} // namespace artel::sim
