#include "protocol/task/job_machine.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>
#include <vector>

using namespace artel;

namespace {

owner_id owner(std::uint8_t number) {
  owner_id id;
  id.value[0] = number;
  return id;
}

hash256 output(std::uint8_t number) {
  hash256 id;
  id.value[0] = number;
  return id;
}

/// A machine, and what its last step wanted.
struct driven {
  explicit driven(job_policy policy = {}) : machine(policy) {}

  void start() {
    step([&](job_outbox& box) { machine.on_start(now, box); });
  }
  void answer(std::uint32_t attempt, std::uint8_t what) {
    step([&](job_outbox& box) {
      machine.on_answer(now, attempt, output(what), box);
    });
  }
  void fail(std::uint32_t attempt) {
    step([&](job_outbox& box) {
      machine.on_failed(now, attempt, errc::execution_failed, "it crashed",
                        random, box);
    });
  }
  void unplaceable(std::uint32_t attempt) {
    step([&](job_outbox& box) { machine.on_unplaceable(attempt, box); });
  }
  void cancel(bool expired) {
    step([&](job_outbox& box) { machine.on_cancelled(expired, box); });
  }

  template <class Step>
  void step(Step&& take) {
    out = {};
    take(out);
    machine.check_invariants();
  }

  /// The machine wants nothing more of its caller.
  bool is_quiet() const {
    return out.wanted.empty() && out.cancelled.empty() && !out.ended;
  }

  instant now{milliseconds{1'000}};
  random_generator random = random_generator::from_number(1);
  job_machine machine;
  job_outbox out;
};

/// Three replicas placed with the owners 1, 2 and 3.
driven placed_job(job_policy policy = {}) {
  driven job{policy};
  job.start();
  for (std::uint32_t i = 1; i <= 3; ++i)
    job.machine.on_placed(i, owner(static_cast<std::uint8_t>(i)));
  return job;
}

} // namespace

TEST_CASE("a job whose replicas agree is completed") {
  driven job;
  job.start();
  REQUIRE(job.out.wanted.size() == 3);
  CHECK(job.machine.state() == job_state::pending);
  for (std::uint32_t i = 1; i <= 3; ++i) {
    CHECK(job.out.wanted[i - 1].attempt == i);
    job.machine.on_placed(i, owner(static_cast<std::uint8_t>(i)));
  }
  CHECK(job.machine.state() == job_state::assigned);
  job.machine.on_acked(1);
  CHECK(job.machine.state() == job_state::acked);
  job.machine.on_running(2);
  CHECK(job.machine.state() == job_state::running);
  job.answer(1, 7);
  CHECK(job.is_quiet());
  job.answer(2, 7);
  CHECK(job.is_quiet());
  job.answer(3, 7);
  CHECK(job.out.ended);
  CHECK(job.machine.state() == job_state::completed);
  CHECK(job.machine.verdict().agreeing == std::vector<std::uint32_t>{1, 2, 3});
  CHECK(job.machine.failures() == 0);
}

TEST_CASE("one other answer is outvoted and named") {
  auto job = placed_job();
  job.answer(2, 9);
  job.answer(1, 7);
  job.answer(3, 7);
  CHECK(job.machine.state() == job_state::completed);
  CHECK(job.machine.verdict().output == output(7));
  CHECK(job.machine.verdict().dissenting == std::vector<std::uint32_t>{2});
}

TEST_CASE("without agreement one more owner is asked, until none can decide") {
  auto job = placed_job();
  job.answer(1, 1);
  job.answer(2, 2);
  job.answer(3, 3);
  std::uint8_t next = 4;
  while (!job.out.ended) {
    REQUIRE(job.out.wanted.size() == 1);
    auto excluded = job.out.wanted[0].excluded;
    for (std::uint8_t one = 1; one < next; ++one)
      CHECK(std::find(excluded.begin(), excluded.end(), owner(one))
            != excluded.end());
    job.machine.on_placed(next, owner(next));
    job.answer(next, next);
    ++next;
    REQUIRE(next <= 8);
  }
  CHECK(job.machine.state() == job_state::failed);
  CHECK(job.machine.problem().code == errc::verification_failed);
}

TEST_CASE("a failed attempt is tried again elsewhere, after a backoff") {
  auto job = placed_job();
  job.fail(2);
  REQUIRE(job.out.wanted.size() == 1);
  const auto& wanted = job.out.wanted[0];
  CHECK(wanted.attempt == 4);
  CHECK(wanted.excluded == std::vector<owner_id>{owner(1), owner(3)});
  CHECK(wanted.avoided == std::vector<owner_id>{owner(2)});
  CHECK(wanted.not_before >= job.now);
  CHECK(wanted.not_before <= job.now + retry_policy{}.base);
  CHECK(job.machine.failures() == 1);
}

TEST_CASE("what a lost worker had is wanted elsewhere at once") {
  auto job = placed_job();
  job.step([&job](job_outbox& box) {
    job.machine.on_failed(job.now, 2, errc::unreachable, "it fell silent",
                          job.random, box);
  });
  REQUIRE(job.out.wanted.size() == 1);
  CHECK(job.out.wanted[0].not_before == job.now);
  CHECK(job.out.wanted[0].avoided == std::vector<owner_id>{owner(2)});
  CHECK(job.machine.failures() == 1);
}

TEST_CASE("a job fails after attempts_max failures a replica") {
  job_policy policy;
  policy.attempts_max = 2;
  auto job = placed_job(policy);
  std::uint8_t next_owner = 4;
  for (std::uint32_t attempt = 1; attempt <= 6; ++attempt) {
    CHECK_FALSE(is_final(job.machine.state()));
    if (attempt > 3)
      job.machine.on_placed(attempt, owner(next_owner++));
    job.fail(attempt);
  }
  CHECK(job.out.ended);
  CHECK(job.machine.state() == job_state::failed);
  CHECK(job.machine.problem() == failure{errc::execution_failed, "it crashed"});
  CHECK(job.machine.failures() == 6);
}

TEST_CASE("an early verdict cancels the replicas that still run") {
  job_policy policy;
  policy.verification.replicas = 1;
  policy.verification.replicas_max = 1;
  driven single{policy};
  single.start();
  single.machine.on_placed(1, owner(1));
  single.answer(1, 7);
  CHECK(single.machine.state() == job_state::completed);
  CHECK(single.out.cancelled.empty());

  policy.attempts_max = 1;
  policy.verification.replicas = 3;
  policy.verification.replicas_max = 3;
  policy.verification.agreement = ppm{ppm_one};
  auto job = placed_job(policy);
  job.answer(1, 1);
  job.answer(2, 2);
  // All must agree, and two already differ.
  CHECK(job.machine.state() == job_state::failed);
  CHECK(job.out.cancelled == std::vector<std::uint32_t>{3});
}

TEST_CASE("an attempt that cannot be placed ends the job only if it is last") {
  auto job = placed_job();
  job.fail(1);
  job.unplaceable(4);
  CHECK(job.is_quiet());
  // Two more answers are needed, one replica runs.
  job.answer(2, 7);
  REQUIRE(job.out.wanted.size() == 1);
  job.unplaceable(job.out.wanted[0].attempt);
  CHECK(job.is_quiet());
  job.answer(3, 7);
  REQUIRE(job.out.wanted.size() == 1);
  job.unplaceable(job.out.wanted[0].attempt);
  CHECK(job.machine.state() == job_state::failed);
  CHECK(job.machine.problem().code == errc::execution_failed);

  driven alone;
  alone.start();
  for (std::uint32_t i = 1; i <= 3; ++i)
    alone.unplaceable(i);
  CHECK(alone.machine.problem().code == errc::no_workers);
}

TEST_CASE("what is cancelled or expired stops its replicas") {
  for (auto expired : {false, true}) {
    auto job = placed_job();
    job.answer(1, 7);
    job.cancel(expired);
    CHECK(job.out.ended);
    CHECK(job.out.cancelled == std::vector<std::uint32_t>{2, 3});
    CHECK(job.machine.state()
          == (expired ? job_state::expired : job_state::cancelled));
    job.cancel(!expired);
    CHECK(job.is_quiet());
  }
}

TEST_CASE("what comes twice, late or from nowhere changes nothing") {
  auto job = placed_job();
  job.answer(1, 7);
  job.answer(1, 8);
  CHECK(job.is_quiet());
  job.fail(1);
  CHECK(job.is_quiet());
  job.answer(0, 7);
  job.answer(99, 7);
  CHECK(job.is_quiet());
  job.machine.on_placed(1, owner(9));
  job.answer(2, 7);
  job.answer(3, 7);
  CHECK(job.machine.verdict().agreeing == std::vector<std::uint32_t>{1, 2, 3});
  job.answer(3, 8);
  job.fail(2);
  job.unplaceable(1);
  CHECK(job.is_quiet());
  CHECK(job.machine.state() == job_state::completed);
}

TEST_CASE("every course of events ends in one final state, within its bounds") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    auto random = random_generator::from_number(seed);
    job_policy policy;
    policy.attempts_max = 1 + static_cast<std::uint32_t>(random.below(4));
    driven job{policy};
    std::map<std::uint32_t, job_outbox::wanted_replica> wanted;
    std::map<std::uint32_t, owner_id> active;
    auto ends = 0;
    auto take = [&] {
      for (const auto& one : job.out.wanted)
        wanted.emplace(one.attempt, one);
      for (auto attempt : job.out.cancelled)
        CHECK(active.erase(attempt) == 1);
      ends += job.out.ended;
    };
    job.start();
    take();
    for (int step = 0; step < 500 && ends == 0; ++step) {
      job.now += milliseconds{random.below(50)};
      if (!wanted.empty() && random.chance(500'000)) {
        auto one = wanted.extract(wanted.begin()).mapped();
        // As a coordinator does: nobody who holds or answered it.
        std::set<owner_id> taken{one.excluded.begin(), one.excluded.end()};
        for (const auto& [attempt, holder] : active)
          taken.insert(holder);
        auto chosen = owner(static_cast<std::uint8_t>(random.below(60)));
        if (taken.contains(chosen)) {
          wanted.emplace(one.attempt, one);
          continue;
        }
        job.machine.on_placed(one.attempt, chosen);
        active.emplace(one.attempt, chosen);
        // Others that are wanted learn of it only through their placer.
        for (auto& [attempt, other] : wanted)
          other.excluded.push_back(chosen);
        continue;
      }
      if (active.empty())
        continue;
      auto attempt = active.begin()->first;
      active.erase(active.begin());
      if (random.chance(300'000))
        job.fail(attempt);
      else
        job.answer(attempt, random.chance(700'000) ? 1 : 2);
      take();
    }
    CHECK(ends == 1);
    CHECK(is_final(job.machine.state()));
    CHECK(active.empty());
    CHECK(job.machine.failures() <= policy.attempts_max * 3);
    CHECK(job.machine.attempts() <= policy.attempts_max * 3 + 7);
  }
}

TEST_CASE("every job state has a name of its own") {
  std::set<std::string_view> names;
  for (std::uint8_t i = 1; i <= 8; ++i)
    names.insert(to_string(static_cast<job_state>(i)));
  CHECK(names.size() == 8);
  CHECK_FALSE(names.contains("unknown"));
}
