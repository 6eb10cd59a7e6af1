#include "tests/actors/checks.hpp"

#include <doctest/doctest.h>

#include <map>
#include <set>

namespace artel::testing {

void check_conserved(world& net) {
  auto totals = net.totals();
  CHECK(totals.in_circulation.micro + totals.burned.micro
        == totals.granted.micro);
  credits posted;
  for (const auto& node : net.nodes) {
    auto account = net.account(node.environment->owner);
    CHECK(account.held.micro == 0);
    posted.micro += account.available.micro;
  }
  CHECK(posted.micro == totals.in_circulation.micro);
}

void check_settled(world& net, const task_run& task) {
  REQUIRE(task.report);
  const auto& report = *task.report;
  std::map<std::pair<std::uint64_t, std::uint32_t>, node_id> worker_of;
  for (const auto& one : task.receipts()) {
    const auto& body = one.item.body;
    CHECK(verify(one.item));
    CHECK(
      worker_of.emplace(std::pair{body.job, body.attempt}, body.worker).second);
  }
  std::map<node_id, std::int64_t> earned;
  std::set<std::uint64_t> judged;
  std::int64_t paid = 0;
  for (const auto& one : task.verdicts()) {
    const auto& body = one.item.body;
    CHECK(verify(one.item));
    CHECK(judged.insert(body.job).second);
    CHECK((body.accepted || body.agreeing.empty()));
    std::set<node_id> paid_nodes;
    for (auto attempt : body.agreeing) {
      auto worker = worker_of.find({body.job, attempt});
      REQUIRE(worker != worker_of.end());
      CHECK(paid_nodes.insert(worker->second).second);
      earned[worker->second] += body.price_per_replica.micro;
      paid += body.price_per_replica.micro;
    }
  }
  CHECK(report.paid.micro == paid);
  CHECK(report.held.micro == report.paid.micro + report.refunded.micro);
  CHECK(report.balance_before.micro - report.balance_after.micro == paid);
  CHECK(report.network_before == report.network_after);
  for (const auto& node : report.nodes)
    CHECK(node.earned.micro == earned[node.node]);
  check_conserved(net);
}

void check_idle(world& net) {
  // Late cancellations and acknowledgements take a heartbeat or two.
  net.run_for(milliseconds{5'000});
  for (const auto& node : net.nodes) {
    CAPTURE(node.setup.name);
    CHECK(node.log->running() == 0);
  }
}

} // namespace artel::testing
