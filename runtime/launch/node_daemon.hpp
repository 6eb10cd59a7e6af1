// A node as a process of its own: links over the network, a worker for others'
// jobs, tasks of its user, files in a state directory, and a control socket.
//
// The credits of its ledger are this node's own view: a grant at the start, and
// what its tasks hold and pay. What others owe is kept as signed claims.
#pragma once

#include "protocol/core/ids.hpp"
#include "protocol/core/result.hpp"
#include "runtime/config/node_settings.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace artel::runtime {

/// What a node tells once it can be used.
struct daemon_ready {
  node_id node;
  std::string name;
  std::string network;
  /// Where it listens, with real ports; empty: it only dials.
  std::vector<std::string> addresses;
  std::filesystem::path control;
};

class node_daemon {
public:
  /// Everything is open and checked when it returns. Errors say which file,
  /// address or directory it is about; refused where another daemon holds the
  /// state directory.
  static result<std::unique_ptr<node_daemon>>
  start(const node_settings& settings);

  /// Stops all runs and tasks that are left, closes links, and ends.
  virtual ~node_daemon() = default;

  virtual const daemon_ready& ready() const = 0;

  /// Takes what can change while it runs, opens the log's file again, and reads
  /// the network's config again. Lines for people: what changed, and what only
  /// a restart will change.
  virtual void reload(const node_settings& settings) = 0;

  /// Takes nothing new, and waits until nothing is left to do or the settings'
  /// deadline has passed. How many tasks and jobs were left.
  virtual std::uint64_t drain() = 0;

  /// A line in the daemon's own log.
  virtual void log(log_level level, const std::string& message) = 0;

  /// To be called about once a second. False where the node does not answer any
  /// more.
  virtual bool tick() = 0;
};

} // namespace artel::runtime
