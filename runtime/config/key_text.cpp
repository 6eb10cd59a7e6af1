#include "runtime/config/key_text.hpp"

#include <charconv>
#include <optional>
#include <span>
#include <utility>

#include <sodium.h>

namespace artel::runtime {

namespace {

static_assert(sizeof(boxed_seed::salt) == crypto_pwhash_argon2id_SALTBYTES);
static_assert(sizeof(boxed_seed::nonce) == crypto_secretbox_NONCEBYTES);
static_assert(sizeof(boxed_seed::box) == 32 + crypto_secretbox_MACBYTES);

/// Wiped when it goes.
struct secret_bytes {
  std::array<std::uint8_t, 32> value{};

  secret_bytes() = default;
  secret_bytes(const secret_bytes&) = delete;
  secret_bytes& operator=(const secret_bytes&) = delete;
  ~secret_bytes() { sodium_memzero(value.data(), value.size()); }
};

failure malformed(std::string what) {
  return {errc::malformed, std::move(what)};
}

/// Takes "LABEL REST\n" off the text; nothing where it does not begin so.
std::optional<std::string_view> take_line(std::string_view& text,
                                          std::string_view label) {
  auto end = text.find('\n');
  auto line = text.substr(0, end);
  if (end == text.npos || !line.starts_with(label)
      || !line.substr(label.size()).starts_with(' '))
    return std::nullopt;
  text.remove_prefix(end + 1);
  return line.substr(label.size() + 1);
}

/// Exactly as many hexadecimal digits as the target takes.
bool read_hex(std::string_view digits, std::span<std::uint8_t> target) {
  std::size_t length = 0;
  return digits.size() == target.size() * 2
         && sodium_hex2bin(target.data(), target.size(), digits.data(),
                           digits.size(), nullptr, &length, nullptr)
              == 0
         && length == target.size();
}

/// Of the one form that is written: no sign, no zero in front.
std::optional<std::uint64_t> read_number(std::string_view text) {
  std::uint64_t value = 0;
  auto end = text.data() + text.size();
  auto read = std::from_chars(text.data(), end, value);
  if (text.empty() || text.front() == '0' || read.ec != std::errc{}
      || read.ptr != end)
    return std::nullopt;
  return value;
}

bool within_bounds(const passphrase_cost& cost) {
  return cost.passes >= crypto_pwhash_argon2id_OPSLIMIT_MIN
         && cost.passes <= passphrase_passes_max
         && cost.memory_bytes >= passphrase_memory_min
         && cost.memory_bytes <= passphrase_memory_max
         // Argon2 counts in these: what is less would not matter.
         && cost.memory_bytes % 1024 == 0;
}

result<key_text> parse_plain(const node_id& node, std::string_view text) {
  auto digits = take_line(text, "seed");
  secret_bytes seed;
  if (!digits || !text.empty() || !read_hex(*digits, seed.value))
    return malformed("does not hold 64 hexadecimal digits for node and seed");
  auto key = key_pair::from_seed(seed.value);
  if (key.node() != node)
    return malformed("is damaged: its node is not that of its seed");
  return key_text{node, std::move(key)};
}

result<key_text> parse_boxed(const node_id& node, std::string_view text) {
  auto costs = take_line(text, "argon2id");
  auto salt = take_line(text, "salt");
  auto nonce = take_line(text, "nonce");
  auto box = take_line(text, "box");
  boxed_seed seed;
  if (!costs || !salt || !nonce || !box || !text.empty()
      || !read_hex(*salt, seed.salt) || !read_hex(*nonce, seed.nonce)
      || !read_hex(*box, seed.box))
    return malformed("is damaged: expected lines argon2id, salt, nonce, box");
  auto blank = costs->find(' ');
  auto passes = read_number(costs->substr(0, blank));
  auto memory =
    blank == costs->npos ? std::nullopt : read_number(costs->substr(blank + 1));
  if (passes && memory)
    seed.cost = {*passes, *memory};
  if (!passes || !memory || !within_bounds(seed.cost))
    return malformed("asks for an unreasonable cost of its passphrase: expected"
                     " 1 to "
                     + std::to_string(passphrase_passes_max)
                     + " passes and 8 KiB to 1 GiB of memory, in whole KiB");
  return key_text{node, seed};
}

void append_hex(secret_text& target, std::span<const std::uint8_t> data) {
  std::array<char, 2 * 64 + 1> digits{};
  sodium_bin2hex(digits.data(), digits.size(), data.data(), data.size());
  target.append({digits.data(), data.size() * 2});
  sodium_memzero(digits.data(), digits.size());
}

secret_text head(std::string_view version, const node_id& node) {
  secret_text text{key_text_bytes_max};
  text.append(version);
  text.append("node ");
  text.append(to_string(node));
  return text;
}

constexpr std::string_view plain_version = "artel-key v1\n";
constexpr std::string_view boxed_version = "artel-key v2\n";

/// The key that opens the box.
result<void> derive(const boxed_seed& seed, std::string_view passphrase,
                    secret_bytes& key) {
  if (!within_bounds(seed.cost))
    return {errc::out_of_range, "the cost of a passphrase is out of bounds"};
  if (crypto_pwhash_argon2id(
        key.value.data(), key.value.size(), passphrase.data(),
        passphrase.size(), seed.salt.data(), seed.cost.passes,
        seed.cost.memory_bytes, crypto_pwhash_argon2id_ALG_ARGON2ID13)
      != 0)
    return {errc::limit_exceeded,
            "there are no " + std::to_string(seed.cost.memory_bytes >> 20)
              + " MiB of memory, which its passphrase takes"};
  return {};
}

} // namespace

result<key_text> parse_key_text(std::string_view text) {
  auto boxed = text.starts_with(boxed_version);
  if (!boxed && !text.starts_with(plain_version))
    return malformed("is no key file of artel, version 1 or 2");
  text.remove_prefix(plain_version.size());
  auto digits = take_line(text, "node");
  node_id node;
  if (!digits || !read_hex(*digits, node.value))
    return malformed("does not name its node by 64 hexadecimal digits");
  return boxed ? parse_boxed(node, text) : parse_plain(node, text);
}

secret_text plain_key_text(const key_pair& key) {
  auto text = head(plain_version, key.node());
  secret_bytes seed;
  seed.value = key.seed();
  text.append("\nseed ");
  append_hex(text, seed.value);
  text.append("\n");
  return text;
}

secret_text boxed_key_text(const node_id& node, const boxed_seed& seed) {
  auto text = head(boxed_version, node);
  text.append("\nargon2id " + std::to_string(seed.cost.passes) + " "
              + std::to_string(seed.cost.memory_bytes) + "\nsalt ");
  append_hex(text, seed.salt);
  text.append("\nnonce ");
  append_hex(text, seed.nonce);
  text.append("\nbox ");
  append_hex(text, seed.box);
  text.append("\n");
  return text;
}

result<boxed_seed> box_seed(const key_pair& key,
                            const key_protection& protection) {
  boxed_seed made;
  made.cost = protection.cost;
  randombytes_buf(made.salt.data(), made.salt.size());
  randombytes_buf(made.nonce.data(), made.nonce.size());
  secret_bytes opener;
  if (auto derived = derive(made, protection.passphrase, opener); !derived)
    return derived.error();
  secret_bytes seed;
  seed.value = key.seed();
  crypto_secretbox_easy(made.box.data(), seed.value.data(), seed.value.size(),
                        made.nonce.data(), opener.value.data());
  return made;
}

result<key_pair> open_box(const boxed_seed& seed, std::string_view passphrase) {
  secret_bytes opener;
  if (auto derived = derive(seed, passphrase, opener); !derived)
    return derived.error();
  secret_bytes opened;
  if (crypto_secretbox_open_easy(opened.value.data(), seed.box.data(),
                                 seed.box.size(), seed.nonce.data(),
                                 opener.value.data())
      != 0)
    return {errc::refused, "is not opened by this passphrase"};
  return key_pair::from_seed(opened.value);
}

} // namespace artel::runtime
