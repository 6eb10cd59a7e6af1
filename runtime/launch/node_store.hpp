// What a node daemon keeps over restarts, as files in its state directory:
//
//   addresses.json   where peers may be reached
//   network.json     the network's newest config
//   claims.jsonl     what others owe, the newest line of (payer, task) counts
//
// Each is bounded and replaced as a whole. What can't be read is set aside as
// NAME.damaged with a warning; the node starts without it. Thread-safe.
#pragma once

#include "actors/events.hpp"
#include "actors/node_storage.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace artel::runtime {

struct claim_totals {
  std::uint64_t claims = 0;
  credits amount;
};

class node_store final : public node_storage {
public:
  /// The oldest claims beyond that are forgotten.
  static constexpr std::size_t claims_max = 100'000;
  static constexpr std::size_t addresses_max = 4'096;

  using warn_handler = std::function<void(const std::string&)>;

  /// Reads what is there. `warn` may be called by any thread, and must not call
  /// back.
  node_store(std::filesystem::path directory, warn_handler warn);

  const std::vector<address_record>& addresses() const { return addresses_; }
  /// Version 0 where none was kept. Its signature was not checked.
  const network_config& config() const { return config_; }
  claim_totals claims() const;
  std::vector<payment_claim> all_claims() const;

  void keep_addresses(const std::vector<address_record>& addresses) override;
  void keep_config(const network_config& config) override;
  void keep_claim(const payment_claim& claim) override;

private:
  using claim_key = std::pair<node_id, task_id>;

  void read_addresses();
  void read_config();
  void read_claims();
  void put_aside(const std::filesystem::path& path, const failure& problem);
  bool take_claim(const payment_claim& claim);
  void drop_oldest_claim();
  void rewrite_claims();

  std::filesystem::path directory_;
  warn_handler warn_;
  std::vector<address_record> addresses_;
  network_config config_;
  mutable std::mutex mutex_;
  std::map<claim_key, payment_claim> claims_;
  /// In the file, those that no longer count included.
  std::size_t claim_lines_ = 0;
};

} // namespace artel::runtime
