#include "runtime/observe/receipt_audit.hpp"

#include "tests/runtime/observe/sample_run.hpp"
#include "tests/runtime/scratch_directory.hpp"

#include <functional>

#include <doctest/doctest.h>

using namespace artel;
using namespace artel::runtime;

namespace {

audit_report audit(const std::string& text) {
  test::scratch_directory scratch;
  auto report = audit_receipts(scratch.write("r.jsonl", text));
  REQUIRE(report);
  return *report;
}

/// Audits lines whose chains are sound: what is left to find is in the lines
/// themselves. This is what a forger who redoes the chains would make.
audit_report audit(const std::vector<json>& lines) {
  return audit(test::sample_run::text_of(lines));
}

std::string first_problem(const audit_report& report) {
  return report.problems.empty() ? "none"
                                 : std::to_string(report.problems.front().line)
                                     + ": " + report.problems.front().message;
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// Another value of the same type.
void change(json& value) {
  if (value.is_string()) {
    auto text = value.get<std::string>();
    if (text.empty())
      text = "x";
    else
      text.back() = text.back() == '1' ? '2' : '1';
    value = text;
  } else if (value.is_boolean()) {
    value = !value.get<bool>();
  } else if (value.is_number_unsigned()) {
    value = value.get<std::uint64_t>() + 1;
  } else if (value.is_number()) {
    value = value.get<double>() + 1;
  } else if (value.is_array()) {
    value.push_back(value.empty() ? json(1) : value.front());
  } else {
    value["base64"] = "AAAA";
  }
}

using change_taker =
  std::function<void(const json& changed, const std::string& path)>;

/// Calls a function with every form of `root` in which one value within
/// `inner`, a part of it, is another one.
void for_each_change(const json& root, json& inner, const std::string& path,
                     const change_taker& take) {
  for (auto& [key, value] : inner.items()) {
    auto name = path + "/" + key;
    if (value.is_object() && !value.contains("base64")) {
      for_each_change(root, value, name, take);
      continue;
    }
    auto saved = value;
    change(value);
    take(root, name);
    value = saved;
  }
}

} // namespace

TEST_CASE("a run as it went checks out") {
  auto report = audit(test::sample_run{}.text());
  CHECK(first_problem(report) == "none");
  CHECK(report.sound());
  CHECK(report.warnings.empty());
  CHECK(report.runs == 1);
  CHECK(report.receipts == 12);
  CHECK(report.verdicts == 4);
  CHECK(report.accepted == 4);
  CHECK(report.settlements == 1);
  CHECK(report.paid == credits{2'000'000});
}

TEST_CASE("a run with failed jobs checks out too") {
  auto report = audit(test::sample_run{{0, 3}}.text());
  CHECK(first_problem(report) == "none");
  CHECK(report.accepted == 2);
}

TEST_CASE("jobs with output files check out") {
  auto report = audit(test::sample_run{{2}, {0, 1, 3}}.text());
  CHECK(first_problem(report) == "none");
  CHECK(report.accepted == 3);
}

TEST_CASE("other output files than those accepted are found") {
  auto lines = test::sample_run{{}, {0}}.lines();
  auto forged = lines;
  forged[4]["files"] = std::string(64, '1');
  CHECK(has(first_problem(audit(forged)), "5: job 0: the output in the file"));
  forged = lines;
  forged[4].erase("files");
  CHECK(has(first_problem(audit(forged)), "not the one that was accepted"));
  // The job after it left none.
  forged = lines;
  forged[8]["files"] = lines[4]["files"];
  CHECK(has(first_problem(audit(forged)), "9: job 1: the output in the file"));
}

TEST_CASE("a changed value in any line is found, in that line") {
  test::sample_run run{{2}, {1}};
  auto lines = run.lines();
  auto text = run.text();
  std::vector<std::string> texts;
  for (std::size_t start = 0; start < text.size();) {
    auto end = text.find('\n', start);
    texts.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  std::size_t changes = 0;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    auto line = lines[i];
    for_each_change(
      line, line, "", [&](const json& changed, const std::string& path) {
        CAPTURE(i);
        CAPTURE(path);
        // With the chain as it was.
        auto forged = texts;
        auto body = line_of(changed);
        body.pop_back();
        forged[i] = body + texts[i].substr(texts[i].rfind(",\"chain\":"));
        std::string whole;
        for (const auto& one : forged)
          whole += one + "\n";
        auto report = audit(whole);
        REQUIRE_FALSE(report.sound());
        CHECK(report.problems.front().line == i + 1);
        ++changes;
      });
  }
  CHECK(changes > 400);
}

TEST_CASE(
  "a changed value that is signed is found although chains are redone") {
  test::sample_run run{{2}};
  auto lines = run.lines();
  for (std::size_t i : {std::size_t{1}, std::size_t{4}, std::size_t{9}}) {
    for (const char* part : {"receipt", "verdict", "proof"}) {
      if (!lines[i].contains(part))
        continue;
      auto line = lines[i];
      for_each_change(line, line[part], "",
                      [&](const json& changed, const std::string& path) {
                        CAPTURE(i);
                        CAPTURE(path);
                        auto forged = lines;
                        forged[i] = changed;
                        CHECK_FALSE(audit(forged).sound());
                      });
    }
  }
}

TEST_CASE("lines taken out, repeated or moved are found by their chain") {
  auto text = test::sample_run{}.text();
  std::vector<std::string> lines;
  for (std::size_t start = 0; start < text.size();) {
    auto end = text.find('\n', start) + 1;
    lines.push_back(text.substr(start, end - start));
    start = end;
  }
  auto joined = [](const std::vector<std::string>& parts) {
    std::string whole;
    for (const auto& one : parts)
      whole += one;
    return whole;
  };
  for (std::size_t i = 0; i + 1 < lines.size(); ++i) {
    CAPTURE(i);
    auto shorter = lines;
    shorter.erase(shorter.begin() + static_cast<std::ptrdiff_t>(i));
    CHECK_FALSE(audit(joined(shorter)).sound());
    auto longer = lines;
    longer.insert(longer.begin() + static_cast<std::ptrdiff_t>(i), lines[i]);
    CHECK_FALSE(audit(joined(longer)).sound());
    auto swapped = lines;
    std::swap(swapped[i], swapped[i + 1]);
    CHECK_FALSE(audit(joined(swapped)).sound());
  }
}

TEST_CASE("forged files are found although chains are redone") {
  test::sample_run run;
  auto lines = run.lines();
  auto forged = [&](const std::function<void(std::vector<json>&)>& forge) {
    auto copy = lines;
    forge(copy);
    return first_problem(audit(copy));
  };
  auto at = [](std::vector<json>& all, std::ptrdiff_t i) {
    return all.begin() + i;
  };
  CHECK(has(forged([&](auto& all) { all.erase(at(all, 2)); }),
            "no receipt of a completed run"));
  CHECK(has(forged([&](auto& all) { all.insert(at(all, 2), all[1]); }),
            "a second receipt for the same attempt"));
  CHECK(has(forged([&](auto& all) { all.insert(at(all, 5), all[1]); }),
            "a receipt after the job's verdict"));
  CHECK(has(forged([&](auto& all) { all.insert(at(all, 5), all[4]); }),
            "a second verdict"));
  CHECK(has(forged([&](auto& all) { all[4]["output"] = "1000000"; }),
            "not the one that was accepted"));
  CHECK(has(forged([&](auto& all) { all.erase(at(all, 8)); }), "credits paid"));
  CHECK(
    has(forged([&](auto& all) { all.erase(at(all, 0)); }), "before any task"));
  CHECK(has(forged([&](auto& all) { all.push_back(all[1]); }),
            "after the settlement"));
  CHECK(has(forged([&](auto& all) { all[0]["source"]["last"] = 99; }),
            "another input"));
  CHECK(has(forged([&](auto& all) { all[0]["code"] = std::string(64, '0'); }),
            "other code"));
  auto settles = [&](const char* key, const char* amount) {
    return forged([&](auto& all) { all.back()["settlement"][key] = amount; });
  };
  CHECK(has(settles("paid", "2.5"), "credits paid"));
  CHECK(has(settles("held", "5"), "holds 5 credits"));
  CHECK(has(settles("balance_after", "99"), "but leaves 99"));
  CHECK(has(settles("network_after", "401"), "lost or made"));
  CHECK(has(forged([&](auto& all) { all.back()["replicas"]["run"] = 11; }),
            "replicas that ran"));
  CHECK(has(forged([&](auto& all) { all.back()["jobs"]["completed"] = 3; }),
            "jobs completed"));
}

TEST_CASE("a run that did not end is a warning, not a change") {
  auto lines = test::sample_run{}.lines();
  lines.pop_back();
  auto report = audit(lines);
  CHECK(report.sound());
  REQUIRE(report.warnings.size() == 1);
  CHECK(has(report.warnings.front(), "no settlement"));
}

TEST_CASE("half a line at the end is a warning") {
  auto report = audit(test::sample_run{}.text() + "{\"kind\":");
  CHECK(report.sound());
  REQUIRE(report.warnings.size() == 1);
  CHECK(has(report.warnings.front(), "line 19"));
}

TEST_CASE("a file may hold several runs") {
  test::sample_run first{{1}};
  test::sample_run second;
  auto lines = first.lines();
  for (const auto& line : second.lines())
    lines.push_back(line);
  auto report = audit(lines);
  CHECK(first_problem(report) == "none");
  CHECK(report.runs == 2);
  CHECK(report.settlements == 2);
}

TEST_CASE("files of anything else do not check out") {
  CHECK_FALSE(audit(std::string{"hello\nworld\n"}).sound());
  CHECK_FALSE(audit(std::string{"\n"}).sound());
  CHECK_FALSE(audit(std::string{"{}\n[]\nnull\n"}).sound());
  auto empty = audit(std::string{});
  CHECK(empty.sound());
  CHECK(empty.runs == 0);
  CHECK(empty.warnings.size() == 1);
}

TEST_CASE("many problems are counted, the first of them listed") {
  std::string text;
  for (int i = 0; i < 500; ++i)
    text += "not a line\n";
  auto report = audit(text);
  CHECK(report.problem_count == 500);
  CHECK(report.problems.size() == audit_report::problems_max);
}

// -- owners -------------------------------------------------------------------

namespace {

/// A run whose receipts are signed anew after a change to each body.
struct owned_run : test::sample_run {
  key_pair owner = key_pair::generate(random);

  owner_certificate certify(std::size_t worker) const {
    owner_certificate item;
    item.node = workers[worker].node();
    item.network = "test";
    item.issued = record.started - milliseconds{60'000};
    item.expires = record.started + milliseconds{60'000};
    sign_certificate(item, owner);
    return item;
  }

  /// Lets receipts of a worker name another owner.
  void name_owner(std::size_t worker, const owner_id& named) {
    std::vector<hash256> leaves;
    for (std::uint64_t job = 0; job < jobs; ++job) {
      auto& body = receipts[job * 3 + worker].item.body;
      body.worker_owner = named;
      leaves.push_back(receipt_leaf(body));
    }
    auto proofs = make_proofs(leaves, sign_batch(workers[worker], leaves));
    for (std::uint64_t job = 0; job < jobs; ++job)
      receipts[job * 3 + worker].item.proof = proofs[job];
  }

  std::vector<json>
  lines_with(const std::vector<owner_certificate>& certificates) const {
    auto all = lines();
    for (const auto& one : certificates)
      all.insert(all.begin() + 1, record_json(worker_certified{one, "w"}));
    return all;
  }
};

} // namespace

TEST_CASE("workers that are their own owners are proven by their key") {
  auto report = audit(test::sample_run{}.text());
  REQUIRE(report.owners.size() == 3);
  for (const auto& [id, owner] : report.owners) {
    CHECK(owner.proof == owner_proof::own_key);
    CHECK(owner.receipts == 4);
  }
}

TEST_CASE("an owner with a certificate in the file is proven by it") {
  owned_run run;
  run.name_owner(1, run.owner.owner());
  auto report = audit(run.lines_with({run.certify(1)}));
  CHECK(first_problem(report) == "none");
  const auto& owner = report.owners.at(run.owner.owner());
  CHECK(owner.proof == owner_proof::certificate);
  CHECK(owner.workers == std::set<node_id>{run.workers[1].node()});
  CHECK(owner.receipts == 4);
}

TEST_CASE("a forged owner is found although the receipt is signed") {
  owned_run run;
  run.name_owner(1, run.owner.owner());
  auto problem = [&](const std::vector<owner_certificate>& certificates) {
    auto report = audit(run.lines_with(certificates));
    auto found = report.owners.find(run.owner.owner());
    if (found != report.owners.end())
      CHECK(found->second.proof == owner_proof::none);
    CHECK(report.problem_count >= 4);
    return first_problem(report);
  };
  CHECK(has(problem({}), "no certificate in the file"));
  // For another worker.
  CHECK(has(problem({run.certify(0)}), "no certificate in the file"));
  auto item = run.certify(1);
  item.expires = run.record.started;
  sign_certificate(item, run.owner);
  CHECK(has(problem({item}), "has expired"));
  item = run.certify(1);
  item.issued = run.record.started + milliseconds{3'600'000};
  item.expires = item.issued + milliseconds{1'000};
  sign_certificate(item, run.owner);
  CHECK(has(problem({item}), "in the future"));
  item = run.certify(1);
  item.network = "elsewhere";
  sign_certificate(item, run.owner);
  CHECK(has(problem({item}), "network"));
  item = run.certify(1);
  item.scope = certificate_scope::submit;
  sign_certificate(item, run.owner);
  CHECK(has(problem({item}), "not for work"));
  // Signed by somebody else in the owner's name.
  item = run.certify(1);
  auto thief = key_pair::generate(run.random);
  sign_certificate(item, thief);
  item.owner = run.owner.owner();
  CHECK(has(problem({item}), "is not signed by"));
}

TEST_CASE("a certificate that comes too late in the file proves nothing") {
  owned_run run;
  run.name_owner(0, run.owner.owner());
  auto lines = run.lines();
  lines.insert(lines.begin() + 2,
               record_json(worker_certified{run.certify(0), "w"}));
  auto report = audit(lines);
  CHECK(report.problem_count == 1);
  CHECK(has(first_problem(report), "2: job 0, attempt 1: worker"));
}

TEST_CASE("a renewed certificate serves the receipts after the first's end") {
  owned_run run;
  run.name_owner(2, run.owner.owner());
  auto first = run.certify(2);
  first.expires = run.record.started;
  sign_certificate(first, run.owner);
  auto report = audit(run.lines_with({first, run.certify(2)}));
  CHECK(first_problem(report) == "none");
}

TEST_CASE("two votes of one certified owner on a job are an error") {
  owned_run run;
  run.name_owner(0, run.owner.owner());
  run.name_owner(1, run.owner.owner());
  auto report = audit(run.lines_with({run.certify(0), run.certify(1)}));
  CHECK(report.problem_count == 4);
  CHECK(has(first_problem(report), "its owner has another vote"));
}

TEST_CASE("what was paid by claims is told as such") {
  test::sample_run run;
  run.report.paid_by_claims = true;
  run.report.claims_sent = 3;
  run.report.claims_acknowledged = 2;
  auto report = audit(run.text());
  CHECK(first_problem(report) == "none");
  CHECK(report.claimed == report.paid);
  REQUIRE(report.warnings.size() == 1);
  CHECK(has(report.warnings.front(), "1 of 3 owners had not acknowledged"));
  run.report.claims_acknowledged = 4;
  CHECK(has(first_problem(audit(run.text())), "more claims acknowledged"));
}
