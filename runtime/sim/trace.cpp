#include "runtime/sim/trace.hpp"

#include <array>
#include <cassert>

namespace artel::sim {

namespace {

/// Folds numbers and bytes into one number, in order: a multiplication and a
/// shift each, both one to one, so that a change of one word never gets lost
/// at its own step. Against mistakes, not against forgers. Writes numbers out
/// in a fixed order of bytes, so that every machine agrees.
class mixer {
public:
  explicit mixer(std::uint64_t state) : state_(state) {}

  mixer& add(std::uint64_t number) noexcept {
    state_ = fold(state_, number);
    return *this;
  }

  mixer& add(std::int64_t number) noexcept {
    return add(static_cast<std::uint64_t>(number));
  }

  mixer& add(bytes_view data) noexcept {
    // The length goes first: "ab", "c" is not "a", "bc".
    add(std::uint64_t{data.size()});
    if (data.size() >= long_data)
      add_lanes(data);
    while (data.size() >= 8) {
      add(load(data.data()));
      data = data.subspan(8);
    }
    if (!data.empty()) {
      std::uint64_t tail = 0;
      for (std::size_t i = 0; i < data.size(); ++i)
        tail |= std::uint64_t{data[i]} << (8 * i);
      add(tail);
    }
    return *this;
  }

  mixer& add(std::string_view text) noexcept { return add(as_bytes(text)); }
  mixer& add(const std::string& text) noexcept {
    return add(std::string_view{text});
  }
  mixer& add(credits amount) noexcept { return add(amount.micro); }
  mixer& add(ppm share) noexcept { return add(std::int64_t{share.value}); }
  mixer& add(milliseconds span) noexcept {
    return add(std::int64_t{span.count()});
  }
  template <class Tag, std::size_t N>
  mixer& add(const byte_id<Tag, N>& id) noexcept {
    return add(id.view());
  }
  mixer& add(const failure& problem) {
    return add(static_cast<std::uint64_t>(problem.code)).add(problem.message);
  }
  mixer& add(const job_counts& jobs) noexcept {
    return add(jobs.total)
      .add(jobs.started)
      .add(jobs.completed)
      .add(jobs.failed)
      .add(jobs.cancelled);
  }

  std::uint64_t state() const noexcept { return state_; }

private:
  /// Frames are long; what names them is not.
  static constexpr std::size_t long_data = 128;
  static constexpr std::size_t lane_count = 4;

  static std::uint64_t fold(std::uint64_t state,
                            std::uint64_t number) noexcept {
    // The increment of splitmix64, so that zeros change the state as well.
    state = (state ^ number) + 0x9e3779b97f4a7c15;
    state *= 0xbf58476d1ce4e5b9;
    return state ^ (state >> 32);
  }

  static std::uint64_t load(const std::uint8_t* from) noexcept {
    return std::uint64_t{from[0]} | std::uint64_t{from[1]} << 8
           | std::uint64_t{from[2]} << 16 | std::uint64_t{from[3]} << 24
           | std::uint64_t{from[4]} << 32 | std::uint64_t{from[5]} << 40
           | std::uint64_t{from[6]} << 48 | std::uint64_t{from[7]} << 56;
  }

  /// Takes what fills all lanes. Each fold waits for the one before it, so
  /// lanes side by side keep the processor busy.
  void add_lanes(bytes_view& data) noexcept {
    std::array<std::uint64_t, lane_count> lanes = {1, 2, 3, 4};
    while (data.size() >= 8 * lane_count) {
      for (std::size_t i = 0; i < lane_count; ++i)
        lanes[i] = fold(lanes[i], load(data.data() + 8 * i));
      data = data.subspan(8 * lane_count);
    }
    for (auto lane : lanes)
      add(lane);
  }

  std::uint64_t state_;
};

// -- records ------------------------------------------------------------------

void mix(mixer& into, const step_record& step) {
  // Steps are most of a trace: texts mixed apart don't wait for what is before.
  into.add(std::uint64_t{step.node})
    .add(step.actor)
    .add(mixer{0}.add(step.actor_name).state())
    .add(mixer{0}.add(step.message).state());
}

void mix(mixer& into, const frame_record& sent) {
  into.add(std::uint64_t{sent.from})
    .add(std::uint64_t{sent.to})
    .add(static_cast<std::uint64_t>(sent.fate))
    .add(std::int64_t{sent.delay.count()})
    .add(sent.frame);
}

void mix(mixer& into, const fault_record& fault) {
  into.add(static_cast<std::uint64_t>(fault.kind))
    .add(std::uint64_t{fault.node})
    .add(fault.text);
}

// -- events -------------------------------------------------------------------

void mix(mixer& into, const task_planned& told) {
  const auto& plan = told.plan;
  into.add(plan.task)
    .add(plan.name)
    .add(plan.jobs)
    .add(plan.reduce_jobs)
    .add(std::uint64_t{plan.replicas})
    .add(plan.price_per_job)
    .add(plan.hold)
    .add(plan.balance)
    .add(std::uint64_t{plan.candidates.size()});
  for (const auto& one : plan.candidates)
    into.add(one.node)
      .add(one.display_name)
      .add(one.offer.price_per_job)
      .add(one.reputation)
      .add(one.score);
  into.add(std::uint64_t{plan.problems.size()});
  for (const auto& problem : plan.problems)
    into.add(problem);
}

void mix(mixer& into, const worker_certified& told) {
  into.add(told.worker_name).add(certificate_digest(told.item));
}

void mix(mixer& into, const receipt_recorded& told) {
  into.add(receipt_leaf(told.item.body))
    .add(told.worker_name)
    .add(told.stderr_tail);
}

void mix(mixer& into, const verdict_recorded& told) {
  // The leaf has the output's hash.
  into.add(verdict_leaf(told.item.body))
    .add(static_cast<std::uint64_t>(told.failure_code))
    .add(told.input_name)
    .add(told.stderr_tail);
}

void mix(mixer& into, const task_progress& told) {
  into.add(static_cast<std::uint64_t>(told.state))
    .add(told.jobs)
    .add(told.running)
    .add(told.retried)
    .add(told.replicas_run)
    .add(told.nodes)
    .add(told.elapsed);
}

void mix(mixer& into, const task_finished& told) {
  const auto& report = told.report;
  into.add(report.task)
    .add(report.name)
    .add(static_cast<std::uint64_t>(report.state))
    .add(report.problem)
    .add(bytes_view{report.result})
    .add(report.jobs)
    .add(report.replicas_run)
    .add(report.replicas_agreed)
    .add(report.retries)
    .add(report.held)
    .add(report.paid)
    .add(report.refunded)
    .add(report.balance_before)
    .add(report.balance_after)
    .add(report.network_before)
    .add(report.network_after)
    .add(report.elapsed)
    .add(std::uint64_t{report.nodes.size()});
  for (const auto& one : report.nodes)
    into.add(one.node)
      .add(one.replicas)
      .add(one.agreed)
      .add(one.dissented)
      .add(one.failed)
      .add(one.lost)
      .add(one.earned)
      .add(one.reputation);
  into.add(std::uint64_t{report.failed_jobs.size()});
  for (const auto& one : report.failed_jobs)
    into.add(one.index)
      .add(static_cast<std::uint64_t>(one.code))
      .add(one.reason);
}

void mix(mixer& into, const node_logged& told) {
  into.add(static_cast<std::uint64_t>(told.level))
    .add(told.node_name)
    .add(told.message);
}

void mix(mixer& into, const event_record& record) {
  into.add(std::uint64_t{record.node}).add(record.task);
  if (!record.what)
    return;
  into.add(std::uint64_t{record.what->index()});
  std::visit([&into](const auto& told) { mix(into, told); }, *record.what);
}

} // namespace

// -- trace --------------------------------------------------------------------

std::string_view to_string(fault_kind kind) noexcept {
  switch (kind) {
    case fault_kind::crash: return "crash";
    case fault_kind::power_loss: return "power loss";
    case fault_kind::restart: return "restart";
    case fault_kind::pause: return "pause";
    case fault_kind::resume: return "resume";
    case fault_kind::partition: return "partition";
    case fault_kind::heal: return "heal";
    case fault_kind::link_change: return "link change";
    case fault_kind::link_break: return "link break";
    case fault_kind::clog: return "clog";
    case fault_kind::behaviour: return "behaviour";
    case fault_kind::join: return "join";
  }
  return "unknown";
}

void trace::add(microseconds when, const trace_record& record) {
  mixer mixed{hash_};
  mixed.add(std::int64_t{when.count()}).add(std::uint64_t{record.index()});
  std::visit([&mixed](const auto& one) { mix(mixed, one); }, record);
  hash_ = mixed.state();
  if (const auto* sent = std::get_if<frame_record>(&record)) {
    auto fate = static_cast<std::size_t>(sent->fate);
    assert(fate < std::size(frames_));
    ++frames_[fate];
  } else if (const auto* fault = std::get_if<fault_record>(&record)) {
    auto kind = static_cast<std::size_t>(fault->kind);
    assert(kind < std::size(faults_));
    ++faults_[kind];
  }
  for (const auto& who : listeners_)
    who(when, record);
}

std::string hash_text(std::uint64_t hash) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text(16, '0');
  for (std::size_t i = 0; i < text.size(); ++i)
    text[i] = digits[hash >> (60 - 4 * i) & 15];
  return text;
}

} // namespace artel::sim
