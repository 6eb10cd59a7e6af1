// A node's storage that keeps everything in memory, for tests to look at.
#pragma once

#include "actors/node_storage.hpp"

#include <cstddef>
#include <vector>

namespace artel::testing {

struct kept_things final : node_storage {
  void keep_addresses(const std::vector<address_record>& records) override {
    addresses = records;
    ++times_addresses;
  }
  void keep_config(const network_config& config) override {
    configs.push_back(config);
  }
  void keep_claim(const payment_claim& claim) override {
    claims.push_back(claim);
  }

  std::vector<address_record> addresses;
  std::size_t times_addresses = 0;
  std::vector<network_config> configs;
  std::vector<payment_claim> claims;
};

} // namespace artel::testing
