#include "tools/artel/wire/refused_vectors.hpp"

#include "protocol/core/limits.hpp"
#include "protocol/wire/codec.hpp"
#include "protocol/wire/messages.hpp"

#include <cassert>
#include <string>
#include <string_view>
#include <utility>

namespace artel::tools {

namespace {

using runtime::json;

class refusals {
public:
  /// Whatever is wrong with it is what the decoder says.
  template <class T>
  void add(const bytes& encoded) {
    auto decoded = wire::decode<T>(encoded);
    assert(!decoded.ok());
    list_.push_back({{"type", T::type_name},
                     {"encoded", to_hex(encoded)},
                     {"error", to_string(decoded.error().code)},
                     {"why", decoded.error().message}});
  }

  template <class T>
  void add_hex(std::string_view digits) {
    auto encoded = from_hex(digits);
    assert(encoded.ok());
    add<T>(*encoded);
  }

  json take() && { return std::move(list_); }

private:
  json list_ = json::array();
};

/// {"nonce": ...}, all but the value.
constexpr std::string_view nonce = "81a56e6f6e6365";

void add_numbers(refusals& to) {
  for (std::string_view value :
       // Not shortest; negative; floating point; nothing; text; missing.
       {"cc07", "cd0007", "d007", "ff", "cb401c000000000000", "c0", "a137", ""})
    to.add_hex<wire::ping>(std::string{nonce} + std::string{value});
}

void add_fields(refusals& to) {
  using namespace std::string_literals;
  // None, one too many, one twice, another name, long headers, a trailing byte.
  to.add_hex<wire::ping>("80");
  to.add_hex<wire::ping>("82a56e6f6e636507a56578747261"s + "01");
  to.add_hex<wire::ping>("82a56e6f6e636507a56e6f6e636507");
  to.add_hex<wire::ping>("81a56e6f6e636607");
  to.add_hex<wire::ping>("de0001a56e6f6e636507");
  to.add_hex<wire::ping>("81d9056e6f6e636507");
  to.add_hex<wire::ping>("81a56e6f6e63650700");
  // {"amount", "task"}: another order.
  to.add_hex<wire::payment_ack>("82a6616d6f756e7400a47461736bc410"
                                "00000000000000000000000000000000");
}

void add_limits(refusals& to) {
  wire::peer_address far;
  far.address.assign(limits::name_bytes_max + 1, 'x');
  to.add<wire::peer_address>(wire::encode(far));
  wire::handshake_refused no{errc::refused, {}};
  no.code = static_cast<errc>(0);
  to.add<wire::handshake_refused>(wire::encode(no));
  no.code = static_cast<errc>(200);
  to.add<wire::handshake_refused>(wire::encode(no));
  // 2^32 - 1 entries, and none there.
  to.add_hex<wire::job_ack>("81a8617474656d707473ddffffffff");
  // An id of 15 bytes.
  to.add_hex<wire::payment_ack>("82a47461736bc40f"
                                "000000000000000000000000000000"
                                "a6616d6f756e7400");
}

} // namespace

json refused_vectors() {
  refusals all;
  add_numbers(all);
  add_fields(all);
  add_limits(all);
  return std::move(all).take();
}

} // namespace artel::tools
