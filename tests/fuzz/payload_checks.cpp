#include "tests/fuzz/payload_checks.hpp"

#include "protocol/core/limits.hpp"
#include "protocol/task/output_file.hpp"
#include "protocol/wire/codec.hpp"
#include "tests/fuzz/target.hpp"
#include "tests/protocol/wire/fill.hpp"

#include <cstddef>
#include <type_traits>
#include <utility>

namespace artel::fuzz {

namespace {

void says_why(const result<void>& checked) {
  require(checked.ok() || !checked.error().message.empty(),
          "a refusal says why");
}

void check_greeting(const wire::handshake& hello) {
  admission_request request{hello.node,      hello.owner, true,
                            hello.ownership, hello.seed,  hello.token};
  network_config config;
  config.admission = admission_rule::certificate;
  says_why(check_admission(request, config, hello.seed.root, hello.network,
                           check_time));
  request.claims_seed = false;
  says_why(check_admission(request, config, hello.token.issuer.root,
                           hello.network, check_time));
}

void check_results(const wire::job_result& message) {
  for (const auto& entry : message.entries) {
    auto sound = check_output_files(entry.files, limits::output_bytes_max);
    require(!sound || total_bytes(entry.files) <= limits::output_bytes_max,
            "sound output files are within their limit");
  }
}

void check_config_update(const wire::network_update& message) {
  const auto& config = message.config;
  says_why(check_config(config, config.network, config.root, check_time));
  require(!supersedes(config, config), "a config does not replace itself");
}

/// What a receiver asks of a payload before it acts on it.
void check_content(const wire::payload& payload) {
  if (const auto* hello = std::get_if<wire::handshake>(&payload))
    check_greeting(*hello);
  else if (const auto* results = std::get_if<wire::job_result>(&payload))
    check_results(*results);
  else if (const auto* update = std::get_if<wire::network_update>(&payload))
    check_config_update(*update);
  else if (const auto* paid = std::get_if<wire::payment>(&payload))
    says_why(check_claim(paid->claim, paid->claim.network));
  else if (const auto* piece = std::get_if<wire::blob_piece>(&payload))
    says_why(check_piece({piece->blob, piece->total_bytes}, piece->index,
                         piece->data, piece->path));
}

wire::envelope envelope_of(const wire::payload& payload) {
  wire::envelope item;
  item.network = "main";
  item.type = wire::type_of(payload);
  item.priority = wire::class_of(payload);
  item.sequence = 1;
  item.sent = check_time;
  item.payload = wire::encode_payload(payload);
  return item;
}

template <std::size_t... Index>
std::vector<wire::envelope> envelopes(std::index_sequence<Index...>) {
  return {envelope_of(
    testing::counted<std::variant_alternative_t<Index, wire::payload>>())...};
}

} // namespace

void check_envelope(const wire::envelope& item) {
  says_why(
    wire::check_envelope(item, item.network, item.recipient, check_time));
  wire::replay_window window;
  says_why(window.admit(item.priority, item.sequence));
  require(!window.admit(item.priority, item.sequence).ok(),
          "no sequence is admitted twice");
  auto payload = wire::decode_payload(item);
  if (!payload) {
    says_why(payload.error());
    return;
  }
  require(wire::type_of(*payload) == item.type,
          "a payload has the type that its envelope names");
  require(wire::encode_payload(*payload) == item.payload,
          "what decodes encodes to the same bytes");
  check_content(*payload);
}

std::vector<wire::envelope> all_envelopes() {
  return envelopes(
    std::make_index_sequence<std::variant_size_v<wire::payload>>{});
}

} // namespace artel::fuzz
