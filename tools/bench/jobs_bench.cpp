// Jobs a second through the whole path (assign, ack, execute, sign, verify,
// settle), with no-op kernels so that nothing but the path is measured; and the
// memory that 100,000 and 1,000,000 jobs take. The baseline in the same run is
// plain CAF: requests between two actors, which is what a job would cost if it
// were one message and its answer.
//
//   bench_jobs [jobs [rounds [memory-jobs]]]
#include "protocol/identity/keys.hpp"
#include "runtime/launch/embedded_network.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

namespace {

using namespace artel;

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
    .count();
}

/// Resident memory of this process in MiB.
double resident_mib() {
  std::ifstream file{"/proc/self/statm"};
  long total = 0;
  long resident = 0;
  file >> total >> resident;
  return static_cast<double>(resident) * 4096.0 / (1024 * 1024);
}

caf::behavior echo(caf::event_based_actor*) {
  return {[](int value) { return value; }};
}

/// Requests a second between two actors, a window of 100 outstanding.
double plain_caf_rate(int requests) {
  caf::actor_system_config config;
  caf::actor_system system{config};
  caf::scoped_actor self{system};
  auto server = system.spawn(echo);
  auto start = std::chrono::steady_clock::now();
  constexpr int window = 100;
  for (int done = 0; done < requests; done += window) {
    for (int i = 0; i < window; ++i)
      self->send(server, i);
    for (int i = 0; i < window; ++i)
      self->receive([](int) {});
  }
  auto rate = requests / seconds_since(start);
  self->send_exit(server, caf::exit_reason::user_shutdown);
  return rate;
}

struct measurement {
  double jobs_per_second = 0;
  double resident_max = 0;
};

measurement run_jobs(std::uint64_t jobs, std::uint32_t replicas) {
  runtime::embedded_options options;
  options.client_credits = whole_credits(10'000);
  auto network = runtime::embedded_network::start(options);
  if (!network) {
    std::fprintf(stderr, "bench_jobs: %s\n", network.error().message.c_str());
    std::exit(1);
  }
  runtime::submission task;
  task.spec.name = "noop";
  task.spec.type = task_type::range_reduce;
  task.spec.source.kind = source_kind::range;
  task.spec.source.first = 1;
  task.spec.source.last = jobs;
  task.spec.source.chunks = jobs;
  task.spec.code.kernel = "noop";
  task.spec.reduce = reduce_operation::count;
  task.spec.verification.replicas = replicas;
  task.spec.estimate = milliseconds{1};
  measurement result;
  auto start = std::chrono::steady_clock::now();
  auto report =
    (*network)->run(task,
                    [&result](const event& one) {
                      if (std::holds_alternative<task_progress>(one))
                        result.resident_max =
                          std::max(result.resident_max, resident_mib());
                    },
                    {});
  result.jobs_per_second = static_cast<double>(jobs) / seconds_since(start);
  result.resident_max = std::max(result.resident_max, resident_mib());
  if (report.state != task_state::completed
      || as_text(report.result) != std::to_string(jobs)) {
    std::fprintf(stderr, "bench_jobs: the task ended %s: %s\n",
                 std::string{to_string(report.state)}.c_str(),
                 report.problem.message.c_str());
    std::exit(1);
  }
  return result;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

} // namespace

int main(int argc, char** argv) {
  auto argument = [&](int index, std::uint64_t fallback) {
    return argc > index ? std::strtoull(argv[index], nullptr, 10) : fallback;
  };
  auto jobs = argument(1, 50'000);
  auto rounds = argument(2, 3);
  auto memory_jobs = argument(3, 1'000'000);
  if (jobs == 0 || rounds == 0) {
    std::fprintf(stderr, "usage: bench_jobs [jobs [rounds [memory-jobs]]]\n");
    return 2;
  }
  initialize_crypto();
  std::vector<double> plain;
  std::vector<double> single;
  std::vector<double> triple;
  // Interleaved, so that a noisy minute hits all of them.
  for (std::uint64_t i = 0; i < rounds; ++i) {
    plain.push_back(plain_caf_rate(200'000));
    single.push_back(run_jobs(jobs, 1).jobs_per_second);
    triple.push_back(run_jobs(jobs, 3).jobs_per_second);
  }
  auto baseline = median(plain);
  auto line = [baseline](const char* what, double rate) {
    std::printf("%-34s %10.0f /s   %5.1f %% of plain CAF\n", what, rate,
                100 * rate / baseline);
  };
  std::printf("5 workers, %llu no-op jobs, median of %llu rounds\n",
              static_cast<unsigned long long>(jobs),
              static_cast<unsigned long long>(rounds));
  line("plain CAF requests", baseline);
  line("jobs, 1 replica", median(single));
  line("jobs, 3 replicas", median(triple));
  if (memory_jobs == 0)
    return 0;
  // The smaller one twice: the first run also fills caches and allocators.
  run_jobs(memory_jobs / 10, 1);
  auto small = run_jobs(memory_jobs / 10, 1);
  auto large = run_jobs(memory_jobs, 1);
  std::printf("memory, %llu jobs: %.1f MiB; %llu jobs: %.1f MiB (ratio %.2f)\n",
              static_cast<unsigned long long>(memory_jobs / 10),
              small.resident_max, static_cast<unsigned long long>(memory_jobs),
              large.resident_max, large.resident_max / small.resident_max);
}
