// One envelope: its fields, what a receiver checks of it, its payload.
#include "protocol/identity/hash.hpp"
#include "protocol/wire/codec.hpp"
#include "tests/fuzz/payload_checks.hpp"
#include "tests/fuzz/target.hpp"

namespace artel::fuzz {

void run(bytes_view input) {
  auto item = wire::decode<wire::envelope>(input);
  if (!item) {
    require(item.error().message.starts_with("envelope"),
            "a refusal names the message");
    return;
  }
  require(as_text(wire::encode(*item)) == as_text(input),
          "what decodes encodes to the same bytes");
  check_envelope(*item);
}

std::vector<seed> make_seeds() {
  std::vector<seed> seeds;
  for (const auto& item : all_envelopes())
    seeds.push_back({item.type, wire::encode(item)});
  return seeds;
}

} // namespace artel::fuzz
