// What actors run on in the simulated world: CAF's testing scheduler with its
// virtual clock, on one thread. A seed picks which ready actor runs next. Knows
// which node every actor belongs to, so that a node can stop as one.
#pragma once

#include "protocol/core/random.hpp"
#include "protocol/core/time.hpp"

#include <caf/actor_control_block.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scheduled_actor.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <type_traits>
#include <utility>
#include <vector>

namespace artel::sim {

/// Numbers a world's nodes from 0; a node keeps its number when it restarts.
using node_index = std::uint32_t;
/// The world itself: its ledger, its observers.
inline constexpr node_index no_node = ~node_index{0};

struct stage_config : caf::actor_system_config {
  stage_config();
};

class stage {
public:
  /// Sees an actor that is about to run, or that has just run. After the step
  /// the actor may have ended (has_ended(): its state is gone then).
  using step_watch = std::function<void(caf::scheduled_actor&, node_index)>;
  using action = std::function<void()>;

  explicit stage(std::uint64_t seed);
  ~stage();
  stage(const stage&) = delete;
  stage& operator=(const stage&) = delete;

  /// Ends all actors at once, and forgets what was to happen.
  void end();

  caf::actor_system& system() { return system_; }

  /// The actors' clock, and the time since the world began.
  instant now() const;
  /// A fixed moment, long before anything happens: what `now` began at.
  instant start() const { return instant{start_}; }
  microseconds elapsed() const { return now().time_since_epoch() - start_; }

  /// Runs one ready actor; false where none is ready.
  bool step();

  /// Goes to the next moment at which something is due, not past `limit`
  /// (elapsed time), and makes it happen; false where nothing is due by then:
  /// the clock then stands at the limit.
  bool advance(microseconds limit);

  /// Calls `what` when so much time has passed since the world began; those of
  /// one moment in the order in which they were asked for.
  void at(microseconds when, action what);
  void after(microseconds span, action what);

  /// Whatever is spawned within belongs to the node.
  template <class Function>
  auto as_node(node_index node, Function what) {
    auto first = system_.latest_actor_id();
    adopt(first, no_node);
    if constexpr (std::is_void_v<decltype(what())>) {
      what();
      adopt(first, node);
    } else {
      auto made = what();
      adopt(first, node);
      return made;
    }
  }

  /// The actor's state is gone.
  static bool has_ended(const caf::scheduled_actor& actor);

  /// no_node for the world's own.
  node_index owner_of(caf::actor_id actor) const;

  /// The node's actors don't run until resume(); what is sent to them waits.
  void pause(node_index node);
  void resume(node_index node);
  bool is_paused(node_index node) const { return paused_.contains(node); }

  /// All actors of the node end at once, in the middle of whatever they were
  /// about: none of them handles another message.
  void kill(node_index node);

  /// Calls the function for every living actor of a node, in the order in which
  /// they first ran.
  void each_actor(
    node_index node,
    const std::function<void(const caf::scheduled_actor&)>& look) const;

  /// Living actors, the world's own included.
  std::size_t living() { return system_.registry().running(); }

  std::uint64_t steps() const { return steps_; }

  step_watch before_step;
  step_watch after_step;

private:
  struct known_actor {
    caf::actor_id id = 0;
    caf::weak_actor_ptr address;
  };

  struct known_actors {
    std::vector<known_actor> actors;
    std::size_t forget_at = 64;
  };

  /// Actors spawned since belong to the node.
  void adopt(caf::actor_id after, node_index node);
  void remember(caf::scheduled_actor& actor, node_index node);
  void run(caf::resumable& job);
  caf::scheduled_actor* next_ready_of(node_index node);

  stage_config config_;
  caf::actor_system system_;
  caf::scheduler::test_coordinator& scheduler_;
  random_generator order_;
  microseconds start_;
  std::uint64_t steps_ = 0;

  /// By actor id.
  std::vector<node_index> owners_;
  std::vector<bool> remembered_;
  std::map<node_index, known_actors> actors_;
  std::map<node_index, std::deque<caf::resumable*>> paused_;

  std::multimap<microseconds, action> agenda_;
};

} // namespace artel::sim
