// Counts requests and answers of one end: first one at a time for the latency,
// then as many at a time as the window has for the throughput.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <vector>

namespace artel::bench {

/// How one path is driven.
struct load {
  std::size_t payload_bytes = 64;
  /// Outstanding requests while throughput is measured; 1: latency only.
  std::size_t window = 1'000;
  /// Jobs in a request that is a batch.
  std::size_t batch_jobs = 64;
  std::chrono::milliseconds latency_time{300};
  std::chrono::milliseconds throughput_time{500};
};

struct figures {
  double requests_per_second = 0;
  double p50_us = 0;
  double p99_us = 0;
};

class meter {
public:
  using clock = std::chrono::steady_clock;

  explicit meter(const load& what) : load_(what) { samples_.reserve(1u << 16); }

  /// How many requests to send at first.
  std::size_t start() {
    began_ = sent_ = clock::now();
    return 1;
  }

  /// An answer came: how many requests to send now.
  std::size_t on_answer() {
    auto now = clock::now();
    return measures_rate_ ? on_rate_answer(now) : on_latency_answer(now);
  }

  bool is_done() const noexcept { return is_done_; }

  figures result() {
    figures made;
    made.requests_per_second = rate_;
    made.p50_us = quantile(0.50);
    made.p99_us = quantile(0.99);
    return made;
  }

private:
  std::size_t on_latency_answer(clock::time_point now) {
    auto passed = now - began_;
    // The first fifth warms up.
    if (passed > load_.latency_time / 5)
      samples_.push_back(
        std::chrono::duration<double, std::micro>(now - sent_).count());
    sent_ = now;
    if (passed < load_.latency_time)
      return 1;
    began_ = now;
    if (load_.window > 1) {
      measures_rate_ = true;
      return load_.window;
    }
    is_done_ = true;
    return 0;
  }

  std::size_t on_rate_answer(clock::time_point now) {
    auto warm_up = load_.throughput_time / 5;
    if (counted_ == 0 && now - began_ < warm_up)
      return 1;
    if (counted_ == 0)
      began_ = now - warm_up;
    ++counted_;
    auto measured = now - began_ - warm_up;
    if (measured < load_.throughput_time - warm_up)
      return 1;
    rate_ = static_cast<double>(counted_ - 1)
            / std::chrono::duration<double>(measured).count();
    is_done_ = true;
    return 0;
  }

  double quantile(double part) {
    if (samples_.empty())
      return 0;
    auto index =
      static_cast<std::size_t>(part * static_cast<double>(samples_.size() - 1));
    auto place = samples_.begin() + static_cast<std::ptrdiff_t>(index);
    std::nth_element(samples_.begin(), place, samples_.end());
    return *place;
  }

  load load_;
  clock::time_point began_{};
  clock::time_point sent_{};
  std::vector<double> samples_;
  bool measures_rate_ = false;
  bool is_done_ = false;
  std::size_t counted_ = 0;
  double rate_ = 0;
};

} // namespace artel::bench
