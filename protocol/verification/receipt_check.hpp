// Whether a receipt answers what was asked: same task, job, attempt, worker,
// code, input and price, and the output it commits to. Its signature is checked
// apart, a batch at a time.
#pragma once

#include "protocol/task/output_file.hpp"
#include "protocol/task/task_terms.hpp"
#include "protocol/verification/receipt.hpp"

#include <vector>

namespace artel {

struct expected_receipt {
  const task_terms& terms;
  std::uint64_t job = 0;
  std::uint32_t attempt = 0;
  node_id worker;
  owner_id worker_owner;
  hash256 input;
};

/// All but the output, which may still have to be fetched: bad_signature names
/// the field that does not fit.
result<void> check_receipt_terms(const receipt& body,
                                 const expected_receipt& expected);

/// That, and the output.
result<void> check_receipt(const receipt& body, bytes_view output,
                           const std::vector<output_file>& files,
                           const expected_receipt& expected);

} // namespace artel
