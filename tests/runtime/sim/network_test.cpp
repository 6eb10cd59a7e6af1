#include "runtime/sim/network/network.hpp"

#include "runtime/sim/network/latency.hpp"
#include "tests/runtime/sim/linked_nodes.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace artel;
using namespace artel::sim;
using namespace artel::sim::testing;

// -- opening ------------------------------------------------------------------

TEST_CASE("a link opens after a latency for who listens, after two for who "
          "dials") {
  linked_nodes net;
  net.start(0);
  net.start(1);
  auto link = net.dial(0, "b");
  net.run_for(ms(9));
  CHECK(net.nodes[1]->accepted.empty());
  net.run_for(ms(1));
  REQUIRE(net.nodes[1]->accepted.size() == 1);
  CHECK(net.nodes[1]->accepted[0]->opened.size() == 1);
  CHECK(net.net.link_count() == 0);
  net.run_for(ms(9));
  CHECK(link.log->opened.empty());
  net.run_for(ms(1));
  REQUIRE(link.log->opened.size() == 1);
  CHECK(net.net.link_count() == 1);

  net.send(0, link.log->opened[0], "hello");
  net.run_for(ms(9));
  CHECK(net.nodes[1]->accepted[0]->frames.empty());
  net.run_for(ms(1));
  CHECK(net.nodes[1]->accepted[0]->texts() == texts{"hello"});
  net.send(1, net.nodes[1]->accepted_ids[0], "hello, too");
  net.run_for(ms(10));
  CHECK(link.log->texts() == texts{"hello, too"});

  auto views = net.net.links();
  REQUIRE(views.size() == 1);
  CHECK(views[0].from == 0);
  CHECK(views[0].to == 1);
  CHECK(views[0].frames == 2);
  CHECK(views[0].bytes == 15);
  CHECK(views[0].dropped == 0);
}

TEST_CASE("where nobody listens the dialler hears it after a round trip") {
  linked_nodes net;
  net.start(0);
  net.start(1);
  auto unknown = net.dial(0, "nobody");
  net.run_for(ms(19));
  CHECK(unknown.log->closed.empty());
  net.run_for(ms(1));
  REQUIRE(unknown.log->closed.size() == 1);
  CHECK(unknown.log->closed[0].second == "no node listens at 'nobody'");

  net.crash(1, crash_kind::process);
  auto refused = net.dial(0, "b");
  net.run_for(ms(20));
  REQUIRE(refused.log->closed.size() == 1);
  CHECK(refused.log->closed[0].second == "no node listens at 'b'");
  CHECK(net.net.link_count() == 0);
}

TEST_CASE("dialling what does not answer times out after 3 s") {
  linked_nodes net;
  for (node_index node = 0; node < 4; ++node)
    net.start(node);
  net.net.partition({0}, {1}, true);
  net.crash(2, crash_kind::power);
  net.on.pause(3);
  std::vector<linked_nodes::dialled_link> links;
  for (node_index node = 1; node < 4; ++node)
    links.push_back(net.dial(0, linked_nodes::name(node)));
  net.run_for(ms(2'999));
  for (const auto& link : links)
    CHECK(link.log->closed.empty());
  net.run_for(ms(1));
  for (node_index node = 1; node < 4; ++node) {
    const auto& closed = links[node - 1].log->closed;
    REQUIRE(closed.size() == 1);
    CHECK(closed[0].second
          == "timed out dialling '" + linked_nodes::name(node) + "'");
  }
  // What waited for the paused node leads nowhere.
  net.on.resume(3);
  net.run_for(ms(100));
  REQUIRE(net.nodes[3]->accepted.size() == 1);
  CHECK(net.nodes[3]->accepted[0]->opened.empty());
  CHECK(net.nodes[3]->accepted[0]->closed.size() == 1);
  CHECK(net.net.link_count() == 0);
}

TEST_CASE("a dial whose answer is cut off times out, and its other end is told "
          "when it sends") {
  linked_nodes net;
  net.start(0);
  net.start(1);
  auto one_way = net.net.partition({1}, {0}, true);
  auto link = net.dial(0, "b");
  net.run_for(ms(3'000));
  REQUIRE(link.log->closed.size() == 1);
  CHECK(net.nodes[1]->accepted[0]->opened.size() == 1);
  CHECK(net.nodes[1]->accepted[0]->closed.empty());
  net.net.heal(one_way);
  net.send(1, net.nodes[1]->accepted_ids[0], "anybody?");
  net.run_for(ms(20));
  CHECK(net.nodes[1]->accepted[0]->closed.size() == 1);
}

// -- frames -------------------------------------------------------------------

TEST_CASE("loss takes about its share of frames, and calm ends it") {
  auto bad = plain(10);
  bad.loss = ppm{300'000};
  linked_nodes net{bad};
  net.start(0);
  net.start(1);
  auto link = net.connect(0, 1);
  for (int i = 0; i < 1'000; ++i)
    net.send(0, link.log->opened[0], "x");
  net.run_for(ms(10));
  auto arrived = net.nodes[1]->accepted[0]->frames.size();
  CHECK(arrived > 630);
  CHECK(arrived < 770);
  CHECK(net.history.count(frame_fate::lost) == 1'000 - arrived);
  CHECK(net.net.links()[0].dropped == 1'000 - arrived);

  net.net.calm();
  for (int i = 0; i < 1'000; ++i)
    net.send(0, link.log->opened[0], "x");
  net.run_for(ms(10));
  CHECK(net.nodes[1]->accepted[0]->frames.size() == arrived + 1'000);
}

TEST_CASE("duplication delivers about its share of frames twice") {
  auto bad = plain(10);
  bad.duplication = ppm{200'000};
  linked_nodes net{bad};
  net.start(0);
  net.start(1);
  auto link = net.connect(0, 1);
  for (int i = 0; i < 1'000; ++i)
    net.send(0, link.log->opened[0], "x");
  net.run_for(ms(10));
  auto arrived = net.nodes[1]->accepted[0]->frames.size();
  CHECK(arrived > 1'140);
  CHECK(arrived < 1'260);
  CHECK(net.history.count(frame_fate::duplicated) == arrived - 1'000);
}

TEST_CASE("frames overtake others only where they may") {
  auto overtaken = [](link_profile links) {
    linked_nodes net{links};
    net.start(0);
    net.start(1);
    auto link = net.connect(0, 1);
    for (int i = 1; i <= 100; ++i) {
      net.send(0, link.log->opened[0], std::to_string(i));
      net.run_for(ms(1));
    }
    net.run_for(ms(200));
    auto got = net.nodes[1]->accepted[0]->texts();
    REQUIRE(got.size() == 100);
    return got != numbered(1, 100);
  };
  auto bad = plain(10);
  CHECK_FALSE(overtaken(bad));
  bad.reordering = ppm{200'000};
  CHECK(overtaken(bad));
  bad.reordering = ppm{0};
  bad.shape = latency_shape::exponential;
  CHECK_FALSE(overtaken(bad));
}

TEST_CASE("latencies have the mean and the bounds of their shape") {
  auto random = random_generator::from_number(5);
  auto profile = plain(20);
  auto look = [&](latency_shape shape) {
    profile.shape = shape;
    std::vector<std::int64_t> draws;
    for (int i = 0; i < 20'000; ++i)
      draws.push_back(draw_latency(profile, random).count());
    std::sort(draws.begin(), draws.end());
    return draws;
  };
  auto mean = [](const std::vector<std::int64_t>& draws) {
    std::int64_t sum = 0;
    for (auto draw : draws)
      sum += draw;
    return sum / static_cast<std::int64_t>(draws.size());
  };
  auto constant = look(latency_shape::constant);
  CHECK(constant.front() == 20'000);
  CHECK(constant.back() == 20'000);
  auto uniform = look(latency_shape::uniform);
  CHECK(uniform.front() >= 10'000);
  CHECK(uniform.front() < 10'100);
  CHECK(uniform.back() <= 30'000);
  CHECK(uniform.back() > 29'900);
  CHECK(mean(uniform) > 19'700);
  CHECK(mean(uniform) < 20'300);
  auto tail = look(latency_shape::exponential);
  CHECK(tail.front() >= 10'000);
  CHECK(mean(tail) > 19'500);
  CHECK(mean(tail) < 20'500);
  // exp(-5) of all lie beyond half the mean times 6.
  CHECK(tail[20'000 - 20'000 / 148 - 60] < 60'000);
  CHECK(tail[20'000 - 20'000 / 148 + 60] > 60'000);
  CHECK(tail.back() <= 200'000);
}

TEST_CASE("frames queue for a path's capacity, each direction apart") {
  linked_nodes net;
  net.start(0);
  net.start(1);
  auto link = net.connect(0, 1);
  auto narrow = plain(10);
  narrow.bytes_per_second = 100'000;
  net.net.set_profile(0, 1, narrow);
  auto begin = net.on.elapsed();
  // 64 bytes go before each.
  std::string text(936, 'x');
  for (int i = 0; i < 5; ++i)
    net.send(0, link.log->opened[0], text);
  net.send(1, net.nodes[1]->accepted_ids[0], text);
  net.run_for(ms(200));
  const auto& frames = net.nodes[1]->accepted[0]->frames;
  REQUIRE(frames.size() == 5);
  for (int i = 0; i < 5; ++i)
    CHECK(frames[static_cast<std::size_t>(i)].first - begin
          == ms(10 + 10 * (i + 1)));
  CHECK(link.log->frames[0].first - begin == ms(10));
  // An idle path has nothing saved up.
  begin = net.on.elapsed();
  net.send(0, link.log->opened[0], text);
  net.run_for(ms(200));
  CHECK(frames.back().first - begin == ms(20));
}

TEST_CASE("a clogged path holds frames and lets them go in order") {
  auto jumpy = plain(10);
  jumpy.shape = latency_shape::exponential;
  jumpy.reordering = ppm{300'000};
  linked_nodes net{jumpy};
  net.start(0);
  net.start(1);
  auto link = net.connect(0, 1);
  net.net.clog(0, 1);
  CHECK_FALSE(net.net.is_reachable(0, 1));
  CHECK(net.net.is_reachable(1, 0));
  for (int i = 1; i <= 50; ++i)
    net.send(0, link.log->opened[0], std::to_string(i));
  caf::anon_send(net.nodes[0]->transport, close_link{link.log->opened[0]});
  net.run_for(ms(10'000));
  const auto& other = *net.nodes[1]->accepted[0];
  CHECK(other.frames.empty());
  CHECK(net.history.count(frame_fate::held) == 50);
  net.net.unclog(0, 1);
  net.settle();
  CHECK(other.frames.empty());
  net.run_for(ms(500));
  CHECK(other.texts() == numbered(1, 50));
  REQUIRE(other.closed.size() == 1);
  CHECK(other.closed[0].first >= other.frames.back().first);
}
