#include "protocol/verification/receipt_check.hpp"

#include "protocol/core/random.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

using namespace artel;

namespace {

struct sample {
  sample() {
    auto random = random_generator::from_number(1);
    terms.network = "test";
    terms.task = random.id<task_id>();
    terms.requester = random.id<node_id>();
    terms.owner = random.id<owner_id>();
    terms.code.kernel = "count_primes";
    terms.price_per_job = microcredits(500);
    worker = random.id<node_id>();
    worker_owner = random.id<owner_id>();
    input = random.id<hash256>();
    body.network = terms.network;
    body.task = terms.task;
    body.job = 3;
    body.attempt = 2;
    body.requester = terms.requester;
    body.worker = worker;
    body.worker_owner = worker_owner;
    body.code = hash_of(terms.code);
    body.input = input;
    body.output = output_hash(output);
    body.output_bytes = output.size();
    body.price = terms.price_per_job;
  }

  /// The same run, with files besides.
  static sample with_files() {
    sample one;
    one.terms.limits.output_files_bytes = 8;
    one.files = {{"a", to_bytes("12")}, {"b/c", to_bytes("345")}};
    one.commit();
    return one;
  }

  /// What an honest worker says of output and files.
  void commit() {
    body.output = output_hash(output, hash_of(files));
    body.output_bytes = output.size() + total_bytes(files);
  }

  result<void> check() const {
    return check_receipt(body, output, files,
                         {terms, 3, 2, worker, worker_owner, input});
  }

  task_terms terms;
  node_id worker;
  owner_id worker_owner;
  hash256 input;
  receipt body;
  bytes output = to_bytes("42\n");
  std::vector<output_file> files;
};

} // namespace

TEST_CASE("a receipt of what was assigned fits") {
  CHECK(sample{}.check());
}

TEST_CASE("a receipt of anything else is refused, naming what does not fit") {
  struct row {
    std::string field;
    std::function<void(sample&)> change;
  };
  const row rows[] = {
    {"network", [](sample& s) { s.body.network = "other"; }},
    {"job", [](sample& s) { s.body.task.value[0] ^= 1; }},
    {"job", [](sample& s) { s.body.job = 4; }},
    {"job", [](sample& s) { s.body.attempt = 1; }},
    {"requester", [](sample& s) { s.body.requester.value[0] ^= 1; }},
    {"worker", [](sample& s) { s.body.worker.value[0] ^= 1; }},
    {"worker", [](sample& s) { s.body.worker_owner.value[0] ^= 1; }},
    {"code", [](sample& s) { s.body.code.value[0] ^= 1; }},
    {"input", [](sample& s) { s.body.input.value[0] ^= 1; }},
    {"price", [](sample& s) { s.body.price.micro += 1; }},
    {"output", [](sample& s) { s.body.output.value[0] ^= 1; }},
    {"output", [](sample& s) { s.body.output_bytes += 1; }},
    {"output", [](sample& s) { s.output = to_bytes("43\n"); }},
    {"output", [](sample& s) { s.terms.limits.stdout_bytes = 2; }},
  };
  for (const auto& [field, change] : rows) {
    CAPTURE(field);
    sample one;
    change(one);
    auto fits = one.check();
    REQUIRE_FALSE(fits);
    CHECK(fits.error().code == errc::bad_signature);
    CHECK(fits.error().message
          == "the receipt's " + field + " is not what was assigned");
  }
}

TEST_CASE("the receipt of a failed run commits to no output") {
  sample one;
  one.body.outcome = run_outcome::crashed;
  CHECK_FALSE(one.check());
  one.body.output = {};
  CHECK(one.check());
  one.files = {{"a", {}}};
  CHECK_FALSE(one.check());
}

TEST_CASE("a receipt commits to output files as well") {
  auto one = sample::with_files();
  CHECK(one.check());
  CHECK(one.body.output_bytes == 8);
  CHECK(one.body.output != output_hash(one.output));
}

TEST_CASE("a receipt of other files is refused") {
  const std::function<void(sample&)> changes[] = {
    [](sample& s) { s.files.pop_back(); },
    [](sample& s) { s.files.clear(); },
    [](sample& s) { s.files[0].data[0] ^= 1; },
    [](sample& s) { s.files[0].name = "aa"; },
    // The same bytes, parted another way.
    [](sample& s) {
      s.files = {{"a", to_bytes("123")}, {"b/c", to_bytes("45")}};
    },
    [](sample& s) {
      s.output = to_bytes("42");
      s.files[0].data = to_bytes("\n12");
    },
    [](sample& s) { s.body.output_bytes = s.output.size(); },
    [](sample& s) { s.body.output = output_hash(s.output); },
  };
  for (const auto& change : changes) {
    CAPTURE(&change - changes);
    auto one = sample::with_files();
    change(one);
    auto fits = one.check();
    REQUIRE_FALSE(fits);
    CHECK(fits.error()
          == failure{errc::bad_signature,
                     "the receipt's output is not what was assigned"});
  }
}

TEST_CASE("files that the task does not allow are refused, truly told or not") {
  const std::function<void(sample&)> changes[] = {
    [](sample& s) { s.terms.limits.output_files_bytes = 0; },
    [](sample& s) { s.terms.limits.output_files_bytes = 4; },
    [](sample& s) { s.files[1].name = "../c"; },
    [](sample& s) { s.files[1].name = "a/c"; },
    [](sample& s) { s.files[0].name = "/etc/passwd"; },
    [](sample& s) { std::swap(s.files[0], s.files[1]); },
  };
  for (const auto& change : changes) {
    CAPTURE(&change - changes);
    auto one = sample::with_files();
    change(one);
    one.commit();
    CHECK_FALSE(one.check());
  }
  auto one = sample::with_files();
  one.terms.limits.output_files_bytes = 5;
  CHECK(one.check());
}
