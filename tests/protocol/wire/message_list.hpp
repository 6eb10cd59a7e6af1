// Every type that has an encoding, as doctest's list of types.
#pragma once

#include "protocol/identity/merkle.hpp"
#include "protocol/overlay/lan_announcement.hpp"
#include "protocol/task/code_bundle.hpp"
#include "protocol/task/output_file.hpp"
#include "protocol/task/sandbox_terms.hpp"
#include "protocol/task/task_terms.hpp"
#include "protocol/verification/receipt.hpp"
#include "protocol/wire/envelope.hpp"
#include "protocol/wire/messages.hpp"

// clang-format off
#define ARTEL_TEST_MESSAGES                                                    \
  artel::wire::capabilities, artel::wire::handshake,                           \
  artel::wire::handshake_refused, artel::wire::ping, artel::wire::pong,        \
  artel::wire::peer_address, artel::wire::peer_exchange,                       \
  artel::wire::bid_request, artel::wire::bid, artel::wire::job_assignment,     \
  artel::wire::job_assign, artel::wire::attempt_ref, artel::wire::job_ack,     \
  artel::wire::job_result_entry, artel::wire::job_result,                      \
  artel::wire::job_result_ack, artel::wire::job_fail,                          \
  artel::wire::job_cancel, artel::wire::lease, artel::wire::heartbeat,         \
  artel::wire::envelope, artel::code_ref, artel::task_terms,                   \
  artel::execution_limits, artel::job_input, artel::bundle_file,               \
  artel::code_bundle, artel::receipt, artel::signed_receipt,                   \
  artel::job_verdict, artel::signed_verdict, artel::batch_proof,               \
  artel::sandbox_terms, artel::output_file,                                    \
  artel::wire::goodbye, artel::wire::network_update, artel::wire::payment,     \
  artel::wire::payment_ack, artel::payment_claim, artel::blob_ref,             \
  artel::wire::blob_request, artel::wire::blob_piece, artel::wire::run_output, \
  artel::owner_certificate, artel::seed_certificate, artel::join_token,        \
  artel::seed_entry, artel::network_config, artel::lan_announcement
// clang-format on
