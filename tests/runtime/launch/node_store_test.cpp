#include "runtime/launch/node_store.hpp"

#include "tests/runtime/scratch_directory.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include <string>
#include <vector>

using namespace artel;
using namespace artel::runtime;

namespace {

struct store_in {
  explicit store_in(const test::scratch_directory& directory)
    : store(directory.path(),
            [this](const std::string& one) { warnings.push_back(one); }) {}

  std::vector<std::string> warnings;
  node_store store;
};

payment_claim claim_of(std::uint8_t payer, std::uint8_t task,
                       std::int64_t micro) {
  payment_claim claim;
  claim.network = "test";
  claim.payer.value[0] = payer;
  claim.task.value[0] = task;
  claim.amount = credits{micro};
  claim.jobs = 3;
  claim.issued = wall_time{milliseconds{micro}};
  return claim;
}

} // namespace

TEST_CASE("what is kept is there in the next life") {
  test::scratch_directory directory;
  address_record address;
  address.address = "10.0.0.1:7447";
  address.node.value[3] = 7;
  address.source = address_source::lan;
  address.last_success = wall_time{milliseconds{1'700'000'000'000}};
  network_config config;
  config.network = "test";
  config.version = 5;
  {
    store_in first{directory};
    CHECK(first.store.addresses().empty());
    CHECK(first.store.config().is_none());
    first.store.keep_addresses({address});
    first.store.keep_config(config);
    first.store.keep_claim(claim_of(1, 1, 100));
    first.store.keep_claim(claim_of(1, 2, 30));
    first.store.keep_claim(claim_of(1, 1, 150));
    // An earlier one that comes late.
    first.store.keep_claim(claim_of(1, 1, 120));
  }
  store_in later{directory};
  REQUIRE(later.store.addresses().size() == 1);
  CHECK(later.store.addresses()[0] == address);
  CHECK(later.store.config() == config);
  CHECK(later.store.claims().claims == 2);
  CHECK(later.store.claims().amount == credits{180});
  CHECK(later.warnings.empty());
}

TEST_CASE("a damaged file is set aside with a warning, and replaced") {
  for (const std::string& name :
       {std::string{"addresses.json"}, std::string{"network.json"},
        std::string{"claims.jsonl"}}) {
    test::scratch_directory directory;
    directory.write(name, "{\"half\n");
    {
      store_in first{directory};
      REQUIRE(first.warnings.size() == 1);
      CHECK(first.warnings[0].find(name) != std::string::npos);
      CHECK(directory.read(name + ".damaged") == "{\"half\n");
    }
    store_in later{directory};
    CHECK(later.warnings.empty());
  }
}

TEST_CASE("a claim that was written only in part costs no other") {
  test::scratch_directory directory;
  {
    store_in first{directory};
    first.store.keep_claim(claim_of(1, 1, 100));
    first.store.keep_claim(claim_of(2, 1, 50));
  }
  auto whole = directory.read("claims.jsonl");
  directory.write("claims.jsonl", whole.substr(0, whole.size() - 20));
  {
    store_in later{directory};
    CHECK(later.warnings.empty());
    CHECK(later.store.claims().claims == 1);
    later.store.keep_claim(claim_of(3, 1, 7));
  }
  store_in last{directory};
  CHECK(last.store.claims().claims == 2);
  CHECK(last.store.claims().amount == credits{107});
}

TEST_CASE("claims that grow again and again don't fill the disk") {
  test::scratch_directory directory;
  store_in in{directory};
  for (std::int64_t amount = 1; amount <= 3'000; ++amount)
    in.store.keep_claim(claim_of(1, 1, amount));
  CHECK(in.store.claims().amount == credits{3'000});
  auto text = directory.read("claims.jsonl");
  CHECK(std::count(text.begin(), text.end(), '\n') <= 1'001);
}

TEST_CASE("addresses are bounded, and none is taken that is too long") {
  test::scratch_directory directory;
  std::vector<address_record> many(node_store::addresses_max + 10);
  for (auto& one : many)
    one.address = "10.0.0.1:1";
  {
    store_in in{directory};
    in.store.keep_addresses(many);
  }
  store_in later{directory};
  CHECK(later.store.addresses().size() == node_store::addresses_max);
  many.resize(1);
  many[0].address = std::string(1'000, 'x');
  later.store.keep_addresses(many);
  store_in last{directory};
  CHECK(last.store.addresses().empty());
  CHECK(last.warnings.size() == 1);
}
