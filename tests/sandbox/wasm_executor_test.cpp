#include "sandbox/wasm/wasm_executor.hpp"

#include "sandbox/local_executor.hpp"
#include "tests/sandbox/scripts.hpp"
#include "tests/sandbox/wasm_modules.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <iterator>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

using namespace artel;
using namespace artel::test;

namespace {

/// A module as a bundle: its text, assembled.
std::shared_ptr<const code_bundle>
bundle_of(std::string_view text, std::vector<std::string> arguments = {}) {
  scratch_directory scratch;
  auto source = scratch.path / "main.wat";
  auto module = scratch.path / "main.wasm";
  std::ofstream{source} << text;
  must_succeed({"/usr/bin/wat2wasm", source.string(), "-o", module.string()});
  std::ifstream in{module, std::ios::binary};
  std::string data{std::istreambuf_iterator<char>{in}, {}};
  code_bundle bundle;
  bundle.main = "main.wasm";
  bundle.files.push_back({"main.wasm", false, to_bytes(data)});
  bundle.arguments = std::move(arguments);
  return std::make_shared<const code_bundle>(std::move(bundle));
}

sandbox::run_request request_of(std::shared_ptr<const code_bundle> bundle,
                                wasm_tier tier = wasm_tier::interpreted) {
  sandbox::run_request request;
  request.bundle = std::move(bundle);
  request.sandbox.kind = sandbox_kind::wasm;
  request.sandbox.tier = tier;
  request.limits.wall_time = milliseconds{30'000};
  return request;
}

sandbox::run_result run_wasm(const sandbox::run_request& request,
                             std::stop_token stop = {}) {
  static sandbox::local_executor machine{{}};
  return machine.execute(request, std::move(stop));
}

/// Writes standard input to standard output, a little at a time.
constexpr std::string_view copy_text = R"((module
  (import "wasi_snapshot_preview1" "fd_read"
    (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "_start")
    (loop $next
      (i32.store (i32.const 0) (i32.const 64))
      (i32.store (i32.const 4) (i32.const 7))
      (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1)
        (i32.const 8)))
      (if (i32.load (i32.const 8))
        (then
          (i32.store (i32.const 4) (i32.load (i32.const 8)))
          (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1)
            (i32.const 8)))
          (br $next))))))
)";

/// Runs the given code.
std::string body_text(std::string_view body) {
  return "(module (import \"wasi_snapshot_preview1\" \"proc_exit\" (func $exit "
         "(param i32))) (memory (export \"memory\") 1) (func $f (call $f)) "
         "(func (export \"_start\") "
         + std::string{body} + "))";
}

constexpr wasm_tier tiers[] = {wasm_tier::interpreted, wasm_tier::compiled,
                               wasm_tier::automatic};

} // namespace

TEST_CASE("a module copies its input in every tier") {
  for (auto tier : tiers) {
    auto request = request_of(bundle_of(copy_text), tier);
    request.input.kind = input_kind::data;
    request.input.name = "data";
    request.input.data = to_bytes("some data, longer than seven bytes\n");
    check_completed(run_wasm(request), "some data, longer than seven bytes\n");
  }
}

TEST_CASE("modules end alike in every tier") {
  for (auto tier : tiers) {
    INFO(to_string(tier));
    auto exits = run_wasm(
      request_of(bundle_of(body_text("(call $exit (i32.const 7))")), tier));
    check_outcome(exits, run_outcome::nonzero_exit);
    CHECK(exits.exit_code == 7);
    auto traps =
      run_wasm(request_of(bundle_of(body_text("unreachable")), tier));
    check_outcome(traps, run_outcome::trap);
    CHECK(traps.detail == "trapped: unreachable executed");
    auto deep = run_wasm(request_of(bundle_of(body_text("(call $f)")), tier));
    check_outcome(deep, run_outcome::trap);
    CHECK(deep.detail == "trapped: call stack exhausted");
    auto endless = request_of(bundle_of(body_text("(loop $l (br $l))")), tier);
    endless.limits.cpu_time = milliseconds{300};
    check_outcome(run_wasm(endless), run_outcome::cpu_limit);
  }
}

TEST_CASE("fuel is exact, and the same each time") {
  auto request = request_of(bundle_of(body_text(
    "(local $i i32) (loop $l (br_if $l (i32.lt_u (local.tee $i (i32.add "
    "(local.get $i) (i32.const 1))) (i32.const 1000))))")));
  auto first = run_wasm(request);
  check_completed(first, "");
  REQUIRE(first.fuel_used > 1000);
  for (int i = 0; i < 3; ++i)
    CHECK(run_wasm(request).fuel_used == first.fuel_used);
  request.limits.fuel = first.fuel_used;
  check_completed(run_wasm(request), "");
  request.limits.fuel = first.fuel_used - 1;
  auto exhausted = run_wasm(request);
  check_outcome(exhausted, run_outcome::fuel_exhausted);
  CHECK(exhausted.fuel_used == first.fuel_used - 1);
  // Who limits fuel gets it counted.
  request.sandbox.tier = wasm_tier::automatic;
  check_outcome(run_wasm(request), run_outcome::fuel_exhausted);
}

TEST_CASE("modules are refused before anything runs") {
  auto import = run_wasm(request_of(bundle_of(
    R"((module (import "env" "system" (func (param i32)))
        (memory (export "memory") 1) (func (export "_start"))))")));
  check_outcome(import, run_outcome::unsupported_import);
  CHECK(import.detail.find("system") != std::string::npos);
  auto start = run_wasm(request_of(bundle_of(
    R"((module (memory (export "memory") 1) (func $s) (start $s)
        (func (export "_start"))))")));
  check_outcome(start, run_outcome::invalid_module);
  CHECK(start.detail.find("start section") != std::string::npos);
  auto large = request_of(bundle_of(
    R"((module (memory (export "memory") 4000) (func (export "_start"))))"));
  large.limits.memory_bytes = 1u << 20;
  check_outcome(run_wasm(large), run_outcome::memory_limit);

  code_bundle text;
  text.main = "main.wasm";
  text.files.push_back({"main.wasm", false, to_bytes("no module at all")});
  check_outcome(run_wasm(request_of(std::make_shared<const code_bundle>(text))),
                run_outcome::invalid_module);
  text.main = "/usr/bin/true";
  check_outcome(run_wasm(request_of(std::make_shared<const code_bundle>(text))),
                run_outcome::exec_failed);
  auto wants_file = bundle_of(copy_text, {"{file}"});
  auto refused = run_wasm(request_of(wants_file));
  check_outcome(refused, run_outcome::exec_failed);
  CHECK(refused.detail.find("standard input") != std::string::npos);
}

TEST_CASE("an invalid body is found in every tier") {
  // Passes admission, which reads no bodies; `drop` has nothing to drop.
  auto sound = bundle_of(body_text("(drop (i32.const 1))"));
  auto broken = *sound;
  auto& data = broken.files[0].data;
  // i32.const 1; drop; end.
  const std::uint8_t code[] = {0x41, 0x01, 0x1a, 0x0b};
  auto at =
    std::search(data.begin(), data.end(), std::begin(code), std::end(code));
  REQUIRE(at != data.end());
  at[0] = 0x1a;
  at[1] = 0x1a;
  auto bundle = std::make_shared<const code_bundle>(broken);
  for (auto tier : tiers)
    check_outcome(run_wasm(request_of(bundle, tier)),
                  run_outcome::invalid_module);
}

TEST_CASE("memory that a module asks for while it runs is bounded") {
  for (auto tier : tiers) {
    // Grows until that fails, then exits with the number of pages below 256.
    auto request = request_of(
      bundle_of(body_text("(loop $l (br_if $l (i32.ne (memory.grow (i32.const "
                          "1)) (i32.const -1)))) (call $exit (memory.size))")),
      tier);
    request.limits.memory_bytes = 100u << 16;
    auto result = run_wasm(request);
    check_outcome(result, run_outcome::nonzero_exit);
    CHECK(result.exit_code == 100);
  }
}

TEST_CASE("a module is compiled once, also for a later start") {
  scratch_directory cache;
  auto bundle = bundle_of(copy_text);
  auto time_of = [&] {
    sandbox::local_config config;
    config.cache_directory = cache.path / "cache";
    sandbox::local_executor machine{config};
    auto start = std::chrono::steady_clock::now();
    std::vector<std::jthread> threads;
    std::atomic<int> completed = 0;
    for (int i = 0; i < 4; ++i)
      threads.emplace_back([&] {
        auto result =
          machine.execute(request_of(bundle, wasm_tier::compiled), {});
        completed += result.outcome == run_outcome::completed;
      });
    threads.clear();
    CHECK(completed == 4);
    return std::chrono::steady_clock::now() - start;
  };
  auto cold = time_of();
  auto entries = [&] {
    std::size_t count = 0;
    for (const auto& one : std::filesystem::recursive_directory_iterator{
           cache.path / "cache" / "modules"})
      count += one.is_regular_file() && one.file_size() > 100'000;
    return count;
  };
  CHECK(entries() == 1);
  auto warm = time_of();
  CHECK(warm < cold);
  CHECK(entries() == 1);
}

TEST_CASE("a run is cancelled in every tier") {
  for (auto tier : tiers) {
    auto request = request_of(bundle_of(body_text("(loop $l (br $l))")), tier);
    std::stop_source stop;
    std::jthread later{[&] {
      std::this_thread::sleep_for(std::chrono::milliseconds{100});
      stop.request_stop();
    }};
    check_outcome(run_wasm(request, stop.get_token()), run_outcome::cancelled);
  }
}
