#include "protocol/core/errc.hpp"

namespace artel {

std::string_view to_string(errc code) noexcept {
  switch (code) {
    case errc::invalid_argument: return "invalid_argument";
    case errc::out_of_range: return "out_of_range";
    case errc::overflow: return "overflow";
    case errc::not_found: return "not_found";
    case errc::already_exists: return "already_exists";
    case errc::limit_exceeded: return "limit_exceeded";
    case errc::malformed: return "malformed";
    case errc::not_canonical: return "not_canonical";
    case errc::bad_signature: return "bad_signature";
    case errc::version_mismatch: return "version_mismatch";
    case errc::network_mismatch: return "network_mismatch";
    case errc::replayed: return "replayed";
    case errc::invalid_state: return "invalid_state";
    case errc::insufficient_credits: return "insufficient_credits";
    case errc::budget_exceeded: return "budget_exceeded";
    case errc::no_workers: return "no_workers";
    case errc::verification_failed: return "verification_failed";
    case errc::timed_out: return "timed_out";
    case errc::cancelled: return "cancelled";
    case errc::sandbox_unavailable: return "sandbox_unavailable";
    case errc::execution_failed: return "execution_failed";
    case errc::system_failure: return "system_failure";
    case errc::refused: return "refused";
    case errc::unreachable: return "unreachable";
    case errc::revoked: return "revoked";
  }
  return "unknown_error";
}

} // namespace artel
