#include "sandbox/wasm/module_compiler.hpp"

#include "protocol/identity/hash.hpp"
#include "sandbox/descriptor.hpp"
#include "sandbox/helper_lookup.hpp"

#include <utility>

namespace artel::sandbox {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t cache_bytes_max = 1u << 30;

/// Exit code of the script where the module itself is at fault.
constexpr int unfit_module = 65;

/// guest_start.c has the recipe. NAN and UNFIT are filled in.
constexpr std::string_view script_text = R"(#!/bin/sh
set -eu
code=0
/wasm/artel-wasm canonicalize --nan NAN -- /job/input.wasm module.wasm \
  || code=$?
[ "$code" -ne 1 ] || exit UNFIT
[ "$code" -eq 0 ] || exit "$code"
wasm2c --no-debug-names -n guest module.wasm -o guest.c
gcc -O1 -w -std=gnu11 -fno-math-errno -ffp-contract=off \
  -fstack-clash-protection -DWASM_RT_MEMCHECK_SIGNAL_HANDLER=0 \
  -DWASM_RT_MAX_CALL_STACK_DEPTH=4096 -I. -static -Wl,--gc-sections \
  -o /output/module /wasm/guest_start.c /wasm/libartel-wasi.a -lm
)";

/// All that the result depends on beside the module and the script.
constexpr std::string_view versions_text = R"(#!/bin/sh
set -eu
wasm2c --version
gcc -dumpfullversion
gcc -dumpmachine
cat /wasm/guest_start.c /wasm/libartel-wasi.a /wasm/artel-wasm | cksum
)";

std::string filled_in(std::string text, std::string_view mark,
                      std::string_view value) {
  for (auto at = text.find(mark); at != text.npos;
       at = text.find(mark, at + value.size()))
    text.replace(at, mark.size(), value);
  return text;
}

/// What compiling the largest modules takes on a small machine.
execution_limits compiler_limits() {
  execution_limits limits;
  limits.wall_time = milliseconds{120'000};
  limits.cpu_time = milliseconds{120'000};
  limits.memory_bytes = std::uint64_t{2} << 30;
  limits.file_bytes = 512u << 20;
  limits.work_directory_bytes = 512u << 20;
  limits.output_files_bytes = 64u << 20;
  limits.stderr_tail_bytes = 4u << 10;
  return limits;
}

std::string first_lines(const std::string& text) {
  constexpr std::size_t shown_max = 500;
  auto shown = text.substr(0, shown_max);
  while (shown.ends_with('\n'))
    shown.pop_back();
  return shown;
}

} // namespace

result<std::unique_ptr<module_compiler>>
module_compiler::make(std::shared_ptr<process_sandbox> sandbox,
                      fs::path cache_directory) {
  auto interpreter = find_helper("artel-wasm");
  auto library = find_helper_directory("wasm");
  for (const auto* part : {&interpreter, &library})
    if (!*part)
      return {errc::sandbox_unavailable, part->error().message};
  if (cache_directory.empty())
    cache_directory = sandbox->directory() / "compiled";
  auto store =
    content_store::open({cache_directory / "modules", cache_bytes_max});
  if (!store)
    return store.error();
  std::unique_ptr<module_compiler> made{
    new module_compiler{std::move(sandbox), std::move(*store)}};
  if (auto installed = made->install(*interpreter, *library); !installed)
    return installed.error();
  if (auto learned = made->learn_toolchain(); !learned)
    return learned.error();
  return made;
}

module_compiler::module_compiler(std::shared_ptr<process_sandbox> sandbox,
                                 std::unique_ptr<content_store> store)
  : sandbox_(std::move(sandbox)),
    store_(std::move(store)),
    helpers_(sandbox_->directory() / "wasm") {
  // nop
}

/// Copies, for where they lie the sandbox's user may not be allowed to go.
result<void> module_compiler::install(const fs::path& interpreter,
                                      const fs::path& library) {
  std::error_code error;
  fs::create_directory(helpers_, error);
  for (const auto& from :
       {interpreter, library / "guest_start.c", library / "libartel-wasi.a"}) {
    auto to = helpers_ / from.filename();
    if (!error)
      fs::copy_file(from, to, fs::copy_options::overwrite_existing, error);
    if (!error)
      fs::permissions(to, fs::perms{0555}, error);
    if (error)
      return {errc::sandbox_unavailable, "cannot copy '" + from.string()
                                           + "' to '" + to.string()
                                           + "': " + error.message()};
  }
  fs::permissions(helpers_, fs::perms{0755}, error);
  return {};
}

run_result module_compiler::run_script(std::string text, bytes_view module,
                                       std::stop_token stop) const {
  code_bundle bundle;
  bundle.main = "compile.sh";
  bundle.files.push_back({"compile.sh", true, to_bytes(text)});
  bundle.files.push_back(
    {"input.wasm", false, bytes{module.begin(), module.end()}});
  program_run run;
  run.bundle = std::make_shared<const code_bundle>(std::move(bundle));
  run.program = "/job/compile.sh";
  run.shown.push_back({helpers_, "/wasm"});
  run.limits = compiler_limits();
  run.name = "the compiler";
  return sandbox_->run(run, std::move(stop));
}

result<void> module_compiler::learn_toolchain() {
  auto versions = run_script(std::string{versions_text}, {}, {});
  if (versions.outcome == run_outcome::sandbox_unavailable)
    return {errc::sandbox_unavailable, versions.detail};
  if (versions.outcome != run_outcome::completed)
    return {errc::sandbox_unavailable,
            "WebAssembly can't be compiled here, only interpreted; install"
            " what is missing (apt install wabt gcc libc6-dev): "
              + first_lines(versions.stderr_tail)};
  toolchain_ = hasher{"artel.wasm_toolchain.v1"}
                 .update(versions.output.size())
                 .update(versions.output)
                 .update(as_bytes(script_text))
                 .finish();
  return {};
}

hash256 module_compiler::key_of(bytes_view module, nan_policy nan) const {
  return hasher{"artel.wasm_native.v1"}
    .update(toolchain_.view())
    .update(static_cast<std::uint64_t>(nan))
    .update(module)
    .finish();
}

result<native_module> module_compiler::get(bytes_view module, nan_policy nan,
                                           std::stop_token stop) {
  auto key = key_of(module, nan);
  std::unique_lock lock{mutex_};
  // Whoever compiles the same now does it for us too.
  done_.wait(lock, [&] { return !in_work_.contains(key); });
  if (auto found = store_->pin(key, sandbox_->directory()))
    return std::move(*found);
  in_work_.insert(key);
  lock.unlock();
  auto compiled = compile(module, nan, std::move(stop));
  auto kept =
    compiled ? store_->keep(key, *compiled) : result<void>{compiled.error()};
  lock.lock();
  in_work_.erase(key);
  done_.notify_all();
  if (!kept)
    return kept.error();
  if (auto found = store_->pin(key, sandbox_->directory()))
    return std::move(*found);
  return {errc::system_failure,
          "the compiled module is gone from the cache already"};
}

result<bytes> module_compiler::compile(bytes_view module, nan_policy nan,
                                       std::stop_token stop) {
  auto text = filled_in(std::string{script_text}, "NAN", to_string(nan));
  text = filled_in(std::move(text), "UNFIT", std::to_string(unfit_module));
  auto run = run_script(std::move(text), module, std::move(stop));
  if (run.outcome == run_outcome::cancelled)
    return {errc::cancelled, run.detail};
  if (run.outcome == run_outcome::nonzero_exit && run.exit_code == unfit_module)
    return {errc::malformed, first_lines(run.stderr_tail)};
  if (run.outcome != run_outcome::completed)
    return {errc::execution_failed, "compiling the module failed: " + run.detail
                                      + "; " + first_lines(run.stderr_tail)};
  if (run.files.size() != 1)
    return {errc::execution_failed, "compiling the module gave no program"};
  return std::move(run.files.front().data);
}

} // namespace artel::sandbox
