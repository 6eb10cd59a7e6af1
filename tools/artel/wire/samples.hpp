// Made-up values that test vectors are about: keys from fixed seeds, and what a
// network, an owner and a worker sign in the course of a small task. The same
// on every machine.
#pragma once

#include "protocol/economy/payment_claim.hpp"
#include "protocol/governance/network_config.hpp"
#include "protocol/identity/certificates.hpp"
#include "protocol/identity/keys.hpp"
#include "protocol/overlay/lan_announcement.hpp"
#include "protocol/task/task_terms.hpp"
#include "protocol/verification/receipt.hpp"
#include "protocol/wire/messages.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace artel::tools {

/// A key whose seed is 32 times the same byte.
key_pair sample_key(std::uint8_t seed_byte);

inline constexpr std::string_view sample_network = "vectors";
/// 2023-11-14.
inline constexpr wall_time sample_time{milliseconds{1'700'000'000'000}};

/// A network of one root and one seed, and a task of three jobs that a client
/// has run by a worker whose owner certified it.
class samples {
public:
  samples();

  /// Submits the task; its own owner.
  const key_pair client;
  const key_pair worker;
  /// Of the worker.
  const key_pair owner;
  const key_pair root;
  const key_pair seed;

  owner_certificate ownership;
  seed_certificate seed_is_certified;
  join_token token;
  network_config config;

  wire::bid_request request;
  wire::bid offer;
  wire::job_assign assign;
  std::vector<hash256> assignment_leaves;
  wire::job_result result;
  std::vector<hash256> receipt_leaves;
  job_verdict verdict;
  payment_claim claim;
  lan_announcement announcement;

private:
  void certify();
  void make_request();
  void make_offer();
  void make_assign();
  void make_result();
  void make_claim_and_announcement();
};

} // namespace artel::tools
