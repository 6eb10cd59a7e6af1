#include "tools/artel/wire/vectors.hpp"

#include "protocol/identity/hash.hpp"
#include "protocol/identity/merkle.hpp"
#include "protocol/task/blob.hpp"
#include "protocol/wire/codec.hpp"
#include "protocol/wire/envelope.hpp"
#include "runtime/observe/json.hpp"
#include "tools/artel/wire/link_vectors.hpp"
#include "tools/artel/wire/refused_vectors.hpp"
#include "tools/artel/wire/samples.hpp"
#include "tools/artel/wire/transcript.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <utility>
#include <vector>

namespace artel::tools {

namespace {

using runtime::json;
using runtime::json_of;

json hex_list(std::span<const hash256> items) {
  auto list = json::array();
  for (const auto& one : items)
    list.push_back(to_string(one));
  return list;
}

json keys_of(const samples& from) {
  auto list = json::array();
  auto add = [&list](std::string_view name, const key_pair& key) {
    list.push_back({{"name", name},
                    {"seed", to_hex(key.seed())},
                    {"public", to_string(key.node())}});
  };
  add("client", from.client);
  add("worker", from.worker);
  add("owner", from.owner);
  add("root", from.root);
  add("seed", from.seed);
  return list;
}

json hashes() {
  auto list = json::array();
  for (const auto& [domain, text] :
       std::initializer_list<std::pair<std::string_view, std::string_view>>{
         {"artel.input.v1", ""},
         {"artel.output.v1", "168"},
         {"artel.terms.v1", "The same bytes, another purpose."},
         {"artel.receipt.v1", "The same bytes, another purpose."}})
    list.push_back({{"domain", domain},
                    {"data", to_hex(as_bytes(text))},
                    {"hash", to_string(hash_of(domain, as_bytes(text)))}});
  return list;
}

json signatures(const samples& from) {
  auto list = json::array();
  for (std::string_view text : {"a", "a message"})
    list.push_back(
      {{"public", to_string(from.client.node())},
       {"message", to_hex(as_bytes(text))},
       {"signature", to_string(from.client.sign(as_bytes(text)))}});
  return list;
}

/// One signature over so many leaves, and each leaf's proof.
json batch(const key_pair& signer, std::size_t count) {
  std::vector<hash256> leaves;
  for (std::size_t i = 0; i < count; ++i)
    leaves.push_back(hash_of("artel.vector.v1", as_bytes(std::to_string(i))));
  auto signed_root = sign_batch(signer, leaves);
  auto proofs = json::array();
  for (const auto& proof : make_proofs(leaves, signed_root))
    proofs.push_back({{"index", proof.index},
                      {"count", proof.count},
                      {"path", hex_list(proof.path)}});
  return {{"leaves", hex_list(leaves)},
          {"root", to_string(merkle_root(leaves))},
          {"signer", to_string(signer.node())},
          {"signature", to_string(signed_root)},
          {"proofs", proofs}};
}

json batches(const samples& from) {
  auto list = json::array();
  for (std::size_t count : {1, 2, 3, 5, 8})
    list.push_back(batch(from.client, count));
  return list;
}

template <class T>
json encoding(const T& item) {
  return {{"type", T::type_name},
          {"value", json_of(item)},
          {"encoded", to_hex(wire::encode(item))}};
}

template <class T>
json with_signature(const T& item, std::string_view domain,
                    std::string_view field, const hash256& digest,
                    std::string signer, const signature& made) {
  auto entry = encoding(item);
  entry["domain"] = domain;
  entry["signature_field"] = field;
  entry["digest"] = to_string(digest);
  entry["signer"] = std::move(signer);
  entry["signature"] = to_string(made);
  return entry;
}

/// What bears a signature over its own encoding.
json signed_messages(const samples& from) {
  auto list = json::array();
  list.push_back(with_signature(
    from.ownership, "artel.owner-certificate.v1", "owner_signature",
    certificate_digest(from.ownership), to_string(from.owner.owner()),
    from.ownership.owner_signature));
  list.push_back(with_signature(
    from.seed_is_certified, "artel.seed-certificate.v1", "root_signature",
    certificate_digest(from.seed_is_certified), to_string(from.root.owner()),
    from.seed_is_certified.root_signature));
  list.push_back(
    with_signature(from.token, "artel.join-token.v1", "seed_signature",
                   certificate_digest(from.token), to_string(from.seed.node()),
                   from.token.seed_signature));
  list.push_back(with_signature(from.config, "artel.network-config.v1",
                                "issuer_signature", config_digest(from.config),
                                to_string(from.seed.node()),
                                from.config.issuer_signature));
  list.push_back(with_signature(from.offer, "artel.bid.v1", "worker_signature",
                                wire::bid_digest(from.offer),
                                to_string(from.worker.node()),
                                from.offer.worker_signature));
  list.push_back(with_signature(from.claim, "artel.payment-claim.v1",
                                "payer_signature", claim_digest(from.claim),
                                to_string(from.client.node()),
                                from.claim.payer_signature));
  list.push_back(with_signature(
    from.announcement, "artel.lan-announcement.v1", "node_signature",
    announcement_digest(from.announcement), to_string(from.worker.node()),
    from.announcement.node_signature));
  return list;
}

json input_hashes() {
  job_input none;
  job_input range;
  range.kind = input_kind::range;
  range.first = 1;
  range.last = 1'000;
  job_input data;
  data.kind = input_kind::data;
  data.name = "part-1";
  data.data = to_bytes("some words\n");
  auto list = json::array();
  for (const auto& item : {none, range, data})
    list.push_back({{"encoded", to_hex(wire::encode(item))},
                    {"hash", to_string(hash_of(item))}});
  return list;
}

json code_hashes(const samples& from) {
  auto with_arguments = from.request.code;
  with_arguments.kernel = "sum_polynomial";
  with_arguments.kernel_arguments = {"1", "-2", "3"};
  code_ref bundle;
  bundle.bundle = hash_of("artel.vector.v1", {});
  bundle.bundle_bytes = 4'096;
  auto list = json::array();
  for (const auto& item : {from.request.code, with_arguments, bundle})
    list.push_back({{"encoded", to_hex(wire::encode(item))},
                    {"hash", to_string(hash_of(item))}});
  return list;
}

json output_hashes() {
  const std::vector<output_file> some{{"a.txt", to_bytes("first")},
                                      {"sub/b.txt", {}}};
  auto list = json::array();
  for (const auto& files : {std::vector<output_file>{}, some}) {
    wire::run_output item{to_bytes("168"), files};
    list.push_back(
      {{"run_output", to_hex(wire::encode(item))},
       {"files_hash", to_string(hash_of(files))},
       {"hash", to_string(output_hash(item.output, hash_of(files)))}});
  }
  return list;
}

/// Byte i is i modulo 251.
json blobs() {
  auto list = json::array();
  for (std::uint64_t size :
       {std::uint64_t{0}, std::uint64_t{limits::blob_piece_bytes},
        std::uint64_t{2 * limits::blob_piece_bytes + 1'000}}) {
    bytes content(size);
    for (std::size_t i = 0; i < size; ++i)
      content[i] = static_cast<std::uint8_t>(i % 251);
    auto pieces = json::array();
    for (std::uint32_t i = 0; i < piece_count(size); ++i)
      pieces.push_back(hex_list(piece_path(content, i)));
    list.push_back({{"bytes", size},
                    {"id", to_string(blob_id(content))},
                    {"paths", pieces}});
  }
  return list;
}

/// Leaves of signed batches, and what they are made from.
json leaves(const samples& from) {
  signed_receipt receipt{
    from.result.entries.front().body,
    make_proofs(from.receipt_leaves, from.result.batch_signature).front()};
  const std::vector<hash256> of_verdict{verdict_leaf(from.verdict)};
  signed_verdict verdict{
    from.verdict,
    make_proofs(of_verdict, sign_batch(from.client, of_verdict)).front()};
  return {{"terms", to_string(hash_of(from.assign.terms))},
          {"worker", to_string(from.worker.node())},
          {"job_assign", to_hex(wire::encode(from.assign))},
          {"assignment_leaves", hex_list(from.assignment_leaves)},
          {"job_result", to_hex(wire::encode(from.result))},
          {"receipt_leaves", hex_list(from.receipt_leaves)},
          {"signed_receipt", to_hex(wire::encode(receipt))},
          {"signed_verdict", to_hex(wire::encode(verdict))}};
}

} // namespace

std::string wire_vectors() {
  initialize_crypto();
  const samples from;
  json all;
  all["protocol_version"] = wire::protocol_version;
  all["keys"] = keys_of(from);
  all["hashes"] = hashes();
  all["signatures"] = signatures(from);
  all["batches"] = batches(from);
  all["signed"] = signed_messages(from);
  all["inputs"] = input_hashes();
  all["codes"] = code_hashes(from);
  all["outputs"] = output_hashes();
  all["blobs"] = blobs();
  all["job"] = leaves(from);
  all["refused"] = refused_vectors();
  all["transcript"] = transcript_of(from);
  all["link"] = link_vectors(from);
  return runtime::document_of(all);
}

} // namespace artel::tools
