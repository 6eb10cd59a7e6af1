#include "protocol/wire/envelope.hpp"
#include "protocol/wire/known_values.hpp"

#include <algorithm>

namespace artel::wire {

result<void> replay_window::admit(traffic_class priority,
                                  std::uint64_t sequence) {
  if (!is_known(priority) || sequence == 0)
    return {errc::malformed, "sequence " + std::to_string(sequence)
                               + " in traffic class "
                               + std::to_string(static_cast<int>(priority))
                               + "; expected 1 or more, in class 1 to 3"};
  auto& current = lanes_[static_cast<std::size_t>(priority) - 1];
  auto word = [&](std::uint64_t number) -> std::uint64_t& {
    return current.seen[number % size / 64];
  };
  auto bit = [](std::uint64_t number) {
    return std::uint64_t{1} << (number % 64);
  };
  if (sequence > current.highest) {
    // The bits of what was skipped still tell of sequences a window ago.
    if (sequence - current.highest >= size)
      current.seen.fill(0);
    else
      // Ends before it counts on: no number lies behind the largest.
      for (auto skipped = current.highest; skipped != sequence;) {
        ++skipped;
        word(skipped) &= ~bit(skipped);
      }
    current.highest = sequence;
  } else if (current.highest - sequence >= size) {
    return {errc::replayed, "sequence " + std::to_string(sequence)
                              + " lies behind the window that ends at "
                              + std::to_string(current.highest)};
  } else if ((word(sequence) & bit(sequence)) != 0) {
    return {errc::replayed,
            "sequence " + std::to_string(sequence) + " was seen before"};
  }
  word(sequence) |= bit(sequence);
  return {};
}

} // namespace artel::wire
