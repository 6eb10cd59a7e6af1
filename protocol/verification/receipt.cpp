#include "protocol/verification/receipt.hpp"

#include "protocol/identity/hash.hpp"
#include "protocol/task/message_text.hpp"
#include "protocol/wire/codec.hpp"

namespace artel {

std::string_view to_string(run_outcome outcome) noexcept {
  switch (outcome) {
    case run_outcome::completed: return "completed";
    case run_outcome::nonzero_exit: return "nonzero_exit";
    case run_outcome::crashed: return "crashed";
    case run_outcome::timeout: return "timeout";
    case run_outcome::cpu_limit: return "cpu_limit";
    case run_outcome::memory_limit: return "memory_limit";
    case run_outcome::file_size_limit: return "file_size_limit";
    case run_outcome::output_limit: return "output_limit";
    case run_outcome::forbidden_syscall: return "forbidden_syscall";
    case run_outcome::exec_failed: return "exec_failed";
    case run_outcome::sandbox_unavailable: return "sandbox_unavailable";
    case run_outcome::cancelled: return "cancelled";
    case run_outcome::invalid_module: return "invalid_module";
    case run_outcome::unsupported_import: return "unsupported_import";
    case run_outcome::fuel_exhausted: return "fuel_exhausted";
    case run_outcome::trap: return "trap";
  }
  return "unknown";
}

result<run_outcome> parse_run_outcome(std::string_view text) {
  constexpr auto last = static_cast<std::uint8_t>(run_outcome::trap);
  for (std::uint8_t number = 1; number <= last; ++number) {
    auto outcome = static_cast<run_outcome>(number);
    if (to_string(outcome) == text)
      return outcome;
  }
  return {errc::invalid_argument,
          quoted(text)
            + " is no outcome of a run; expected one such as completed, "
              "nonzero_exit, timeout or memory_limit"};
}

hash256 receipt_leaf(const receipt& body) {
  return hash_of("artel.receipt.v1", wire::encode(body));
}

hash256 output_hash(bytes_view output, const hash256& files) noexcept {
  auto hash = hash_of("artel.output.v1", output);
  if (files.is_zero())
    return hash;
  return hasher{"artel.output_with_files.v1"}
    .update(hash.view())
    .update(files.view())
    .finish();
}

bool verify(const signed_receipt& item) {
  return verify_proof(item.body.worker, receipt_leaf(item.body), item.proof);
}

hash256 verdict_leaf(const job_verdict& body) {
  return hash_of("artel.verdict.v1", wire::encode(body));
}

bool verify(const signed_verdict& item) {
  return verify_proof(item.body.requester, verdict_leaf(item.body), item.proof);
}

} // namespace artel
