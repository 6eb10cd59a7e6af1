// Everything that has an encoding, payloads and their parts, each by its own
// decoder. The first byte of an input says which message the rest is.
#include "protocol/overlay/lan_announcement.hpp"
#include "protocol/wire/codec.hpp"
#include "tests/fuzz/target.hpp"
#include "tests/protocol/wire/fill.hpp"
#include "tests/protocol/wire/message_list.hpp"

#include <cstddef>
#include <cstdint>
#include <tuple>
#include <type_traits>
#include <utility>

namespace artel::fuzz {

namespace {

using messages = std::tuple<ARTEL_TEST_MESSAGES>;
constexpr auto message_count = std::tuple_size_v<messages>;
static_assert(message_count < 256);

/// Alone among what has an encoding, it comes outside of any envelope.
void check_announcement(const lan_announcement& item) {
  announcement_filter filter{item.network, {}};
  auto admitted = filter.admit(item, item.sent);
  require(admitted.ok() || !admitted.error().message.empty(),
          "a refusal says why");
  require(!admitted.ok() || !filter.admit(item, item.sent).ok(),
          "no announcement is admitted twice");
}

template <class T>
void check_message(bytes_view data) {
  auto message = wire::decode<T>(data);
  if (!message) {
    require(message.error().message.starts_with(T::type_name),
            "a refusal names the message");
    return;
  }
  auto encoded = wire::encode(*message);
  require(as_text(encoded) == as_text(data),
          "what decodes encodes to the same bytes");
  if constexpr (std::is_same_v<T, lan_announcement>)
    check_announcement(*message);
}

template <std::size_t... Index>
void check_one(std::size_t wanted, bytes_view data,
               std::index_sequence<Index...>) {
  (void)((wanted == Index
            ? (check_message<std::tuple_element_t<Index, messages>>(data), true)
            : false)
         || ...);
}

template <std::size_t... Index>
std::vector<seed> seeds_of(std::index_sequence<Index...>) {
  std::vector<seed> seeds;
  auto add = [&]<class T>(std::uint8_t number, const T& message) {
    bytes input{number};
    auto encoded = wire::encode(message);
    input.insert(input.end(), encoded.begin(), encoded.end());
    seeds.push_back({std::string{T::type_name}, std::move(input)});
  };
  (add(Index, testing::counted<std::tuple_element_t<Index, messages>>()), ...);
  return seeds;
}

} // namespace

void run(bytes_view input) {
  if (!input.empty())
    check_one(input[0], input.subspan(1),
              std::make_index_sequence<message_count>{});
}

std::vector<seed> make_seeds() {
  return seeds_of(std::make_index_sequence<message_count>{});
}

} // namespace artel::fuzz
