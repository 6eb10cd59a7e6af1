#include "protocol/task/blob.hpp"

#include "protocol/core/random.hpp"
#include "protocol/identity/hash.hpp"
#include "protocol/task/job_input.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace artel;

namespace {

constexpr std::uint64_t piece = limits::blob_piece_bytes;

bytes random_bytes(std::size_t size, std::uint64_t seed = 1) {
  bytes data(size);
  random_generator::from_number(seed).fill(data);
  return data;
}

} // namespace

TEST_CASE("pieces are as long as they can be, and an empty blob has one") {
  CHECK(piece_count(0) == 1);
  CHECK(piece_count(1) == 1);
  CHECK(piece_count(piece) == 1);
  CHECK(piece_count(piece + 1) == 2);
  CHECK(piece_count(~std::uint64_t{0}) == 0xffff'ffff);
  CHECK(piece_bytes(0, 0) == 0);
  CHECK(piece_bytes(piece + 1, 0) == piece);
  CHECK(piece_bytes(piece + 1, 1) == 1);
  CHECK(piece_bytes(piece + 1, 2) == 0);
  CHECK(piece_bytes(1, 0xffff'ffff) == 0);
}

TEST_CASE("a blob's id is what its definition says") {
  auto leaf = [](std::string_view data) {
    return hash_of("artel.blob-piece.v1", as_bytes(data));
  };
  const hash256 leaves[] = {leaf("abc")};
  auto expected = hasher{"artel.blob.v1"}
                    .update(std::uint64_t{3})
                    .update(merkle_root(leaves).view())
                    .finish();
  CHECK(blob_id(as_bytes("abc")) == expected);
  CHECK(blob_ref_of(as_bytes("abc")) == blob_ref{expected, 3});
}

TEST_CASE("blobs that differ in a byte or a length have other ids") {
  std::set<hash256> ids;
  std::size_t count = 0;
  for (std::size_t size : {0, 1, 2, 1'000}) {
    ids.insert(blob_id(bytes(size)));
    ++count;
  }
  auto data = random_bytes(3 * piece);
  ids.insert(blob_id(data));
  for (auto at : {std::size_t{0}, piece - 1, piece, 3 * piece - 1}) {
    auto other = data;
    other[at] ^= 1;
    ids.insert(blob_id(other));
    ++count;
  }
  CHECK(ids.size() == count + 1);
}

TEST_CASE("every piece of a blob proves itself alone") {
  for (std::size_t size : {std::size_t{0}, std::size_t{1}, piece, piece + 1,
                           3 * piece, 7 * piece + 5}) {
    CAPTURE(size);
    auto data = random_bytes(size);
    blob_content content{std::make_shared<const bytes>(data)};
    CHECK(content.ref() == blob_ref_of(data));
    bytes again;
    for (std::uint32_t i = 0; i < piece_count(size); ++i) {
      auto one = content.piece(i);
      CHECK(content.path(i) == piece_path(data, i));
      CHECK(check_piece(content.ref(), i, one, content.path(i)));
      again.insert(again.end(), one.begin(), one.end());
    }
    CHECK(again == data);
  }
}

TEST_CASE("a piece is refused for any flaw, and none is accepted elsewhere") {
  auto data = random_bytes(5 * piece + 17);
  blob_content content{std::make_shared<const bytes>(data)};
  auto blob = content.ref();
  auto code = [&](const blob_ref& of, std::uint32_t index, bytes_view one,
                  const std::vector<hash256>& path) {
    auto sound = check_piece(of, index, one, path);
    REQUIRE_FALSE(sound);
    return sound.error().code;
  };
  auto path = content.path(2);
  auto one = content.piece(2);
  REQUIRE(check_piece(blob, 2, one, path));
  CHECK(code(blob, 6, one, path) == errc::invalid_argument);
  CHECK(code(blob, 0xffff'ffff, one, path) == errc::invalid_argument);
  CHECK(code(blob, 2, one.first(10), path) == errc::invalid_argument);
  CHECK(code(blob, 2, {}, path) == errc::invalid_argument);
  CHECK(code(blob, 5, one, path) == errc::invalid_argument);
  CHECK(code(blob, 3, one, path) == errc::bad_signature);
  CHECK(code(blob, 2, content.piece(1), path) == errc::bad_signature);
  auto changed = bytes{one.begin(), one.end()};
  changed[100] ^= 1;
  CHECK(code(blob, 2, changed, path) == errc::bad_signature);
  auto longer = path;
  longer.push_back(path[0]);
  CHECK(code(blob, 2, one, longer) == errc::bad_signature);
  longer.resize(1);
  CHECK(code(blob, 2, one, longer) == errc::bad_signature);
  CHECK(code(blob, 2, one, {}) == errc::bad_signature);
  for (std::size_t i = 0; i < path.size(); ++i) {
    auto other = path;
    other[i].value[0] ^= 1;
    CHECK(code(blob, 2, one, other) == errc::bad_signature);
  }
  // The same tree under another size, whose pieces have the same lengths.
  CHECK(code({blob.id, blob.size_bytes - 1}, 2, one, path)
        == errc::bad_signature);
  CHECK(code({{}, blob.size_bytes}, 2, one, path) == errc::bad_signature);
}

TEST_CASE("an input's hash can be told from its blob, and small ones by data") {
  job_input input;
  input.kind = input_kind::data;
  input.name = "a.txt";
  input.data = random_bytes(piece + 1);
  auto without = input;
  without.data.clear();
  CHECK(hash_of(input) == hash_of(without, blob_ref_of(input.data)));
  auto other = input;
  other.data.back() ^= 1;
  CHECK(hash_of(other) != hash_of(input));
  other = input;
  other.name = "b.txt";
  CHECK(hash_of(other) != hash_of(input));
  input.data.resize(piece);
  CHECK(hash_of(input)
        == hasher{"artel.input.v1"}
             .update(std::uint64_t{3})
             .update(std::uint64_t{0})
             .update(std::uint64_t{0})
             .update(std::uint64_t{5})
             .update(as_bytes("a.txt"))
             .update(piece)
             .update(input.data)
             .finish());
}
