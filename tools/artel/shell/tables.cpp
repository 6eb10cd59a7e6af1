#include "tools/artel/shell/tables.hpp"

#include "protocol/core/units.hpp"
#include "runtime/sim/world.hpp"
#include "tools/artel/console.hpp"
#include "tools/artel/text_table.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <map>
#include <set>
#include <vector>

namespace artel::tools {

namespace {

using row = std::vector<std::string>;

/// Collects rows up to the bound, and counts the others.
class bounded_table {
public:
  bounded_table(row head, std::size_t words) : words_(words) {
    rows_.push_back(std::move(head));
  }

  bool is_full() const { return rows_.size() > table_rows_max; }
  void add(row cells) { rows_.push_back(std::move(cells)); }
  void skip() { ++skipped_; }

  /// `nothing`: in place of a table without rows. `hint`: how to see the rest.
  std::string text(std::string_view nothing, std::string_view hint) const {
    if (rows_.size() == 1)
      return std::string{nothing} + "\n";
    auto result = table_text(rows_, 0, words_);
    if (skipped_ > 0)
      result += "... and " + std::to_string(skipped_) + " more ("
                + std::string{hint} + ")\n";
    return result;
  }

private:
  std::vector<row> rows_;
  std::size_t words_;
  std::size_t skipped_ = 0;
};

constexpr std::string_view name_hint = "give a part of a name to choose";

bool contains(std::string_view name, std::string_view part) {
  return name.find(part) != std::string_view::npos;
}

std::string text_of(std::uint64_t count) {
  return std::to_string(count);
}

/// "1 node", "2 nodes".
std::string counted(std::uint64_t count, std::string_view what) {
  return text_of(count) + " " + std::string{what} + (count == 1 ? "" : "s");
}

/// Rounded down to hundredths.
std::string two_decimals(std::int64_t value, std::int64_t one) {
  std::array<char, 32> text{};
  auto hundredths = value * 100 / one;
  std::snprintf(text.data(), text.size(), "%lld.%02lld",
                static_cast<long long>(hundredths / 100),
                static_cast<long long>(hundredths % 100));
  return text.data();
}

std::string ratio_text(ppm ratio) {
  // Rounded, so that a score of 0.399999 is not shown as 0.39.
  return two_decimals(ratio.value + ppm_one / 200, ppm_one);
}

std::string percent_text(ppm ratio) {
  return std::to_string(ratio.value / 10'000)
         + (ratio.value % 10'000 == 0
              ? ""
              : "." + std::to_string(ratio.value % 10'000 / 1'000))
         + "%";
}

std::string latency_text(microseconds latency) {
  auto count = latency.count();
  return count % 1'000 == 0 ? std::to_string(count / 1'000) + "ms"
                            : std::to_string(count) + "us";
}

/// "3 up, 1 down": in the order in which they came.
std::string tally_text(const std::vector<std::string_view>& words) {
  std::vector<std::pair<std::string_view, std::uint64_t>> counts;
  for (auto word : words) {
    auto found =
      std::find_if(counts.begin(), counts.end(),
                   [&](const auto& one) { return one.first == word; });
    if (found == counts.end())
      counts.emplace_back(word, 1);
    else
      ++found->second;
  }
  std::string text;
  for (const auto& [word, count] : counts)
    text +=
      (text.empty() ? "" : ", ") + text_of(count) + " " + std::string{word};
  return text;
}

row node_row(const sim::world& on, sim::node_index index) {
  const auto& node = on.node(index);
  const auto& machine = *node.machine;
  auto up = node.status != sim::node_status::down;
  return {node.options.name,
          std::string{to_string(node.options.role)},
          std::string{to_string(node.status)},
          to_string(machine.how),
          text_of(machine.cores) + " x "
            + two_decimals(machine.cpu_score, 1'000),
          up ? text_of(on.held_jobs(index)) : "-",
          up ? text_of(on.peer_count(index)) : "-",
          to_string(on.balance(index)),
          ratio_text(on.reputation(index))};
}

row task_row(const sim::world& on, const sim::simulated_task& task) {
  const auto& report = task.report;
  const auto& jobs = report ? report->jobs : task.progress.jobs;
  auto total = jobs.total == 0 && task.plan ? task.plan->jobs : jobs.total;
  auto until = task.is_over() ? task.ended : on.elapsed();
  return {printable(task.name),
          on.node(task.owner).options.name,
          std::string{task.status()},
          text_of(jobs.completed) + "/" + text_of(total),
          text_of(jobs.failed),
          text_of(report ? report->replicas_run : task.progress.replicas_run),
          text_of(report ? report->retries : task.progress.retried),
          report ? to_string(report->paid) : "-",
          virtual_time_text(until - task.submitted)};
}

/// The nodes of one owner, by the first one's name.
struct owner_entry {
  std::string name;
  std::size_t others = 0;
};

std::string label_of(const owner_entry& owner) {
  return owner.others == 0 ? owner.name
                           : owner.name + " +" + text_of(owner.others);
}

/// In the order in which their first nodes came.
std::vector<std::pair<owner_id, owner_entry>> owners_of(const sim::world& on) {
  std::vector<std::pair<owner_id, owner_entry>> owners;
  std::map<owner_id, std::size_t> places;
  for (sim::node_index i = 0; i < on.node_count(); ++i) {
    const auto& node = on.node(i);
    auto [place, is_new] =
      places.try_emplace(node.environment->owner, owners.size());
    if (is_new)
      owners.push_back({node.environment->owner, {node.options.name}});
    else
      ++owners[place->second].second.others;
  }
  return owners;
}

std::string path_text(const sim::network& net, sim::node_index from,
                      sim::node_index to) {
  auto there = net.is_reachable(from, to);
  auto back = net.is_reachable(to, from);
  if (there && back)
    return "open";
  return there ? "one way" : back ? "one way back" : "blocked";
}

} // namespace

std::string virtual_time_text(microseconds since_start) {
  auto seconds = since_start.count() / 1'000'000;
  if (since_start.count() == 0)
    return "0 s";
  auto text = two_decimals(since_start.count() % 60'000'000, 1'000'000) + " s";
  if (seconds < 60)
    return text;
  if (seconds < 3'600)
    return std::to_string(seconds / 60) + " min " + text;
  return std::to_string(seconds / 3'600) + " h "
         + std::to_string(seconds % 3'600 / 60) + " min "
         + std::to_string(seconds % 60) + " s";
}

std::string nodes_table(const sim::world& on, std::string_view part) {
  bounded_table table{{"name", "role", "status", "behaviour", "cores", "jobs",
                       "peers", "credits", "reputation"},
                      4};
  for (sim::node_index i = 0; i < on.node_count(); ++i) {
    if (!contains(on.node(i).options.name, part))
      continue;
    if (table.is_full())
      table.skip();
    else
      table.add(node_row(on, i));
  }
  return table.text(part.empty() ? "no nodes yet ('node add' adds some)"
                                 : "no node with such a name",
                    name_hint);
}

std::string jobs_table(const sim::world& on, std::string_view part) {
  bounded_table table{{"task", "owner", "status", "jobs", "failed", "replicas",
                       "retries", "paid", "time"},
                      3};
  // The latest ones are what people look for.
  auto count = on.task_count();
  std::vector<std::size_t> chosen;
  for (auto i = count; i-- > 0;) {
    if (!contains(on.task(i).name, part))
      continue;
    if (chosen.size() < table_rows_max)
      chosen.push_back(i);
    else
      table.skip();
  }
  for (auto i = chosen.rbegin(); i != chosen.rend(); ++i)
    table.add(task_row(on, on.task(*i)));
  return table.text(part.empty() ? "no tasks yet ('job submit' starts one)"
                                 : "no task with such a name",
                    "earlier ones; give a part of a name to choose");
}

std::string credits_table(const sim::world& on, std::string_view part) {
  bounded_table table{{"owner", "available", "held", "earned", "spent"}, 1};
  const auto& accounts = on.accounts();
  for (const auto& [owner, entry] : owners_of(on)) {
    auto account = accounts.account(owner);
    if (!account || !contains(entry.name, part))
      continue;
    if (table.is_full())
      table.skip();
    else
      table.add({label_of(entry), to_string(account->available),
                 to_string(account->held), to_string(account->earned),
                 to_string(account->spent)});
  }
  return table.text(part.empty() ? "no accounts yet"
                                 : "no owner with such a name",
                    name_hint)
         + to_string(accounts.granted())
         + " granted = " + to_string(accounts.in_circulation())
         + " in circulation + " + to_string(accounts.burned()) + " burned\n";
}

std::string reputation_table(const sim::world& on, std::string_view part) {
  bounded_table table{{"who", "of whom", "thinks"}, 2};
  // Opinions are held by pairs of owners; a score of exactly a half is none.
  constexpr ppm stranger{500'000};
  // Enough for a thousand nodes; beyond, it would take longer than people wait.
  constexpr std::size_t pairs_max = 2'000'000;
  std::size_t pairs = 0;
  auto owners = owners_of(on);
  for (sim::node_index by = 0; by < on.node_count(); ++by)
    for (const auto& [owner, about] : owners) {
      if (++pairs > pairs_max)
        break;
      const auto& who = on.node(by).options.name;
      if (owner == on.node(by).environment->owner
          || (!contains(who, part) && !contains(about.name, part)))
        continue;
      auto opinion = on.reputation(by, *on.find_node(about.name));
      if (opinion == stranger)
        continue;
      if (table.is_full())
        table.skip();
      else
        table.add({who, label_of(about), ratio_text(opinion)});
    }
  auto text = table.text("nobody has an opinion of anybody yet", name_hint);
  if (pairs > pairs_max)
    text += "(not all pairs were looked at: there are too many)\n";
  return text;
}

std::string links_table(const sim::world& on, std::string_view part) {
  bounded_table table{
    {"from", "to", "path", "latency", "loss", "frames", "bytes", "dropped"}, 3};
  const auto& net = on.net();
  for (const auto& link : net.links()) {
    const auto& from = on.node(link.from).options.name;
    const auto& to = on.node(link.to).options.name;
    if (!contains(from, part) && !contains(to, part))
      continue;
    if (table.is_full()) {
      table.skip();
      continue;
    }
    const auto& profile = net.profile(link.from, link.to);
    table.add({from, to, path_text(net, link.from, link.to),
               latency_text(profile.latency), percent_text(profile.loss),
               text_of(link.frames), text_of(link.bytes),
               text_of(link.dropped)});
  }
  return table.text(part.empty() ? "no links" : "no link of such a node",
                    name_hint);
}

std::string faults_table(const sim::world& on) {
  using sim::fault_kind;
  using sim::frame_fate;
  std::vector<row> rows{{"what was done", "times"}};
  for (auto kind = static_cast<unsigned>(fault_kind::crash);
       kind <= static_cast<unsigned>(fault_kind::join); ++kind) {
    auto known = static_cast<fault_kind>(kind);
    if (auto count = on.history().count(known); count > 0)
      rows.push_back({std::string{to_string(known)}, text_of(count)});
  }
  if (rows.size() == 1)
    rows.push_back({"nothing", "0"});
  auto text = table_text(rows, 0) + "\n";
  rows = {{"frames", "count"}};
  constexpr std::array<std::pair<frame_fate, std::string_view>, 5> fates{
    {{frame_fate::sent, "sent"},
     {frame_fate::duplicated, "duplicated"},
     {frame_fate::lost, "lost"},
     {frame_fate::blocked, "blocked by a partition"},
     {frame_fate::held, "held on a clogged path"}}};
  for (auto [fate, name] : fates)
    rows.push_back({std::string{name}, text_of(on.history().count(fate))});
  return text + table_text(rows, 0);
}

std::string world_summary(const sim::world& on) {
  std::vector<std::string_view> nodes;
  for (sim::node_index i = 0; i < on.node_count(); ++i)
    nodes.push_back(to_string(on.node(i).status));
  std::vector<std::string_view> tasks;
  for (std::size_t i = 0; i < on.task_count(); ++i)
    tasks.push_back(on.task(i).status());
  auto described = [](std::uint64_t count, std::string_view what,
                      const std::vector<std::string_view>& words) {
    auto text = counted(count, what);
    return count == 0 ? text : text + ": " + tally_text(words);
  };
  const auto& violations = on.violations();
  auto text =
    "seed        " + text_of(on.options().seed) + "\n" + "time        "
    + virtual_time_text(on.elapsed()) + ", " + counted(on.steps(), "step")
    + "\n" + "nodes       " + described(on.node_count(), "node", nodes) + "\n"
    + "tasks       " + described(on.task_count(), "task", tasks) + "\n"
    + "trace       " + on.trace_hash() + "\n" + "violations  "
    + (violations.empty() ? "none" : text_of(violations.size())) + "\n";
  constexpr std::size_t shown_max = 5;
  for (std::size_t i = 0; i < std::min(violations.size(), shown_max); ++i)
    text += "  " + printable(to_string(violations[i])) + "\n";
  if (violations.size() > shown_max)
    text += "  ... and " + text_of(violations.size() - shown_max) + " more\n";
  return text;
}

} // namespace artel::tools
