#include "protocol/verification/receipt_check.hpp"

namespace artel {

namespace {

result<void> misfit(std::string_view field) {
  return {errc::bad_signature,
          "the receipt's " + std::string{field} + " is not what was assigned"};
}

} // namespace

result<void> check_receipt_terms(const receipt& body,
                                 const expected_receipt& expected) {
  const auto& terms = expected.terms;
  if (body.network != terms.network)
    return misfit("network");
  if (body.task != terms.task || body.job != expected.job
      || body.attempt != expected.attempt)
    return misfit("job");
  if (body.requester != terms.requester)
    return misfit("requester");
  if (body.worker != expected.worker
      || body.worker_owner != expected.worker_owner)
    return misfit("worker");
  if (body.code != hash_of(terms.code))
    return misfit("code");
  if (body.input != expected.input)
    return misfit("input");
  if (body.price != terms.price_per_job)
    return misfit("price");
  if (body.output_bytes
      > terms.limits.stdout_bytes + terms.limits.output_files_bytes)
    return misfit("output");
  return {};
}

result<void> check_receipt(const receipt& body, bytes_view output,
                           const std::vector<output_file>& files,
                           const expected_receipt& expected) {
  if (auto fits = check_receipt_terms(body, expected); !fits)
    return fits;
  const auto& terms = expected.terms;
  if (body.outcome != run_outcome::completed)
    return body.output.is_zero() && files.empty() ? result<void>{}
                                                  : misfit("output");
  if (!check_output_files(files, terms.limits.output_files_bytes))
    return misfit("output");
  if (output.size() > terms.limits.stdout_bytes
      || body.output_bytes != output.size() + total_bytes(files)
      || body.output != output_hash(output, hash_of(files)))
    return misfit("output");
  return {};
}

} // namespace artel
