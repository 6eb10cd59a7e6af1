// What arrives on a link: frames, envelopes and payloads, and what else has an
// encoding. The first byte of an input says which of them the rest is.
#include "protocol/wire/envelope.hpp"
#include "tests/fuzz/target.hpp"
#include "tests/protocol/wire/fill.hpp"
#include "tests/protocol/wire/message_list.hpp"

#include <cstddef>
#include <tuple>
#include <utility>

namespace artel::fuzz {

namespace {

using messages = std::tuple<ARTEL_TEST_MESSAGES>;
constexpr auto message_count = std::tuple_size_v<messages>;
/// Before these numbers stand the messages, one by one.
constexpr std::uint8_t frame_number = 254;
constexpr std::uint8_t payload_number = 255;
static_assert(message_count < frame_number);

constexpr wall_time now{milliseconds{1'700'000'000'000}};

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
}

template <std::size_t... Index>
void check_one(std::size_t wanted, bytes_view data,
               std::index_sequence<Index...>) {
  (void)((wanted == Index
            ? (check_message<std::tuple_element_t<Index, messages>>(data), true)
            : false)
         || ...);
}

void check_result(const wire::job_result& result) {
  for (const auto& entry : result.entries) {
    auto sound = check_output_files(entry.files, limits::output_bytes_max);
    require(!sound || total_bytes(entry.files) <= limits::output_bytes_max,
            "sound output files are within their limit");
  }
}

void check_payload(const wire::envelope& item) {
  auto payload = wire::decode_payload(item);
  if (!payload)
    return;
  require(wire::type_of(*payload) == item.type,
          "a payload has the type that its envelope names");
  auto encoded = wire::encode_payload(*payload);
  require(encoded == item.payload, "what decodes encodes to the same bytes");
  if (auto* result = std::get_if<wire::job_result>(&*payload))
    check_result(*result);
}

void check_envelope(const wire::envelope& item) {
  auto admitted = wire::check_envelope(item, item.network, item.recipient, now);
  require(admitted.ok() || !admitted.error().message.empty(),
          "a refusal says why");
  check_payload(item);
}

void check_frame(bytes_view data) {
  auto items = wire::decode_frame(data);
  if (!items)
    return;
  for (const auto& item : *items)
    check_envelope(item);
  if (items->empty())
    return;
  require(wire::count_for_frame(*items) == items->size(),
          "what came in one frame fits into one");
  auto encoded = wire::encode_frame(*items);
  require(as_text(encoded) == as_text(data),
          "what decodes encodes to the same bytes");
}

bytes numbered(std::uint8_t number, bytes_view data) {
  bytes input{number};
  input.insert(input.end(), data.begin(), data.end());
  return input;
}

template <std::size_t... Index>
void add_messages(std::vector<seed>& seeds, std::index_sequence<Index...>) {
  auto add = [&]<class T>(std::uint8_t number, const T& message) {
    seeds.push_back(
      {std::string{T::type_name}, numbered(number, wire::encode(message))});
  };
  (add(Index, testing::counted<std::tuple_element_t<Index, messages>>()), ...);
}

wire::envelope envelope_of(const wire::payload& payload) {
  wire::envelope item;
  item.network = "main";
  item.type = wire::type_of(payload);
  item.priority = wire::class_of(payload);
  item.sequence = 1;
  item.sent = now;
  item.payload = wire::encode_payload(payload);
  return item;
}

template <std::size_t... Index>
std::vector<wire::envelope> all_envelopes(std::index_sequence<Index...>) {
  return {envelope_of(
    testing::counted<std::variant_alternative_t<Index, wire::payload>>())...};
}

} // namespace

void run(bytes_view input) {
  if (input.empty())
    return;
  auto data = input.subspan(1);
  if (input[0] == frame_number) {
    check_frame(data);
  } else if (input[0] == payload_number) {
    if (auto item = wire::decode<wire::envelope>(data))
      check_envelope(*item);
  } else {
    check_one(input[0], data, std::make_index_sequence<message_count>{});
  }
}

std::vector<seed> make_seeds() {
  std::vector<seed> seeds;
  add_messages(seeds, std::make_index_sequence<message_count>{});
  auto items = all_envelopes(
    std::make_index_sequence<std::variant_size_v<wire::payload>>{});
  for (const auto& item : items)
    seeds.push_back(
      {"payload_" + item.type, numbered(payload_number, wire::encode(item))});
  seeds.push_back({"frame", numbered(frame_number, wire::encode_frame(items))});
  return seeds;
}

} // namespace artel::fuzz
