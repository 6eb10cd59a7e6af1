#include "protocol/task/aggregator.hpp"

#include "protocol/core/index_set.hpp"
#include "protocol/task/counts_table.hpp"
#include "protocol/task/decimal.hpp"
#include "protocol/task/message_text.hpp"

#include <algorithm>
#include <cassert>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace artel {

namespace {

/// Sees to it that an index is taken once.
class indexed_aggregator : public aggregator {
public:
  result<void> add(std::uint64_t index, bytes_view output) final {
    if (taken_.contains(index))
      return {errc::already_exists, "the output of job " + std::to_string(index)
                                      + " was added before"};
    if (auto added = take(index, output); !added)
      return added;
    taken_.insert(index);
    return {};
  }

protected:
  /// add() of an index not seen before.
  virtual result<void> take(std::uint64_t index, bytes_view output) = 0;

  std::uint64_t taken() const noexcept { return taken_.size(); }

private:
  index_set taken_;
};

/// none and count: any output will do.
class count_aggregator final : public indexed_aggregator {
public:
  explicit count_aggregator(bool shown) : shown_(shown) {}

  bytes finish() const override {
    return shown_ ? to_bytes(std::to_string(taken())) : bytes{};
  }

protected:
  result<void> take(std::uint64_t, bytes_view) override { return {}; }

private:
  bool shown_;
};

class number_aggregator final : public indexed_aggregator {
public:
  explicit number_aggregator(reduce_operation operation)
    : operation_(operation) {
    // A sum of nothing is zero; nothing has no least and no greatest number.
    if (operation == reduce_operation::sum)
      value_ = decimal{};
  }

  bytes finish() const override {
    return value_ ? to_bytes(to_string(*value_)) : bytes{};
  }

protected:
  result<void> take(std::uint64_t, bytes_view output) override {
    auto combined = combine(output);
    if (!combined)
      return combined.error();
    value_ = *combined;
    return {};
  }

private:
  result<decimal> combine(bytes_view output) const {
    auto number = parse_decimal(as_text(output));
    if (!number || !value_)
      return number;
    if (operation_ == reduce_operation::sum)
      return artel::add(*value_, *number);
    if (operation_ == reduce_operation::min)
      return std::min(*value_, *number);
    return std::max(*value_, *number);
  }

  reduce_operation operation_;
  std::optional<decimal> value_;
};

class concatenate_aggregator final : public indexed_aggregator {
public:
  bytes finish() const override {
    bytes all;
    all.reserve(held_);
    all = in_order_;
    for (const auto& [index, output] : early_)
      all.insert(all.end(), output.begin(), output.end());
    return all;
  }

protected:
  result<void> take(std::uint64_t index, bytes_view output) override {
    auto size = held_ + output.size();
    if (size > concatenated_bytes_max)
      return {errc::limit_exceeded, "the outputs together take "
                                      + byte_count_text(size) + "; "
                                      + byte_count_text(concatenated_bytes_max)
                                      + " can be put together"};
    held_ = size;
    if (index != next_) {
      early_.emplace(index, bytes{output.begin(), output.end()});
      return {};
    }
    append(output);
    while (!early_.empty() && early_.begin()->first == next_)
      append(early_.extract(early_.begin()).mapped());
    return {};
  }

private:
  void append(bytes_view output) {
    in_order_.insert(in_order_.end(), output.begin(), output.end());
    ++next_;
  }

  bytes in_order_;
  std::map<std::uint64_t, bytes> early_;
  std::uint64_t next_ = 0;
  std::uint64_t held_ = 0;
};

class counts_aggregator final : public indexed_aggregator {
public:
  bytes finish() const override { return table_.print(); }

protected:
  result<void> take(std::uint64_t, bytes_view output) override {
    auto lines = table_.read(as_text(output));
    if (!lines)
      return lines.error();
    table_.merge(*lines);
    return {};
  }

private:
  counts_table table_;
};

} // namespace

std::unique_ptr<aggregator> make_aggregator(reduce_operation operation) {
  switch (operation) {
    case reduce_operation::none:
      return std::make_unique<count_aggregator>(false);
    case reduce_operation::count:
      return std::make_unique<count_aggregator>(true);
    case reduce_operation::sum:
    case reduce_operation::min:
    case reduce_operation::max:
      return std::make_unique<number_aggregator>(operation);
    case reduce_operation::concatenate:
      return std::make_unique<concatenate_aggregator>();
    case reduce_operation::merge_counts:
      return std::make_unique<counts_aggregator>();
    case reduce_operation::program: break;
  }
  assert(false && "reduce programs are planned by reduce_planner");
  return nullptr;
}

} // namespace artel
