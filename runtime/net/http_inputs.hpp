// A worker's inputs by http and https, where its owner allows that: one after
// the other, on a thread of its own. Only public addresses are asked, and those
// that the owner lists.
#pragma once

#include "actors/input_fetcher.hpp"
#include "protocol/core/time.hpp"
#include "protocol/overlay/address.hpp"

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace artel::runtime {

struct http_inputs_config {
  /// Hosts, by name or address, and blocks of addresses that may be asked even
  /// where they are not public.
  std::vector<std::string> allow;
  std::uint64_t bytes_max = 64u << 20;
  milliseconds timeout{30'000};
};

class http_inputs final : public input_fetcher {
public:
  explicit http_inputs(http_inputs_config config);

  /// Breaks off what is under way; all that waits is told so.
  ~http_inputs() override;

  void fetch(std::vector<std::string> addresses, const blob_ref& blob,
             std::function<void(result<bytes>)> done) override;

private:
  struct order {
    std::vector<std::string> addresses;
    blob_ref blob;
    std::function<void(result<bytes>)> done;
  };

  void work(const std::stop_token& stop);
  result<bytes> carry_out(const order& one, const std::stop_token& stop) const;

  http_inputs_config config_;
  std::vector<address_block> blocks_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<order> orders_;
  std::jthread worker_;
};

} // namespace artel::runtime
