#include "runtime/net/http_inputs.hpp"

#include "runtime/net/http_fetch.hpp"

#include <algorithm>
#include <utility>

namespace artel::runtime {

namespace {

/// More than that is asked of the owner at once.
constexpr std::size_t orders_max = 256;

} // namespace

http_inputs::http_inputs(http_inputs_config config)
  : config_(std::move(config)) {
  for (const auto& one : config_.allow)
    if (auto block = parse_address_block(one))
      blocks_.push_back(*block);
  worker_ = std::jthread{[this](const std::stop_token& stop) { work(stop); }};
}

http_inputs::~http_inputs() {
  worker_.request_stop();
  worker_.join();
  for (auto& one : orders_)
    one.done({errc::cancelled, "the worker stops"});
}

void http_inputs::fetch(std::vector<std::string> addresses,
                        const blob_ref& blob,
                        std::function<void(result<bytes>)> done) {
  {
    std::lock_guard lock{mutex_};
    if (orders_.size() < orders_max) {
      orders_.push_back({std::move(addresses), blob, std::move(done)});
      done = nullptr;
    }
  }
  if (done)
    done({errc::refused, "too many inputs are waited for"});
  else
    changed_.notify_one();
}

void http_inputs::work(const std::stop_token& stop) {
  for (;;) {
    order next;
    {
      std::unique_lock lock{mutex_};
      if (!changed_.wait(lock, stop, [this] { return !orders_.empty(); }))
        return;
      next = std::move(orders_.front());
      orders_.pop_front();
    }
    next.done(carry_out(next, stop));
  }
}

result<bytes> http_inputs::carry_out(const order& one,
                                     const std::stop_token& stop) const {
  if (one.blob.size_bytes > config_.bytes_max)
    return {errc::limit_exceeded,
            "an input of " + std::to_string(one.blob.size_bytes)
              + " bytes; at most " + std::to_string(config_.bytes_max)
              + " are fetched"};
  http_fetch_options options;
  options.bytes_max = one.blob.size_bytes;
  options.timeout = config_.timeout;
  options.stop = stop;
  options.allows = [this](const http_location& location,
                          const ip_address& address) {
    return is_public(address)
           || std::find(config_.allow.begin(), config_.allow.end(),
                        location.host)
                != config_.allow.end()
           || std::any_of(blocks_.begin(), blocks_.end(),
                          [&address](const address_block& block) {
                            return block.contains(address);
                          });
  };
  result<bytes> last{errc::not_found, "there is no address"};
  for (const auto& url : one.addresses) {
    last = http_fetch(url, options);
    if (last && blob_ref_of(*last) == one.blob)
      return last;
    if (last)
      last = {errc::bad_signature,
              "'" + url + "' has other bytes than the input"};
    if (stop.stop_requested())
      break;
  }
  return last;
}

} // namespace artel::runtime
