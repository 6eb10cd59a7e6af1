// Links between two processes on loopback: requests a second, and how long one
// takes. What a node's links carry (envelopes on TLS; batches of assignments
// and receipts under signatures) against plain CAF remoting, which has neither
// proof nor encryption, and against a bare socket. Each measurement is two
// processes of its own; paths take turns, so that a noisy minute hits all.
//
//   bench_link [--quick | ROUNDS]
#include "protocol/identity/keys.hpp"
#include "tools/bench/link_meter.hpp"
#include "tools/bench/link_paths.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

using namespace artel::bench;

constexpr std::size_t small_bytes = 64;
constexpr std::size_t large_bytes = 64u << 10;
/// What stands still for so long does not go on.
constexpr unsigned patience_seconds = 30;

struct path {
  std::string_view name;
  void (*serve)(const server_hooks& hooks);
  void (*drive)(std::uint16_t port, const load& what,
                const on_measured& report);
};

constexpr path paths[] = {
  {"session", serve_session, drive_session},
  {"batches", serve_session, drive_batches},
  {"peers", serve_peers, drive_peers},
  {"basp", serve_basp, drive_basp},
  {"tls", serve_tls, drive_tls},
  {"raw", serve_raw, drive_raw},
};

const path* find_path(std::string_view name) {
  for (const auto& one : paths)
    if (one.name == name)
      return &one;
  return nullptr;
}

// -- a process of one role ----------------------------------------------------

std::size_t number_of(const char* text) {
  return std::strtoull(text, nullptr, 10);
}

/// server PATH BYTES
int serve(char** arguments) {
  const auto* which = find_path(arguments[0]);
  if (which == nullptr)
    return 2;
  server_hooks hooks;
  hooks.payload_bytes = number_of(arguments[1]);
  hooks.listening = [](std::uint16_t port) {
    std::printf("%u\n", static_cast<unsigned>(port));
    std::fflush(stdout);
  };
  hooks.wait = [] {
    char byte = 0;
    while (::read(STDIN_FILENO, &byte, 1) > 0) {
    }
  };
  which->serve(hooks);
  return 0;
}

/// client PATH PORT BYTES WINDOW JOBS LATENCY-MS THROUGHPUT-MS
int drive(char** arguments) {
  const auto* which = find_path(arguments[0]);
  if (which == nullptr)
    return 2;
  load what;
  what.payload_bytes = number_of(arguments[2]);
  what.window = number_of(arguments[3]);
  what.batch_jobs = number_of(arguments[4]);
  what.latency_time = std::chrono::milliseconds{number_of(arguments[5])};
  what.throughput_time = std::chrono::milliseconds{number_of(arguments[6])};
  which->drive(static_cast<std::uint16_t>(number_of(arguments[1])), what,
               [](const figures& made) {
                 std::printf("%.3f %.3f %.3f\n", made.requests_per_second,
                             made.p50_us, made.p99_us);
                 std::fflush(stdout);
               });
  return 0;
}

// -- the parent ---------------------------------------------------------------

struct child {
  pid_t process = -1;
  int input = -1;
  int output = -1;
};

[[noreturn]] void give_up(const std::string& what) {
  std::fprintf(stderr, "bench_link: %s\n", what.c_str());
  std::exit(1);
}

[[noreturn]] void become(std::vector<std::string>& arguments, bool pinned) {
  // Whatever happens to the parent, or to the other end.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::alarm(patience_seconds);
  if (pinned) {
    cpu_set_t allowed;
    if (::sched_getaffinity(0, sizeof(allowed), &allowed) == 0) {
      int core = 0;
      while (!CPU_ISSET(core, &allowed))
        ++core;
      CPU_ZERO(&allowed);
      CPU_SET(core, &allowed);
      ::sched_setaffinity(0, sizeof(allowed), &allowed);
    }
  }
  std::vector<char*> pointers;
  for (auto& one : arguments)
    pointers.push_back(one.data());
  pointers.push_back(nullptr);
  ::execv("/proc/self/exe", pointers.data());
  ::_exit(127);
}

child start(std::vector<std::string> arguments, bool pinned) {
  int input[2];
  int output[2];
  if (::pipe2(input, O_CLOEXEC) != 0 || ::pipe2(output, O_CLOEXEC) != 0)
    give_up("no pipe");
  arguments.insert(arguments.begin(), "bench_link");
  auto process = ::fork();
  if (process < 0)
    give_up("no process");
  if (process == 0) {
    ::dup2(input[0], STDIN_FILENO);
    ::dup2(output[1], STDOUT_FILENO);
    become(arguments, pinned);
  }
  ::close(input[0]);
  ::close(output[1]);
  return {process, input[1], output[0]};
}

std::string read_line(const child& from) {
  std::string line;
  char byte = 0;
  while (::read(from.output, &byte, 1) == 1 && byte != '\n')
    line.push_back(byte);
  return line;
}

bool end(const child& one) {
  ::close(one.input);
  ::close(one.output);
  int status = 0;
  return ::waitpid(one.process, &status, 0) == one.process && WIFEXITED(status)
         && WEXITSTATUS(status) == 0;
}

struct measurement {
  const char* path = "";
  load what;
  bool pinned = false;
  std::vector<double> rates{};
  std::vector<double> p50s{};
  std::vector<double> p99s{};
};

void measure(measurement& into) {
  auto server =
    start({"server", into.path, std::to_string(into.what.payload_bytes)},
          into.pinned);
  auto port = read_line(server);
  if (port.empty())
    give_up(std::string{into.path} + ": the server did not start");
  auto client = start(
    {"client", into.path, port, std::to_string(into.what.payload_bytes),
     std::to_string(into.what.window), std::to_string(into.what.batch_jobs),
     std::to_string(into.what.latency_time.count()),
     std::to_string(into.what.throughput_time.count())},
    into.pinned);
  auto line = read_line(client);
  figures made;
  auto whole =
    std::sscanf(line.c_str(), "%lf %lf %lf", &made.requests_per_second,
                &made.p50_us, &made.p99_us)
    == 3;
  auto clients_end = end(client);
  auto servers_end = end(server);
  if (!whole || !clients_end || !servers_end)
    give_up(std::string{into.path} + ": the measurement broke off");
  // A batch counts as its jobs.
  auto jobs =
    std::string_view{into.path} == "batches" ? into.what.batch_jobs : 1;
  into.rates.push_back(made.requests_per_second * static_cast<double>(jobs));
  into.p50s.push_back(made.p50_us);
  into.p99s.push_back(made.p99_us);
}

// -- what came out ------------------------------------------------------------

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

/// Of the same round, so that both had the same minute.
double ratio(const std::vector<double>& values,
             const std::vector<double>& baseline) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < values.size(); ++i)
    ratios.push_back(values[i] / baseline[i]);
  return median(ratios);
}

/// All that is measured in a round.
struct suite {
  measurement session_small{"session", {small_bytes, 1'000}};
  measurement session_large{"session", {large_bytes, 32}};
  measurement peers_small{"peers", {small_bytes, 1'000}};
  measurement peers_large{"peers", {large_bytes, 32}};
  // 1,024 jobs are out at a time; nodes put up to 256 under one signature.
  measurement batches_of_64{"batches", {small_bytes, 16, 64}};
  measurement batches_of_256{"batches", {small_bytes, 4, 256}};
  measurement basp_small{"basp", {small_bytes, 1'000}};
  measurement basp_large{"basp", {large_bytes, 32}};
  measurement tls_small{"tls", {small_bytes, 1'000}};
  measurement tls_large{"tls", {large_bytes, 32}};
  measurement raw_small{"raw", {small_bytes, 1}};
  measurement raw_large{"raw", {large_bytes, 1}};
  measurement session_small_pinned{"session", {small_bytes, 1}, true};
  measurement basp_small_pinned{"basp", {small_bytes, 1}, true};
  measurement raw_small_pinned{"raw", {small_bytes, 1}, true};
  measurement session_large_pinned{"session", {large_bytes, 1}, true};
  measurement basp_large_pinned{"basp", {large_bytes, 1}, true};
  measurement raw_large_pinned{"raw", {large_bytes, 1}, true};

  /// In the order of a round: what is compared stands close together.
  std::vector<measurement*> all() {
    return {&session_small,
            &basp_small,
            &raw_small,
            &batches_of_64,
            &batches_of_256,
            &peers_small,
            &tls_small,
            &session_large,
            &basp_large,
            &tls_large,
            &raw_large,
            &peers_large,
            &session_small_pinned,
            &raw_small_pinned,
            &basp_small_pinned,
            &session_large_pinned,
            &raw_large_pinned,
            &basp_large_pinned};
  }
};

void row(const char* what, const measurement& one, const measurement* basp,
         const measurement& raw) {
  std::printf("  %-40s", what);
  if (one.what.window > 1)
    std::printf(" %9.0f /s", median(one.rates));
  else
    std::printf(" %12s", "");
  if (one.what.window > 1 && basp != nullptr)
    std::printf(" %6.2fx", ratio(one.rates, basp->rates));
  else
    std::printf(" %7s", "");
  std::printf(" %9.1f %9.1f %7.2fx\n", median(one.p50s), median(one.p99s),
              ratio(one.p50s, raw.p50s));
}

void head(const char* what) {
  std::printf("%-42s %12s %7s %9s %9s %8s\n", what, "requests", "BASP",
              "p50 us", "p99 us", "raw TCP");
}

void print_tables(const suite& all) {
  head("64 B, window 1000");
  row("session (envelopes on TLS)", all.session_small, &all.basp_small,
      all.raw_small);
  row("nodes' peers", all.peers_small, &all.basp_small, all.raw_small);
  row("signed batches of 64 jobs; jobs", all.batches_of_64, &all.basp_small,
      all.raw_small);
  row("signed batches of 256 jobs; jobs", all.batches_of_256, &all.basp_small,
      all.raw_small);
  row("plain CAF (BASP, no TLS)", all.basp_small, nullptr, all.raw_small);
  row("TLS on bare sockets", all.tls_small, &all.basp_small, all.raw_small);
  row("raw TCP", all.raw_small, nullptr, all.raw_small);
  head("64 KiB, window 32");
  row("session (envelopes on TLS)", all.session_large, &all.basp_large,
      all.raw_large);
  row("nodes' peers (pieces of blobs)", all.peers_large, &all.basp_large,
      all.raw_large);
  row("plain CAF (BASP, no TLS)", all.basp_large, nullptr, all.raw_large);
  row("TLS on bare sockets", all.tls_large, &all.basp_large, all.raw_large);
  row("raw TCP", all.raw_large, nullptr, all.raw_large);
  head("both processes on one core");
  row("session, 64 B", all.session_small_pinned, nullptr, all.raw_small_pinned);
  row("plain CAF, 64 B", all.basp_small_pinned, nullptr, all.raw_small_pinned);
  row("raw TCP, 64 B", all.raw_small_pinned, nullptr, all.raw_small_pinned);
  row("session, 64 KiB", all.session_large_pinned, nullptr,
      all.raw_large_pinned);
  row("plain CAF, 64 KiB", all.basp_large_pinned, nullptr,
      all.raw_large_pinned);
  row("raw TCP, 64 KiB", all.raw_large_pinned, nullptr, all.raw_large_pinned);
}

void at_least(const char* what, double value, double target) {
  std::printf("  %-52s %6.2fx, at least %.1fx: %s\n", what, value, target,
              value >= target ? "met" : "missed");
}

void at_most(const char* what, double value, double target) {
  std::printf("  %-52s %6.2fx, at most %.1fx: %s\n", what, value, target,
              value <= target ? "met" : "missed");
}

void print_targets(const suite& all) {
  std::printf("targets\n");
  at_least("throughput, session to BASP, 64 B",
           ratio(all.session_small.rates, all.basp_small.rates), 1.5);
  at_least("throughput, session to BASP, 64 KiB",
           ratio(all.session_large.rates, all.basp_large.rates), 1.5);
  at_least("throughput, batches of 64 jobs to BASP's requests",
           ratio(all.batches_of_64.rates, all.basp_small.rates), 1.0);
  at_least("throughput, batches of 256 jobs to BASP's requests",
           ratio(all.batches_of_256.rates, all.basp_small.rates), 1.0);
  at_most("latency, session to raw TCP, one core, 64 B",
          ratio(all.session_small_pinned.p50s, all.raw_small_pinned.p50s), 7);
  at_most("latency, session to raw TCP, free, 64 B",
          ratio(all.session_small.p50s, all.raw_small.p50s), 2);
}

int run(std::size_t rounds, const load& pace) {
  suite all;
  for (std::size_t i = 0; i < rounds; ++i)
    for (auto* one : all.all()) {
      one->what.latency_time = pace.latency_time;
      one->what.throughput_time = pace.throughput_time;
      measure(*one);
    }
  std::printf("two processes on loopback, medians of %zu rounds; ratios are "
              "within a round\n",
              rounds);
  print_tables(all);
  print_targets(all);
  return 0;
}

} // namespace

int main(int argc, char** argv) {
  ::signal(SIGPIPE, SIG_IGN);
  artel::initialize_crypto();
  std::string_view first = argc > 1 ? argv[1] : "";
  if (first == "server" && argc == 4)
    return serve(argv + 2);
  if (first == "client" && argc == 9)
    return drive(argv + 2);
  load pace;
  if (first == "--quick" && argc == 2) {
    pace.latency_time = pace.throughput_time = std::chrono::milliseconds{60};
    return run(1, pace);
  }
  std::size_t rounds = 7;
  if (argc == 2)
    rounds = number_of(argv[1]);
  if (argc > 2 || rounds == 0 || rounds > 1'000) {
    std::fprintf(stderr, "usage: bench_link [--quick | ROUNDS]\n");
    return 2;
  }
  return run(rounds, pace);
}
