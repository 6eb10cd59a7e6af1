#include "runtime/control/control_requests.hpp"

#include "actors/defaults.hpp"
#include "runtime/control/status_json.hpp"
#include "runtime/launch/actor_system.hpp"

#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <optional>
#include <thread>

#include <unistd.h>

namespace artel::runtime {

namespace {

using clock = std::chrono::steady_clock;

constexpr std::chrono::seconds ping_timeout{5};
/// For a link that has to be opened first.
constexpr std::chrono::seconds dial_timeout{10};
constexpr std::chrono::milliseconds dial_interval{50};
constexpr std::chrono::milliseconds ping_interval{100};
constexpr std::size_t claims_listed_max = 1'000;
/// A drain answers by its deadline; this is for the answer.
constexpr std::chrono::seconds drain_grace{10};

/// One round trip; nothing where there is no link, or no answer in time.
std::optional<microseconds> ping_once(caf::scoped_actor& self,
                                      const node_actor& node,
                                      const ping_node& target) {
  std::optional<microseconds> took;
  self->request(node, ping_timeout, target)
    .receive([&took](const latency_measured& m) { took = m.latency; },
             [](const caf::error&) {});
  return took;
}

/// The latest ones.
json claims_json(std::vector<payment_claim> claims) {
  std::sort(claims.begin(), claims.end(),
            [](const auto& a, const auto& b) { return b.issued < a.issued; });
  if (claims.size() > claims_listed_max)
    claims.resize(claims_listed_max);
  auto list = json::array();
  for (const auto& one : claims)
    list.push_back(json{{"task", json_of(one.task)},
                        {"payer", json_of(one.payer)},
                        {"payer_owner", json_of(one.payer_owner)},
                        {"amount", json_of(one.amount)},
                        {"jobs", one.jobs},
                        {"issued", json_of(one.issued)}});
  return list;
}

json links_json(const transport_counters& links) {
  return json{
    {"open", links.links_open.load()},
    {"accepted", links.accepted.load()},
    {"dialled", links.dialled.load()},
    {"dials_failed", links.dials_failed.load()},
    {"refused_total", links.refused_total.load()},
    {"refused_address", links.refused_address.load()},
    {"refused_descriptors", links.refused_descriptors.load()},
    {"evicted", links.evicted.load()},
    {"handshake_timeouts", links.handshake_timeouts.load()},
    {"tls_version", links.tls_version.load()},
    {"tls_no_certificate", links.tls_no_certificate.load()},
    {"tls_bad_binding", links.tls_bad_binding.load()},
    {"tls_failed", links.tls_failed.load()},
    {"oversized", links.oversized.load()},
    {"malformed", links.malformed.load()},
    {"over_budget", links.over_budget.load()},
    {"stalled_reads", links.stalled_reads.load()},
    {"stalled_writes", links.stalled_writes.load()},
    {"frames_dropped", links.frames_dropped.load()},
    {"frames_sent", links.frames_sent.load()},
    {"frames_received", links.frames_received.load()},
    {"bytes_sent", links.bytes_sent.load()},
    {"bytes_received", links.bytes_received.load()},
  };
}

} // namespace

result<json> control_requests::answer(const json& request,
                                      control_reply& reply) {
  auto asked = read_control_request(request);
  if (!asked)
    return asked.error();
  return std::visit([this, &reply](auto& one) { return take(one, reply); },
                    *asked);
}

// -- the node -----------------------------------------------------------------

result<node_status> control_requests::ask_status() {
  caf::scoped_actor self{*subject_.system};
  result<node_status> found{errc::unreachable, "the node does not answer"};
  self->request(subject_.node, defaults::request_timeout, query_node{})
    .receive([&found](node_status& answer) { found = std::move(answer); },
             [](const caf::error&) {});
  return found;
}

result<json> control_requests::take(const status_request&, control_reply&) {
  auto status = ask_status();
  if (!status)
    return status.error();
  auto document = status_json(*status);
  document["pid"] = ::getpid();
  document["uptime_ms"] =
    std::chrono::duration_cast<milliseconds>(clock::now() - started_).count();
  document["state"] = json_of(subject_.state.string());
  document["listens"] = json_of(subject_.addresses);
  document["tasks_running"] = subject_.tasks->running_count();
  auto totals = subject_.store->claims();
  document["claims_total"] = json{{"claims", totals.claims},
                                  {"amount", json_of(totals.amount)},
                                  {"state", "signed, not witnessed yet"}};
  document["claims"] = claims_json(subject_.store->all_claims());
  if (subject_.links)
    document["links"] = links_json(*subject_.links);
  return document;
}

result<node_id> control_requests::find_peer(const std::string& prefix) {
  if (auto whole = parse_id<node_id>(prefix))
    return *whole;
  auto status = ask_status();
  if (!status)
    return status.error();
  std::vector<node_id> found;
  for (const auto& peer : status->peers)
    if (!prefix.empty() && to_string(peer.node).starts_with(prefix))
      found.push_back(peer.node);
  if (found.size() == 1)
    return found.front();
  return {found.empty() ? errc::not_found : errc::invalid_argument,
          std::to_string(found.size()) + " peers begin with '" + prefix
            + "'; expected one, or an address HOST:PORT"};
}

result<json> control_requests::take(const ping_request& request,
                                    control_reply& reply) {
  ping_node target;
  target.address = request.address;
  if (target.address.empty()) {
    auto found = find_peer(request.node);
    if (!found)
      return found.error();
    target.node = *found;
  }
  caf::scoped_actor self{*subject_.system};
  auto first = ping_once(self, subject_.node, target);
  if (!first && !target.address.empty()) {
    self->send(subject_.node, dial{target.address});
    auto end = clock::now() + dial_timeout;
    while (!first && clock::now() < end && reply.is_wanted()) {
      std::this_thread::sleep_for(dial_interval);
      first = ping_once(self, subject_.node, target);
    }
  }
  if (!first)
    return {errc::unreachable,
            "no link to "
              + (target.address.empty() ? request.node : target.address)
              + ", or no answer"};
  std::vector<std::int64_t> times;
  std::uint64_t lost = 0;
  for (std::uint32_t i = 0; i < request.count; ++i) {
    if (i > 0) {
      std::this_thread::sleep_for(ping_interval);
      first = ping_once(self, subject_.node, target);
    }
    if (first)
      times.push_back(first->count());
    else
      ++lost;
    if (!reply.event(
          json{{"latency_us", first ? json(first->count()) : json()}}))
      break;
  }
  if (times.empty())
    return {errc::timed_out, "no answer"};
  std::int64_t sum = 0;
  for (auto one : times)
    sum += one;
  auto [least, most] = std::minmax_element(times.begin(), times.end());
  return json{{"sent", times.size() + lost},
              {"lost", lost},
              {"min_us", *least},
              {"avg_us", sum / static_cast<std::int64_t>(times.size())},
              {"max_us", *most}};
}

result<json> control_requests::take(const drain_request& request,
                                    control_reply&) {
  drain_node message{request.deadline};
  caf::scoped_actor self{*subject_.system};
  result<json> outcome{errc::unreachable, "the node does not answer"};
  self
    ->request(subject_.node, caf::timespan{message.deadline} + drain_grace,
              message)
    .receive(
      [&outcome](const node_drained& m) {
        outcome = json{{"left", m.left}};
      },
      [](const caf::error&) {});
  return outcome;
}

result<json> control_requests::take(update_request& request, control_reply&) {
  auto& config = request.config;
  if (subject_.root.is_zero())
    return {errc::invalid_argument,
            "this node is in an open network, without a root: it takes no"
            " config"};
  if (auto sound =
        check_config(config, subject_.network, subject_.root, calendar_now());
      !sound)
    return sound.error();
  caf::scoped_actor self{*subject_.system};
  result<json> outcome{errc::unreachable, "the node does not answer"};
  self
    ->request(subject_.node, defaults::request_timeout,
              update_network{std::move(config)})
    .receive(
      [&outcome](const network_answer& m) {
        if (m.problem)
          outcome = *m.problem;
        else
          outcome =
            json{{"version_before", m.version_before}, {"version", m.version}};
      },
      [](const caf::error&) {});
  return outcome;
}

} // namespace artel::runtime
