#include "protocol/task/blob_fetch.hpp"

#include "protocol/core/random.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>

using namespace artel;

namespace {

constexpr std::size_t piece = limits::blob_piece_bytes;
const instant start{microseconds{1'000'000}};

instant after(std::int64_t ms) {
  return start + milliseconds{ms};
}

bytes random_bytes(std::size_t size, std::uint64_t seed = 1) {
  bytes data(size);
  random_generator::from_number(seed).fill(data);
  return data;
}

node_id node_of(std::uint8_t number) {
  node_id node;
  node.value[0] = number;
  return node;
}

blob_content content_of(bytes data) {
  return blob_content{std::make_shared<const bytes>(std::move(data))};
}

wire::blob_piece answer(const blob_content& content, std::uint32_t index) {
  auto data = content.piece(index);
  return {content.ref().id,    content.ref().size_bytes,  index, true,
          content.path(index), {data.begin(), data.end()}};
}

wire::blob_piece unknown(const blob_content& content, std::uint32_t index) {
  return {content.ref().id, 0, index, false, {}, {}};
}

blob_fetch begin(const blob_content& content,
                 blob_fetch_settings settings = {}) {
  auto fetch = blob_fetch::begin(content.ref(), 64u << 20, settings, start);
  REQUIRE(fetch);
  return std::move(*fetch);
}

std::size_t asked_of(const blob_outbox& out, const node_id& node) {
  std::size_t count = 0;
  for (const auto& one : out.requests)
    if (one.source == node)
      count += one.pieces.size();
  return count;
}

} // namespace

TEST_CASE("a blob larger than allowed is not begun") {
  auto fetch = blob_fetch::begin({{}, 1'001}, 1'000, {}, start);
  REQUIRE_FALSE(fetch);
  CHECK(fetch.error().code == errc::limit_exceeded);
  CHECK_FALSE(blob_fetch::begin({{}, ~std::uint64_t{0}}, 64u << 20, {}, start));
}

TEST_CASE("pieces are spread over the sources, a few for each at a time") {
  auto content = content_of(random_bytes(20 * piece));
  auto fetch = begin(content);
  blob_outbox out;
  fetch.add_source(node_of(1), start, out);
  CHECK(asked_of(out, node_of(1)) == 4);
  fetch.add_source(node_of(2), start, out);
  fetch.add_source(node_of(2), start, out);
  CHECK(asked_of(out, node_of(2)) == 4);
  fetch.check_invariants();
  // Only who answers gets more.
  blob_outbox next;
  auto index = out.requests[0].pieces[0];
  fetch.on_piece(node_of(1), answer(content, index), after(1), next);
  CHECK(asked_of(next, node_of(1)) == 1);
  CHECK(asked_of(next, node_of(2)) == 0);
  CHECK(fetch.received_bytes() == piece);
}

TEST_CASE("an empty blob is one empty piece") {
  auto content = content_of({});
  auto fetch = begin(content);
  blob_outbox out;
  fetch.add_source(node_of(1), start, out);
  fetch.on_piece(node_of(1), answer(content, 0), after(1), out);
  REQUIRE(fetch.is_complete());
  CHECK(fetch.take().empty());
}

TEST_CASE("who sends a wrong piece is found out, and the rest goes on") {
  auto content = content_of(random_bytes(6 * piece));
  auto good = answer(content, 0);
  auto flaws = std::vector<wire::blob_piece>(6, good);
  flaws[0].data[5] ^= 1;
  flaws[1].data.clear();
  flaws[2].index = 6;
  flaws[3].index = 0xffff'ffff;
  flaws[4].total_bytes += 1;
  flaws[5].path.pop_back();
  for (std::size_t i = 0; i < flaws.size(); ++i) {
    CAPTURE(i);
    auto fetch = begin(content);
    blob_outbox out;
    fetch.add_source(node_of(1), start, out);
    fetch.add_source(node_of(2), start, out);
    blob_outbox next;
    fetch.on_piece(node_of(1), flaws[i], after(1), next);
    fetch.check_invariants();
    CHECK(next.misbehaved == std::vector{node_of(1)});
    CHECK(fetch.received_bytes() == 0);
    CHECK_FALSE(fetch.problem());
    CHECK(fetch.source_count() == 1);
    // It is not taken back.
    fetch.add_source(node_of(1), after(2), next);
    CHECK(fetch.source_count() == 1);
    for (std::uint32_t one = 0; one < 6; ++one)
      fetch.on_piece(node_of(2), answer(content, one), after(3), next);
    CHECK(fetch.is_complete());
  }
}

TEST_CASE("a fetch ends when every source was dropped for cause") {
  auto content = content_of(random_bytes(2 * piece));
  auto fetch = begin(content);
  blob_outbox out;
  fetch.add_source(node_of(1), start, out);
  fetch.add_source(node_of(2), start, out);
  fetch.on_piece(node_of(1), unknown(content, 0), after(1), out);
  CHECK(out.misbehaved.empty());
  CHECK_FALSE(fetch.problem());
  fetch.on_piece(node_of(2), unknown(content, 1), after(1), out);
  REQUIRE(fetch.problem());
  CHECK(fetch.problem()->code == errc::not_found);
}

TEST_CASE("what has come stays when links are lost; others bring the rest") {
  auto content = content_of(random_bytes(8 * piece));
  auto fetch = begin(content);
  blob_outbox out;
  fetch.add_source(node_of(1), start, out);
  for (std::uint32_t i = 0; i < 3; ++i)
    fetch.on_piece(node_of(1), answer(content, i), after(10), out);
  fetch.drop_source(node_of(1), after(20), out);
  fetch.check_invariants();
  blob_outbox next;
  fetch.on_tick(after(9'000), next);
  CHECK(next.requests.empty());
  CHECK_FALSE(fetch.problem());
  // Its new link, and another node.
  fetch.add_source(node_of(1), after(9'500), next);
  fetch.add_source(node_of(2), after(9'500), next);
  CHECK(asked_of(next, node_of(1)) + asked_of(next, node_of(2)) == 5);
  for (std::uint32_t i = 3; i < 8; ++i)
    fetch.on_piece(node_of(2), answer(content, i), after(9'600), next);
  REQUIRE(fetch.is_complete());
  CHECK(fetch.take() == *content.content());
}

TEST_CASE("without a source, or any new piece, it fails after a while") {
  auto content = content_of(random_bytes(8 * piece));
  for (auto has_source : {false, true}) {
    auto fetch = begin(content);
    blob_outbox out;
    if (has_source)
      fetch.add_source(node_of(1), start, out);
    for (auto ms = 100; ms <= 10'000; ms += 100)
      fetch.on_tick(after(ms), out);
    CHECK_FALSE(fetch.problem());
    fetch.on_tick(after(10'001), out);
    REQUIRE(fetch.problem());
    CHECK(fetch.problem()->code == errc::unreachable);
  }
}

TEST_CASE("what is overdue is asked of those who answer") {
  auto content = content_of(random_bytes(4 * piece));
  auto fetch = begin(content);
  blob_outbox out;
  fetch.add_source(node_of(1), start, out);
  CHECK(asked_of(out, node_of(1)) == 4);
  fetch.add_source(node_of(2), after(1), out);
  blob_outbox next;
  fetch.on_tick(after(499), next);
  CHECK(next.requests.empty());
  fetch.on_tick(after(500), next);
  fetch.check_invariants();
  CHECK(asked_of(next, node_of(2)) == 4);
  CHECK(asked_of(next, node_of(1)) == 0);
  // Late all the same: good, and what the other sends then is no flaw.
  fetch.on_piece(node_of(1), answer(content, 0), after(600), next);
  fetch.on_piece(node_of(2), answer(content, 0), after(601), next);
  CHECK(next.misbehaved.empty());
  CHECK(fetch.received_bytes() == piece);
  fetch.check_invariants();
}

TEST_CASE("a slow source is given the time that its answers take") {
  auto content = content_of(random_bytes(20 * piece));
  auto fetch = begin(content);
  blob_outbox out;
  fetch.add_source(node_of(1), start, out);
  auto first = out.requests[0].pieces;
  for (auto index : first)
    fetch.on_piece(node_of(1), answer(content, index), after(400), out);
  blob_outbox next;
  // Four times as long as those took.
  fetch.on_tick(after(400 + 1'500), next);
  CHECK(next.requests.empty());
  fetch.on_tick(after(400 + 1'700), next);
  CHECK(asked_of(next, node_of(1)) == 1);
}

TEST_CASE("pieces of strangers and of other blobs change nothing") {
  auto content = content_of(random_bytes(3 * piece));
  auto other = content_of(random_bytes(3 * piece, 2));
  auto fetch = begin(content);
  blob_outbox out;
  fetch.add_source(node_of(1), start, out);
  blob_outbox next;
  fetch.on_piece(node_of(2), answer(content, 0), after(1), next);
  fetch.on_piece(node_of(1), answer(other, 0), after(1), next);
  CHECK(fetch.received_bytes() == 0);
  CHECK(fetch.source_count() == 1);
  CHECK(next.misbehaved.empty());
}

/// Sources of every kind on links that lose, delay, double and reorder.
TEST_CASE("any mixture with one honest source ends with the right bytes") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    auto random = random_generator::from_number(seed);
    auto content =
      content_of(random_bytes(1 + random.below(12 * piece), seed + 1'000));
    blob_fetch_settings settings;
    settings.pieces_in_flight = 1 + random.below(6);
    auto fetch = begin(content, settings);
    enum kind { honest, liar, ignorant, silent, slow };
    std::map<node_id, kind> sources;
    sources[node_of(1)] = honest;
    for (std::uint8_t i = 2; i < 2 + random.below(6); ++i)
      sources[node_of(i)] = static_cast<kind>(random.below(5));
    std::multimap<std::int64_t, std::pair<node_id, wire::blob_piece>> mail;
    auto carry = [&](std::int64_t now, blob_outbox& out) {
      for (const auto& request : out.requests) {
        REQUIRE(request.pieces.size() <= settings.pieces_in_flight);
        auto kind = sources.at(request.source);
        for (auto index : request.pieces) {
          REQUIRE(index < piece_count(content.ref().size_bytes));
          if (kind == silent || random.below(5) == 0)
            continue;
          auto one =
            kind == ignorant ? unknown(content, index) : answer(content, index);
          if (kind == liar && !one.data.empty())
            one.data[random.below(one.data.size())] ^= 1;
          auto delay = (kind == slow ? 2'000 : 5)
                       + static_cast<std::int64_t>(random.below(100));
          auto copies = random.below(8) == 0 ? 2u : 1u;
          for (std::uint64_t copy = 0; copy < copies; ++copy)
            mail.emplace(now + delay + 3 * static_cast<std::int64_t>(copy),
                         std::pair{request.source, one});
        }
      }
      for (const auto& node : out.misbehaved)
        REQUIRE(sources.at(node) == liar);
      out = {};
    };
    blob_outbox out;
    for (const auto& [node, kind] : sources)
      fetch.add_source(node, start, out);
    carry(0, out);
    std::int64_t now = 0;
    for (; now < 120'000 && !fetch.is_complete() && !fetch.problem();
         now += 1) {
      while (!mail.empty() && mail.begin()->first <= now) {
        auto [from, one] = mail.begin()->second;
        mail.erase(mail.begin());
        fetch.on_piece(from, one, after(now), out);
        fetch.check_invariants();
        carry(now, out);
      }
      if (now % 100 == 0) {
        fetch.on_tick(after(now), out);
        fetch.check_invariants();
        carry(now, out);
      }
      if (random.below(2'000) == 0) {
        fetch.drop_source(node_of(1), after(now), out);
        fetch.add_source(node_of(1), after(now), out);
        carry(now, out);
      }
    }
    REQUIRE(fetch.is_complete());
    CHECK(fetch.take() == *content.content());
  }
}
