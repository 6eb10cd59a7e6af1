#include "protocol/wire/codec.hpp"

#include "protocol/core/limits.hpp"
#include "protocol/identity/merkle.hpp"
#include "protocol/overlay/lan_announcement.hpp"
#include "protocol/task/code_bundle.hpp"
#include "protocol/task/output_file.hpp"
#include "protocol/task/sandbox_terms.hpp"
#include "protocol/task/task_terms.hpp"
#include "protocol/verification/receipt.hpp"
#include "protocol/wire/canonical_reader.hpp"
#include "protocol/wire/canonical_writer.hpp"
#include "protocol/wire/envelope.hpp"
#include "protocol/wire/envelope_appender.hpp"
#include "protocol/wire/known_values.hpp"
#include "protocol/wire/messages.hpp"
#include "protocol/wire/schema.hpp"

#include <chrono>
#include <concepts>
#include <limits>
#include <type_traits>
#include <utility>

namespace artel::wire {

namespace {

/// wall_time and milliseconds: a count of milliseconds.
template <class T>
concept time_value =
  std::same_as<T, wall_time> || std::same_as<T, milliseconds>;

// -- encoding -----------------------------------------------------------------

template <class T>
void write_value(canonical_writer& out, const T& value);

struct field_writer {
  canonical_writer& out;

  template <class Member>
  [[gnu::always_inline]] void operator()(std::string_view name,
                                         const Member& member) const {
    out.name(name);
    write_value(out, member);
  }
};

template <class T>
void write_value(canonical_writer& out, const T& value) {
  if constexpr (has_fields<T>) {
    out.map(schema<T>::message.field_count);
    for_each_field(value, field_writer{out});
  } else if constexpr (std::same_as<T, bool>) {
    out.boolean(value);
  } else if constexpr (std::unsigned_integral<T>) {
    out.integer(std::uint64_t{value});
  } else if constexpr (std::signed_integral<T>) {
    out.integer(std::int64_t{value});
  } else if constexpr (std::is_enum_v<T>) {
    out.integer(std::uint64_t{static_cast<std::underlying_type_t<T>>(value)});
  } else if constexpr (std::same_as<T, credits>) {
    out.integer(value.micro);
  } else if constexpr (std::same_as<T, ppm>) {
    out.integer(std::int64_t{value.value});
  } else if constexpr (std::same_as<T, wall_time>) {
    out.integer(std::int64_t{value.time_since_epoch().count()});
  } else if constexpr (std::same_as<T, milliseconds>) {
    out.integer(std::int64_t{value.count()});
  } else if constexpr (std::same_as<T, std::string>) {
    out.string(value);
  } else if constexpr (std::same_as<T, bytes>) {
    out.binary(value);
  } else if constexpr (detail::is_vector<T>) {
    out.array(value.size());
    for (const auto& element : value)
      write_value(out, element);
  } else {
    out.binary(value.view());
  }
}

// -- decoding -----------------------------------------------------------------

template <class T>
bool read_value(canonical_reader& in, T& value, const field_schema& field);

template <class T>
struct field_reader {
  canonical_reader& in;
  const std::uint8_t* start;
  std::size_t index = 0;
  bool sound = true;

  template <class Member>
  [[gnu::always_inline]] void operator()(std::string_view name,
                                         Member& member) {
    if (!sound)
      return;
    const auto& field = schema<T>::collected.fields[index++];
    if (!in.match_name(name))
      sound = in.fail_fields(schema<T>::message, start);
    else if (!read_value(in, member, field))
      sound = in.at_field(name);
  }
};

template <has_fields T>
bool read_message(canonical_reader& in, T& value) {
  const auto* start = in.position();
  if (!in.enter_message(schema<T>::message))
    return false;
  field_reader<T> reader{in, start};
  T::fields(value, reader);
  in.leave();
  return reader.sound;
}

template <class T>
bool read_array(canonical_reader& in, std::vector<T>& value,
                const field_schema& field) {
  std::size_t count;
  if (!in.enter_array(count, field.max, encoded_size_min<T>))
    return false;
  const field_schema element{field.name, field.element_max, 0};
  value.resize(count);
  for (std::size_t i = 0; i < count; ++i)
    if (!read_value(in, value[i], element))
      return in.at_element(i);
  in.leave();
  return true;
}

template <class T>
bool read_integer(canonical_reader& in, T& value) {
  using limit = std::numeric_limits<T>;
  std::conditional_t<std::unsigned_integral<T>, std::uint64_t, std::int64_t>
    wide;
  bool read;
  if constexpr (std::unsigned_integral<T>)
    read = in.read_unsigned(wide, limit::max());
  else
    read = in.read_signed(wide, limit::min(), limit::max());
  if (read)
    value = static_cast<T>(wide);
  return read;
}

template <class T>
bool read_enumerator(canonical_reader& in, T& value) {
  std::uint64_t number;
  if (!in.read_enumerator(number, static_cast<std::uint64_t>(last_value<T>)))
    return false;
  value = static_cast<T>(number);
  return true;
}

template <time_value T>
bool read_time(canonical_reader& in, T& value) {
  std::int64_t count;
  if (!in.read_time(count))
    return false;
  value = T{milliseconds{count}};
  return true;
}

template <class T>
bool read_value(canonical_reader& in, T& value,
                [[maybe_unused]] const field_schema& field) {
  if constexpr (has_fields<T>)
    return read_message(in, value);
  else if constexpr (std::same_as<T, bool>)
    return in.read_bool(value);
  else if constexpr (std::integral<T>)
    return read_integer(in, value);
  else if constexpr (std::is_enum_v<T>)
    return read_enumerator(in, value);
  else if constexpr (std::same_as<T, credits>)
    return read_integer(in, value.micro);
  else if constexpr (std::same_as<T, ppm>)
    return read_integer(in, value.value);
  else if constexpr (time_value<T>)
    return read_time(in, value);
  else if constexpr (std::same_as<T, std::string>)
    return in.read_string(value, field.max);
  else if constexpr (std::same_as<T, bytes>)
    return in.read_bytes(value, field.max);
  else if constexpr (detail::is_vector<T>)
    return read_array(in, value, field);
  else
    return in.read_exactly(value.value);
}

} // namespace

template <class T>
bytes encode(const T& message) {
  canonical_writer out;
  write_value(out, message);
  return std::move(out).finish();
}

template <class T>
result<T> decode(bytes_view data) {
  if (data.size() > limits::envelope_bytes_max)
    return {errc::limit_exceeded,
            std::string{T::type_name} + ": " + std::to_string(data.size())
              + " bytes; at most " + std::to_string(limits::envelope_bytes_max)
              + " are allowed"};
  canonical_reader in{data};
  result<T> message{T{}};
  if (!read_message(in, *message) || !in.finish())
    return in.take_failure(T::type_name);
  return message;
}

// -- every type that is encoded -----------------------------------------------

#define ARTEL_WIRE_TYPES(each)                                                \
  each(capabilities) each(handshake) each(handshake_refused) each(ping)       \
    each(pong) each(peer_address) each(peer_exchange) each(bid_request)       \
      each(bid) each(job_assignment) each(job_assign) each(attempt_ref)       \
        each(job_ack) each(job_result_entry) each(job_result)                 \
          each(job_result_ack) each(job_fail) each(job_cancel) each(lease)    \
            each(heartbeat) each(envelope) each(code_ref) each(task_terms)    \
              each(execution_limits) each(job_input) each(bundle_file)        \
                each(code_bundle) each(receipt) each(signed_receipt)          \
                  each(job_verdict) each(signed_verdict) each(batch_proof)    \
                    each(sandbox_terms) each(output_file) each(goodbye)       \
                      each(network_update) each(payment) each(payment_ack)    \
                        each(payment_claim) each(blob_ref) each(blob_request) \
                          each(blob_piece) each(run_output)                   \
                            each(owner_certificate) each(seed_certificate)    \
                              each(join_token) each(seed_entry)               \
                                each(network_config) each(lan_announcement)

void append_encoded(bytes& target, const envelope& item) {
  canonical_writer out{std::move(target)};
  write_value(out, item);
  target = std::move(out).finish();
}

#define ARTEL_WIRE_INSTANTIATE(type)        \
  template bytes encode<type>(const type&); \
  template result<type> decode<type>(bytes_view);

ARTEL_WIRE_TYPES(ARTEL_WIRE_INSTANTIATE)

// -- checks that need all of them
// ----------------------------------------------

namespace {

#define ARTEL_WIRE_SCHEMA(type) schema<type>::message,

constexpr message_schema schemas[] = {ARTEL_WIRE_TYPES(ARTEL_WIRE_SCHEMA)};

constexpr bool has_field(const bound& row) {
  for (const auto& message : schemas)
    for (std::size_t i = 0; i < message.field_count; ++i)
      if (row.message == message.name && row.field == message.fields[i].name)
        return true;
  return false;
}

constexpr bool every_bound_has_its_field() {
  for (const auto& row : bounds)
    if (!has_field(row))
      return false;
  return true;
}

constexpr bool every_schema_nests_within_the_limit() {
  for (const auto& message : schemas)
    if (message.depth > limits::depth_max)
      return false;
  return true;
}

static_assert(every_bound_has_its_field(),
              "a row of bounds.hpp names a field that no message has");
static_assert(every_schema_nests_within_the_limit());

} // namespace

} // namespace artel::wire
