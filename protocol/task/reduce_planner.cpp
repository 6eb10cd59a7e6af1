#include "protocol/task/reduce_planner.hpp"

#include "protocol/core/limits.hpp"
#include "protocol/task/message_text.hpp"

#include <algorithm>
#include <cassert>
#include <iterator>
#include <string>

namespace artel {

namespace {

/// Joined as they are, two texts would share a line.
bool lacks_newline(bytes_view output) {
  return !output.empty() && output.back() != '\n'
         && std::find(output.begin(), output.end(), 0) == output.end();
}

std::uint64_t joined_size(bytes_view output) {
  return output.size() + (lacks_newline(output) ? 1 : 0);
}

} // namespace

reduce_planner::reduce_planner(std::uint64_t map_jobs, std::uint32_t fan_in)
  : fan_in_(fan_in) {
  assert(map_jobs >= 1 && map_jobs <= limits::jobs_per_task_max);
  assert(fan_in >= 2);
  levels_.push_back({0, map_jobs, {}});
  do {
    auto& below = levels_.back();
    levels_.push_back(
      {below.first_index + below.count, (below.count - 1) / fan_in + 1, {}});
  } while (levels_.back().count > 1);
}

std::uint64_t reduce_planner::job_count() const noexcept {
  return levels_.back().first_index + 1 - levels_.front().count;
}

result<std::optional<reduce_planner::reduce_job>>
reduce_planner::on_output(std::uint64_t index, bytes output) {
  if (auto allowed = check_index(index); !allowed)
    return allowed.error();
  auto at = level_of(index);
  auto position = index - levels_[at].first_index;
  if (at + 1 == levels_.size()) {
    levels_[at].given.insert(position);
    open_.erase(index);
    final_output_ = std::move(output);
    return std::optional<reduce_job>{};
  }
  group_key key{at + 1, position / fan_in_};
  auto size = joined_size(output);
  auto found = waiting_.find(key);
  auto total = size + (found == waiting_.end() ? 0 : found->second.total_bytes);
  if (total > limits::input_bytes_max)
    return {errc::limit_exceeded,
            "the input of reduce job "
              + std::to_string(levels_[key.first].first_index + key.second)
              + " would take " + byte_count_text(total) + " or more; "
              + byte_count_text(limits::input_bytes_max)
              + " are allowed: choose a smaller fan_in or smaller outputs"};
  levels_[at].given.insert(position);
  open_.erase(index);
  auto& members = waiting_[key];
  members.outputs.emplace(position, std::move(output));
  members.total_bytes = total;
  waiting_bytes_ += size;
  if (members.outputs.size() < group_size(key))
    return std::optional<reduce_job>{};
  auto full = std::move(members);
  waiting_.erase(key);
  waiting_bytes_ -= full.total_bytes;
  return std::optional{join(key, std::move(full))};
}

result<void> reduce_planner::check_index(std::uint64_t index) const {
  auto name = "job " + std::to_string(index);
  if (index > levels_.back().first_index)
    return {errc::invalid_state,
            name + " isn't one of the task's "
              + std::to_string(levels_.back().first_index + 1)
              + " map and reduce jobs"};
  const auto& own = levels_[level_of(index)];
  if (own.given.contains(index - own.first_index))
    return {errc::invalid_state, name + " has given its output before"};
  if (own.first_index > 0 && !open_.contains(index))
    return {errc::invalid_state,
            "reduce " + name + " isn't ready: it still waits for outputs"};
  return {};
}

std::size_t reduce_planner::level_of(std::uint64_t index) const {
  auto above = std::upper_bound(levels_.begin(), levels_.end(), index,
                                [](std::uint64_t value, const level& one) {
                                  return value < one.first_index;
                                });
  return static_cast<std::size_t>(std::distance(levels_.begin(), above)) - 1;
}

std::uint64_t reduce_planner::group_size(group_key key) const {
  auto [at, position] = key;
  auto first = position * fan_in_;
  return std::min<std::uint64_t>(fan_in_, levels_[at - 1].count - first);
}

reduce_planner::reduce_job reduce_planner::join(group_key key, group members) {
  reduce_job job;
  job.index = levels_[key.first].first_index + key.second;
  job.input.kind = input_kind::data;
  job.input.name = "input";
  auto& data = job.input.data;
  data.reserve(members.total_bytes);
  for (auto& [position, output] : members.outputs) {
    data.insert(data.end(), output.begin(), output.end());
    if (lacks_newline(output))
      data.push_back('\n');
    // Freed one by one, so that input and outputs are never all held at once.
    output = bytes{};
  }
  open_.insert(job.index);
  return job;
}

void reduce_planner::check_invariants() const {
  assert(levels_.size() >= 2 && levels_.back().count == 1);
  for (std::size_t i = 0; i + 1 < levels_.size(); ++i) {
    assert(levels_[i + 1].first_index
           == levels_[i].first_index + levels_[i].count);
    assert(levels_[i].given.size() <= levels_[i].count);
  }
  std::uint64_t held = 0;
  for (const auto& [key, members] : waiting_) {
    assert(!members.outputs.empty());
    assert(members.outputs.size() < group_size(key));
    std::uint64_t size = 0;
    for (const auto& [position, output] : members.outputs) {
      assert(position / fan_in_ == key.second);
      assert(levels_[key.first - 1].given.contains(position));
      size += joined_size(output);
    }
    assert(size == members.total_bytes && size <= limits::input_bytes_max);
    held += size;
  }
  assert(held == waiting_bytes_);
  for (auto index : open_) {
    const auto& own = levels_[level_of(index)];
    assert(own.first_index > 0);
    assert(!own.given.contains(index - own.first_index));
  }
  assert(final_output_.has_value() == levels_.back().given.contains(0));
  if (final_output_)
    assert(waiting_.empty() && open_.empty());
}

} // namespace artel
