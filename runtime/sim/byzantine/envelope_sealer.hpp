// Envelopes in a node's name, put among its own: keeps count of the sequence
// numbers of each link, and gives later envelopes of the node others where
// theirs are taken.
#pragma once

#include "actors/environment.hpp"
#include "protocol/core/time.hpp"
#include "protocol/wire/envelope.hpp"
#include "runtime/sim/stage.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <optional>

namespace artel::sim {

class envelope_sealer {
public:
  explicit envelope_sealer(environment_ptr environment);

  void set_time(instant now) { now_ = now; }

  /// An envelope that the node itself sends: learns from it, and gives it
  /// another number where its own is taken. Whether it was changed.
  bool pass(node_index to, wire::envelope& item);

  /// A new one, valid; nothing while it is not known who the recipient is.
  std::optional<wire::envelope> seal(node_index to, const wire::payload& item);

  bool has_renumbered(node_index to) const;

private:
  struct recipient {
    node_id id;
    /// Of each class: the last number that was used.
    std::array<std::uint64_t, 3> sequences{};
    bool is_renumbered = false;
  };

  environment_ptr environment_;
  instant now_{};
  std::map<node_index, recipient> recipients_;
};

} // namespace artel::sim
