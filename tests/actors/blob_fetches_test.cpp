#include "actors/blob_fetches.hpp"

#include <doctest/doctest.h>

#include <memory>

using namespace artel;

namespace {

constexpr std::uint64_t piece = limits::blob_piece_bytes;
const instant start{microseconds{1'000'000}};

node_id node_of(std::uint8_t number) {
  node_id node;
  node.value[0] = number;
  return node;
}

blob_content content_of(std::size_t size, std::uint8_t fill) {
  return blob_content{std::make_shared<const bytes>(size, fill)};
}

wire::blob_piece answer(const blob_content& content, std::uint32_t index) {
  auto data = content.piece(index);
  return {content.ref().id,    content.ref().size_bytes,  index, true,
          content.path(index), {data.begin(), data.end()}};
}

void give_all(blob_fetches& fetches, const node_id& from,
              const blob_content& content) {
  for (std::uint32_t i = 0; i < piece_count(content.ref().size_bytes); ++i)
    fetches.on_piece(from, answer(content, i), start);
}

} // namespace

TEST_CASE("what is too large ends at once, and nothing is asked") {
  blob_fetches fetches{1'000, 10'000};
  fetches.want({{}, 1'001}, node_of(1), {node_of(1)}, start);
  auto ended = fetches.take_ended();
  REQUIRE(ended.size() == 1);
  CHECK(ended[0].problem->code == errc::limit_exceeded);
  CHECK(fetches.take_requests().empty());
  CHECK(fetches.empty());
}

TEST_CASE("fetches wait while there is no room, and no requester has it all") {
  blob_fetches fetches{4 * piece, 8 * piece};
  std::vector<blob_content> blobs;
  for (std::uint8_t i = 0; i < 6; ++i)
    blobs.push_back(content_of(2 * piece, i));
  // One requester has a quarter: one of these at a time.
  for (auto i : {0, 1, 2})
    fetches.want(blobs[i].ref(), node_of(1), {node_of(1)}, start);
  CHECK(fetches.take_requests().size() == 1);
  CHECK(fetches.bytes_in_use() == 2 * piece);
  for (std::uint8_t i : {3, 4, 5})
    fetches.want(blobs[i].ref(), node_of(i), {node_of(i)}, start);
  CHECK(fetches.take_requests().size() == 3);
  CHECK(fetches.bytes_in_use() == 8 * piece);
  give_all(fetches, node_of(3), blobs[3]);
  auto ended = fetches.take_ended();
  REQUIRE(ended.size() == 1);
  CHECK(ended[0].content == *blobs[3].content());
  // Its room is another requester's, not of the first, who has one.
  CHECK(fetches.take_requests().empty());
  give_all(fetches, node_of(1), blobs[0]);
  auto next = fetches.take_requests();
  REQUIRE(next.size() == 1);
  CHECK(next[0].message.blob == blobs[1].ref().id);
  // What is kept counts.
  fetches.set_kept(8 * piece, start);
  give_all(fetches, node_of(1), blobs[1]);
  CHECK(fetches.take_requests().empty());
  fetches.set_kept(0, start);
  CHECK(fetches.take_requests().size() == 1);
}

TEST_CASE("a wrong size harms only who said it") {
  blob_fetches fetches{64u << 20, 128u << 20};
  auto content = content_of(3 * piece, 7);
  auto wrong = content.ref();
  wrong.size_bytes += 1;
  fetches.want(wrong, node_of(1), {node_of(1)}, start);
  fetches.want(content.ref(), node_of(2), {node_of(2)}, start);
  give_all(fetches, node_of(1), content);
  give_all(fetches, node_of(2), content);
  auto ended = fetches.take_ended();
  REQUIRE(ended.size() == 2);
  for (const auto& one : ended)
    CHECK(one.problem.has_value() == (one.blob == wrong));
  CHECK(fetches.take_misbehaved() == std::vector{node_of(1)});
  CHECK(fetches.bytes_in_use() == 0);
}

TEST_CASE("what nobody needs asks for nothing, and goes on when it is needed") {
  blob_fetches fetches{64u << 20, 128u << 20};
  auto content = content_of(9 * piece, 7);
  fetches.want(content.ref(), node_of(1), {node_of(1)}, start);
  for (std::uint32_t i : {0, 1, 2})
    fetches.on_piece(node_of(1), answer(content, i), start);
  fetches.on_link_gone(node_of(1), start);
  fetches.rest_unneeded([](const blob_ref&) { return false; }, start);
  [[maybe_unused]] auto before = fetches.take_requests();
  fetches.on_tick(start + milliseconds{2'000});
  CHECK(fetches.take_requests().empty());
  fetches.want(content.ref(), node_of(1), {node_of(2)},
               start + milliseconds{3'000});
  std::size_t asked = 0;
  for (const auto& one : fetches.take_requests()) {
    CHECK(one.source == node_of(2));
    for (auto index : one.message.pieces)
      CHECK(index >= 3);
    asked += one.message.pieces.size();
  }
  CHECK(asked == 4);
  give_all(fetches, node_of(2), content);
  auto ended = fetches.take_ended();
  REQUIRE(ended.size() == 1);
  CHECK(ended[0].content == *content.content());
}

TEST_CASE("a fetch that rests for long is dropped") {
  blob_fetches fetches{64u << 20, 128u << 20};
  auto content = content_of(9 * piece, 7);
  fetches.want(content.ref(), node_of(1), {node_of(1)}, start);
  fetches.rest_unneeded([](const blob_ref&) { return false; }, start);
  fetches.on_tick(start + milliseconds{10'001});
  CHECK(fetches.empty());
  CHECK(fetches.bytes_in_use() == 0);
}
