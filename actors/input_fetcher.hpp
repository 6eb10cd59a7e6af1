// How a worker gets inputs from addresses outside the network, where its
// machine's owner allows that. Not an actor: implemented in runtime/ on a
// thread of its own.
#pragma once

#include "protocol/core/bytes.hpp"
#include "protocol/core/result.hpp"
#include "protocol/task/blob.hpp"

#include <functional>
#include <string>
#include <vector>

namespace artel {

class input_fetcher {
public:
  virtual ~input_fetcher() = default;

  /// Tries the addresses one after the other until one gives the blob; returns
  /// at once. `done` is called exactly once, on any thread, with bytes of the
  /// blob's size that its hash was checked against, or with why not.
  virtual void fetch(std::vector<std::string> addresses, const blob_ref& blob,
                     std::function<void(result<bytes>)> done) = 0;
};

} // namespace artel
