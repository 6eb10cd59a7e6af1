#include "runtime/sim/swarm/plan_file.hpp"

#include "protocol/task/message_text.hpp"
#include "protocol/task/validation.hpp"
#include "runtime/observe/json.hpp"
#include "sandbox/kernels/kernels.hpp"

#include <algorithm>
#include <initializer_list>
#include <set>

namespace artel {

// Found by the templates of runtime/observe/json.hpp through the namespaces of
// their arguments, so each stands where its type does.

namespace {

template <class Enum>
std::string_view word_of(Enum value) {
  return to_string(value);
}

template <class Enum>
result<void> read_word(const runtime::json& from,
                       std::initializer_list<Enum> known, Enum& into) {
  if (from.is_string())
    for (auto one : known)
      if (from.get_ref<const std::string&>() == word_of(one)) {
        into = one;
        return {};
      }
  std::string names;
  for (auto one : known)
    names += (names.empty() ? "" : ", ") + std::string{word_of(one)};
  return {errc::malformed, "expected one of " + names};
}

} // namespace

static std::string_view to_string(signature_kind kind) noexcept {
  return kind == signature_kind::ed25519 ? "ed25519" : "modelled";
}

static result<void> read_json(const runtime::json& from, signature_kind& into) {
  return read_word(from, {signature_kind::ed25519, signature_kind::modelled},
                   into);
}

static result<void> read_json(const runtime::json& from,
                              reduce_operation& into) {
  using enum reduce_operation;
  return read_word(from, {sum, min, max, count}, into);
}

static result<void> read_json(const runtime::json& from, urgency_level& into) {
  using enum urgency_level;
  return read_word(from, {low, normal, high, critical}, into);
}

static result<void> read_json(const runtime::json& from,
                              placement_strategy& into) {
  using enum placement_strategy;
  return read_word(from, {least_loaded, cheapest, most_trusted, balanced},
                   into);
}

namespace sim {

static std::string_view word_of(lie_kind kind) noexcept {
  switch (kind) {
    case lie_kind::never: return "never";
    case lie_kind::always: return "always";
    case lie_kind::sometimes: return "sometimes";
    case lie_kind::colluding: return "colluding";
  }
  return "unknown";
}

static std::string_view word_of(latency_shape shape) noexcept {
  switch (shape) {
    case latency_shape::constant: return "constant";
    case latency_shape::uniform: return "uniform";
    case latency_shape::exponential: return "exponential";
  }
  return "unknown";
}

namespace {

constexpr std::initializer_list<fault_kind> planned_kinds{
  fault_kind::crash,      fault_kind::power_loss, fault_kind::pause,
  fault_kind::partition,  fault_kind::clog,       fault_kind::link_change,
  fault_kind::link_break, fault_kind::behaviour,
};

/// A link profile and a behaviour in types that JSON knows.
struct links_record {
  static constexpr std::string_view type_name = "links";
  std::int64_t latency_us = 0;
  std::string shape;
  std::int32_t loss_ppm = 0;
  std::int32_t duplication_ppm = 0;
  std::int32_t reordering_ppm = 0;
  std::uint64_t bytes_per_second = 0;

  template <class Self, class Visitor>
  static constexpr void fields(Self& self, Visitor&& visit) {
    visit("latency_us", self.latency_us);
    visit("shape", self.shape);
    visit("loss_ppm", self.loss_ppm);
    visit("duplication_ppm", self.duplication_ppm);
    visit("reordering_ppm", self.reordering_ppm);
    visit("bytes_per_second", self.bytes_per_second);
  }
};

struct behaviour_record {
  static constexpr std::string_view type_name = "behaviour";
  std::string lies;
  std::int32_t lie_rate_ppm = 0;
  std::uint32_t ring = 0;
  bool silent = false;
  std::uint32_t slowness_permille = 0;
  std::int32_t crash_rate_ppm = 0;
  bool answers_twice = false;
  bool replays = false;
  bool forges = false;
  std::uint32_t floods_per_second = 0;

  template <class Self, class Visitor>
  static constexpr void fields(Self& self, Visitor&& visit) {
    visit("lies", self.lies);
    visit("lie_rate_ppm", self.lie_rate_ppm);
    visit("ring", self.ring);
    visit("silent", self.silent);
    visit("slowness_permille", self.slowness_permille);
    visit("crash_rate_ppm", self.crash_rate_ppm);
    visit("answers_twice", self.answers_twice);
    visit("replays", self.replays);
    visit("forges", self.forges);
    visit("floods_per_second", self.floods_per_second);
  }
};

bool is_share(std::int32_t value) {
  return value >= 0 && value <= ppm_one;
}

result<void> out_of_range(std::string_view what) {
  return {errc::out_of_range, std::string{what}};
}

} // namespace

static result<void> read_json(const runtime::json& from, fault_kind& into) {
  return read_word(from, planned_kinds, into);
}

static runtime::json json_of(const link_profile& links) {
  return runtime::json_of(links_record{
    links.latency.count(), std::string{word_of(links.shape)}, links.loss.value,
    links.duplication.value, links.reordering.value, links.bytes_per_second});
}

static result<void> read_json(const runtime::json& from, link_profile& into) {
  links_record record;
  if (auto taken = runtime::read_json(from, record); !taken)
    return taken;
  using enum latency_shape;
  if (auto taken = read_word(runtime::json(record.shape),
                             {constant, uniform, exponential}, into.shape);
      !taken)
    return {taken.error().code, "shape: " + taken.error().message};
  constexpr std::int64_t latency_us_max = 60'000'000;
  if (record.latency_us < 0 || record.latency_us > latency_us_max)
    return out_of_range("latency_us: expected 0 to 60000000");
  if (!is_share(record.loss_ppm) || !is_share(record.duplication_ppm)
      || !is_share(record.reordering_ppm))
    return out_of_range("a share of frames is expected from 0 to 1000000");
  into.latency = microseconds{record.latency_us};
  into.loss = ppm{record.loss_ppm};
  into.duplication = ppm{record.duplication_ppm};
  into.reordering = ppm{record.reordering_ppm};
  into.bytes_per_second = record.bytes_per_second;
  return {};
}

static runtime::json json_of(const behaviour& how) {
  return runtime::json_of(behaviour_record{
    std::string{word_of(how.lies)}, how.lie_rate.value, how.ring, how.silent,
    how.slowness_permille, how.crash_rate.value, how.answers_twice, how.replays,
    how.forges, how.floods_per_second});
}

static result<void> read_json(const runtime::json& from, behaviour& into) {
  behaviour_record record;
  if (auto taken = runtime::read_json(from, record); !taken)
    return taken;
  using enum lie_kind;
  if (auto taken = read_word(runtime::json(record.lies),
                             {never, always, sometimes, colluding}, into.lies);
      !taken)
    return {taken.error().code, "lies: " + taken.error().message};
  constexpr std::uint32_t slowness_permille_max = 1'000'000;
  constexpr std::uint32_t floods_max = 10'000;
  if (!is_share(record.lie_rate_ppm) || !is_share(record.crash_rate_ppm))
    return out_of_range("a rate is expected from 0 to 1000000");
  if (record.slowness_permille > slowness_permille_max)
    return out_of_range("slowness_permille: expected at most 1000000");
  if (record.floods_per_second > floods_max)
    return out_of_range("floods_per_second: expected at most 10000");
  into.lie_rate = ppm{record.lie_rate_ppm};
  into.ring = record.ring;
  into.silent = record.silent;
  into.slowness_permille = record.slowness_permille;
  into.crash_rate = ppm{record.crash_rate_ppm};
  into.answers_twice = record.answers_twice;
  into.replays = record.replays;
  into.forges = record.forges;
  into.floods_per_second = record.floods_per_second;
  return {};
}

namespace {

result<void> bad_plan(std::string message) {
  return {errc::invalid_argument, std::move(message)};
}

/// Far above all that is drawn; keeps sums of times from overflowing.
constexpr milliseconds time_max = std::chrono::hours{24 * 365};

bool is_time(milliseconds value) {
  return value.count() >= 0 && value <= time_max;
}

result<void> check_nodes(const world_plan& plan, std::set<std::string>& names) {
  for (const auto& node : plan.nodes) {
    auto place = "node " + artel::quoted(node.name) + ": ";
    if (node.name.empty() || !names.insert(node.name).second)
      return bad_plan(place + "expected a name that no other node has");
    if (node.credits > 10'000 || node.cores == 0 || node.cpu_score == 0)
      return bad_plan(place
                      + "expected at most 10000 credits, one core at least and"
                        " a cpu_score above 0");
    if (!is_time(node.joins))
      return bad_plan(place + "joins_ms is out of range");
    // Owners come before those who share theirs.
    if (!node.shares_owner_of.empty() && !names.contains(node.shares_owner_of))
      return bad_plan(place + "shares_owner_of names no earlier node");
  }
  return {};
}

result<void> check_tasks(const world_plan& plan,
                         const std::set<std::string>& nodes) {
  std::set<std::string> names;
  for (const auto& task : plan.tasks) {
    auto place = "task " + artel::quoted(task.name) + ": ";
    if (!names.insert(task.name).second)
      return bad_plan(place + "expected a name that no other task has");
    if (!nodes.contains(task.owner))
      return bad_plan(place + "no node is called " + artel::quoted(task.owner));
    constexpr std::uint32_t jobs_max = 1'000'000;
    if (!is_time(task.when) || !is_time(task.cancelled)
        || !is_time(task.estimate) || task.jobs > jobs_max)
      return bad_plan(place + "a time or the number of jobs is out of range");
    auto problems = validate(spec_of(task));
    if (!problems.empty())
      return bad_plan(place + problems.front().field + ": "
                      + problems.front().message);
    if (auto sound =
          sandbox::check_kernel_arguments(task.kernel, task.arguments);
        !sound)
      return bad_plan(place + sound.error().message);
  }
  return {};
}

std::size_t nodes_of_fault_min(const planned_fault& fault) {
  switch (fault.kind) {
    case fault_kind::clog:
    case fault_kind::link_break: return 2;
    case fault_kind::link_change: return fault.nodes.empty() ? 0 : 2;
    default: return 1;
  }
}

result<void> check_faults(const world_plan& plan,
                          const std::set<std::string>& nodes) {
  std::size_t number = 0;
  for (const auto& fault : plan.faults) {
    auto place = "fault " + std::to_string(++number) + ": ";
    auto least = nodes_of_fault_min(fault);
    if (fault.nodes.size() < least
        || (fault.kind != fault_kind::partition && fault.nodes.size() != least))
      return bad_plan(place + "expected the names of " + std::to_string(least)
                      + " nodes");
    for (const auto& name : fault.nodes)
      if (!nodes.contains(name))
        return bad_plan(place + "no node is called " + artel::quoted(name));
    if (!is_time(fault.when) || !is_time(fault.span))
      return bad_plan(place + "a time is out of range");
  }
  return {};
}

result<void> check_plan(const world_plan& plan) {
  std::set<std::string> names;
  if (!is_time(plan.span))
    return bad_plan("span_ms is out of range");
  if (plan.nodes.empty() || plan.nodes.size() > plan_nodes_max)
    return bad_plan("expected 1 to " + std::to_string(plan_nodes_max)
                    + " nodes");
  if (auto sound = check_nodes(plan, names); !sound)
    return sound;
  if (auto sound = check_tasks(plan, names); !sound)
    return sound;
  return check_faults(plan, names);
}

} // namespace

std::string to_json(const world_plan& plan) {
  return runtime::document_of(runtime::json_of(plan));
}

result<world_plan> parse_plan(std::string_view text) {
  auto document = runtime::parse_json(text);
  if (!document)
    return document.error();
  world_plan plan;
  if (auto taken = runtime::read_json(*document, plan); !taken)
    return taken.error();
  if (auto sound = check_plan(plan); !sound)
    return sound.error();
  return plan;
}

} // namespace sim

} // namespace artel
