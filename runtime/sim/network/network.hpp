// The simulated network: every link of a world, and what happens to frames on
// their way. Frames may be lost, doubled, late, out of order, slowed down by a
// path's capacity, held by a clogged path or stopped by a partition; all drawn
// from one seed. Harsher than TCP on purpose: the protocol must stand it.
#pragma once

#include "actors/interfaces.hpp"
#include "actors/messages.hpp"
#include "protocol/core/random.hpp"
#include "protocol/core/units.hpp"
#include "runtime/sim/network/link_table.hpp"
#include "runtime/sim/stage.hpp"
#include "runtime/sim/trace.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace artel::sim {

enum class latency_shape : std::uint8_t {
  /// Always the mean.
  constant = 1,
  /// From half the mean to one and a half of it.
  uniform,
  /// Half the mean, and an exponential tail of mean half the mean; cut at ten
  /// times the mean.
  exponential,
};

/// One direction of a path between two nodes.
struct link_profile {
  /// Mean, one way.
  microseconds latency{20'000};
  latency_shape shape = latency_shape::uniform;
  ppm loss{0};
  ppm duplication{0};
  /// Share of frames that take up to four times the mean longer, so that later
  /// ones overtake them. All others arrive in the order of their link.
  ppm reordering{0};
  /// What the path carries; frames queue behind each other. 0: no bound.
  std::uint64_t bytes_per_second = 0;

  bool operator==(const link_profile&) const = default;
};

enum class crash_kind : std::uint8_t {
  /// The machine lives on: the other ends hear that their links are closed.
  process = 1,
  /// Nothing is heard any more; the other ends find out when they send to the
  /// restarted node.
  power = 2,
};

/// What stands between a node and its links: sees what the node sends, and may
/// send something else. A frame is one whole frame
/// (protocol/wire/envelope.hpp).
class frame_filter {
public:
  virtual ~frame_filter() = default;

  /// Gives what really goes out in place of the frame, in order.
  virtual std::vector<bytes> on_send(node_index to, bytes frame) = 0;

  /// Called every 100 ms of virtual time for each open link: frames to add.
  virtual std::vector<bytes> on_tick(node_index to) {
    static_cast<void>(to);
    return {};
  }

  /// Told the time before each of the calls above.
  virtual void on_clock(instant now) { static_cast<void>(now); }

  /// Whether what was sent to the node bears other sequence numbers than it was
  /// given: without the filter its links would be taken for replays.
  virtual bool has_renumbered(node_index to) const {
    static_cast<void>(to);
    return false;
  }
};

/// One link as tables show it. Counted in both directions.
struct link_view {
  /// Who dialled, and whom.
  node_index from = no_node;
  node_index to = no_node;
  std::uint64_t frames = 0;
  std::uint64_t bytes = 0;
  /// Lost or blocked.
  std::uint64_t dropped = 0;
};

class network {
public:
  network(stage& on, trace& tell, std::uint64_t seed, link_profile standard);
  ~network();
  network(const network&) = delete;
  network& operator=(const network&) = delete;

  // -- what the world does ----------------------------------------------------

  /// Starts a node's transport, which listens at the address; also again after
  /// crash().
  transport_actor start_transport(node_index node, const std::string& address,
                                  const node_actor& actor);

  /// The node's links end as the kind says; frames on their way still arrive.
  void crash(node_index node, crash_kind kind);

  /// Null: the node sends what it means to. In place of a filter that has
  /// renumbered: the node's links break, to begin anew.
  void set_filter(node_index from, std::unique_ptr<frame_filter> filter);

  /// For all paths without a profile of their own.
  void set_standard(const link_profile& profile);
  const link_profile& standard() const { return standard_; }
  /// One direction.
  void set_profile(node_index from, node_index to, const link_profile& profile);
  const link_profile& profile(node_index from, node_index to) const;

  using partition_id = std::uint64_t;
  /// Nothing goes from a side to the other (and back, unless one way); links
  /// stay up, dialling times out. What is on its way arrives. Partitions add
  /// up.
  partition_id partition(std::set<node_index> from, std::set<node_index> to,
                         bool one_way);
  /// No-op where it is gone.
  void heal(partition_id which);
  void heal_all();

  /// Frames wait, and go on in order when it ends.
  void clog(node_index from, node_index to);
  void unclog(node_index from, node_index to);

  /// Both ends of all links between the two hear that they broke.
  void break_links(node_index a, node_index b);

  /// No partition, no clogging, no loss, no duplication, no reordering from
  /// here on, on any path; latency and capacity stay. Ends that have not heard
  /// yet that their other end is gone hear it, as keep-alive would tell them.
  void calm();

  /// Whether a frame could go this way now: no partition, no clogging.
  bool is_reachable(node_index from, node_index to) const;

  std::vector<link_view> links() const;
  std::size_t link_count() const;

  // -- what transports do -----------------------------------------------------

  void open(node_index from, const open_link& message);
  void attach(const attach_link& message);
  void send(node_index from, link_id link, bytes frame);
  void close(link_id link);
  void leave(node_index node);

private:
  /// A node's place in the network.
  struct station {
    std::string address;
    /// Null while nobody listens.
    node_actor actor;
    /// Without power the machine does not even refuse.
    bool is_powered = true;
    std::unique_ptr<frame_filter> filter;
    bool is_ticking = false;
  };

  enum class parcel_kind : std::uint8_t {
    /// To a node: somebody dials.
    dialled = 1,
    /// To the dialler: the link is up.
    opened,
    frame,
    /// These end the link for whoever gets them.
    refused,
    closed,
    broken,
    /// The answer to a frame for an end that is gone.
    unknown_link,
  };

  /// What travels to one end of a link.
  struct parcel {
    link_number link = 0;
    link_side to = 0;
    parcel_kind kind = parcel_kind::frame;
    bytes frame;
  };

  using path_key = std::pair<node_index, node_index>;

  /// One direction between two nodes, where there is something to say of it.
  struct path {
    std::optional<link_profile> profile;
    /// When all that was sent so far has left.
    microseconds free_at{0};
    bool is_clogged = false;
    std::deque<parcel> held;
  };

  struct cut {
    std::set<node_index> from;
    std::set<node_index> to;
    bool one_way = false;
  };

  std::string name_of(node_index node) const;
  std::string text_of(const cut& what) const;
  void note(fault_kind kind, std::string text);

  station& station_of(node_index node);
  bool is_listening(node_index node) const;
  bool is_blocked(node_index from, node_index to) const;
  path* find_path(node_index from, node_index to);
  const path* find_path(node_index from, node_index to) const;

  /// What is done with a parcel as it sets out; where nothing stands in its way
  /// it arrives no earlier than `floor`.
  void dispatch(parcel what, microseconds floor = microseconds{0});
  void dispatch_frame(parcel what, sim_link& link, microseconds floor);
  void dispatch_word(parcel what, sim_link& link, microseconds floor);
  void carry(parcel what, microseconds arrival);
  void send_to_gone(const parcel& what, sim_link& link);
  void arrive(parcel& what);
  void release(node_index from, node_index to);

  void on_dialled(link_number number, sim_link& link);
  void on_dial_timeout(link_number number);
  void transmit(link_number number, link_side from, bytes frame);
  void end_by(link_number number, link_side side, parcel_kind word);
  void tell_end(link_number number, link_side side, parcel_kind word);
  void break_link(link_number number);
  void tell_stale_ends();
  void start_ticking(node_index node);
  void tick(node_index node);

  microseconds draw_transit(node_index from, node_index to, std::size_t size);
  void record(const sim_link& link, link_side to, frame_fate fate,
              microseconds delay, bytes_view frame);

  stage& stage_;
  trace& trace_;
  random_generator random_;
  link_profile standard_;
  /// For transports: null once this is gone.
  std::shared_ptr<network*> self_;
  /// By node; never shrinks.
  std::deque<station> stations_;
  std::map<std::string, node_index, std::less<>> addresses_;
  link_table links_;
  std::map<path_key, path> paths_;
  std::map<partition_id, cut> partitions_;
  partition_id last_partition_ = 0;
};

} // namespace artel::sim
