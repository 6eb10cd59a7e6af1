#include "runtime/net/tls_session.hpp"

#include "protocol/core/random.hpp"

#include <doctest/doctest.h>

#include <array>
#include <string_view>
#include <utility>

using namespace artel;
using namespace artel::runtime;

namespace {

key_pair some_key(std::uint64_t seed) {
  initialize_crypto();
  auto random = random_generator::from_number(seed);
  return key_pair::generate(random);
}

std::shared_ptr<const tls_context> context_of(const key_pair& identity) {
  auto made = tls_context::make(identity);
  REQUIRE(made);
  return *made;
}

/// Moves what one wrote to the other, a few bytes at a time.
void move_bytes(tls_session& from, tls_session& to, std::size_t piece) {
  auto data = std::exchange(from.output(), {});
  for (std::size_t at = 0; at < data.size(); at += piece) {
    auto count = std::min(piece, data.size() - at);
    to.feed(as_bytes({data.data() + at, count}));
    to.handshake();
    to.keep_rest();
  }
}

struct pair_of_sessions {
  key_pair near_key = some_key(1);
  key_pair far_key = some_key(2);
  tls_session near{context_of(near_key), tls_session::side::dialled};
  tls_session far{context_of(far_key), tls_session::side::accepted};

  void shake_hands(std::size_t piece = 100'000) {
    near.handshake();
    for (int n = 0; n < 4; ++n) {
      move_bytes(near, far, piece);
      move_bytes(far, near, piece);
    }
  }
};

} // namespace

TEST_CASE("both sides learn whom they talk to before anything else") {
  for (std::size_t piece : {1u, 7u, 100'000u}) {
    CAPTURE(piece);
    pair_of_sessions both;
    both.shake_hands(piece);
    REQUIRE(both.near.current() == tls_session::state::open);
    REQUIRE(both.far.current() == tls_session::state::open);
    CHECK(both.near.proven() == both.far_key.node());
    CHECK(both.far.proven() == both.near_key.node());
  }
}

TEST_CASE("what one side writes the other reads, also kept for later") {
  pair_of_sessions both;
  both.shake_hands();
  REQUIRE(both.near.write(as_bytes("first")));
  move_bytes(both.near, both.far, 3);
  REQUIRE(both.near.write(as_bytes("second")));
  move_bytes(both.near, both.far, 5);
  std::array<std::uint8_t, 100> room{};
  auto count = both.far.read(room);
  CHECK(as_text(bytes_view{room}.first(count)) == "first");
  count = both.far.read(room);
  CHECK(as_text(bytes_view{room}.first(count)) == "second");
  CHECK(both.far.read(room) == 0);
  CHECK(both.far.current() == tls_session::state::open);
}

TEST_CASE("a session that one side closes is over for the other") {
  pair_of_sessions both;
  both.shake_hands();
  both.near.close();
  CHECK_FALSE(both.near.write(as_bytes("late")));
  move_bytes(both.near, both.far, 100);
  std::array<std::uint8_t, 100> room{};
  CHECK(both.far.read(room) == 0);
  CHECK(both.far.current() == tls_session::state::ended);
}

TEST_CASE("bytes that are no TLS fail the session") {
  tls_session session{context_of(some_key(1)), tls_session::side::accepted};
  session.feed(as_bytes("GET / HTTP/1.1\r\nHost: example\r\n\r\n"));
  CHECK(session.handshake() == tls_session::state::failed);
  CHECK(session.problem() == tls_problem::other);
  CHECK_FALSE(session.reason().empty());
}

TEST_CASE("bytes changed on the way end the session") {
  pair_of_sessions both;
  both.shake_hands();
  REQUIRE(both.near.write(as_bytes("pay 1 credit")));
  both.near.output().back() ^= 1;
  move_bytes(both.near, both.far, 100);
  std::array<std::uint8_t, 100> room{};
  CHECK(both.far.read(room) == 0);
  CHECK(both.far.current() == tls_session::state::failed);
}
