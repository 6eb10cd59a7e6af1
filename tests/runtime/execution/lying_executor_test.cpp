#include "runtime/execution/lying_executor.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace artel;
using namespace artel::runtime;

namespace {

sandbox::run_request request(std::uint64_t index) {
  sandbox::run_request made;
  made.kernel = "count_primes";
  made.index = index;
  made.input = {input_kind::range, index * 10, index * 10 + 9, {}, {}};
  return made;
}

} // namespace

TEST_CASE("a liar answers with a number that looks right") {
  lying_executor liar{3};
  auto run = liar.execute(request(1), {});
  CHECK(run.outcome == run_outcome::completed);
  REQUIRE(run.output.size() > 1);
  CHECK(run.output.back() == '\n');
  for (std::size_t i = 0; i + 1 < run.output.size(); ++i)
    CHECK((run.output[i] >= '0' && run.output[i] <= '9'));
  CHECK(liar.execute(request(1), {}).output == run.output);
}

TEST_CASE("no two liars agree, job by job") {
  for (std::uint64_t job = 0; job < 50; ++job) {
    std::set<bytes> outputs;
    for (std::uint64_t number = 1; number <= 20; ++number)
      outputs.insert(lying_executor{number}.execute(request(job), {}).output);
    CHECK(outputs.size() == 20);
  }
}

TEST_CASE("a liar that was told to stop says so") {
  std::stop_source stop;
  stop.request_stop();
  CHECK(lying_executor{1}.execute(request(1), stop.get_token()).outcome
        == run_outcome::cancelled);
}
