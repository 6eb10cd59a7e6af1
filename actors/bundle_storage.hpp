// Where a worker keeps bundles beyond its own life. Not an actor: asked for a
// bundle once a task at most, and for as long as a disk takes.
#pragma once

#include "protocol/core/bytes.hpp"
#include "protocol/core/ids.hpp"

#include <optional>

namespace artel {

class bundle_storage {
public:
  virtual ~bundle_storage() = default;

  /// The encoded bundle, or nothing.
  virtual std::optional<bytes> find(const hash256& id) = 0;

  /// May forget it again at any time; failing to keep it is no error.
  virtual void keep(const hash256& id, bytes_view encoded) = 0;
};

} // namespace artel
