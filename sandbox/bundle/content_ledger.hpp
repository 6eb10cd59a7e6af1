// The lock of a content store: held for every change, by one thread of one
// process at a time. Its file says how many bytes the entries take.
#pragma once

#include "sandbox/descriptor.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>

namespace artel::sandbox {

class content_ledger {
public:
  /// timed_out where somebody else holds the lock for longer.
  static result<content_ledger> lock(const descriptor& root,
                                     std::chrono::milliseconds patience);

  content_ledger(content_ledger&&) = default;
  content_ledger& operator=(content_ledger&&) = delete;
  ~content_ledger();

  /// Nothing where a change was begun and never ended: its maker died.
  std::optional<std::uint64_t> bytes_used() const;

  /// From here on the number is not known, until the change ends.
  result<void> begin_change();

  /// Where this fails the number stays unknown, and the next one counts.
  void end_change(std::uint64_t bytes_used);

private:
  explicit content_ledger(descriptor file) : file_(std::move(file)) {}

  bool write(std::uint64_t number);

  descriptor file_;
};

} // namespace artel::sandbox
