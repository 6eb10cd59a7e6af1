#include "protocol/task/chunk_plan.hpp"

#include "protocol/core/limits.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace artel {

std::uint64_t chunk_count(const task_source& source) noexcept {
  switch (source.kind) {
    case source_kind::none: return source.chunks;
    case source_kind::range:
      // `last - first` fits where the count of numbers may not.
      return source.chunks == 0
               ? 0
               : std::min(source.chunks - 1, source.last - source.first) + 1;
    case source_kind::files: return source.files.size();
    case source_kind::lines: return source.line_offsets.size();
  }
  return 0;
}

chunk_plan::chunk_plan(task_source source)
  : source_(std::move(source)),
    count_(chunk_count(source_)) {
  assert(source_.kind != source_kind::range
         || (source_.first <= source_.last
             && source_.last <= limits::range_value_max));
  assert(source_.kind != source_kind::lines || source_.files.size() == 1);
}

chunk chunk_plan::at(std::uint64_t index) const {
  assert(index < count_);
  chunk result;
  result.index = index;
  switch (source_.kind) {
    case source_kind::none: break;
    case source_kind::range: cut_range(result); break;
    case source_kind::files: {
      const auto& file = source_.files[index];
      result.kind = input_kind::data;
      result.path = file.path;
      result.bytes = file.bytes;
      break;
    }
    case source_kind::lines: {
      const auto& file = source_.files.front();
      auto end =
        index + 1 < count_ ? source_.line_offsets[index + 1] : file.bytes;
      result.kind = input_kind::data;
      result.path = file.path;
      result.offset = source_.line_offsets[index];
      result.bytes = end - result.offset;
      break;
    }
  }
  return result;
}

void chunk_plan::cut_range(chunk& target) const {
  // At most 2^63 numbers; the first `longer` chunks hold one more than the
  // rest. index x size is at most the total, so nothing here can wrap.
  auto total = source_.last - source_.first + 1;
  auto size = total / count_;
  auto longer = total % count_;
  auto index = target.index;
  target.kind = input_kind::range;
  target.first = source_.first + index * size + std::min(index, longer);
  target.last = target.first + size - (index < longer ? 0 : 1);
}

std::vector<std::uint64_t> split_lines(std::string_view text,
                                       std::uint64_t chunks) {
  std::vector<std::uint64_t> offsets;
  if (text.empty() || chunks == 0)
    return offsets;
  std::uint64_t start = 0;
  offsets.push_back(start);
  for (auto left = chunks; left > 1; --left) {
    // What is left is shared anew, so that one long line does not leave the
    // last pieces without work.
    auto rest = text.size() - start;
    auto share = (rest - 1) / left + 1;
    auto newline = text.find('\n', start + share - 1);
    if (newline == std::string_view::npos || newline + 1 == text.size())
      break;
    start = newline + 1;
    offsets.push_back(start);
  }
  return offsets;
}

std::string file_name_of(std::string_view path) {
  while (path.ends_with('/'))
    path.remove_suffix(1);
  auto slash = path.rfind('/');
  return std::string{slash == std::string_view::npos ? path
                                                     : path.substr(slash + 1)};
}

} // namespace artel
