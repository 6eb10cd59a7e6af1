#include "tools/artel/wire/link_vectors.hpp"

#include "protocol/identity/hash.hpp"
#include "protocol/wire/codec.hpp"
#include "protocol/wire/envelope.hpp"
#include "protocol/wire/segment.hpp"
#include "runtime/net/link_certificate.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace artel::tools {

namespace {

using runtime::json;

/// The DER of an Ed25519 key's SubjectPublicKeyInfo, up to the key.
constexpr std::array<std::uint8_t, 12> key_info_header{
  0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};

/// Shorter than they would be, so that a short stream has several.
constexpr std::size_t segment_content_bytes = 256;

json certificate_vector(const samples& from) {
  auto tls_key = sample_key(8);
  bytes key_info{key_info_header.begin(), key_info_header.end()};
  auto node = tls_key.node();
  key_info.insert(key_info.end(), node.value.begin(), node.value.end());
  return {{"extension", runtime::binding_extension},
          {"node", to_string(from.worker.node())},
          {"tls_key_seed", to_hex(tls_key.seed())},
          {"public_key_info", to_hex(key_info)},
          {"digest", to_string(runtime::binding_digest(key_info))},
          {"content", to_hex(runtime::encode_binding(from.worker, key_info))}};
}

bytes frame_of(const samples& from, const wire::payload& payload,
               std::uint64_t sequence) {
  wire::envelope item;
  item.network = sample_network;
  item.type = wire::type_of(payload);
  item.sender = from.client.node();
  item.recipient = from.worker.node();
  item.priority = wire::class_of(payload);
  item.sequence = sequence;
  item.sent = sample_time;
  item.payload = wire::encode_payload(payload);
  return wire::encode_frame({&item, 1});
}

void append_segment(bytes& stream, wire::traffic_class priority,
                    bytes_view content) {
  std::array<std::uint8_t, wire::segment_header_bytes> header;
  wire::put_segment_header(header, priority, content.size());
  stream.insert(stream.end(), header.begin(), header.end());
  stream.insert(stream.end(), content.begin(), content.end());
}

/// A long frame of one class, with frames of others between its segments.
json segments_vector(const samples& from) {
  wire::blob_piece piece;
  piece.blob = hash_of("artel.vector.v1", {});
  piece.known = true;
  piece.total_bytes = 600;
  piece.data.resize(600, 0xab);
  auto bulk = frame_of(from, piece, 1);
  auto results = frame_of(from, from.result, 1);
  auto control = frame_of(from, wire::ping{1}, 1);
  auto second = frame_of(from, wire::ping{2}, 2);
  // Two frames of one class share a segment.
  auto both = control;
  both.insert(both.end(), second.begin(), second.end());
  bytes_view rest{bulk};
  bytes stream;
  auto next = [&] {
    auto size = std::min(rest.size(), segment_content_bytes);
    append_segment(stream, wire::traffic_class::bulk, rest.first(size));
    rest = rest.subspan(size);
  };
  next();
  append_segment(stream, wire::traffic_class::control, both);
  next();
  append_segment(stream, wire::traffic_class::results, results);
  while (!rest.empty())
    next();
  auto frames = json::array();
  for (const auto& [number, frame] :
       {std::pair{1, control}, {1, second}, {2, results}, {3, bulk}})
    frames.push_back({{"class", number}, {"frame", to_hex(frame)}});
  return {{"stream", to_hex(stream)}, {"frames", frames}};
}

} // namespace

json link_vectors(const samples& from) {
  return {{"certificate", certificate_vector(from)},
          {"segments", segments_vector(from)}};
}

} // namespace artel::tools
