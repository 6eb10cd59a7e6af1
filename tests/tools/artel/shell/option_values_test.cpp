#include "tools/artel/shell/option_values.hpp"

#include <doctest/doctest.h>

using namespace artel;
using namespace artel::tools;

namespace {

template <class T>
std::string message(const result<T>& outcome) {
  return outcome ? "accepted" : outcome.error().message;
}

} // namespace

TEST_CASE("times go down to microseconds") {
  CHECK(*parse_span("20ms") == microseconds{20'000});
  CHECK(*parse_span("1.5s") == microseconds{1'500'000});
  CHECK(*parse_span("100us") == microseconds{100});
  CHECK(message(parse_span("20")) != "accepted");
  CHECK(message(parse_span("us")) != "accepted");
  CHECK(message(parse_span("-1s")) != "accepted");
}

TEST_CASE("shares need their sign, and end at 100 %") {
  CHECK(parse_percentage("1%")->value == 10'000);
  CHECK(parse_percentage("0.5%")->value == 5'000);
  CHECK(parse_percentage("100%")->value == 1'000'000);
  for (auto wrong : {"1", "101%", "100.01%", "-1%", "%", "x%"}) {
    CAPTURE(wrong);
    CHECK(message(parse_percentage(wrong))
          == "'" + std::string{wrong}
               + "' is no percentage; expected one from 0% to 100%, such as 1%"
                 " or 0.5%");
  }
}

TEST_CASE("capacities are bytes a second") {
  CHECK(*parse_bytes_per_second("10MB/s") == 10'000'000);
  CHECK(*parse_bytes_per_second("none") == 0);
  CHECK(*parse_bytes_per_second("1500") == 1500);
  CHECK(message(parse_bytes_per_second("10MB/h")).find("10MB/s")
        != std::string::npos);
}

TEST_CASE("a speed is a factor or a score") {
  CHECK(*parse_cpu_score("1.5x") == 1'500);
  CHECK(*parse_cpu_score("0.001x") == 1);
  CHECK(*parse_cpu_score("750") == 750);
  for (auto wrong : {"0", "0x", "x", "1.5", "0.0001x", "1000001", "-1x"}) {
    CAPTURE(wrong);
    CHECK(message(parse_cpu_score(wrong)).find("is no speed")
          != std::string::npos);
  }
}

TEST_CASE("words are told with all that are possible") {
  CHECK(*parse_latency_shape("exponential") == sim::latency_shape::exponential);
  CHECK(*parse_node_role("public") == wire::node_role::public_);
  CHECK(message(parse_node_role("worker"))
        == "'worker' is no role; expected client, public, seed or specialised");
  CHECK(message(parse_latency_shape("unifrom"))
        == "'unifrom' is no shape of a latency; expected constant, uniform or"
           " exponential; did you mean 'uniform'?");
  CHECK(message(parse_count("0", 1, 9)) == "'0' is no number from 1 to 9");
}
