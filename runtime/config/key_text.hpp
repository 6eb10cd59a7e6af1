// The text of key files: both forms to their parts and back, and the box that a
// passphrase opens. Private to config/; no file is touched.
#pragma once

#include "protocol/identity/keys.hpp"
#include "runtime/config/key_file.hpp"
#include "runtime/config/secret_text.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace artel::runtime {

/// Larger is no key file.
inline constexpr std::size_t key_text_bytes_max = 512;

struct boxed_seed {
  passphrase_cost cost;
  std::array<std::uint8_t, 16> salt{};
  std::array<std::uint8_t, 24> nonce{};
  /// The seed, and what proves it whole.
  std::array<std::uint8_t, 48> box{};
};

struct key_text {
  node_id node;
  /// In the clear, or in its box.
  std::variant<key_pair, boxed_seed> secret;
};

/// malformed with what is wrong; the caller adds which file it was. Costs are
/// within their bounds.
result<key_text> parse_key_text(std::string_view text);

secret_text plain_key_text(const key_pair& key);
secret_text boxed_key_text(const node_id& node, const boxed_seed& seed);

/// With a fresh salt and nonce from the system. limit_exceeded where the memory
/// for it is not there, out_of_range for costs out of their bounds.
result<boxed_seed> box_seed(const key_pair& key,
                            const key_protection& protection);

/// refused where the passphrase is wrong, or the box was changed.
result<key_pair> open_box(const boxed_seed& seed, std::string_view passphrase);

} // namespace artel::runtime
