// Strong types for everything that is named: mixing two kinds does not compile.
// All are values with a total order, so that ordered containers iterate alike
// on every machine.
#pragma once

#include "protocol/core/bytes.hpp"

#include <algorithm>
#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string>

namespace artel {

/// N bytes that name one kind of thing; all zero means "none".
template <class Tag, std::size_t N>
struct byte_id {
  static constexpr std::size_t size = N;

  std::array<std::uint8_t, N> value{};

  auto operator<=>(const byte_id&) const = default;

  bool is_zero() const noexcept { return *this == byte_id{}; }
  bytes_view view() const noexcept { return value; }
};

/// A node: its Ed25519 public key.
using node_id = byte_id<struct node_id_tag, 32>;
/// An owner, and thereby its account: its Ed25519 public key.
using owner_id = byte_id<struct owner_id_tag, 32>;
/// A BLAKE2b-256 hash.
using hash256 = byte_id<struct hash256_tag, 32>;
/// An Ed25519 signature.
using signature = byte_id<struct signature_tag, 64>;
/// A task: 128 random bits drawn by its owner.
using task_id = byte_id<struct task_id_tag, 16>;

/// A job of a task: the index of its chunk (reduce jobs follow the chunks).
struct job_id {
  task_id task;
  std::uint64_t index = 0;

  auto operator<=>(const job_id&) const = default;
};

/// One attempt at a job. Attempts of a job count up from 1 over all replicas
/// and retries, so that the number also fences off what comes late.
struct attempt_id {
  job_id job;
  std::uint32_t attempt = 0;

  auto operator<=>(const attempt_id&) const = default;
};

template <class Tag, std::size_t N>
std::string to_string(const byte_id<Tag, N>& id) {
  return to_hex(id.view());
}

/// The first eight hexadecimal digits: for people, never for comparing.
template <class Tag, std::size_t N>
std::string short_name(const byte_id<Tag, N>& id) {
  return to_hex(id.view().first(4));
}

/// Reads the hexadecimal form; malformed unless it has exactly N bytes.
template <class Id>
result<Id> parse_id(std::string_view text) {
  auto data = from_hex(text);
  if (!data)
    return data.error();
  if (data->size() != Id::size)
    return {errc::malformed, "expected " + std::to_string(Id::size * 2)
                               + " hexadecimal digits, found "
                               + std::to_string(text.size())};
  Id id;
  std::copy(data->begin(), data->end(), id.value.begin());
  return id;
}

} // namespace artel

/// Ids are uniformly distributed by origin, so their first bytes are the hash.
template <class Tag, std::size_t N>
struct std::hash<artel::byte_id<Tag, N>> {
  std::size_t operator()(const artel::byte_id<Tag, N>& id) const noexcept {
    std::size_t value;
    static_assert(N >= sizeof(value));
    std::memcpy(&value, id.value.data(), sizeof(value));
    return value;
  }
};
