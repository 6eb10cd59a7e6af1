// A link's stream of segments. The first byte of an input says how it is cut
// into what arrives at a time, and whether the reader has sent a frame: how it
// arrives must not matter.
#include "protocol/wire/segment.hpp"
#include "tests/fuzz/payload_checks.hpp"
#include "tests/fuzz/target.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace artel::fuzz {

namespace {

struct outcome {
  result<void> ended;
  std::vector<wire::arrived_frame> frames;
};

void check_memory(const wire::segment_reader& reader, std::size_t bytes_read) {
  // What a lane has at first, and twice what came.
  constexpr std::size_t first_room_bytes = wire::class_count * (16u << 10);
  require(reader.held_bytes() <= 2 * bytes_read + first_room_bytes,
          "a reader holds no more than twice what came");
}

outcome read(bytes_view stream, std::size_t step, bool has_sent) {
  outcome found;
  wire::segment_reader reader;
  if (has_sent)
    reader.note_sent();
  for (std::size_t from = 0; from < stream.size() && found.ended;
       from += step) {
    auto part = stream.subspan(from, std::min(step, stream.size() - from));
    found.ended = reader.read(part, found.frames);
    check_memory(reader, from + part.size());
  }
  return found;
}

bool same(const outcome& a, const outcome& b) {
  return a.ended.ok() == b.ended.ok()
         && std::equal(a.frames.begin(), a.frames.end(), b.frames.begin(),
                       b.frames.end(), [](const auto& x, const auto& y) {
                         return x.priority == y.priority && x.frame == y.frame;
                       });
}

void append(bytes& stream, wire::traffic_class priority, bytes_view content) {
  while (!content.empty()) {
    auto part = content.first(std::min<std::size_t>(content.size(), 200));
    content = content.subspan(part.size());
    std::array<std::uint8_t, wire::segment_header_bytes> header;
    wire::put_segment_header(header, priority, part.size());
    stream.insert(stream.end(), header.begin(), header.end());
    stream.insert(stream.end(), part.begin(), part.end());
  }
}

} // namespace

void run(bytes_view input) {
  if (input.empty())
    return;
  auto stream = input.subspan(1);
  auto has_sent = input[0] >= 128;
  auto whole = read(stream, std::max<std::size_t>(stream.size(), 1), has_sent);
  auto parts = read(stream, 1 + input[0] % 128, has_sent);
  require(same(whole, parts), "how a stream arrives does not matter");
  for (const auto& one : whole.frames) {
    require(one.frame.size() <= wire::frame_bytes_max,
            "a frame is within its limit");
    if (auto items = wire::decode_frame(one.frame))
      for (const auto& item : *items)
        check_envelope(item);
  }
}

std::vector<seed> make_seeds() {
  auto items = all_envelopes();
  bytes one{0};
  append(one, wire::traffic_class::control,
         wire::encode_frame({items.data(), 1}));
  bytes many{250};
  for (const auto& item : items)
    append(many, item.priority, wire::encode_frame({&item, 1}));
  return {{"one", one}, {"many", many}};
}

} // namespace artel::fuzz
