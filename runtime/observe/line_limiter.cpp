#include "runtime/observe/line_limiter.hpp"

#include <algorithm>
#include <utility>

namespace artel::runtime {

namespace {

std::size_t index_of(log_level level) {
  return std::min<std::size_t>(static_cast<std::size_t>(level), 4);
}

} // namespace

std::string kind_of_line(std::string_view message) {
  constexpr std::size_t bytes_max = 80;
  std::string kind;
  while (!message.empty() && kind.size() < bytes_max) {
    auto end = std::min(message.find(' '), message.size());
    auto word = message.substr(0, end);
    message.remove_prefix(std::min(end + 1, message.size()));
    if (word.find_first_of("0123456789'\"") != word.npos)
      word = "#";
    kind += word;
    kind += ' ';
  }
  kind.resize(std::min(kind.size(), bytes_max));
  return kind;
}

line_limiter::window& line_limiter::window_of(instant now, log_level level,
                                              std::string_view message) {
  auto kind = static_cast<char>('0' + index_of(level)) + kind_of_line(message);
  if (auto found = kinds_.find(kind); found != kinds_.end())
    return found->second;
  if (kinds_.size() >= limits_.kinds_max)
    // Those that left lines out stay until that was told.
    std::erase_if(kinds_, [&](const auto& one) {
      return is_over(one.second, now) && one.second.left_out.count == 0;
    });
  if (kinds_.size() >= limits_.kinds_max)
    return others_[index_of(level)];
  return kinds_.emplace(std::move(kind), window{now, 0, {}}).first->second;
}

bool line_limiter::admit(instant now, log_level level,
                         std::string_view message) {
  auto& kind = window_of(now, level, message);
  auto& all = levels_[index_of(level)];
  for (auto* one : {&kind, &all})
    if (is_over(*one, now)) {
      one->start = now;
      one->lines = 0;
    }
  if (kind.lines < limits_.per_kind && all.lines < limits_.per_level) {
    ++kind.lines;
    ++all.lines;
    return true;
  }
  if (kind.left_out.count++ == 0) {
    kind.left_out.level = level;
    kind.left_out.sample = message;
  }
  return false;
}

template <class Take>
std::vector<left_out_lines> line_limiter::take_if(Take take) {
  constexpr std::size_t told_max = 10;
  std::vector<left_out_lines> taken;
  auto look_at = [&](window& one) {
    if (one.left_out.count == 0 || !take(one))
      return;
    auto lines = std::exchange(one.left_out, {});
    if (taken.size() < told_max) {
      taken.push_back(std::move(lines));
      return;
    }
    auto& rest = taken.back();
    rest.level = std::max(rest.level, lines.level);
    rest.count += lines.count;
  };
  for (auto& [name, one] : kinds_)
    look_at(one);
  for (auto& one : others_)
    look_at(one);
  return taken;
}

std::vector<left_out_lines> line_limiter::take_left_out(instant now) {
  // Looking at all kinds before every line would cost more than the line.
  if (now < next_look_)
    return {};
  next_look_ = now + limits_.window / 4;
  return take_if([this, now](const window& one) { return is_over(one, now); });
}

std::vector<left_out_lines> line_limiter::take_all_left_out() {
  return take_if([](const window&) { return true; });
}

} // namespace artel::runtime
