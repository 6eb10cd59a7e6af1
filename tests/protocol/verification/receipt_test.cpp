#include "protocol/verification/receipt.hpp"

#include "protocol/identity/hash.hpp"
#include "protocol/task/output_file.hpp"
#include "protocol/wire/codec.hpp"
#include "tests/protocol/wire/fill.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace artel;

namespace {

key_pair key_number(std::uint64_t number) {
  auto random = random_generator::from_number(number);
  return key_pair::generate(random);
}

/// Three receipts of one worker under one signature.
std::vector<signed_receipt> signed_receipts(const key_pair& worker) {
  std::vector<signed_receipt> items(3);
  std::vector<hash256> leaves;
  for (std::size_t i = 0; i < items.size(); ++i) {
    items[i].body = testing::counted<receipt>();
    items[i].body.job = i;
    items[i].body.worker = worker.node();
    leaves.push_back(receipt_leaf(items[i].body));
  }
  auto proofs = make_proofs(leaves, sign_batch(worker, leaves));
  for (std::size_t i = 0; i < items.size(); ++i)
    items[i].proof = proofs[i];
  return items;
}

signed_verdict one_verdict(const key_pair& requester) {
  signed_verdict item;
  item.body = testing::counted<job_verdict>();
  item.body.requester = requester.node();
  std::vector leaves{verdict_leaf(item.body)};
  item.proof = make_proofs(leaves, sign_batch(requester, leaves)).front();
  return item;
}

/// Verifies once as it is, and for each field of the body with that changed.
template <class Signed>
void check_every_field_counts(Signed item) {
  REQUIRE(verify(item));
  wire::for_each_field(item.body, [&](std::string_view name, auto& member) {
    CAPTURE(name);
    auto before = member;
    testing::counted_values values;
    for (int tries = 0; tries < 2 && member == before; ++tries)
      testing::fill(values, member, {name, 9, 9});
    REQUIRE(member != before);
    CHECK_FALSE(verify(item));
    member = before;
  });
  CHECK(verify(item));
}

} // namespace

TEST_CASE("each receipt of a batch proves itself alone") {
  auto worker = key_number(1);
  for (const auto& item : signed_receipts(worker)) {
    CHECK(verify(item));
    auto copy = wire::decode<signed_receipt>(wire::encode(item));
    REQUIRE(copy.ok());
    CHECK(verify(*copy));
  }
}

TEST_CASE("a receipt with any field changed is refused") {
  auto worker = key_number(1);
  check_every_field_counts(signed_receipts(worker)[1]);
}

TEST_CASE("a receipt can't take another's proof or another worker's name") {
  auto worker = key_number(1);
  auto items = signed_receipts(worker);
  std::swap(items[0].proof, items[1].proof);
  CHECK_FALSE(verify(items[0]));
  items[2].body.worker = key_number(2).node();
  CHECK_FALSE(verify(items[2]));
}

TEST_CASE("a verdict proves itself, and with any field changed is refused") {
  check_every_field_counts(one_verdict(key_number(3)));
}

TEST_CASE("leaves are the encodings' hashes, each in a domain of its own") {
  receipt body;
  CHECK(receipt_leaf(body) == hash_of("artel.receipt.v1", wire::encode(body)));
  job_verdict verdict;
  CHECK(verdict_leaf(verdict)
        == hash_of("artel.verdict.v1", wire::encode(verdict)));
}

TEST_CASE("an output is named by its hash") {
  CHECK(to_string(output_hash(as_bytes("42\n")))
        == "0b671e6a999217a28a38101805ddea4d4fab42ae0d81b36c4337be723482e3ac");
}

TEST_CASE("an output with files is named by the hash of both") {
  auto output = as_bytes("42\n");
  CHECK(output_hash(output, hash256{}) == output_hash(output));
  auto files = hash_of(std::vector<output_file>{{"a", to_bytes("1")}});
  CHECK(output_hash(output, files)
        == hasher{"artel.output_with_files.v1"}
             .update(output_hash(output).view())
             .update(files.view())
             .finish());
  CHECK(output_hash(output, files) != output_hash(as_bytes("43\n"), files));
}

TEST_CASE("every outcome has a name of its own, and is found by it") {
  std::set<std::string_view> names;
  for (int number = 1; number <= static_cast<int>(run_outcome::trap);
       ++number) {
    auto outcome = static_cast<run_outcome>(number);
    auto name = to_string(outcome);
    CHECK(names.insert(name).second);
    auto parsed = parse_run_outcome(name);
    REQUIRE(parsed.ok());
    CHECK(*parsed == outcome);
  }
  CHECK_FALSE(names.contains("unknown"));
  CHECK(to_string(run_outcome{}) == "unknown");
  for (const auto* text : {"", "unknown", "Completed"}) {
    auto parsed = parse_run_outcome(text);
    REQUIRE_FALSE(parsed.ok());
    CHECK(parsed.error().code == errc::invalid_argument);
  }
}
