// A simulated world: the production actors of many nodes in one process and on
// one thread, in virtual time, over simulated links and executors. Its seed and
// what is done to it decide everything: the same again gives the same trace.
// Not thread-safe; several worlds may live one after the other.
#pragma once

#include "actors/environment.hpp"
#include "actors/interfaces.hpp"
#include "actors/messages.hpp"
#include "actors/worker.hpp"
#include "protocol/core/random.hpp"
#include "protocol/economy/account_table.hpp"
#include "protocol/identity/signature_scheme.hpp"
#include "runtime/launch/embedded_network.hpp"
#include "runtime/sim/byzantine/behaviour.hpp"
#include "runtime/sim/checks/monitor.hpp"
#include "runtime/sim/executor.hpp"
#include "runtime/sim/network/network.hpp"
#include "runtime/sim/stage.hpp"
#include "runtime/sim/trace.hpp"

#include <caf/actor.hpp>

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace artel::sim {

struct world_options {
  std::uint64_t seed = 1;
  link_profile links;
  /// Modelled signatures cost next to nothing: for worlds of thousands.
  signature_kind crypto = signature_kind::ed25519;
  /// To how many earlier nodes a new one links itself: all, up to this many;
  /// beyond, that many drawn from the seed.
  std::uint32_t links_per_node = 32;
  /// Steps the world makes at most, over its life.
  std::uint64_t step_limit = 500'000'000;
  /// Check what must hold after every step.
  bool check = true;
  /// Runs bundles; null: only kernels can be run.
  std::shared_ptr<sandbox::executor> sandbox;
};

struct node_options {
  /// Unique in the world; letters, digits, '-', '_'.
  std::string name;
  wire::node_role role = wire::node_role::public_;
  credits grant = account_table::newcomer_grant;
  std::uint32_t cores = 4;
  /// 1000: one core of the reference machine.
  std::uint32_t cpu_score = 1'000;
  std::uint64_t ram_bytes = std::uint64_t{8} << 30;
  std::uint64_t disk_bytes = std::uint64_t{64} << 30;
  /// Jobs at a time; 0: the node runs none. Unset: as many as cores, none for
  /// clients.
  std::optional<std::uint32_t> slots;
  behaviour how;
  /// Node whose owner this one shares; unset: an owner of its own.
  std::optional<node_index> same_owner_as;
  /// Dial nobody by itself.
  bool lonely = false;
};

enum class node_status : std::uint8_t { up = 1, paused, down };

std::string_view to_string(node_status status) noexcept;

struct simulated_node {
  node_options options;
  node_status status = node_status::up;
  environment_ptr environment;
  /// Distinct within a world; the same for nodes of one owner.
  owner_id owner;
  std::shared_ptr<const key_pair> owner_key;
  /// Null while down.
  node_actor actor;
  std::shared_ptr<machine_state> machine;
  /// Whom it dials, and dials again when the link is lost.
  std::set<node_index> dials;
  std::uint64_t incarnation = 1;
};

/// A task as the world knows it.
struct simulated_task {
  std::string name;
  node_index owner = no_node;
  task_spec spec;
  microseconds submitted{0};
  /// Of the owner's life that submitted it.
  std::uint64_t incarnation = 1;
  std::optional<task_accepted> accepted;
  std::optional<plan_report> plan;
  task_progress progress;
  std::optional<task_report> report;
  microseconds ended{0};
  std::uint64_t receipts = 0;
  std::uint64_t verdicts = 0;
  /// The owner's node crashed before its end.
  bool orphaned = false;

  bool is_over() const { return report.has_value() || orphaned; }
  /// "pending", "running", "completed", "failed", "cancelled", "expired",
  /// "orphaned".
  std::string_view status() const;
};

/// Names a task of this world: its number, from 0.
using task_number = std::size_t;

/// Why driving ended.
enum class drive_end : std::uint8_t {
  /// The condition holds.
  reached = 1,
  /// The time is over.
  timed_out,
  /// A rule was broken (world_options::check).
  violated,
  step_limit,
  interrupted,
};

class world {
public:
  explicit world(world_options options);
  /// Ends everything at once.
  ~world();
  world(const world&) = delete;
  world& operator=(const world&) = delete;

  // -- nodes ------------------------------------------------------------------

  /// Starts a node, which dials earlier ones. invalid_argument: a name that is
  /// taken or malformed; out_of_range.
  result<node_index> add_node(node_options options);

  std::optional<node_index> find_node(std::string_view name) const;
  const simulated_node& node(node_index index) const { return nodes_[index]; }
  std::size_t node_count() const { return nodes_.size(); }

  /// invalid_state for nodes that are down already, or (restart) are not.
  result<void> kill(node_index index, crash_kind kind);
  result<void> pause(node_index index);
  result<void> resume(node_index index);
  /// With the keys it had and nothing else: durable state does not exist yet.
  result<void> restart(node_index index);
  /// From now on.
  void set_behaviour(node_index index, const behaviour& how);
  void set_cpu_score(node_index index, std::uint32_t cpu_score);

  // -- links ------------------------------------------------------------------

  network& net() { return network_; }
  const network& net() const { return network_; }
  /// A link between the two that is dialled again whenever it is lost.
  void connect(node_index from, node_index to);

  /// From here on: all nodes up and honest, the network calm.
  void stop_faults();

  // -- tasks ------------------------------------------------------------------

  /// Hands a task to a node; an empty name becomes the spec's, with a number
  /// where that is taken. invalid_state where the node is not up;
  /// already_exists for a name given twice.
  result<task_number> submit(node_index owner, runtime::submission task,
                             std::string name = {});
  void cancel(task_number number);
  std::optional<task_number> find_task(std::string_view name) const;
  const simulated_task& task(task_number number) const {
    return tasks_[number];
  }
  std::size_t task_count() const { return tasks_.size(); }

  // -- driving ----------------------------------------------------------------

  using condition = std::function<bool()>;

  /// Until the condition holds (looked at after every step), for so long of
  /// virtual time at most.
  drive_end run_until(const condition& done, microseconds limit,
                      std::stop_token stop = {});
  drive_end run_for(microseconds span, std::stop_token stop = {});

  /// Stops all faults, and waits for every task that can still end, for links,
  /// and for holds; what does not within `bound` is a "liveness" violation.
  drive_end settle(microseconds bound, std::stop_token stop = {});

  microseconds elapsed() const { return stage_.elapsed(); }
  std::uint64_t steps() const { return stage_.steps(); }
  void at(microseconds when, stage::action what);
  void after(microseconds span, stage::action what);

  // -- looking ----------------------------------------------------------------

  const account_table& accounts() const;
  credits balance(node_index index) const;
  credits held(node_index index) const;
  credits earned(node_index index) const;
  /// What the nodes that worked with it think of its owner, on average; half
  /// where nobody has.
  ppm reputation(node_index index) const;
  /// What `by` thinks of the owner of `about`.
  ppm reputation(node_index by, node_index about) const;
  /// Jobs that the node holds for others, running or not.
  std::size_t held_jobs(node_index index) const;
  /// Peers with a finished handshake.
  std::size_t peer_count(node_index index) const;

  const std::vector<violation>& violations() const {
    return monitor_.violations();
  }
  const monitor& checks() const { return monitor_; }
  const sim::trace& history() const { return trace_; }
  /// Hears all that happens from now on.
  void listen(trace::listener who) { trace_.listen(std::move(who)); }
  /// 16 hexadecimal digits.
  std::string trace_hash() const { return hash_text(trace_.hash()); }

  const world_options& options() const { return options_; }

private:
  environment_ptr make_environment(const node_options& options);
  void start_node(node_index index);
  worker_config make_worker(node_index index);
  void choose_dials(node_index index);
  /// Dials what is missing, once a second.
  void keep_links();
  bool has_all_links(node_index index) const;
  void restore(node_index index);

  observer_actor make_log_observer();
  observer_actor make_task_observer(task_number number);
  void on_event(node_index node, std::int64_t task, const event& what);
  void update_task(simulated_task& task, const event& what);

  void note(fault_kind kind, node_index index, std::string text = {});
  drive_end drive(const condition& done, microseconds limit,
                  const std::stop_token& stop);
  bool is_settled() const;
  void report_unsettled();

  world_options options_;
  signature_scope signatures_;
  random_generator random_;
  trace trace_;
  stage stage_;
  monitor monitor_;
  network network_;
  std::shared_ptr<run_library> library_;
  std::function<wall_time(instant)> wall_clock_;

  std::deque<simulated_node> nodes_;
  std::map<std::string, node_index, std::less<>> names_;
  /// With whom a node is to be linked, whoever dials.
  std::vector<std::set<node_index>> neighbours_;
  std::deque<simulated_task> tasks_;
  std::map<std::string, task_number, std::less<>> task_names_;

  ledger_actor ledger_;
  observer_actor log_observer_;
  caf::actor driver_;
};

} // namespace artel::sim
