// Frames, as they come out of a link's segments: their envelopes, and what is
// in those.
#include "protocol/wire/codec.hpp"
#include "tests/fuzz/payload_checks.hpp"
#include "tests/fuzz/target.hpp"

namespace artel::fuzz {

void run(bytes_view input) {
  auto items = wire::decode_frame(input);
  if (!items) {
    require(!items.error().message.empty(), "a refusal says why");
    return;
  }
  for (const auto& item : *items)
    check_envelope(item);
  if (items->empty())
    return;
  require(wire::count_for_frame(*items) == items->size(),
          "what came in one frame fits into one");
  auto encoded = wire::encode_frame(*items);
  require(as_text(encoded) == as_text(input),
          "what decodes encodes to the same bytes");
}

std::vector<seed> make_seeds() {
  std::vector<seed> seeds;
  auto items = all_envelopes();
  seeds.push_back({"all", wire::encode_frame(items)});
  seeds.push_back({"empty", wire::encode_frame({})});
  for (const auto& item : items)
    seeds.push_back({item.type, wire::encode_frame({&item, 1})});
  return seeds;
}

} // namespace artel::fuzz
